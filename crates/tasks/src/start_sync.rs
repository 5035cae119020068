//! Starts a sync of a source, as a schedule asks for it.

use std::sync::Arc;

use model::task;
use queue::{Outcome, Run, Stop, Task};

use crate::Road;

/// See the module.
pub(crate) struct StartSync;

impl Task for StartSync {
    const KIND: &'static str = "start_sync";
    type Args = task::StartSync;
    type Context = Road;

    async fn run(_road: Arc<Road>, args: Self::Args, run: Run) -> Result<Outcome, Stop> {
        let now = run.now();
        run.finish(move |tx| {
            let row = tx.find_source(args.source)?;
            if row.is_some_and(|row| row.deleted_at.is_none() && !row.is_paused) {
                tx.start_sync(args.source, args.mode, now)?;
            }
            Ok(())
        })
        .await
    }
}
