//! Marks what a full sync no longer saw of the streams that it has listed completely, in small chunks.

use std::sync::Arc;

use model::{Number, RecordId, SyncId, SyncState, task};
use queue::{Outcome, Run, Stop, Task};
use serde_json::json;
use store::{Place, Sweep, SweepPlace, SyncRow, Tx};

use crate::Road;
use crate::fetch_slice::put_attention;

/// How many records one transaction looks at.
const CHUNK: u32 = 500;
/// A sweep of more than half of a stream waits for a person, if it would delete at least this many records.
const ASKED_FROM: u64 = 5;
/// How many streams a question names.
const NAMED_MAX: usize = 8;
/// Where a sweep starts.
const BEGINNING: SweepPlace = (Number(i64::MIN), RecordId(0));

/// See the module.
pub(crate) struct SweepSync;

impl Task for SweepSync {
    const KIND: &'static str = "sweep_sync";
    type Args = task::SweepSync;
    type Context = Road;

    async fn run(road: Arc<Road>, args: Self::Args, run: Run) -> Result<Outcome, Stop> {
        let id = args.sync;
        let (sync, streams) = road
            .store()
            .read(move |tx| {
                let sync = tx.sync(id)?;
                let streams = sweeps(tx, &sync)?;
                Ok::<_, store::Error>((sync, streams))
            })
            .await?;
        if sync.state != SyncState::Sweeping {
            return Ok(Outcome::Done);
        }
        if !sync.is_sweep_confirmed
            && let Some(question) = question(&road, &streams).await?
        {
            return ask(&run, &sync, question).await;
        }
        for (_, stream) in &streams {
            sweep(&run, id, stream).await?;
        }
        let now = run.now();
        run.finish(move |tx| tx.end_sweep(id, true, now)).await
    }
}

/// The streams that a sync has listed completely, by name, and what to sweep of each.
fn sweeps(tx: &mut Tx<'_>, sync: &SyncRow) -> Result<Vec<(String, Sweep)>, store::Error> {
    let sweepable = tx.list_sweepable(sync)?;
    let mut sweeps = Vec::new();
    for stream in tx.list_streams(sync.source)? {
        if !sweepable.contains(&stream.id) {
            continue;
        }
        let Some(spared) = tx.find_spared(sync.id, stream.id)? else {
            continue;
        };
        let place = Place {
            source: sync.source,
            stream: stream.id,
            number: sync.number,
        };
        let sweep = Sweep {
            place,
            is_exact: stream.has_exact_listing,
            spared: Arc::new(spared),
        };
        sweeps.push((stream.name, sweep));
    }
    Ok(sweeps)
}

/// What a person has to confirm, if anything: everything that would be deleted, since one answer is for all of it.
async fn question(road: &Road, streams: &[(String, Sweep)]) -> Result<Option<String>, Stop> {
    let (mut is_asked, mut parts) = (false, Vec::new());
    for (name, sweep) in streams {
        let (live, doomed) = count(road, sweep).await?;
        is_asked |= doomed >= ASKED_FROM && doomed.saturating_mul(2) > live;
        if doomed > 0 {
            parts.push(format!("{doomed} of {live} records of stream `{name}`"));
        }
    }
    let question = || {
        let more = parts.len().saturating_sub(NAMED_MAX);
        let mut named = parts[..parts.len() - more].to_vec();
        if more > 0 {
            named.push(format!("some of {more} more streams"));
        }
        format!(
            "{} were not there any more; nothing was deleted: confirm that they are gone, or see to the source and sync again",
            named.join(", ")
        )
    };
    Ok(is_asked.then(question))
}

/// How many records the listing could have shown, and how many of them the sweep would delete.
async fn count(road: &Road, sweep: &Sweep) -> Result<(u64, u64), Stop> {
    let whole = sweep.clone();
    let (mut live, mut doomed) = road.store().read(move |tx| tx.count_sweepable(&whole)).await?;
    if sweep.spared.is_empty() {
        return Ok((live, doomed));
    }
    let mut after = BEGINNING;
    loop {
        let sweep = sweep.clone();
        let chunk = road.store().read(move |tx| tx.count_spared_chunk(&sweep, after, CHUNK));
        let Some((next, spared, kept)) = chunk.await? else {
            return Ok((live, doomed));
        };
        live = live.saturating_sub(spared);
        doomed = doomed.saturating_sub(kept);
        after = next;
    }
}

async fn ask(run: &Run, sync: &SyncRow, question: String) -> Result<Outcome, Stop> {
    let (id, source, now) = (sync.id, sync.source, run.now());
    run.finish(move |tx| {
        let attention = json!({ "what": question, "whose_turn": "you", "action": "confirm_sweep" });
        put_attention(tx, source, &attention)?;
        tx.set_sync_state(id, SyncState::NeedsConfirmation, Some(&question), now)
    })
    .await
}

async fn sweep(run: &Run, id: SyncId, sweep: &Sweep) -> Result<(), Stop> {
    let mut after = BEGINNING;
    loop {
        run.check()?;
        let (now, sweep) = (run.now(), sweep.clone());
        let next = run
            .write(move |tx| {
                let chunk = tx.sweep_chunk(&sweep, after, CHUNK, now)?;
                if let Some((_, gone)) = chunk
                    && gone > 0
                {
                    tx.count_swept(id, gone)?;
                }
                Ok(chunk.map(|(next, _)| next))
            })
            .await?;
        match next {
            Some(next) => after = next,
            None => return Ok(()),
        }
    }
}
