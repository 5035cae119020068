//! The search index as a destination.
//!
//! Its position lives in the engine's own commit, so the contents and the position can't disagree. A payload that the
//! store's history does not know (a restored backup, another schema or mapping) means rebuild: beside the live index, or
//! in it where it is empty.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use connector::mapping::CODE_VERSION;
use connector::registry::Built;
use index::{Change, Index, Payload, Rebuild, Refused, SCHEMA_VERSION};
use model::queue::Failure;
use model::{Position, RecordId, SourceId, Timestamp};
use queue::{Run, Stop};
use store::{ChangeRow, FollowerPosition, NewFailure, RecordNow};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::overtaking::{LOOKED_THROUGH, LOOKS_MAX, Overtaking};
use super::{INDEX, UNMAPPED};
use crate::Road;

/// How many records are read at a time for a rebuild, and rows of the log at most.
const BATCH: u32 = 500;
/// The fewest rows of the log that are read at a time.
const BATCH_MIN: u32 = 10;
/// How long the engine may take for the rows that are read at a time: between them it is seen whether a commit is due.
const BATCH_TAKES: Duration = Duration::from_millis(100);
/// How long to wait for an earlier attempt to end.
const TURN_WAIT_MS: i64 = 500;
/// A rebuild keeps what it has each time it has read so many records: no more are read twice after an interruption.
const REBUILD_COMMIT_RECORDS: usize = 10_000;

/// Brings the index up to date.
pub(super) async fn upload(road: &Arc<Road>, run: &Run) -> Result<(), Stop> {
    let Some(index) = road.parts.index.clone() else {
        let why = "this process does not own the search index".to_owned();
        return Err(Stop::Failed(Failure::WaitUntil {
            at: run.now().plus_ms(5_000),
            why,
        }));
    };
    // An attempt that has lost its lease may still be in the middle of a batch: what it applies must not come after this.
    let Ok(permit) = Arc::clone(&road.uploading).try_acquire_owned() else {
        return Err(Stop::Failed(Failure::WaitUntil {
            at: run.now().plus_ms(TURN_WAIT_MS),
            why: "an earlier upload is still ending".to_owned(),
        }));
    };
    // Read first: a request that comes later finds this number in the index, and is seen to be open.
    let asked = road.store().read(|tx| tx.rebuilds_asked(INDEX)).await?;
    let mut upload = Upload {
        road: Arc::clone(road),
        run: run.clone(),
        index,
        asked,
        owing: BTreeSet::new(),
        permit: Arc::new(permit),
    };
    let position = match upload.position().await? {
        Some(position) => {
            upload.note_position(position).await?;
            position
        }
        None => upload.rebuild().await?,
    };
    upload.follow(position).await
}

struct Upload {
    road: Arc<Road>,
    run: Run,
    index: Index,
    /// The newest request to build the index anew.
    asked: i64,
    /// Sources whose records this run could not map.
    owing: BTreeSet<SourceId>,
    /// Held by each call of the index too, which nobody can interrupt.
    permit: Arc<OwnedSemaphorePermit>,
}

