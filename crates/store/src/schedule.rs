//! Schedules: rules that enqueue a task again and again. When a rule is due next is for `queue` to say.

use model::{ScheduleId, SourceId, Timestamp};
use serde_json::Value as Json;

use crate::statement::statements;
use crate::value::{Row, params};
use crate::{Error, Tx};

statements! {
    PUT = "schedule_put";
    LIST_DUE = "schedule_list_due", postgres;
    ADVANCE = "schedule_advance";
    FIND_OF_SOURCE = "schedule_find_of_source";
    DELETE_OF_SOURCE = "schedule_delete_of_source";
    NEXT = "schedule_next_at";
}

/// A schedule's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleRow {
    /// The schedule; 0 before it is kept.
    pub id: ScheduleId,
    /// What it is called, unique.
    pub name: String,
    /// The source that it belongs to.
    pub source: Option<SourceId>,
    /// The kind of task that it enqueues.
    pub kind: String,
    /// The task's arguments.
    pub args: Json,
    /// The task's queue.
    pub queue: String,
    /// The rule, as `queue` reads it: `{"every_ms": …}` or `{"cron": …, "time_zone": …}`.
    pub rule: Json,
    /// What happens with firings that were missed: `skip` or `one`.
    pub missed: String,
    /// What happens when the last task has not ended: `skip` or `queue`.
    pub overlap: String,
    /// When it fires next.
    pub next_at: Timestamp,
}

impl Tx<'_> {
    /// Keeps a schedule under its name.
    pub fn put_schedule(&mut self, row: &ScheduleRow) -> Result<(), Error> {
        self.execute(
            &PUT,
            params![
                row.name.as_str(),
                row.source,
                row.kind.as_str(),
                &row.args,
                row.queue.as_str(),
                &row.rule,
                row.missed.as_str(),
                row.overlap.as_str(),
                row.next_at,
            ],
        )
        .map(drop)
    }

    /// Schedules that are due, at most `limit`. On PostgreSQL those that another process fires are left out.
    pub fn list_due_schedules(&mut self, now: Timestamp, limit: u32) -> Result<Vec<ScheduleRow>, Error> {
        self.query(&LIST_DUE, params![now, i64::from(limit)])?
            .iter()
            .map(schedule_row)
            .collect()
    }

    /// Notes that a schedule fired and when it fires next.
    pub fn advance_schedule(&mut self, id: ScheduleId, fired: Timestamp, next: Timestamp) -> Result<(), Error> {
        self.execute_one(&ADVANCE, params![id, fired, next], || Error::not_found("schedule", id))
    }

    /// The schedule of a source.
    pub fn find_schedule(&mut self, source: SourceId) -> Result<Option<ScheduleRow>, Error> {
        self.query_opt(&FIND_OF_SOURCE, params![source])?
            .map(|row| schedule_row(&row))
            .transpose()
    }

    /// Removes the schedule of a source; none is no error.
    pub fn delete_schedule(&mut self, source: SourceId) -> Result<(), Error> {
        self.execute(&DELETE_OF_SOURCE, params![source]).map(drop)
    }

    /// When the next schedule fires.
    pub fn next_schedule_at(&mut self) -> Result<Option<Timestamp>, Error> {
        self.query_one(&NEXT, &[])?.get(0)
    }
}

fn schedule_row(row: &Row) -> Result<ScheduleRow, Error> {
    Ok(ScheduleRow {
        id: row.get(0)?,
        name: row.get(1)?,
        source: row.get(2)?,
        kind: row.get(3)?,
        args: row.json(4)?,
        queue: row.get(5)?,
        rule: row.json(6)?,
        missed: row.get(7)?,
        overlap: row.get(8)?,
        next_at: row.get(9)?,
    })
}
