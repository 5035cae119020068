//! Removes what a deleted source held, in small chunks. Nobody has seen it since the deletion.

use std::sync::Arc;

use model::task;
use queue::{Outcome, Run, Stop, Task};

use crate::Road;

/// How many rows one transaction removes.
const CHUNK: u32 = 500;

/// See the module.
pub(crate) struct PurgeSource;

impl Task for PurgeSource {
    const KIND: &'static str = "purge_source";
    type Args = task::PurgeSource;
    type Context = Road;

    async fn run(road: Arc<Road>, args: Self::Args, run: Run) -> Result<Outcome, Stop> {
        let source = args.source;
        let now = run.now();
        while run
            .write(move |tx| tx.cancel_tasks_of_source(source, CHUNK, now))
            .await?
            > 0
        {
            run.check()?;
        }
        while run.write(move |tx| tx.end_slices_of_source(source, CHUNK, now)).await? > 0 {
            run.check()?;
        }
        run.write(move |tx| tx.drop_access_tokens(source)).await?;
        while run.write(move |tx| tx.bury_source(source, CHUNK, now)).await? > 0 {
            run.check()?;
        }
        loop {
            run.check()?;
            let removed = run
                .write(move |tx| {
                    let pages = tx.list_pages_of_source(source, CHUNK)?;
                    tx.delete_pages(&pages)?;
                    Ok(pages.len())
                })
                .await?;
            if removed == 0 {
                break;
            }
        }
        while run.write(move |tx| tx.forget_source_records(source, CHUNK)).await? > 0 {
            run.check()?;
        }
        while run.write(move |tx| tx.drop_syncs_of_source(source, CHUNK)).await? > 0 {
            run.check()?;
        }
        while run.write(move |tx| tx.drop_lines_of_source(source, CHUNK)).await? > 0 {
            run.check()?;
        }
        let staging = road.store().staging().clone();
        tokio::task::spawn_blocking(move || staging.remove_source(source))
            .await
            .map_err(|error| Stop::StoreUnavailable(format!("removing staged pages died: {error}")))??;
        Ok(Outcome::Done)
    }
}
