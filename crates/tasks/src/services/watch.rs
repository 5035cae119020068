//! Watches the folders of folder sources and syncs what changes, moments after it did.
//!
//! Notifications are hints: a periodic full sync stays the truth. A change that comes while a sync runs waits for its
//! end; more of them than can be named become one full sync. What changed before a watch stood was told to nobody:
//! unless a full sync began after that, one is started.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connector::native::folder::watch::{Change, WatchSettings};
use connector::native::folder::{Folder, STREAM};
use model::connector::SliceSpec;
use model::{SourceId, SyncMode, Timestamp};
use store::Event;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Road;

/// How often a folder is read in full all the same: notifications are hints.
const FULL_EVERY: Duration = Duration::from_hours(24);
/// How often sources are looked through, besides when one changes.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// How long a change waits for the sync that runs.
const BUSY_WAIT: Duration = Duration::from_millis(500);
/// More changed files than this are read by a full sync.
const FILES_MAX: usize = 5_000;
/// A page of sources.
const SOURCES_MAX: u32 = 1_000;

/// Runs until `shutdown` is cancelled.
pub async fn watch_folders(road: Arc<Road>, shutdown: CancellationToken) {
    let mut events = road.store().signals().events();
    let tracker = TaskTracker::new();
    let mut watched: HashMap<SourceId, (Arc<Folder>, CancellationToken)> = HashMap::new();
    let refused = Refused::default();
    while !shutdown.is_cancelled() {
        match folders(&road).await {
            Ok(folders) => {
                watched.retain(|id, (folder, stop)| {
                    let is_same = folders.get(id).is_some_and(|now| now.is_like(folder));
                    if !is_same {
                        stop.cancel();
                    }
                    // One that could not be watched, or whose folder went away, is tried again.
                    is_same && !stop.is_cancelled()
                });
                for (id, folder) in folders {
                    watched.entry(id).or_insert_with(|| {
                        let stop = shutdown.child_token();
                        let watching = Watching {
                            road: Arc::clone(&road),
                            source: id,
                            folder: Arc::clone(&folder),
                            refused: Arc::clone(&refused),
                        };
                        let watching = watching.run(stop.clone());
                        let ended = stop.clone().drop_guard();
                        tracker.spawn(async move {
                            let _ended = ended;
                            watching.await;
                        });
                        (folder, stop)
                    });
                }
            }
            Err(error) => tracing::warn!(%error, "can't look through the sources: {error}"),
        }
        let look_again = async {
            while let Ok(Event::Sync(..) | Event::Task(_) | Event::Queues) = events.recv().await {}
            // Several things change at once when a source is made.
            tokio::time::sleep(BUSY_WAIT).await;
        };
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = look_again => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    tracker.close();
    tracker.wait().await;
}

/// The folders that are to be watched.
async fn folders(road: &Arc<Road>) -> Result<HashMap<SourceId, Arc<Folder>>, store::Error> {
    let mut folders = HashMap::new();
    let mut after = SourceId(0);
    loop {
        let rows = road.store().read(move |tx| tx.list_sources(after, SOURCES_MAX)).await?;
        let Some(last) = rows.last() else { return Ok(folders) };
        after = last.id;
        for row in rows.iter().filter(|row| row.connector == "folder" && !row.is_paused) {
            // One that can't be made ready says so in its next sync.
            if let Ok(Some((_, built))) = road.source(row.id).await
                && let Some(folder) = built.folder
            {
                folders.insert(row.id, folder);
            }
        }
    }
}

/// Whether a folder may have changed while nobody watched it: no full sync that ended well, and none that runs, began
/// after `since`, when the watch stood. One that was never read waits for its first sync.
async fn was_unwatched(road: &Arc<Road>, source: SourceId, since: Timestamp) -> bool {
    let began = road.store().read(move |tx| match tx.last_full_sync_at(source)? {
        Some(last) => Ok(Some(last)),
        None => Ok::<_, store::Error>(tx.find_running_sync(source)?.map(|running| running.started_at)),
    });
    began.await.is_ok_and(|began| began.is_some_and(|at| at <= since))
}

/// Why folders can't be watched: said once, and not each time that one is tried again.
type Refused = Arc<Mutex<HashMap<SourceId, String>>>;

/// One folder that is watched.
struct Watching {
    road: Arc<Road>,
    source: SourceId,
    folder: Arc<Folder>,
    refused: Refused,
}

impl Watching {
    /// Runs until `stop`, or until the folder can't be watched (any more).
    async fn run(self, stop: CancellationToken) {
        let Self {
            road, source, folder, ..
        } = &self;
        let watched = Arc::clone(folder);
        let started = tokio::task::spawn_blocking(move || watched.watch(WatchSettings::default())).await;
        let mut watch = match started {
            Ok(Ok(watch)) => watch,
            Ok(Err(error)) => return self.refuse(&error.to_string()),
            Err(error) => return self.refuse(&format!("starting to watch it died: {error}")),
        };
        let since = road.parts.clock.now();
        if let Ok(mut refused) = self.refused.lock() {
            refused.remove(source);
        }
        let mut files: BTreeSet<String> = BTreeSet::new();
        let mut needs_full = was_unwatched(road, *source, since).await;
        let mut full_at = tokio::time::Instant::now() + FULL_EVERY;
        loop {
            let is_idle = files.is_empty() && !needs_full;
            tokio::select! {
                () = stop.cancelled() => return,
                change = watch.next() => match change {
                    Some(Change::Files(keys)) => files.extend(keys),
                    Some(Change::Rescan { .. }) => needs_full = true,
                    None => return,
                },
                () = tokio::time::sleep(BUSY_WAIT), if !is_idle => {}
                () = tokio::time::sleep_until(full_at) => {
                    needs_full = true;
                    full_at += FULL_EVERY;
                }
            }
            needs_full |= files.len() > FILES_MAX;
            let keys: Vec<String> = files.iter().cloned().collect();
            let slices = if needs_full {
                Vec::new()
            } else {
                folder.changed_slices(&keys)
            };
            match sync(road, *source, needs_full, slices).await {
                Ok(true) => {
                    files.clear();
                    needs_full = false;
                }
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "can't sync what changed in source `{source}`: {error}"),
            }
        }
    }

    fn refuse(&self, why: &str) {
        let source = self.source;
        let said = self
            .refused
            .lock()
            .ok()
            .and_then(|mut refused| refused.insert(source, why.to_owned()));
        if said.as_deref() != Some(why) {
            tracing::warn!(source.id = %source, "folder source `{source}` can't be watched, its schedule syncs it: {why}");
        }
    }
}

