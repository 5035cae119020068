//! How a task's attempt ends: completed, to be tried again, given up or cancelled; always under its fence.

use model::queue::Failure;
use model::{TaskId, TaskState, Timestamp};

use super::errors_with;
use crate::record::count;
use crate::signals::{Effect, Event};
use crate::statement::statements;
use crate::value::params;
use crate::{Error, Tx};

statements! {
    HOLD = "task_hold", postgres;
    TOUCH = "task_touch";
    RESTART_ATTEMPTS = "task_restart_attempts";
    FIND_HELD = "task_find_held", postgres;
    COMPLETE = "task_complete", postgres;
    COMPLETE_ONE = "task_complete_one", postgres;
    DROP_HELD = "task_drop_held", postgres;
    ARCHIVE = "task_archive";
    DROP = "task_drop";
    RELEASE_NEXT = "task_release_next", postgres;
    RELEASE_NEXT_OF = "task_release_next_of";
    DISCARD_NEXT = "task_list_next";
    RETRY = "task_retry";
    RETURN = "task_return";
    RETRY_NOW = "task_retry_now";
    REVIVE = "task_revive";
    FORGET_HISTORY = "task_history_drop";
    PRUNE_HISTORY = "task_history_prune";
}

/// How an attempt that did not complete goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Again at this time.
    Again {
        /// Not before.
        at: Timestamp,
        /// Whether this attempt counts against the limit.
        counts: bool,
    },
    /// Never again.
    Discard,
}

/// How a task ends that did not complete.
#[derive(Clone, Copy)]
pub(super) struct TaskEnd<'a> {
    pub(super) state: TaskState,
    pub(super) class: &'a str,
    pub(super) message: &'a str,
    pub(super) errors: Option<&'a str>,
}

