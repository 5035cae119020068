//! A task as the API shows it.

use model::{TaskState, Timestamp};
use serde::Serialize;
use serde_json::Value as JsonValue;
use store::TaskRow;
use utoipa::ToSchema;

/// A unit of background work.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Task)]
pub(crate) struct TaskView {
    /// Its id.
    pub(crate) id: i64,
    /// What it does.
    pub(crate) kind: String,
    /// The queue that it waits in.
    pub(crate) queue: String,
    /// Where it stands.
    #[schema(schema_with = crate::schema::task_state)]
    pub(crate) state: TaskState,
    /// 1 runs first, 4 last.
    pub(crate) priority: i64,
    /// Which try it is at; 0 before the first.
    pub(crate) attempt: i64,
    /// How often it is tried.
    pub(crate) max_attempts: i64,
    /// When it runs next, or was to run, in UTC milliseconds.
    pub(crate) run_at: i64,
    /// Its arguments.
    #[schema(value_type = Object)]
    pub(crate) args: JsonValue,
    /// The source it works for.
    pub(crate) source: Option<i64>,
    /// Its last failure; for those who may see the source's content.
    pub(crate) error: Option<String>,
    /// The class of its last failure: `retry`, `wait_until`, `reauthenticate`, `fix_configuration`, `give_up`.
    pub(crate) class: Option<String>,
    /// Its past failures: `{at, attempt, class, message}`, the newest last.
    #[schema(value_type = Vec<Object>)]
    pub(crate) errors: JsonValue,
    /// When it was enqueued.
    pub(crate) created_at: i64,
    /// When its last attempt began.
    pub(crate) started_at: Option<i64>,
    /// When it ended.
    pub(crate) finished_at: Option<i64>,
    /// Who ran it last.
    pub(crate) worker: Option<String>,
}

impl TaskView {
    /// The view. `with_words` is for those who hold the source: failures can name files.
    pub(crate) fn new(row: TaskRow, with_words: bool) -> Self {
        let time = |at: Timestamp| at.0;
        Self {
            id: row.id.0,
            kind: row.kind,
            queue: row.queue,
            state: row.state,
            priority: row.priority,
            attempt: row.attempt,
            max_attempts: row.attempts_max,
            run_at: row.run_at.or(row.started_at).unwrap_or(row.created_at).0,
            args: row.args,
            source: row.source.map(|id| id.0),
            error: row.message.filter(|_| with_words),
            class: row.class,
            errors: if with_words {
                row.errors
            } else {
                JsonValue::Array(Vec::new())
            },
            created_at: row.created_at.0,
            started_at: row.started_at.map(time),
            finished_at: row.finished_at.map(time),
            worker: row.worker,
        }
    }
}
