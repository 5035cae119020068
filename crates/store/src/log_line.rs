//! Lines that people read about syncs and tasks: gathered in memory, written a few times a second, followed by id.
//!
//! A line costs its writer a push into a bounded buffer, never a statement: whoever logs waits for nobody, and what is
//! too much is counted and dropped. Transactions log through [`Tx::log`], which lets go of the line after the commit
//! and never otherwise. Ids rise in the order of commits, so that a follower who has seen an id has seen all below it.

use std::collections::VecDeque;
use std::sync::Mutex;

use model::{LogLevel, SourceId, SyncId, TaskId, Timestamp};
use serde_json::json;
use tokio::sync::watch;

use crate::signals::Effect;
use crate::statement::{Statement, statements};
use crate::value::{Row, Value, clean, params};
use crate::{Error, Tx};

statements! {
    LOCK = "log_line_lock", postgres;
    INSERT = "log_line_insert", postgres;
    LAST = "log_line_last";
    LIST_AFTER = "log_line_list_after";
    OF_SOURCE_AFTER = "log_line_list_of_source_after";
    OF_SOURCE_BEFORE = "log_line_list_of_source_before";
    OF_TASK_AFTER = "log_line_list_of_task_after";
    OF_TASK_BEFORE = "log_line_list_of_task_before";
    PRUNE = "log_line_prune";
    DROP_OF_SOURCE = "log_line_drop_of_source";
}

/// How many lines wait to be written; more are counted and dropped.
const WAITING_MAX: usize = 2_000;
/// Of so many lines, none is said twice.
const REMEMBERED: usize = 32;
/// Longer messages are cut, in bytes.
const MESSAGE_BYTES_MAX: usize = 2_000;

/// A line to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    /// When; `None` for the time of writing, a moment later.
    pub at: Option<Timestamp>,
    /// How much it matters.
    pub level: LogLevel,
    /// What it is about: a source,
    pub source: Option<SourceId>,
    /// a sync of it,
    pub sync: Option<SyncId>,
    /// or a task.
    pub task: Option<TaskId>,
    /// What happened. Never a secret.
    pub message: String,
}

impl NewLine {
    /// A line about a source. Long messages are cut.
    pub fn of_source(level: LogLevel, source: SourceId, message: impl Into<String>) -> Self {
        Self {
            at: None,
            level,
            source: Some(source),
            sync: None,
            task: None,
            message: cut(message.into()),
        }
    }

    /// The same, about a sync of it.
    #[must_use]
    pub fn of_sync(mut self, sync: SyncId) -> Self {
        self.sync = Some(sync);
        self
    }
}

impl NewLine {
    fn says_the_same(&self, other: &Self) -> bool {
        let about = |line: &Self| (line.source, line.sync, line.task, line.level);
        about(self) == about(other) && self.message == other.message
    }
}

fn cut(mut message: String) -> String {
    if message.len() > MESSAGE_BYTES_MAX {
        message.truncate(message.floor_char_boundary(MESSAGE_BYTES_MAX));
        message.push('…');
    }
    message
}

/// A line that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRow {
    /// Its place among all lines.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// How much it matters.
    pub level: LogLevel,
    /// The source that it is about.
    pub source: Option<SourceId>,
    /// The sync.
    pub sync: Option<SyncId>,
    /// The task.
    pub task: Option<TaskId>,
    /// What happened.
    pub message: String,
}

/// Whose lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinesOf {
    /// A source's, those of its syncs and tasks included.
    Source(SourceId),
    /// A task's.
    Task(TaskId),
}

/// Which part of somebody's lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinesPart {
    /// After this id, the oldest first.
    After(i64),
    /// Before this id, the newest first.
    Before(i64),
}

/// Lines that wait to be written. Shared by a store and whoever logs.
#[derive(Debug)]
pub struct Lines {
    waiting: Mutex<Waiting>,
    arrived: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: VecDeque<NewLine>,
    said: VecDeque<NewLine>,
    dropped: u64,
}

impl Default for Lines {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            arrived: watch::Sender::new(0),
        }
    }
}

impl Lines {
    /// Takes a line, unless it was among the last that were said, or too many wait.
    pub fn push(&self, mut line: NewLine) {
        line.message = cut(line.message);
        let Ok(mut waiting) = self.waiting.lock() else { return };
        if waiting.said.iter().any(|said| said.says_the_same(&line)) {
            return;
        }
        if waiting.lines.len() >= WAITING_MAX {
            waiting.dropped += 1;
            return;
        }
        if waiting.said.len() >= REMEMBERED {
            waiting.said.pop_front();
        }
        waiting.said.push_back(line.clone());
        waiting.lines.push_back(line);
        drop(waiting);
        self.arrived
            .send_modify(|generation| *generation = generation.wrapping_add(1));
    }

