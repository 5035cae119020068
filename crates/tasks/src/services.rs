//! Loops beside the tasks: the stamper, the scheduler, the watch over folders and the writer of the log. They end with
//! their token.

mod keep_log;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use model::Clock;
use store::Store;
use tokio_util::sync::CancellationToken;

use crate::SCHEDULED_KINDS;

pub use keep_log::{keep_log, write_lines};
pub use watch::watch_folders;

/// The safety net under the wake-ups.
const POLL: Duration = Duration::from_secs(5);
/// How many schedules one transaction fires.
const FIRED_MAX: u32 = 100;

/// PostgreSQL: gives committed changes their positions and enqueues the uploads. On SQLite the writer does.
///
/// Any number of processes may run it: they take turns.
pub async fn stamp_changes(store: Store, clock: Arc<dyn Clock>, shutdown: CancellationToken) {
    if !store.is_shared() {
        return;
    }
    let mut signal = store.signals().changes();
    loop {
        signal.mark_unchanged();
        let now = clock.now();
        match store.write(move |tx| tx.stamp_changes(now)).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => tracing::warn!(%error, "can't order changes: {error}"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            changed = signal.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// Fires schedules. Any number of processes may run it: each firing is one transaction.
pub async fn fire_schedules(store: Store, clock: Arc<dyn Clock>, shutdown: CancellationToken) {
    loop {
        let now = clock.now();
        let fired = store.write(move |tx| {
            queue::schedule::fire_due(tx, SCHEDULED_KINDS, now, FIRED_MAX)?;
            tx.next_schedule_at()
        });
        let wait = match fired.await {
            Ok(next) => next.map_or(POLL, |at| {
                Duration::from_millis(at.since_ms(clock.now()).max(10).try_into().unwrap_or(u64::MAX)).min(POLL)
            }),
            Err(error) => {
                tracing::warn!(%error, "can't fire schedules: {error}");
                POLL
            }
        };
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}