/// Starts a sync of what changed; false while another one runs or the source is paused.
async fn sync(road: &Arc<Road>, source: SourceId, is_full: bool, slices: Vec<SliceSpec>) -> Result<bool, store::Error> {
    let now: Timestamp = road.parts.clock.now();
    road.store()
        .write(move |tx| {
            let Some(row) = tx.find_source(source)?.filter(|row| row.deleted_at.is_none()) else {
                return Ok(true);
            };
            if row.is_paused {
                return Ok(false);
            }
            tx.lock_source(source)?;
            if is_full {
                return tx.start_sync(source, SyncMode::Full, now).map(|(_, is_new)| is_new);
            }
            let Some(stream) = tx
                .list_streams(source)?
                .into_iter()
                .find(|stream| stream.name == STREAM)
            else {
                // Never synced: its first sync reads everything.
                return Ok(true);
            };
            if slices.is_empty() {
                return Ok(true);
            }
            if tx.find_running_sync(source)?.is_some() {
                return Ok(false);
            }
            let sync = tx.insert_sync(source, SyncMode::Incremental, now)?;
            let slices: Vec<_> = slices.iter().map(|slice| (stream.id, slice.clone())).collect();
            tx.plan_sync(sync, SyncMode::Incremental, &[stream.id])?;
            tx.insert_slices(sync, source, &slices, now)?;
            tx.close_sync_slice(sync, false, now)?;
            Ok(true)
        })
        .await
}
