//! Reading a slice: the walk on a blocking thread, the events on ours.
//!
//! A page's number is drawn before its first file is looked at, and the next page is walked while the last one is being
//! kept.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use model::connector::{RawPage, SliceSpec};
use model::{Clock, Number};
use serde_json::Value;

use super::Ground;
use super::name::{key_of, path_of, shown};
use super::page::{self, BYTES_MAX, FILES_MAX, Line};
use super::slice::{Place, Work};
use super::walk::{Met, Scope, Walk, changed_ms, modified_ms};
use crate::reader::Event;
use crate::{Error, Reader};

/// How many files are counted ahead at most; beyond it, progress has no end to show.
const COUNTED_MAX: u64 = 2_000_000;

/// How long the second page may wait for the count.
const COUNTED_TIME: std::time::Duration = std::time::Duration::from_secs(2);

/// Runs blocking work and waits for it.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::Retry(format!("reading the folder broke off: {error}")))
}

/// Reads one slice to its end.
pub(super) async fn read(
    ground: Ground,
    clock: Arc<dyn Clock>,
    work: Work,
    slice: &SliceSpec,
    position: Option<Value>,
    reader: &mut Reader,
) -> Result<(), Error> {
    let stop = StopOnDrop::default();
    let place = match work {
        Work::List { .. } => Place::of(position),
        Work::Changed { .. } => Place::default(),
    };
    let mut counting = Counting::start(&ground, &work, &place, &stop);
    let cursor = work.cursor();
    let mut number = reader.number().await?;
    let mut listing = Listing::new(ground, work, place, &stop);
    let mut batch;
    (listing, batch) = blocking(move || listing.batch()).await?;
    let place = loop {
        if let Some(expected) = counting.outcome(batch.next.is_some()).await {
            reader.send(Event::Expected(expected)).await?;
        }
        for line in std::mem::take(&mut batch.log) {
            reader.send(Event::Log(line)).await?;
        }
        let is_last = batch.next.is_none();
        let place = batch.place.clone();
        let event = event(&batch, number, slice, clock.as_ref())?;
        if is_last {
            if let Some(event) = event {
                reader.send(event).await?;
            }
            break place;
        }
        number = reader.number().await?;
        let keeping = async {
            match event {
                Some(event) => reader.send(event).await,
                None => Ok(()),
            }
        };
        let (kept, walked) = tokio::join!(keeping, blocking(move || listing.batch()));
        kept?;
        (listing, batch) = walked?;
    };
    // First: of a root that has gone meanwhile, more is unknown than what could not be read on the way.
    let ground = listing.ground;
    blocking(move || ground.look()).await?.map_err(super::unread)?;
    // Without a checkpoint: the next incremental listing starts where this one did.
    place.verdict()?;
    if let (Some(key), Some(value)) = (&slice.checkpoint_key, cursor) {
        let key = key.clone();
        reader.send(Event::Checkpoint { key, value }).await?;
    }
    Ok(())
}

/// The event of a batch; `None` when it holds nothing.
fn event(batch: &Batch, number: Number, slice: &SliceSpec, clock: &dyn Clock) -> Result<Option<Event>, Error> {
    if batch.lines.is_empty() {
        return Ok(None);
    }
    let page = RawPage {
        stream: slice.stream.clone(),
        slice: slice.clone(),
        number,
        answered_at: clock.now(),
        url: String::new(),
        status: 0,
        headers: Vec::new(),
        extra: Value::Null,
        body: page::write(&batch.lines)?,
    };
    let goes_on = batch.next.is_some();
    let next = goes_on.then(|| serde_json::to_value(&batch.place).unwrap_or_default());
    Ok(Some(Event::Page {
        page: Box::new(page),
        next,
        records: batch.lines.len() as u64,
    }))
}

/// A walk that is taken in batches.
struct Listing {
    ground: Ground,
    walk: Walk,
    since: Option<i64>,
    place: Place,
    ahead: Option<Met>,
    /// Keys that were asked for and not met yet, sorted by path; empty for a listing.
    wanted: Vec<(PathBuf, bool)>,
    stop: Arc<AtomicBool>,
}

/// What one batch found.
struct Batch {
    lines: Vec<Line>,
    log: Vec<String>,
    place: Place,
    /// Something more to come.
    next: Option<()>,
}

impl Listing {
    fn new(ground: Ground, work: Work, place: Place, stop: &StopOnDrop) -> Self {
        let (scope, since, wanted) = match work {
            Work::List { since, .. } => (Scope::After(place.path()), since, Vec::new()),
            Work::Changed { keys } => {
                let mut paths: Vec<PathBuf> = keys.iter().filter_map(|key| path_of(key)).collect();
                paths.sort();
                paths.dedup();
                let wanted = paths.iter().map(|path| (path.clone(), false)).collect();
                (Scope::Only(paths.into()), None, wanted)
            }
        };
        let walk = Walk::new(&ground, scope, since);
        Self {
            ground,
            walk,
            since,
            place,
            ahead: None,
            wanted,
            stop: Arc::clone(&stop.0),
        }
    }