    /// Changes whenever a line was taken.
    pub fn arrived(&self) -> watch::Receiver<u64> {
        self.arrived.subscribe()
    }

    /// The lines that wait, at most `limit`, the oldest first; they no longer wait.
    pub fn take(&self, limit: usize) -> Vec<NewLine> {
        let Ok(mut waiting) = self.waiting.lock() else {
            return Vec::new();
        };
        let count = waiting.lines.len().min(limit);
        let mut taken: Vec<NewLine> = waiting.lines.drain(..count).collect();
        let dropped = std::mem::take(&mut waiting.dropped);
        if dropped > 0 {
            taken.push(NewLine {
                at: None,
                level: LogLevel::Warn,
                source: None,
                sync: None,
                task: None,
                message: format!("{dropped} lines came faster than they could be written, and are not here"),
            });
        }
        taken
    }
}

impl Tx<'_> {
    /// Logs a line once this is committed.
    pub fn log(&mut self, line: NewLine) {
        self.effects.push(Effect::Line(line));
    }

    /// Writes lines, in this order.
    pub fn insert_lines(&mut self, lines: &[NewLine], now: Timestamp) -> Result<(), Error> {
        if lines.is_empty() {
            return Ok(());
        }
        self.query(&LOCK, &[])?;
        let rows: Vec<serde_json::Value> = lines
            .iter()
            .map(|line| {
                json!([
                    line.at.unwrap_or(now),
                    line.level.severity(),
                    line.source,
                    line.sync,
                    line.task,
                    clean(&line.message)
                ])
            })
            .collect();
        self.execute(&INSERT, params![serde_json::Value::from(rows).to_string()])?;
        self.effects.push(Effect::Lines);
        Ok(())
    }

    /// The id of the newest line; 0 before the first.
    pub fn last_line(&mut self) -> Result<i64, Error> {
        self.query_one(&LAST, &[])?.get(0)
    }

    /// Lines of everybody after this id, the oldest first. Whoever shows them leaves out what the asker may not see.
    pub fn list_lines_after(&mut self, after: i64, limit: u32) -> Result<Vec<LineRow>, Error> {
        self.lines(&LIST_AFTER, params![after, i64::from(limit)])
    }

    /// Lines of a source or a task, down to this level.
    pub fn list_lines(
        &mut self,
        of: LinesOf,
        part: LinesPart,
        level: LogLevel,
        limit: u32,
    ) -> Result<Vec<LineRow>, Error> {
        let id = match of {
            LinesOf::Source(source) => source.0,
            LinesOf::Task(task) => task.0,
        };
        let (statement, border): (&'static Statement, i64) = match (of, part) {
            (LinesOf::Source(_), LinesPart::After(border)) => (&OF_SOURCE_AFTER, border),
            (LinesOf::Source(_), LinesPart::Before(border)) => (&OF_SOURCE_BEFORE, border),
            (LinesOf::Task(_), LinesPart::After(border)) => (&OF_TASK_AFTER, border),
            (LinesOf::Task(_), LinesPart::Before(border)) => (&OF_TASK_BEFORE, border),
        };
        self.lines(statement, params![id, border, level.severity(), i64::from(limit)])
    }

    fn lines(&mut self, statement: &'static Statement, params: &[Value]) -> Result<Vec<LineRow>, Error> {
        self.query(statement, params)?.iter().map(line_row).collect()
    }

    /// Removes the oldest lines, at most `limit`: those from before `before`, and all but the newest `kept_max`.
    pub fn prune_lines(&mut self, before: Timestamp, kept_max: u32, limit: u32) -> Result<u64, Error> {
        self.execute(&PRUNE, params![before, i64::from(limit), i64::from(kept_max)])
    }

    /// Removes lines of a source, at most `limit`.
    pub fn drop_lines_of_source(&mut self, source: SourceId, limit: u32) -> Result<u64, Error> {
        self.execute(&DROP_OF_SOURCE, params![source, i64::from(limit)])
    }
}

fn line_row(row: &Row) -> Result<LineRow, Error> {
    Ok(LineRow {
        id: row.get(0)?,
        at: row.get(1)?,
        level: LogLevel::of_severity(row.get(2)?),
        source: row.get(3)?,
        sync: row.get(4)?,
        task: row.get(5)?,
        message: row.get(6)?,
    })
}
