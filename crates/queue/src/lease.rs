//! Leases, renewed from a thread of their own: an executor busy with parsing must not let them run out.

use std::collections::HashMap;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use model::{Clock, TaskId};
use store::Store;
use tokio_util::sync::CancellationToken;

/// How long a claim holds unless renewed.
pub(crate) const LEASE_MS: i64 = 30_000;
/// How often claims are renewed.
const RENEW_EVERY: Duration = Duration::from_secs(8);

type Held = Arc<Mutex<HashMap<TaskId, (i64, CancellationToken)>>>;

/// The claims that this worker holds, and the thread that renews them.
#[derive(Debug)]
pub(crate) struct Leases {
    held: Held,
    stop: Option<SyncSender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Leases {
    /// Starts the thread.
    pub(crate) fn start(store: Store, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let held = Held::default();
        let (stop, stopped) = sync_channel(1);
        let theirs = Arc::clone(&held);
        let thread = std::thread::Builder::new()
            .name("task-leases".to_owned())
            .spawn(move || {
                while stopped.recv_timeout(RENEW_EVERY) == Err(RecvTimeoutError::Timeout) {
                    renew(&store, clock.as_ref(), &theirs);
                }
            })?;
        Ok(Self {
            held,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    pub(crate) fn add(&self, task: TaskId, fence: i64, stopping: CancellationToken) {
        self.lock().insert(task, (fence, stopping));
    }

    pub(crate) fn remove(&self, task: TaskId) {
        self.lock().remove(&task);
    }

    /// Every claim held, as (task, fence).
    pub(crate) fn all(&self) -> Vec<(TaskId, i64)> {
        self.lock().iter().map(|(task, (fence, _))| (*task, *fence)).collect()
    }

    /// Tells every running task to come to an end.
    pub(crate) fn stop_all(&self) {
        for (_, stopping) in self.lock().values() {
            stopping.cancel();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<TaskId, (i64, CancellationToken)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Leases {
    fn drop(&mut self) {
        self.stop.take();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that renews leases panicked");
        }
    }
}

fn renew(store: &Store, clock: &dyn Clock, held: &Mutex<HashMap<TaskId, (i64, CancellationToken)>>) {
    let lock = || held.lock().unwrap_or_else(PoisonError::into_inner);
    let claims: Vec<_> = lock().iter().map(|(task, (fence, _))| (*task, *fence)).collect();
    if claims.is_empty() {
        return;
    }
    let until = clock.now().plus_ms(LEASE_MS);
    let ours = claims.clone();
    let renewed = match store.write_blocking(move |tx| tx.renew_leases(&ours, until)) {
        Ok(renewed) => renewed,
        Err(error) => {
            tracing::warn!(%error, "can't renew leases: {error}");
            return;
        }
    };
    let renewed: HashMap<TaskId, bool> = renewed.into_iter().collect();
    let guard = lock();
    for (task, fence) in claims {
        let Some((held_fence, stopping)) = guard.get(&task) else {
            continue;
        };
        // Ended and claimed again meanwhile: another claim, not this one's business.
        if *held_fence == fence && renewed.get(&task).copied().unwrap_or(true) {
            stopping.cancel();
        }
    }
}
