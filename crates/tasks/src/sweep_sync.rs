//! Marks what a full sync no longer saw of the streams that it has listed completely, in small chunks.

use std::sync::Arc;

use model::{Number, RecordId, SyncState, task};
use queue::{Outcome, Run, Stop, Task};
use serde_json::json;
use store::{Place, StreamRow, SyncRow};

use crate::Road;

/// How many records one transaction looks at.
const CHUNK: u32 = 500;
/// A sweep of more than half of a stream waits for a person, if it would delete at least this many records.
const ASKED_FROM: u64 = 5;
/// How many streams a question names.
const NAMED_MAX: usize = 8;

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
                let sweepable = tx.list_sweepable(&sync)?;
                let mut streams = tx.list_streams(sync.source)?;
                streams.retain(|stream| sweepable.contains(&stream.id));
                Ok::<_, store::Error>((sync, streams))
            })
            .await?;
        if sync.state != SyncState::Sweeping {
            return Ok(Outcome::Done);
        }
        if !sync.is_sweep_confirmed
            && let Some(question) = question(&road, &sync, &streams).await?
        {
            return ask(&run, &sync, question).await;
        }
        for stream in &streams {
            sweep(&run, &sync, stream).await?;
        }
        let now = run.now();
        run.finish(move |tx| tx.end_sweep(id, true, now)).await
    }
}

/// What a person has to confirm, if anything: everything that would be deleted, since one answer is for all of it.
async fn question(road: &Road, sync: &SyncRow, streams: &[StreamRow]) -> Result<Option<String>, Stop> {
    let (mut is_asked, mut parts) = (false, Vec::new());
    for stream in streams {
        let (id, number, is_exact) = (stream.id, sync.number, stream.has_exact_listing);
        let (live, doomed) = road
            .store()
            .read(move |tx| tx.count_sweepable(id, number, is_exact))
            .await?;
        is_asked |= doomed >= ASKED_FROM && doomed.saturating_mul(2) > live;
        if doomed > 0 {
            parts.push(format!("{doomed} of {live} records of stream `{}`", stream.name));
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

async fn ask(run: &Run, sync: &SyncRow, question: String) -> Result<Outcome, Stop> {
    let (id, source, now) = (sync.id, sync.source, run.now());
    run.finish(move |tx| {
        let attention = json!({ "what": question, "whose_turn": "you", "action": "confirm_sweep" });
        tx.attend_source(source, Some(&attention))?;
        tx.set_sync_state(id, SyncState::NeedsConfirmation, Some(&question), now)
    })
    .await
}

async fn sweep(run: &Run, sync: &SyncRow, stream: &StreamRow) -> Result<(), Stop> {
    let place = Place {
        source: sync.source,
        stream: stream.id,
        number: sync.number,
    };
    let (id, is_exact) = (sync.id, stream.has_exact_listing);
    let mut after = (Number(i64::MIN), RecordId(0));
    loop {
        run.check()?;
        let now = run.now();
        let next = run
            .write(move |tx| {
                let chunk = tx.sweep_chunk(place, is_exact, after, CHUNK, now)?;
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
