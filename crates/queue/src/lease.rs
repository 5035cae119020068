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
pub(crate) const RENEW_EVERY: Duration = Duration::from_secs(8);

/// By task and fence: a worker that lost a lease may hold another claim of the same task before the first has ended.
type Held = HashMap<(TaskId, i64), CancellationToken>;

/// The claims that this worker holds, and the thread that renews them.
#[derive(Debug)]
pub(crate) struct Leases {
    held: Arc<Mutex<Held>>,
    stop: Option<SyncSender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Leases {
    /// Starts the thread, which renews this often.
    pub(crate) fn start(store: Store, clock: Arc<dyn Clock>, renew_every: Duration) -> std::io::Result<Self> {
        let held = Arc::<Mutex<Held>>::default();
        let (stop, stopped) = sync_channel(1);
        let theirs = Arc::clone(&held);
        let thread = std::thread::Builder::new()
            .name("task-leases".to_owned())
            .spawn(move || {
                while stopped.recv_timeout(renew_every) == Err(RecvTimeoutError::Timeout) {
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
        self.lock().insert((task, fence), stopping);
    }

    pub(crate) fn remove(&self, task: TaskId, fence: i64) {
        self.lock().remove(&(task, fence));
    }

    /// Every claim held, as (task, fence).
    pub(crate) fn all(&self) -> Vec<(TaskId, i64)> {
        self.lock().keys().copied().collect()
    }

    /// Tells every running task to come to an end.
    pub(crate) fn stop_all(&self) {
        for stopping in self.lock().values() {
            stopping.cancel();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Held> {
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

fn renew(store: &Store, clock: &dyn Clock, held: &Mutex<Held>) {
    let lock = || held.lock().unwrap_or_else(PoisonError::into_inner);
    let claims: Vec<_> = lock().keys().copied().collect();
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
    let guard = lock();
    for claim in claims {
        // Lost, or a person cancels it.
        let is_to_stop = renewed.get(&claim).copied().unwrap_or(true);
        if let Some(stopping) = guard.get(&claim).filter(|_| is_to_stop) {
            stopping.cancel();
        }
    }
}
