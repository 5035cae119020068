//! Tasks: enqueued in the caller's transaction, claimed in batches, ended under their fence.
//!
//! Every claim gives a task a new fence. Whoever writes on behalf of a task names its fence; a worker whose lease ran
//! out finds another fence there and lands nothing. Finished tasks move to a history of their own, so that the table
//! that is claimed from stays small.

mod cancel;
mod claim;
mod double;
mod ending;
mod view;

use model::task::{FetchSlice, ParsePage, PurgeSource, Replay, ReplaySource, SweepSync};
use model::{Lane, PageId, SliceId, SourceId, SyncId, TaskId, TaskState, Timestamp};
use serde_json::Value as Json;

use crate::signals::Effect;
use crate::slice::json_text;
use crate::statement::statements;
use crate::value::params;
use crate::{Error, Tx};

pub use claim::{ClaimLimits, Claimed};
pub use ending::Ending;
pub use view::{TaskFilter, TaskRow, WorkerRow};

statements! {
    INSERT = "task_insert";
    UPSERT = "task_upsert";
    FIND_ENDED = "task_find_ended";
}

/// Every statement about tasks.
#[cfg(test)]
pub(crate) static ALL_STATEMENTS: &[&[&crate::statement::Statement]] = &[
    STATEMENTS,
    cancel::STATEMENTS,
    claim::STATEMENTS,
    double::STATEMENTS,
    ending::STATEMENTS,
    view::STATEMENTS,
];

/// How often a task is tried unless it says otherwise.
const ATTEMPTS_MAX: u32 = 12;

/// A task to be enqueued.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// What it is: names the handler.
    pub kind: &'static str,
    /// Its arguments; never a secret.
    pub args: Json,
    /// The queue it waits in.
    pub queue: String,
    /// 1 runs first, 4 last.
    pub priority: u8,
    /// Of tasks with the same key that have not begun there is only one.
    pub unique_key: Option<String>,
    /// Of tasks with the same key only one runs at a time.
    pub serial_key: Option<String>,
    /// The source it works for; limits per source and cancellation go by it.
    pub source: Option<SourceId>,
    /// It becomes claimable when that task has completed.
    pub after: Option<TaskId>,
    /// Not before.
    pub run_at: Timestamp,
    /// How often it is tried.
    pub attempts_max: u32,
}

impl NewTask {
    /// A task for `queue` that may run at once, with the usual priority and number of attempts.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a queue is a `Copy` lane or a borrowed name"
    )]
    pub fn new(kind: &'static str, args: &impl serde::Serialize, queue: impl ToString, now: Timestamp) -> Self {
        Self {
            kind,
            args: serde_json::to_value(args).unwrap_or(Json::Null),
            queue: queue.to_string(),
            priority: 2,
            unique_key: None,
            serial_key: None,
            source: None,
            after: None,
            run_at: now,
            attempts_max: ATTEMPTS_MAX,
        }
    }

    /// The same, of which only one may wait.
    #[must_use]
    pub fn unique(mut self, key: impl Into<String>) -> Self {
        self.unique_key = Some(key.into());
        self
    }

    /// The same, of which only one runs at a time.
    #[must_use]
    pub fn serial(mut self, key: impl Into<String>) -> Self {
        self.serial_key = Some(key.into());
        self
    }

    /// The same, on behalf of a source.
    #[must_use]
    pub fn for_source(mut self, source: SourceId) -> Self {
        self.source = Some(source);
        self
    }

    /// The same, not before `at`.
    #[must_use]
    pub fn at(mut self, at: Timestamp) -> Self {
        self.run_at = at;
        self
    }

    /// The same, after another task has completed.
    #[must_use]
    pub fn after(mut self, task: TaskId) -> Self {
        self.after = Some(task);
        self
    }

    /// The same with another priority, 1 (first) to 4 (last).
    #[must_use]
    pub fn priority(mut self, priority: u8) -> Self {
        self.priority = priority;
        self
    }
}

