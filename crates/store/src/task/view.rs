//! Looking at tasks and workers.

use model::{SourceId, TaskId, TaskState, Timestamp};
use serde_json::Value as Json;

use crate::statement::statements;
use crate::value::{Row, params};
use crate::{Error, Tx};

statements! {
    FIND = "task_find";
    LIST = "task_list";
    FIND_RUNNING = "task_find_running";
    COUNT_OPEN_OF_SOURCE = "task_count_open_of_source";
    SEE_WORKER = "worker_see";
    LIST_WORKERS = "worker_list";
    DROP_WORKER = "worker_drop";
}

/// Which tasks to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// Of this state.
    pub state: Option<TaskState>,
    /// Of this queue.
    pub queue: Option<String>,
    /// Of this kind.
    pub kind: Option<String>,
    /// For this source.
    pub source: Option<SourceId>,
    /// With smaller ids than this.
    pub before: Option<TaskId>,
}

/// A task, waiting, running or finished.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskRow {
    /// The task.
    pub id: TaskId,
    /// Names the handler.
    pub kind: String,
    /// Its arguments.
    pub args: Json,
    /// Its queue.
    pub queue: String,
    /// 1 runs first.
    pub priority: i64,
    /// Where it stands.
    pub state: TaskState,
    /// The source it works for.
    pub source: Option<SourceId>,
    /// Which try it is at, from 1; 0 before the first.
    pub attempt: i64,
    /// How often it is tried.
    pub attempts_max: i64,
    /// When it runs next or was to run.
    pub run_at: Option<Timestamp>,
    /// The class of its last failure.
    pub class: Option<String>,
    /// Its last failure.
    pub message: Option<String>,
    /// Its past failures: a list of `{at, attempt, class, message}`.
    pub errors: Json,
    /// Who ran it last.
    pub worker: Option<String>,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// When its last attempt began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// A process that runs tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerRow {
    /// Its name.
    pub name: String,
    /// The queues that it claims from.
    pub queues: String,
    /// How many tasks it runs.
    pub running: i64,
    /// When it started.
    pub started_at: Timestamp,
    /// When it was last heard of.
    pub seen_at: Timestamp,
}

impl Tx<'_> {
    /// A task, finished or not.
    pub fn task(&mut self, id: TaskId) -> Result<TaskRow, Error> {
        let row = self
            .query_opt(&FIND, params![id])?
            .ok_or_else(|| Error::not_found("task", id))?;
        task_row(&row)
    }

    /// Tasks, newest first.
    pub fn list_tasks(&mut self, filter: &TaskFilter, limit: u32) -> Result<Vec<TaskRow>, Error> {
        let rows = self.query(
            &LIST,
            params![
                filter.state.map(TaskState::as_str),
                filter.queue.as_deref(),
                filter.kind.as_deref(),
                filter.source,
                filter.before.map_or(i64::MAX, |id| id.0),
                i64::from(limit),
            ],
        )?;
        rows.iter().map(task_row).collect()
    }

    /// The task of this serial key that runs.
    pub fn find_running_task(&mut self, serial_key: &str) -> Result<Option<TaskId>, Error> {
        let row = self.query_opt(&FIND_RUNNING, params![serial_key])?;
        row.map(|row| row.get(0)).transpose()
    }

    /// How many tasks of a source wait or run.
    pub fn count_open_tasks(&mut self, source: SourceId) -> Result<u64, Error> {
        crate::record::count(&self.query_one(&COUNT_OPEN_OF_SOURCE, params![source])?, 0)
    }

    /// Notes that a worker is alive.
    pub fn see_worker(&mut self, worker: &WorkerRow) -> Result<(), Error> {
        self.execute(
            &SEE_WORKER,
            params![
                worker.name.as_str(),
                worker.queues.as_str(),
                worker.running,
                worker.started_at,
                worker.seen_at
            ],
        )
        .map(drop)
    }

    /// Workers, by name.
    pub fn list_workers(&mut self) -> Result<Vec<WorkerRow>, Error> {
        let rows = self.query(&LIST_WORKERS, &[])?;
        rows.iter()
            .map(|row| {
                Ok(WorkerRow {
                    name: row.get(0)?,
                    queues: row.get(1)?,
                    running: row.get(2)?,
                    started_at: row.get(3)?,
                    seen_at: row.get(4)?,
                })
            })
            .collect()
    }

    /// Forgets a worker that shut down, and those not heard of since `before`.
    pub fn drop_workers(&mut self, name: &str, before: Timestamp) -> Result<(), Error> {
        self.execute(&DROP_WORKER, params![name, before]).map(drop)
    }
}

fn task_row(row: &Row) -> Result<TaskRow, Error> {
    Ok(TaskRow {
        id: row.get(0)?,
        kind: row.get(1)?,
        args: row.json(2)?,
        queue: row.get(3)?,
        priority: row.get(4)?,
        state: row.parse(5)?,
        source: row.get(6)?,
        attempt: row.get(7)?,
        attempts_max: row.get(8)?,
        run_at: row.get(9)?,
        class: row.get(10)?,
        message: row.get(11)?,
        errors: row.json(12)?,
        worker: row.get(13)?,
        created_at: row.get(14)?,
        started_at: row.get(15)?,
        finished_at: row.get(16)?,
    })
}
