//! Plans a sync: goes on with slices that failed before, and draws up new ones for the other streams.
//!
//! A failed slice whose cause going on can't mend, one that several syncs got no further with, and one of a stream that is
//! not read any more are dropped: their streams are planned anew, or not at all.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use model::connector::{SliceSpec, StreamInfo};
use model::queue::Failure;
use model::task::Replay;
use model::{StreamId, SyncMode, SyncState, Timestamp, task};
use queue::{Outcome, Run, Stop, Task};
use store::{SliceRow, StreamRow, Tx};

use crate::Road;
use crate::upload::UNMAPPED;

/// A full sync is made of an incremental one when the last full one is older than this: it is what finds deletions.
const FULL_EVERY_MS: i64 = 24 * 3_600_000;
/// How many failed slices one sync resumes.
const RESUMED_MAX: u32 = 1_000;

/// See the module.
pub(crate) struct PlanSync;

impl Task for PlanSync {
    const KIND: &'static str = "plan_sync";
    type Args = task::PlanSync;
    type Context = Road;

    async fn run(road: Arc<Road>, args: Self::Args, run: Run) -> Result<Outcome, Stop> {
        let now = run.now();
        let id = args.sync;
        let sync = road.store().read(move |tx| tx.sync(id)).await?;
        if sync.state != SyncState::Running {
            return Ok(Outcome::Done);
        }
        let source = sync.source;
        let Some((_, built)) = road.source(source).await? else {
            return run
                .finish(move |tx| tx.set_sync_state(id, SyncState::Cancelled, Some("the source was deleted"), now))
                .await;
        };
        let connector = Arc::clone(&built.connector);
        let offered = connector
            .streams()
            .map_err(|error| Stop::Failed(error.into_failure()))?;
        let infos = offered.clone();
        let (known, failed, cursors, last_full) = run
            .note(move |tx| {
                let streams = tx.put_streams(source, &infos)?;
                let failed = tx.list_resumable_slices(source, RESUMED_MAX)?;
                Ok((streams, failed, tx.list_cursors(source)?, tx.last_full_sync_at(source)?))
            })
            .await?;
        let last_full = last_full.filter(|_| !cursors.is_empty());
        let mode = mode(sync.mode, &offered, last_full, now);
        let wanted = read_streams(&offered, &known);
        // Who asks for all of it gets all of it: nothing goes on where an earlier sync has failed.
        let mut failed = failed;
        failed.retain(|slice| sync.mode != SyncMode::Full && wanted.iter().any(|(_, id)| *id == slice.stream));
        let resumed: HashSet<StreamId> = failed.iter().map(|slice| slice.stream).collect();
        let dropped: Vec<StreamId> = known
            .iter()
            .map(|row| row.id)
            .filter(|id| !resumed.contains(id))
            .collect();
        let fresh: Vec<_> = wanted.into_iter().filter(|(_, id)| !resumed.contains(id)).collect();
        let names: Vec<String> = fresh.iter().map(|(name, _)| name.clone()).collect();
        let planned = connector
            .plan(&names, mode, &cursors, now)
            .map_err(|error| Stop::Failed(error.into_failure()))?;
        let ids: HashMap<String, StreamId> = known.into_iter().map(|row| (row.name, row.id)).collect();
        let slices = with_streams(planned, &ids)?;
        let planned_streams: Vec<StreamId> = fresh.into_iter().map(|(_, id)| id).collect();
        // One transaction, however many slices: planned twice they would be read twice.
        run.finish(move |tx| {
            tx.plan_sync(id, mode, &planned_streams)?;
            dropped
                .iter()
                .try_for_each(|stream| tx.drop_failed_slices(source, *stream))?;
            resume(tx, &failed, id, now)?;
            // The source could be built just now, so that its records can be mapped again.
            if !tx
                .list_failures_at(source, "upload", &[UNMAPPED.to_owned()])?
                .is_empty()
            {
                tx.enqueue_replay(source, Replay::Upload, now)?;
            }
            tx.insert_slices(id, source, &slices, now)?;
            tx.close_sync_slice(id, false, now)
        })
        .await
    }

    fn discarded(args: &Self::Args, failure: &Failure, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), store::Error> {
        let sync = tx.sync(args.sync)?;
        if sync.state.is_final() {
            return Ok(());
        }
        crate::fetch_slice::ask_for_attention(tx, sync.source, failure, &failure.to_string())?;
        tx.set_sync_state(args.sync, SyncState::Failed, Some(&failure.to_string()), now)
    }
}

/// Puts the slices that an earlier sync could not finish into this one. Its listing of their streams is then not complete.
fn resume(tx: &mut Tx<'_>, failed: &[SliceRow], sync: model::SyncId, now: Timestamp) -> Result<(), store::Error> {
    for slice in failed {
        tx.take_over_slice(slice, sync, now)?;
    }
    let streams: BTreeSet<StreamId> = failed.iter().map(|slice| slice.stream).collect();
    streams.into_iter().try_for_each(|stream| {
        let why = "went on where an earlier sync had failed; the next sync looks for what was deleted there";
        tx.block_sweep(sync, stream, why)
    })
}

/// Full when it is asked for, when nothing can be read from a cursor (none is kept, or a change of the source has ended
/// them), and from time to time to find deletions.
fn mode(asked: SyncMode, offered: &[StreamInfo], last_full: Option<Timestamp>, now: Timestamp) -> SyncMode {
    let is_due = last_full.is_none_or(|at| now.since_ms(at) >= FULL_EVERY_MS);
    if asked == SyncMode::Full || is_due || !offered.iter().any(|stream| stream.incremental) {
        SyncMode::Full
    } else {
        SyncMode::Incremental
    }
}

/// The streams that are read: offered and enabled.
fn read_streams(offered: &[StreamInfo], rows: &[StreamRow]) -> Vec<(String, StreamId)> {
    let offered: HashSet<&str> = offered.iter().map(|stream| stream.name.as_str()).collect();
    rows.iter()
        .filter(|row| row.is_enabled && offered.contains(row.name.as_str()))
        .map(|row| (row.name.clone(), row.id))
        .collect()
}

/// The slices, each with its stream's id.
pub(crate) fn with_streams(
    slices: Vec<SliceSpec>,
    ids: &HashMap<String, StreamId>,
) -> Result<Vec<(StreamId, SliceSpec)>, Stop> {
    slices
        .into_iter()
        .map(|slice| match ids.get(&slice.stream) {
            Some(id) => Ok((*id, slice)),
            None => Err(Stop::Failed(Failure::GiveUp(format!(
                "the connector planned a slice of `{}`, which it does not offer",
                slice.stream
            )))),
        })
        .collect()
}
