//! Writes what was logged, a few times a second at most: however much a sync has to say, it waits for none of it.

use std::sync::Arc;
use std::time::Duration;

use model::{Clock, Timestamp};
use store::{Error, Store};
use tokio_util::sync::CancellationToken;

/// Lines that come within this time are written together.
const GATHER: Duration = Duration::from_millis(250);
/// How many lines one transaction writes.
const CHUNK: usize = 500;

/// Writes lines as they come, until `shutdown`. What comes after that, [`write_lines`] writes.
pub async fn keep_log(store: Store, clock: Arc<dyn Clock>, shutdown: CancellationToken) {
    let mut arrived = store.signals().lines().arrived();
    // Some may have come before anybody waited for them.
    arrived.mark_changed();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            changed = arrived.changed() => if changed.is_err() { return },
        }
        arrived.mark_unchanged();
        loop {
            let lines = store.signals().lines().take(CHUNK);
            if lines.is_empty() {
                break;
            }
            let now = clock.now();
            if let Err(error) = store.write(move |tx| tx.insert_lines(&lines, now)).await {
                // Without fields that name a source or task: such a line would come back here.
                tracing::warn!(%error, "can't keep lines of the log: {error}");
            }
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(GATHER) => {}
        }
    }
}

/// Writes what still waits, at the end of a process. Blocks.
///
/// # Errors
/// Of the store; the lines are lost then.
pub fn write_lines(store: &Store, now: Timestamp) -> Result<(), Error> {
    loop {
        let lines = store.signals().lines().take(CHUNK);
        if lines.is_empty() {
            return Ok(());
        }
        store.write_blocking(move |tx| tx.insert_lines(&lines, now))?;
    }
}