    /// Walks on until a page is full. Gives itself back, because it travels between threads.
    fn batch(mut self) -> (Self, Batch) {
        let mut lines = Vec::new();
        let mut log = Vec::new();
        let mut bytes = 0_u64;
        let mut met = self.ahead.take().or_else(|| self.walk.next());
        while let Some(here) = met {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            if lines.len() >= FILES_MAX || (bytes >= BYTES_MAX && !lines.is_empty()) {
                self.ahead = Some(here);
                break;
            }
            match here {
                Met::File(found) => {
                    self.tick_off(&found.relative);
                    let is_due = self.since.is_none_or(|since| {
                        let changed = changed_ms(&found.metadata).max(modified_ms(&found.metadata).unwrap_or(i64::MAX));
                        found.is_below_moved || changed >= since
                    });
                    if is_due && let Some(line) = Line::of(&found, &self.ground, &self.stop) {
                        bytes = bytes.saturating_add(if line.hash.is_some() { line.size } else { 0 });
                        lines.push(line);
                    }
                    self.place.after = found.key;
                }
                Met::Unreadable { relative, why } => {
                    self.spare(&relative);
                    lines.push(Line::unreadable(key_of(&relative)));
                    let place = shown(&relative);
                    self.place.note_unreadable(&place, &why);
                    log.push(format!(
                        "`{place}` can't be read: {why}; what is below it stays as it was"
                    ));
                }
            }
            met = self.walk.next();
        }
        let next = self.ahead.is_some().then_some(());
        if next.is_none() {
            self.report_gone(&mut lines, &mut log);
        }
        page::recognise_moves(&mut lines, &self.ground.root);
        log.extend(self.walk.take_remarks());
        let place = self.place.clone();
        (
            self,
            Batch {
                lines,
                log,
                place,
                next,
            },
        )
    }

    /// Notes that a wanted path, or something below it, was met.
    fn tick_off(&mut self, relative: &Path) {
        for above in relative.ancestors() {
            if let Ok(place) = self.wanted.binary_search_by(|(path, _)| path.as_path().cmp(above)) {
                self.wanted[place].1 = true;
            }
        }
    }

    /// Leaves wanted paths below an unreadable place alone.
    fn spare(&mut self, unreadable: &Path) {
        for (path, is_done) in &mut self.wanted {
            *is_done |= path.starts_with(unreadable) || unreadable.starts_with(&*path);
        }
    }

    /// Wanted paths that were not met are gone, unless the operating system can't say so.
    fn report_gone(&mut self, lines: &mut Vec<Line>, log: &mut Vec<String>) {
        if self.ground.look().is_err() {
            return; // the whole root is away; whoever reads says so
        }
        for (path, is_done) in std::mem::take(&mut self.wanted) {
            let looked_at = self.ground.root.join(&path).symlink_metadata();
            // What is below it was met; a file that was there before is gone nevertheless.
            let is_folder = looked_at.as_ref().is_ok_and(std::fs::Metadata::is_dir);
            if is_done && !is_folder {
                continue;
            }
            let is_known_absent = match looked_at {
                Ok(_) => true, // it is there, but the rules leave it out: gone as far as the source is concerned
                Err(error) => matches!(
                    error.kind(),
                    std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
                ),
            };
            if is_known_absent {
                lines.push(Line::gone(key_of(&path)));
            } else {
                log.push(format!("`{}` can't be looked at and stays as it was", shown(&path)));
            }
        }
    }
}

/// Counts the files of a listing beside the walk, for progress; and whether it was waited for.
struct Counting(Option<tokio::task::JoinHandle<Option<u64>>>, bool);

impl Counting {
    fn start(ground: &Ground, work: &Work, place: &Place, stop: &StopOnDrop) -> Self {
        let is_whole = matches!(work, Work::List { since: None, .. }) && place.after.is_empty();
        if !is_whole {
            return Self(None, false);
        }
        let (ground, stop) = (ground.clone(), Arc::clone(&stop.0));
        let counting = tokio::task::spawn_blocking(move || count(&ground, &stop));
        Self(Some(counting), false)
    }

    /// The count, once. There is little point in it after the last page, and before that it may take its time once.
    async fn outcome(&mut self, has_more: bool) -> Option<u64> {
        let mut counting = self.0.take()?;
        if counting.is_finished() {
            return counting.await.ok()?;
        }
        if !has_more {
            return None;
        }
        if self.1 {
            self.0 = Some(counting);
            return None;
        }
        self.1 = true;
        if let Ok(counted) = tokio::time::timeout(COUNTED_TIME, &mut counting).await {
            return counted.ok()?;
        }
        self.0 = Some(counting);
        None
    }
}

fn count(ground: &Ground, stop: &AtomicBool) -> Option<u64> {
    let mut files = 0;
    for met in Walk::new(ground, Scope::After(PathBuf::new()), None) {
        if files >= COUNTED_MAX || stop.load(Ordering::Relaxed) {
            return None;
        }
        files += u64::from(matches!(met, Met::File(_)));
    }
    Some(files)
}

/// Ends the blocking work when whoever waits for it is dropped.
#[derive(Debug, Default)]
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
