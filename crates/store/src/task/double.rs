//! Two tasks with one unique key: one runs, one waits. That is right as long as the first runs, because what was
//! enqueued meanwhile may be news to it. When it goes back to waiting, one of the two is enough.

use model::{TaskId, TaskState, Timestamp};

use super::ending::TaskEnd;
use crate::statement::{Statement, statements};
use crate::value::{Value, params};
use crate::{Error, Tx};

statements! {
    FIND_DOUBLE = "task_find_double", postgres;
    FIND_DOUBLE_OF_ENDED = "task_find_double_of_ended";
    MOVE_NEXT = "task_move_next";
}

impl Tx<'_> {
    /// Before a task goes back to waiting: ends the one that waits with the same unique key. The running one stays,
    /// because it knows how often it failed; what was to follow the other follows it.
    pub(super) fn merge_double(&mut self, task: TaskId, now: Timestamp) -> Result<(), Error> {
        let Some(row) = self.query_opt(&FIND_DOUBLE, params![task])? else {
            return Ok(());
        };
        let double: TaskId = row.get(0)?;
        self.execute(&MOVE_NEXT, params![double, task])?;
        let message = format!("task `{task}` does the same and goes on");
        let end = TaskEnd {
            state: TaskState::Cancelled,
            class: "merged",
            message: &message,
            errors: None,
        };
        self.archive(double, end, now)
    }

    /// Runs the statement that puts a task back to waiting. On PostgreSQL another task with the same unique key may be
    /// enqueued between the look and the statement: then all of it is done again.
    pub(super) fn back_to_waiting(&mut self, statement: &'static Statement, params: &[Value]) -> Result<u64, Error> {
        match self.execute(statement, params) {
            Err(Error::Conflict(_)) if self.is_postgres() => Err(self.again()),
            other => other,
        }
    }

    /// Before a task comes back from history.
    pub(super) fn check_no_double_waits(&mut self, task: TaskId) -> Result<(), Error> {
        let Some(row) = self.query_opt(&FIND_DOUBLE_OF_ENDED, params![task])? else {
            return Ok(());
        };
        let double: TaskId = row.get(0)?;
        Err(Error::Conflict(format!(
            "task `{double}` does the same as task `{task}` and waits already"
        )))
    }
}