impl Upload {
    /// Runs a blocking call of the index.
    async fn blocking<T: Send + 'static>(
        &self,
        call: impl FnOnce() -> Result<T, index::Error> + Send + 'static,
    ) -> Result<T, Stop> {
        let permit = Arc::clone(&self.permit);
        let held = move || {
            let answer = call();
            drop(permit);
            answer
        };
        let answer = tokio::task::spawn_blocking(held).await;
        let answer = answer.map_err(|error| Stop::Failed(Failure::Retry(format!("the search index died: {error}"))))?;
        answer.map_err(|error| Stop::StoreUnavailable(error.to_string()))
    }

    /// Notes where the index stands, which a process that died right after a commit could not.
    async fn note_position(&self, position: FollowerPosition) -> Result<(), Stop> {
        let noted = self.road.store().read(|tx| tx.find_destination(INDEX)).await?;
        if noted == Some(position) {
            return Ok(());
        }
        let now = self.run.now();
        self.run
            .write(move |tx| tx.move_destination(INDEX, position, now))
            .await
    }

    /// Where the index stands; `None` when it must be rebuilt.
    async fn position(&self) -> Result<Option<FollowerPosition>, Stop> {
        let index = self.index.clone();
        let Some(payload) = self.blocking(move || index.payload()).await? else {
            return Ok(None);
        };
        if !is_ours(&payload, self.asked) || payload.built_through.is_some() {
            return Ok(None);
        }
        let position = position_of(&payload);
        let is_known = self.road.store().read(move |tx| tx.knows_position(position)).await?;
        if is_known {
            let index = self.index.clone();
            self.blocking(move || index.drop_unfinished()).await?;
        }
        Ok(is_known.then_some(position))
    }

    /// Applies what the log holds after `position`, until nothing is left.
    async fn follow(&mut self, mut position: FollowerPosition) -> Result<(), Stop> {
        let mut overtaking = Overtaking::default();
        let (mut has_applied, mut has_overtaken) = (false, false);
        let mut batch = BATCH / 4;
        loop {
            self.run.check()?;
            let after = position.position;
            let rows = self.road.store().read(move |tx| tx.list_changes(after, batch)).await?;
            if let Some(last) = rows.last() {
                position = FollowerPosition {
                    position: last.position,
                    token: last.token,
                };
                has_applied = true;
                let began = Instant::now();
                self.apply(&overtaking.pass_over(&rows)).await?;
                if rows.len() == batch as usize {
                    batch = next_batch(batch, began.elapsed());
                    has_overtaken |= self.overtake(&mut overtaking, position.position).await?;
                }
            }
            if rows.is_empty() && has_applied && self.gather().await {
                continue;
            }
            if has_applied && (rows.is_empty() || self.road.pace().is_due(Instant::now(), has_overtaken)) {
                self.commit(position).await?;
                (has_applied, has_overtaken) = (false, false);
            }
            if rows.is_empty() {
                return Ok(());
            }
        }
    }

    /// Applies what later rows of the log say of small sources; answers whether there was anything.
    async fn overtake(&mut self, overtaking: &mut Overtaking, position: Position) -> Result<bool, Stop> {
        for _ in 0..LOOKS_MAX {
            let after = overtaking.after(position);
            let rows = self
                .road
                .store()
                .read(move |tx| tx.list_changes_of_sources(after, LOOKED_THROUGH));
            let rows = rows.await?;
            let chosen = overtaking.choose(&rows);
            if !chosen.is_empty() {
                self.apply(&chosen).await?;
                return Ok(true);
            }
            if rows.len() < LOOKED_THROUGH as usize {
                break;
            }
        }
        Ok(false)
    }

    /// Lets changes gather if the last commit was a moment ago; answers whether more may have come meanwhile.
    async fn gather(&self) -> bool {
        let until = self.road.pace().gather_until(Instant::now());
        let Some(until) = until else { return false };
        tokio::select! {
            () = tokio::time::sleep_until(until) => true,
            () = self.run.stopping().cancelled() => false,
        }
    }

    async fn apply(&mut self, rows: &[ChangeRow]) -> Result<(), Stop> {
        if rows.is_empty() {
            return Ok(());
        }
        let ids: Vec<RecordId> = rows
            .iter()
            .map(|row| row.record)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let wanted = ids.clone();
        let records = self.road.store().read(move |tx| tx.records_now(&wanted)).await?;
        let found: HashMap<RecordId, SourceId> = records.iter().map(|record| (record.id, record.source)).collect();
        let mut changes = self.changes(records).await?;
        // A record whose row is gone for good was purged with its source.
        changes.extend(ids.into_iter().filter(|id| !found.contains_key(id)).map(Change::Delete));
        let index = self.index.clone();
        let refused = self.blocking(move || index.apply(changes)).await?;
        self.note(refused, found).await
    }

    async fn commit(&self, position: FollowerPosition) -> Result<(), Stop> {
        let payload = self.payload(position, None);
        let index = self.index.clone();
        let began = Instant::now();
        self.blocking(move || index.commit(&payload)).await?;
        self.road.pace().note(began, Instant::now());
        let now = self.run.now();
        self.run
            .write(move |tx| tx.move_destination(INDEX, position, now))
            .await
    }

    /// Builds the index anew from the store, beside the live one, and swaps; where the live one holds nothing, in its
    /// place, so that searches find what has been built so far. Answers from where to follow.
    ///
    /// What an interrupted rebuild has committed is not built again, if it was for the same request, by the same
    /// code, and of this store's history: the log from its start on tells what has changed since.
    async fn rebuild(&mut self) -> Result<FollowerPosition, Stop> {
        let newest = self.road.store().read(|tx| tx.last_change()).await?;
        let (mut rebuild, begun) = self.begin_rebuild().await?;
        let (start, mut after) = begun.unwrap_or((newest, RecordId(0)));
        if begun.is_none() {
            // Kept before anything else: whoever goes on follows the log from here, whatever has been applied meanwhile.
            let payload = self.payload(start, Some(after));
            rebuild = self
                .blocking(move || rebuild.commit(&payload).map(|()| rebuild))
                .await?;
        }
        tracing::info!(
            position = start.position.0,
            "building the search index anew from the store, after record `{after}`"
        );
        let mut applied = 0;
        loop {
            self.run.check()?;
            let records = self.road.store().read(move |tx| tx.scan_records(after, BATCH)).await?;
            let Some(last) = records.last() else { break };
            after = last.id;
            applied += records.len();
            let sources = records.iter().map(|record| (record.id, record.source)).collect();
            let changes = self.changes(records).await?;
            let is_due = applied >= REBUILD_COMMIT_RECORDS;
            let payload = is_due.then(|| self.payload(start, Some(after)));
            let refused;
            (rebuild, refused) = self
                .blocking(move || {
                    let refused = rebuild.apply(changes)?;
                    if let Some(payload) = payload {
                        rebuild.commit(&payload)?;
                    }
                    Ok((rebuild, refused))
                })
                .await?;
            if is_due {
                applied = 0;
            }
            self.note(refused, sources).await?;
            // Counts as progress, and ends this run if the lease was lost.
            self.run.write(|_tx| Ok(())).await?;
        }
        let payload = self.payload(start, None);
        self.blocking(move || rebuild.swap(&payload)).await?;
        let now = self.run.now();
        self.run.write(move |tx| tx.move_destination(INDEX, start, now)).await?;
        Ok(start)
    }

    /// A new index, or an unfinished one with where its rebuild began and the last record that is in it.
    async fn begin_rebuild(&self) -> Result<(Rebuild, Option<(FollowerPosition, RecordId)>), Stop> {
        let (index, asked) = (self.index.clone(), self.asked);
        let fits = move |payload: &Payload| is_ours(payload, asked) && payload.built_through.is_some();
        let (rebuild, begun) = self.blocking(move || index.start_rebuild(fits)).await?;
        let Some(payload) = begun else {
            return Ok((rebuild, None));
        };
        let start = position_of(&payload);
        let is_known = self.road.store().read(move |tx| tx.knows_position(start)).await?;
        if let Some(after) = payload.built_through.filter(|_| is_known) {
            return Ok((rebuild, Some((start, after))));
        }
        let index = self.index.clone();
        let (rebuild, _) = self
            .blocking(move || {
                drop(rebuild);
                index.start_rebuild(|_| false)
            })
            .await?;
        Ok((rebuild, None))
    }

    fn payload(&self, position: FollowerPosition, built_through: Option<RecordId>) -> Payload {
        Payload {
            position: position.position.0,
            change_token: position.token,
            schema_version: SCHEMA_VERSION,
            mapping_version: mapping_version(),
            rebuild: self.asked,
            built_through,
        }
    }

    async fn changes(&mut self, records: Vec<RecordNow>) -> Result<Vec<Change>, Stop> {
        // Looked up for each batch: a run may go on for hours, and what it maps by may change meanwhile.
        let mut mappings: Mappings = HashMap::new();
        for source in records.iter().map(|record| record.source).collect::<BTreeSet<_>>() {
            let built = match self.road.source(source).await {
                Ok(found) => found.map_or(Mapped::Gone, |(_, built)| Mapped::By(Box::new(built))),
                Err(Stop::Failed(failure)) => {
                    self.owe(source, &failure).await?;
                    Mapped::Broken
                }
                Err(stop) => return Err(stop),
            };
            mappings.insert(source, built);
        }
        let map = move || records.iter().filter_map(|record| change(record, &mappings)).collect();
        let mapped = tokio::task::spawn_blocking(map).await;
        mapped.map_err(|error| Stop::Failed(Failure::Retry(format!("mapping died: {error}"))))
    }

    /// Keeps that records of a source can't be mapped until a person has mended it; its next sync has them uploaded again.
    async fn owe(&mut self, source: SourceId, failure: &Failure) -> Result<(), Stop> {
        if !self.owing.insert(source) {
            return Ok(());
        }
        tracing::warn!(source.id = %source, "records of source `{source}` can't be mapped: {failure}");
        let new = NewFailure {
            source: source.0,
            stage: "upload",
            place: UNMAPPED.to_owned(),
            reason: "can't be mapped".to_owned(),
            detail: format!(
                "{failure}; until then what changes is not found, and an index that is built anew lacks all of it. The first sync afterwards mends that"
            ),
            ..NewFailure::default()
        };
        let now = self.run.now();
        self.run.write(move |tx| tx.put_failure(&new, now)).await
    }

    /// Keeps what the engine would not take as failures, so that the others are not held up, and forgets those of what it
    /// takes now. `sources` are those of all records of the batch.
    async fn note(&self, refused: Vec<Refused>, mut sources: HashMap<RecordId, SourceId>) -> Result<(), Stop> {
        let mut failures = Vec::new();
        for one in refused {
            let Some(source) = sources.remove(&one.record) else {
                continue;
            };
            failures.push(NewFailure {
                source: source.0,
                stage: "upload",
                place: place(one.record),
                reason: one.reason,
                detail: format!(
                    "{}: it is not found until it is smaller or mapped otherwise",
                    one.detail
                ),
                record: Some(one.record),
                ..NewFailure::default()
            });
        }
        let mut taken: BTreeMap<SourceId, Vec<String>> = BTreeMap::new();
        for (record, source) in sources {
            taken.entry(source).or_default().push(place(record));
        }
        let solved = self.road.store().read(move |tx| {
            let mut solved = Vec::new();
            for (source, places) in &taken {
                let found = tx.list_failures_at(*source, "upload", places)?;
                if !found.is_empty() {
                    solved.push((*source, found));
                }
            }
            Ok::<_, store::Error>(solved)
        });
        let solved = solved.await?;
        if failures.is_empty() && solved.is_empty() {
            return Ok(());
        }
        let now: Timestamp = self.run.now();
        self.run
            .write(move |tx| {
                for (source, places) in &solved {
                    tx.clear_failures_at(*source, "upload", places)?;
                }
                failures.iter().try_for_each(|failure| tx.put_failure(failure, now))
            })
            .await
    }
}

