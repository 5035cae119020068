//! Brings one destination up to date with the change log, in batches, from the position that it has reached.

mod index;
mod overtaking;
mod pace;

use std::sync::Arc;

use model::queue::Failure;
use model::task;
use queue::{Outcome, Run, Stop, Task};

use crate::Road;

pub use model::task::INDEX;

/// Where it is kept that records of a source could not be mapped, so that they are uploaded again once they can be.
pub(crate) const UNMAPPED: &str = "source";
pub(crate) use pace::Pace;

/// See the module.
pub(crate) struct UploadChanges;

impl Task for UploadChanges {
    const KIND: &'static str = "upload_changes";
    type Args = task::UploadChanges;
    type Context = Road;

    async fn run(road: Arc<Road>, args: Self::Args, run: Run) -> Result<Outcome, Stop> {
        if args.destination != INDEX {
            let text = format!("this version of Fossick knows no destination `{}`", args.destination);
            return Err(Stop::Failed(Failure::GiveUp(text)));
        }
        index::upload(&road, &run).await?;
        Ok(Outcome::Done)
    }
}
