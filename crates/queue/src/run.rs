//! One attempt of one task, as the task sees it.

use std::sync::Arc;

use model::queue::Failure;
use model::{Clock, SourceId, TaskId, Timestamp};
use store::{Claimed, Store, Tx};
use tokio_util::sync::CancellationToken;

/// How a task's code ends when nothing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done, and nothing is left to write: the worker completes the task in its next batch.
    Done,
    /// Done, and completed already by [`Run::finish`].
    Finished,
}

/// Why a task's code ended early.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// It failed; the kind of failure says how it goes on.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The store can't be written for now: again in a while, without counting the attempt.
    #[error("{0}")]
    StoreUnavailable(String),
    /// The lease is another worker's by now: nothing of this attempt lands, and nothing is to be said about it.
    #[error("the lease was lost")]
    LeaseLost,
    /// The worker shuts down; the task is returned unharmed.
    #[error("the worker shuts down")]
    ShuttingDown,
}

impl From<store::Error> for Stop {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::LostLease { .. } => Self::LeaseLost,
            store::Error::DiskFull
            | store::Error::Unavailable(_)
            | store::Error::Unknown(_)
            | store::Error::Again
            | store::Error::Setup(_) => Self::StoreUnavailable(error.to_string()),
            store::Error::NotFound { .. } | store::Error::Conflict(_) => {
                Self::Failed(Failure::GiveUp(error.to_string()))
            }
            store::Error::Bug(_) => Self::Failed(Failure::Retry(error.to_string())),
        }
    }
}

/// One attempt. Everything that a task writes goes through it, under the attempt's fence.
#[derive(Debug, Clone)]
pub struct Run {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) claimed: Arc<Claimed>,
    pub(crate) stopping: CancellationToken,
}

impl Run {
    /// The task.
    pub fn task(&self) -> TaskId {
        self.claimed.id
    }

    /// The claim that this attempt holds.
    pub fn fence(&self) -> i64 {
        self.claimed.fence
    }

    /// The source that it works for.
    pub fn source(&self) -> Option<SourceId> {
        self.claimed.source
    }

    /// Which try this is, from 1.
    pub fn attempt(&self) -> u32 {
        self.claimed.attempt
    }

    /// Whether a failure now would be the last one.
    pub fn is_last_attempt(&self) -> bool {
        self.claimed.attempt >= self.claimed.attempts_max
    }

    /// The instant that it is now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The store, for reads.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Cancelled when the task should come to an end soon: shutdown, lost lease, a person's wish.
    pub fn stopping(&self) -> &CancellationToken {
        &self.stopping
    }

    /// [`Stop::ShuttingDown`] when the task should come to an end soon; for the places between steps.
    pub fn check(&self) -> Result<(), Stop> {
        if self.stopping.is_cancelled() {
            Err(Stop::ShuttingDown)
        } else {
            Ok(())
        }
    }

    /// Writes down something about the task: `body` runs only if the claim still holds. No progress, so that a task which
    /// only ever says that it waits, and then kills its worker, is parked all the same.
    pub async fn note<T, F>(&self, body: F) -> Result<T, Stop>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, store::Error> + Send + 'static,
        T: Send + 'static,
    {
        let (task, fence) = (self.claimed.id, self.claimed.fence);
        let written = self.store.write(move |tx| {
            tx.check_task(task, fence)?;
            body(tx)
        });
        Ok(written.await?)
    }

    /// Writes what the task has done: `body` runs only if the claim still holds, and counts as progress.
    pub async fn write<T, F>(&self, body: F) -> Result<T, Stop>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, store::Error> + Send + 'static,
        T: Send + 'static,
    {
        let (task, fence) = (self.claimed.id, self.claimed.fence);
        let written = self.store.write(move |tx| {
            tx.hold_task(task, fence)?;
            body(tx)
        });
        Ok(written.await?)
    }

    /// Writes and completes the task in the same transaction.
    pub async fn finish<F>(&self, body: F) -> Result<Outcome, Stop>
    where
        F: Fn(&mut Tx<'_>) -> Result<(), store::Error> + Send + 'static,
    {
        let (task, fence) = (self.claimed.id, self.claimed.fence);
        let now = self.now();
        let written = self.store.write(move |tx| {
            tx.hold_task(task, fence)?;
            body(tx)?;
            tx.complete_task(task, fence, now)
        });
        written.await?;
        Ok(Outcome::Finished)
    }
}
