//! Removes what retention no longer keeps.

use std::sync::Arc;

use model::{Lane, ScheduleId, SyncId, Timestamp, task};
use queue::schedule::Rule;
use queue::{Outcome, Run, Stop, Task};
use store::ScheduleRow;

use crate::Road;

/// How many rows one transaction removes.
const CHUNK: u32 = 500;
/// How often things are removed.
const EVERY_MS: i64 = 3_600_000;

/// How often staging is looked through for files that no row names …
const ORPHANS_EVERY_MS: i64 = 86_400_000;
/// … and how old such a file has to be: a page that is on its way is committed moments after it was written.
const ORPHAN_AGE_MS: i64 = 86_400_000;
/// The setting that says when it was looked through last.
const ORPHANS_AT: &str = "orphans_removed_at";

/// What was learned of a provider's limits is forgotten after this: no wait is believed to be longer.
const GOVERNOR_MS: i64 = 8 * 86_400_000;

/// How many lines of the log are kept, however young they are.
const LINES_MAX: u32 = 200_000;
/// How long failed attempts to sign in are remembered.
const THROTTLE_MS: i64 = 86_400_000;

/// How long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Finished tasks, in milliseconds.
    pub history_ms: i64,
    /// Staged pages that hold no live record's present version, in milliseconds.
    pub pages_ms: i64,
    /// Syncs that have ended and their slices, in milliseconds.
    pub syncs_ms: i64,
    /// Lines of the log, in milliseconds.
    pub log_ms: i64,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            history_ms: 7 * 86_400_000,
            pages_ms: 30 * 86_400_000,
            syncs_ms: 90 * 86_400_000,
            log_ms: 14 * 86_400_000,
        }
    }
}

/// The schedule that prunes.
pub fn schedule(now: Timestamp) -> ScheduleRow {
    ScheduleRow {
        id: ScheduleId(0),
        name: "prune".to_owned(),
        source: None,
        kind: Prune::KIND.to_owned(),
        args: serde_json::json!({}),
        queue: Lane::Housekeeping.to_string(),
        rule: serde_json::to_value(Rule::EveryMs(EVERY_MS)).unwrap_or_default(),
        missed: "one".to_owned(),
        overlap: "skip".to_owned(),
        next_at: now.plus_ms(EVERY_MS),
    }
}

/// See the module.
pub(crate) struct Prune;

impl Task for Prune {
    const KIND: &'static str = "prune";
    type Args = task::Prune;
    type Context = Road;

    async fn run(road: Arc<Road>, _args: Self::Args, run: Run) -> Result<Outcome, Stop> {
        let now = run.now();
        let history_before = now.plus_ms(-road.parts.retention.history_ms);
        while run.write(move |tx| tx.prune_history(history_before, CHUNK)).await? > 0 {
            run.check()?;
        }
        let log_before = now.plus_ms(-road.parts.retention.log_ms);
        while run
            .write(move |tx| tx.prune_lines(log_before, LINES_MAX, CHUNK))
            .await?
            > 0
        {
            run.check()?;
        }
        while run.write(move |tx| tx.prune_changes(CHUNK)).await? > 0 {
            run.check()?;
        }
        run.write(move |tx| {
            tx.prune_sessions(now)?;
            tx.prune_links(now)?;
            tx.prune_governors(now.plus_ms(-GOVERNOR_MS))?;
            tx.prune_throttle(now.plus_ms(-THROTTLE_MS)).map(drop)
        })
        .await?;
        remove_orphans(&road, &run).await?;
        remove_pages(&road, &run).await?;
        remove_syncs(&road, &run).await?;
        resume_purges(&run).await?;
        Ok(Outcome::Done)
    }
}

/// Removes pages that are old enough and that nothing needs. Looking takes no turn from those who write.
async fn remove_pages(road: &Road, run: &Run) -> Result<(), Stop> {
    let before = run.now().plus_ms(-road.parts.retention.pages_ms);
    let mut after = None;
    loop {
        run.check()?;
        let found = run
            .store()
            .read(move |tx| tx.list_expired_pages(before, after, CHUNK))
            .await?;
        if !found.gone.is_empty() {
            let blobs = run.write(move |tx| tx.delete_expired_pages(&found.gone)).await?;
            // After the rows: a file without a row wastes space, a row without a file would lose a replay.
            let staging = road.store().staging().clone();
            tokio::task::spawn_blocking(move || blobs.iter().try_for_each(|blob| staging.remove(blob)))
                .await
                .map_err(|error| Stop::StoreUnavailable(format!("removing staged pages died: {error}")))??;
        }
        if found.next.is_none() {
            return Ok(());
        }
        after = found.next;
    }
}

/// Removes old slices whose pages are gone, and old syncs without slices.
async fn remove_syncs(road: &Road, run: &Run) -> Result<(), Stop> {
    let before = run.now().plus_ms(-road.parts.retention.syncs_ms);
    let mut after = None;
    loop {
        run.check()?;
        let found = run
            .store()
            .read(move |tx| tx.list_expired_slices(before, after, CHUNK))
            .await?;
        if !found.gone.is_empty() {
            run.write(move |tx| tx.delete_slices(&found.gone)).await?;
        }
        if found.next.is_none() {
            break;
        }
        after = found.next;
    }
    let mut after = SyncId(0);
    loop {
        run.check()?;
        let gone = run
            .store()
            .read(move |tx| tx.list_expired_syncs(before, after, CHUNK))
            .await?;
        let Some(last) = gone.last() else { return Ok(()) };
        after = *last;
        run.write(move |tx| tx.delete_syncs(&gone)).await?;
    }
}

/// Asks again for purges that ended before they were done, or before the last page of their source had landed.
async fn resume_purges(run: &Run) -> Result<(), Stop> {
    let sources = run.store().read(|tx| tx.list_deleted_sources()).await?;
    if sources.is_empty() {
        return Ok(());
    }
    let now = run.now();
    run.write(move |tx| sources.iter().try_for_each(|source| tx.enqueue_purge(*source, now)))
        .await
}

/// Once a day, removes staged files whose row was never committed, because the process died in between.
async fn remove_orphans(road: &Road, run: &Run) -> Result<(), Stop> {
    let now = run.now();
    let last = road.store().read(|tx| tx.find_setting(ORPHANS_AT)).await?;
    let last = last.and_then(|text| text.parse().ok()).map_or(Timestamp(0), Timestamp);
    // A clock that was set back must not put it off for ever.
    if (0..ORPHANS_EVERY_MS).contains(&now.since_ms(last)) {
        return Ok(());
    }
    let store = road.store().clone();
    let remove = move || {
        store.staging().remove_orphans(now.plus_ms(-ORPHAN_AGE_MS), |names| {
            store.read_blocking(|tx| tx.known_pages(names))
        })
    };
    let removed = tokio::task::spawn_blocking(remove)
        .await
        .map_err(|error| Stop::StoreUnavailable(format!("removing staged pages died: {error}")))??;
    if removed > 0 {
        tracing::info!(removed, "removed {removed} staged files that belong to no page");
    }
    run.write(move |tx| tx.put_setting(ORPHANS_AT, &now.0.to_string()))
        .await
}
