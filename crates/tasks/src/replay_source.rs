//! Runs part of the road again over what is staged or stored, without asking the provider.

use std::sync::Arc;

use model::task::Replay;
use model::{PageId, RecordId, task};
use queue::{Outcome, Run, Stop, Task};

use crate::Road;
use crate::upload::UNMAPPED;

/// How many pages or records one transaction puts up.
const CHUNK: u32 = 500;

/// See the module.
pub(crate) struct ReplaySource;

impl Task for ReplaySource {
    const KIND: &'static str = "replay_source";
    type Args = task::ReplaySource;
    type Context = Road;

    async fn run(_road: Arc<Road>, args: Self::Args, run: Run) -> Result<Outcome, Stop> {
        match args.what {
            Replay::Upload => upload(&run, args.source).await?,
            Replay::Parse | Replay::Quarantined => parse(&run, args.source, args.what == Replay::Quarantined).await?,
        }
        Ok(Outcome::Done)
    }
}

async fn parse(run: &Run, source: model::SourceId, only_quarantined: bool) -> Result<(), Stop> {
    let mut after = PageId(0);
    loop {
        run.check()?;
        let now = run.now();
        match run
            .write(move |tx| tx.replay_pages(source, after, only_quarantined, CHUNK, now))
            .await?
        {
            Some((last, _)) => after = last,
            None => return Ok(()),
        }
    }
}

async fn upload(run: &Run, source: model::SourceId) -> Result<(), Stop> {
    // What can't be mapped now says so again.
    run.write(move |tx| tx.clear_failure_at(source, "upload", UNMAPPED))
        .await?;
    let mut after = RecordId(0);
    loop {
        run.check()?;
        let now = run.now();
        match run.write(move |tx| tx.relog_source(source, after, CHUNK, now)).await? {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}
