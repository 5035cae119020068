//! Cancelling tasks: one, or everything that is done for a source.

use model::{PageId, PageState, SliceId, SourceId, SyncId, SyncState, TaskId, TaskState, Timestamp};

use super::ending::TaskEnd;
use super::view::TaskRow;
use crate::failure::NewFailure;
use crate::signals::{Effect, Event};
use crate::statement::statements;
use crate::value::params;
use crate::{Error, Tx};

statements! {
    FIND_STATE = "task_find_state", postgres;
    REQUEST_CANCEL = "task_request_cancel";
    CANCEL_WAITING = "task_list_waiting_of_source", postgres;
    CANCEL_RUNNING = "task_request_cancel_of_source";
}

const CANCELLED: TaskEnd<'static> = TaskEnd {
    state: TaskState::Cancelled,
    class: "cancelled",
    message: "cancelled by a person",
    errors: None,
};

impl Tx<'_> {
    /// Cancels a task: one that waits ends now, one that runs is told when it renews its lease.
    pub fn cancel_task(&mut self, task: TaskId, now: Timestamp) -> Result<(), Error> {
        let row = self.query_opt(&FIND_STATE, params![task])?;
        let row = row.ok_or_else(|| Error::Conflict(format!("task `{task}` has ended already")))?;
        if row.parse::<TaskState>(0)? == TaskState::Running {
            self.effects.push(Effect::Event(Event::Task(task)));
            return self.execute(&REQUEST_CANCEL, params![task]).map(drop);
        }
        self.end_cancelled(task, now)
    }

    /// Ends a task that a person cancelled, and what would otherwise wait for it for ever.
    pub(super) fn end_cancelled(&mut self, task: TaskId, now: Timestamp) -> Result<(), Error> {
        let row = self.task(task)?;
        self.archive(task, CANCELLED, now)?;
        self.settle(&row, CANCELLED.message, now)
    }

    /// After a task has ended for good without completing: sees to the slice, page or sync that would wait for it.
    pub(super) fn settle(&mut self, task: &TaskRow, why: &str, now: Timestamp) -> Result<(), Error> {
        let id = |name: &str| task.args.get(name).and_then(serde_json::Value::as_i64);
        match (task.kind.as_str(), id("slice"), id("page"), id("sync")) {
            ("fetch_slice", Some(slice), _, Some(sync)) if self.is_slice_of(SliceId(slice), SyncId(sync))? => {
                self.fail_slice(SliceId(slice), why, false, now)
            }
            ("parse_page", _, Some(page), _) => self.set_page_aside(PageId(page), why, now),
            ("plan_sync" | "sweep_sync", .., Some(sync)) => {
                self.set_sync_state(SyncId(sync), SyncState::Cancelled, Some(why), now)
            }
            _ => Ok(()),
        }
    }

    fn set_page_aside(&mut self, id: PageId, why: &str, now: Timestamp) -> Result<(), Error> {
        let page = match self.page(id) {
            // Removed with its source.
            Err(Error::NotFound { .. }) => return Ok(()),
            other => other?,
        };
        if page.state != PageState::Staged {
            return Ok(());
        }
        let failure = NewFailure {
            source: page.source.0,
            sync: Some(page.sync),
            stage: "parse",
            place: format!("page/{id}"),
            reason: "page was not parsed".to_owned(),
            detail: format!("page `{id}` of stream `{}` was not parsed: {why}", page.meta.stream),
            stream: Some(page.stream),
            page: Some(id),
            ..NewFailure::default()
        };
        self.quarantine_page(&page, &failure, now)
    }

    /// Whether a task has not ended. On PostgreSQL its row stays locked, so that it neither is claimed nor ends.
    pub(super) fn has_open_task(&mut self, task: TaskId) -> Result<bool, Error> {
        Ok(self.query_opt(&FIND_STATE, params![task])?.is_some())
    }

    /// Cancels what waits for a source, up to `limit` tasks at a time, and asks what runs to stop. Answers how many were
    /// cancelled: call it again until that is 0.
    pub fn cancel_tasks_of_source(&mut self, source: SourceId, limit: u32, now: Timestamp) -> Result<u64, Error> {
        self.cancel_of_source(source, true, limit, now)
    }

    /// The same for what reads: fetching, planning and sweeping. Pages that are staged still land, and replays go on.
    pub(crate) fn cancel_reading_of_source(
        &mut self,
        source: SourceId,
        limit: u32,
        now: Timestamp,
    ) -> Result<u64, Error> {
        self.cancel_of_source(source, false, limit, now)
    }

    /// Asks everything that runs for a source to stop.
    pub(crate) fn stop_tasks_of_source(&mut self, source: SourceId) -> Result<(), Error> {
        self.execute(&CANCEL_RUNNING, params![source, true]).map(drop)
    }

    fn cancel_of_source(
        &mut self,
        source: SourceId,
        everything: bool,
        limit: u32,
        now: Timestamp,
    ) -> Result<u64, Error> {
        let waiting = self.query(&CANCEL_WAITING, params![source, everything, i64::from(limit)])?;
        for row in &waiting {
            self.archive(row.get(0)?, CANCELLED, now)?;
        }
        self.execute(&CANCEL_RUNNING, params![source, everything])?;
        Ok(waiting.len() as u64)
    }
}