impl Tx<'_> {
    /// Checks that a claim still holds and notes that the task made progress: every write of what a task has done begins
    /// with this.
    ///
    /// On PostgreSQL the task's row stays locked until the transaction ends, so that a rescue waits for it.
    ///
    /// # Errors
    /// [`Error::LostLease`] when the task is another worker's by now.
    pub fn hold_task(&mut self, task: TaskId, fence: i64) -> Result<(), Error> {
        if self.check_task(task, fence)? > 0 {
            self.execute(&TOUCH, params![task, fence])?;
        }
        Ok(())
    }

    /// [`Tx::hold_task`] for what is no progress; answers how often the task has killed its worker since it made some.
    pub fn check_task(&mut self, task: TaskId, fence: i64) -> Result<i64, Error> {
        let row = self.query_opt(&HOLD, params![task, fence])?;
        row.ok_or(Error::LostLease { task })?.get(0)
    }

    /// Lets a task that got somewhere begin its attempts anew, so that a long one survives more hiccups than a short one.
    pub fn restart_attempts(&mut self, task: TaskId, fence: i64) -> Result<(), Error> {
        self.execute(&RESTART_ATTEMPTS, params![task, fence]).map(drop)
    }

    /// Completes a task in the transaction of what it lands.
    pub fn complete_task(&mut self, task: TaskId, fence: i64, now: Timestamp) -> Result<(), Error> {
        let row = self.query_opt(&COMPLETE_ONE, params![task, fence, now])?;
        let mut released: u64 = count(&row.ok_or(Error::LostLease { task })?, 1)?;
        if !self.is_postgres() {
            self.execute(&DROP, params![task])?;
            released = self.execute(&RELEASE_NEXT_OF, params![task, now])?;
        }
        if released > 0 {
            self.effects.push(Effect::TasksReady);
        }
        Ok(())
    }

    /// Completes tasks whose work left nothing else to write; those whose claim was lost are left alone.
    pub fn complete_tasks(&mut self, tasks: &[(TaskId, i64)], now: Timestamp) -> Result<u64, Error> {
        if tasks.is_empty() {
            return Ok(0);
        }
        let pairs: Vec<[i64; 2]> = tasks.iter().map(|(task, fence)| [task.0, *fence]).collect();
        let pairs = serde_json::json!(pairs).to_string();
        let done = self.execute(&COMPLETE, params![pairs.as_str(), now])?;
        self.execute(&DROP_HELD, params![pairs.as_str()])?;
        let released = self.execute(&RELEASE_NEXT, params![pairs, now])?;
        if released > 0 {
            self.effects.push(Effect::TasksReady);
        }
        Ok(done)
    }

    /// Ends an attempt that did not complete. Attempts that are used up discard the task; one that does not count leaves
    /// it scheduled, with what it waits for as its message.
    ///
    /// Answers whether the task is discarded.
    pub fn end_attempt(
        &mut self,
        task: TaskId,
        fence: i64,
        failure: &Failure,
        ending: &Ending,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let row = self
            .query_opt(&FIND_HELD, params![task, fence])?
            .ok_or(Error::LostLease { task })?;
        let (attempt, attempts_max): (i64, i64) = (row.get(0)?, row.get(1)?);
        let cancel_requested: bool = row.get(3)?;
        let message = failure.to_string();
        let counts = !matches!(ending, Ending::Again { counts: false, .. });
        let past = row.get::<String>(2)?;
        // A wait is no failed attempt.
        let (errors, waiting) = if counts {
            let errors = errors_with(&past, now, attempt, failure.class(), &message)?;
            (errors, TaskState::Retryable)
        } else {
            (past, TaskState::Scheduled)
        };
        let is_used_up = counts && attempt >= attempts_max;
        if let Ending::Again { at, .. } = ending
            && !is_used_up
            && !cancel_requested
        {
            let attempt = if counts { attempt } else { attempt - 1 };
            self.merge_double(task, now)?;
            self.back_to_waiting(
                &RETRY,
                params![
                    task,
                    *at,
                    attempt,
                    failure.class(),
                    message.as_str(),
                    errors,
                    waiting.as_str()
                ],
            )?;
            self.effects.push(Effect::TasksReady);
            return Ok(false);
        }
        let state = if cancel_requested {
            TaskState::Cancelled
        } else {
            TaskState::Discarded
        };
        let end = TaskEnd {
            state,
            class: failure.class(),
            message: &message,
            errors: Some(&errors),
        };
        let row = self.task(task)?;
        self.archive(task, end, now)?;
        // Nothing else would ever end these two; what fetching and planning leave behind, their handlers see to.
        if ["parse_page", "sweep_sync"].contains(&row.kind.as_str()) {
            self.settle(&row, &message, now)?;
        }
        Ok(true)
    }

    /// Returns claimed tasks unharmed: the worker shuts down, or was told that a person cancels them, which ends them.
    /// The attempt does not count.
    pub fn return_tasks(&mut self, tasks: &[(TaskId, i64)]) -> Result<u64, Error> {
        let mut returned = 0;
        for (task, fence) in tasks {
            let Some(row) = self.query_opt(&FIND_HELD, params![*task, *fence])? else {
                continue;
            };
            let claimed_at: Timestamp = row.get(4)?;
            if row.get(3)? {
                self.end_cancelled(*task, claimed_at)?;
            } else {
                self.merge_double(*task, claimed_at)?;
                returned += self.back_to_waiting(&RETURN, params![*task, *fence])?;
            }
        }
        if returned > 0 {
            self.effects.push(Effect::TasksReady);
        }
        Ok(returned)
    }

    /// Moves a task to history; tasks that wait for it are discarded with it.
    pub(super) fn archive(&mut self, task: TaskId, end: TaskEnd<'_>, now: Timestamp) -> Result<(), Error> {
        let mut waiting = vec![task];
        while let Some(next) = waiting.pop() {
            let (class, message, errors) = if next == task {
                (end.class, end.message, end.errors)
            } else {
                ("chain", "the task before it did not complete", None)
            };
            let state = end.state.as_str();
            self.execute(&ARCHIVE, params![next, state, class, message, errors, now])?;
            self.execute(&DROP, params![next])?;
            self.effects.push(Effect::Event(Event::Task(next)));
            for row in self.query(&DISCARD_NEXT, params![next])? {
                waiting.push(row.get(0)?);
            }
        }
        Ok(())
    }

    /// Lets a task run at once: one that waits for its next attempt or is parked, or one from history, which comes
    /// back with fresh attempts.
    pub fn retry_task(&mut self, task: TaskId, now: Timestamp) -> Result<(), Error> {
        let row = self.task(task)?;
        if row.state == TaskState::Pending
            && row.class.as_deref() == Some("parked")
            && let Some(source) = row.source
        {
            self.attend_source(source, None)?;
        }
        let waiting = self.execute(&RETRY_NOW, params![task, now])?;
        if waiting == 0 {
            if self.has_open_task(task)? {
                return Err(Error::Conflict(format!(
                    "task `{task}` runs, may run already or waits for another task"
                )));
            }
            self.check_no_double_waits(task)?;
            self.execute_one(&REVIVE, params![task, now], || Error::not_found("task", task))?;
            self.execute(&FORGET_HISTORY, params![task])?;
        }
        self.effects.push(Effect::TasksReady);
        self.effects.push(Effect::Event(Event::Task(task)));
        Ok(())
    }

    /// Removes finished tasks that ended before `before`; answers how many.
    pub fn prune_history(&mut self, before: Timestamp, limit: u32) -> Result<u64, Error> {
        self.execute(&PRUNE_HISTORY, params![before, i64::from(limit)])
    }
}