impl Tx<'_> {
    /// Enqueues a task as a row of this transaction.
    ///
    /// With a unique key the row of a waiting task is met and kept (`DO UPDATE`, so that a claim in between can't lose
    /// the wake-up), and the earlier time to run wins. Answers the task that now waits.
    ///
    /// # Errors
    /// [`Error::Conflict`] and [`Error::NotFound`] when the task that it is to follow did not complete or never was.
    pub fn enqueue(&mut self, new: &NewTask, now: Timestamp) -> Result<TaskId, Error> {
        let after = new.after.map_or(Ok(None), |task| self.open_task(task))?;
        let state = if after.is_some() {
            TaskState::Pending
        } else if new.run_at > now {
            TaskState::Scheduled
        } else {
            TaskState::Available
        };
        let statement = if new.unique_key.is_some() { &UPSERT } else { &INSERT };
        let row = self.query_one(
            statement,
            params![
                new.kind,
                &new.args,
                new.queue.as_str(),
                i64::from(new.priority),
                state.as_str(),
                new.unique_key.as_deref(),
                new.serial_key.as_deref(),
                new.source,
                after,
                new.run_at,
                i64::from(new.attempts_max),
                now,
            ],
        )?;
        // A scheduled task also wakes the workers: it may be due before what they sleep for.
        if state != TaskState::Pending {
            self.effects.push(Effect::TasksReady);
        }
        row.get(0)
    }

    /// The task, while it has not ended; `None` once it has completed.
    fn open_task(&mut self, task: TaskId) -> Result<Option<TaskId>, Error> {
        if self.has_open_task(task)? {
            return Ok(Some(task));
        }
        let row = self.query_opt(&FIND_ENDED, params![task])?;
        match row.ok_or_else(|| Error::not_found("task", task))?.parse(0)? {
            TaskState::Completed => Ok(None),
            state => Err(Error::Conflict(format!(
                "task `{task}` was {state}: nothing can follow it"
            ))),
        }
    }

    /// Enqueues the fetch of a slice.
    pub(crate) fn enqueue_fetch(
        &mut self,
        slice: SliceId,
        sync: SyncId,
        source: SourceId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let new = NewTask::new("fetch_slice", &FetchSlice { slice, sync }, Lane::Fetch, now)
            .unique(format!("fetch/{slice}/{sync}"))
            .serial(format!("fetch/{slice}"))
            .for_source(source);
        self.enqueue(&new, now).map(drop)
    }

    /// Enqueues the parse of a page.
    pub(crate) fn enqueue_parse(&mut self, page: PageId, source: SourceId, now: Timestamp) -> Result<(), Error> {
        let new = NewTask::new("parse_page", &ParsePage { page }, Lane::Parse, now)
            .unique(format!("parse/{page}"))
            .for_source(source);
        self.enqueue(&new, now).map(drop)
    }

    /// Enqueues the sweep of a sync.
    pub(crate) fn enqueue_sweep(&mut self, sync: SyncId, source: SourceId, now: Timestamp) -> Result<(), Error> {
        let new = NewTask::new("sweep_sync", &SweepSync { sync }, Lane::Housekeeping, now)
            .unique(format!("sweep/{sync}"))
            .serial(format!("sweep/{sync}"))
            .for_source(source);
        self.enqueue(&new, now).map(drop)
    }

    /// Has part of the road run again over what a source has staged or stored; a replay that waits already is the same.
    pub fn enqueue_replay(&mut self, source: SourceId, what: Replay, now: Timestamp) -> Result<(), Error> {
        let word = match what {
            Replay::Parse => "parse",
            Replay::Quarantined => "quarantined",
            Replay::Upload => "upload",
        };
        let key = format!("replay/{source}/{word}");
        let new = NewTask::new("replay_source", &ReplaySource { source, what }, Lane::Housekeeping, now)
            .unique(key.clone())
            .serial(key)
            .for_source(source);
        self.enqueue(&new, now).map(drop)
    }

    /// Enqueues the purge of a deleted source.
    pub fn enqueue_purge(&mut self, source: SourceId, now: Timestamp) -> Result<(), Error> {
        let key = format!("purge/{source}");
        let new = NewTask::new("purge_source", &PurgeSource { source }, Lane::Housekeeping, now)
            .unique(key.clone())
            .serial(key)
            .priority(4);
        self.enqueue(&new, now).map(drop)
    }
}

/// The list of past errors with one more, the newest last, at most twenty.
fn errors_with(old: &str, at: Timestamp, attempt: i64, class: &str, message: &str) -> Result<String, Error> {
    let mut errors: Vec<Json> = serde_json::from_str(old).unwrap_or_default();
    errors.push(serde_json::json!({ "at": at, "attempt": attempt, "class": class, "message": message }));
    let surplus = errors.len().saturating_sub(20);
    errors.drain(..surplus);
    json_text(&errors)
}
