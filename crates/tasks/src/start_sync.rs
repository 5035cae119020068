//! Starts a sync of a source, as a schedule asks for it.

use std::sync::Arc;

use model::queue::Failure;
use model::task;
use queue::{Outcome, Run, Stop, Task};

use crate::Road;

/// How often a sync that is to follow another looks whether that has ended.
const BUSY_WAIT_MS: i64 = 2_000;

/// See the module.
pub(crate) struct StartSync;

impl Task for StartSync {
    const KIND: &'static str = "start_sync";
    type Args = task::StartSync;
    type Context = Road;

    async fn run(_road: Arc<Road>, args: Self::Args, run: Run) -> Result<Outcome, Stop> {
        let now = run.now();
        let (source, mode) = (args.source, args.mode);
        let must_wait = run
            .write(move |tx| {
                let row = tx.find_source(source)?;
                if row.is_none_or(|row| row.deleted_at.is_some() || row.is_paused) {
                    return Ok(false);
                }
                let (_, is_new) = tx.start_sync(source, mode, now)?;
                Ok(args.is_another && !is_new)
            })
            .await?;
        if must_wait {
            return Err(Stop::Failed(Failure::WaitUntil {
                at: now.plus_ms(BUSY_WAIT_MS),
                why: "the sync that is under way".to_owned(),
            }));
        }
        Ok(Outcome::Done)
    }
}