/// How many rows of the log are read next, where so many took this long.
fn next_batch(rows: u32, took: Duration) -> u32 {
    if took > BATCH_TAKES {
        (rows / 2).max(BATCH_MIN)
    } else if took < BATCH_TAKES / 2 {
        (rows * 2).min(BATCH)
    } else {
        rows
    }
}

/// Where a failure to upload a record is kept.
fn place(record: RecordId) -> String {
    format!("{INDEX}/{record}")
}

/// How the records of a source become documents.
enum Mapped {
    By(Box<Built>),
    /// The source was deleted.
    Gone,
    /// Its configuration can't be used.
    Broken,
}

type Mappings = HashMap<SourceId, Mapped>;

/// What becomes of a record in the index; `None` where nobody can tell for now, and what is there stays.
fn change(record: &RecordNow, mappings: &Mappings) -> Option<Change> {
    let delete = Change::Delete(record.id);
    let (Some(body), Some(mapped)) = (&record.body, mappings.get(&record.source)) else {
        return Some(delete);
    };
    let built = match mapped {
        // A stream that the source no longer has: nothing says who may see what it left.
        Mapped::By(built) if !built.mapping.knows(&record.stream) => return Some(delete),
        Mapped::By(built) => built,
        Mapped::Gone => return Some(delete),
        Mapped::Broken => return None,
    };
    let document = built
        .mapping
        .document(record.id, record.revision, record.source, &record.stream, body);
    Some(document.map_or(delete, |document| Change::Upsert(Box::new(document))))
}

/// Whether an index was made by this code, and for this request to build it anew.
fn is_ours(payload: &Payload, asked: i64) -> bool {
    payload.schema_version == SCHEMA_VERSION && payload.mapping_version == mapping_version() && payload.rebuild == asked
}

fn position_of(payload: &Payload) -> FollowerPosition {
    FollowerPosition {
        position: Position(payload.position),
        token: payload.change_token,
    }
}

/// The version of the code that maps. A source whose own mapping changes is uploaded again when it is changed.
fn mapping_version() -> String {
    CODE_VERSION.to_string()
}
