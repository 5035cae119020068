//! A line of the log as the API shows it, and who may read it.
//!
//! Lines can name files, so they are content: for those who hold the source and look after it. What belongs to no source
//! is for administrators.

use std::collections::BTreeMap;

use axum::Json;
use model::{LogLevel, SourceId};
use serde::{Deserialize, Serialize};
use store::{LineRow, LinesOf, LinesPart, Tx};
use utoipa::ToSchema;

use crate::access::Reach;
use crate::extract::List;
use crate::problem::Problem;

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LogLine)]
pub(crate) struct LineView {
    /// Its place among all lines; rises.
    pub(crate) id: i64,
    /// When, in UTC milliseconds.
    pub(crate) at: i64,
    /// How much it matters.
    #[schema(schema_with = crate::schema::log_level)]
    pub(crate) level: LogLevel,
    /// The source that it is about.
    pub(crate) source: Option<i64>,
    /// The sync.
    pub(crate) sync: Option<i64>,
    /// The task.
    pub(crate) task: Option<i64>,
    /// What happened.
    pub(crate) message: String,
}

impl From<LineRow> for LineView {
    fn from(row: LineRow) -> Self {
        Self {
            id: row.id,
            at: row.at.0,
            level: row.level,
            source: row.source.map(|id| id.0),
            sync: row.sync.map(|id| id.0),
            task: row.task.map(|id| id.0),
            message: row.message,
        }
    }
}

/// Which lines to list.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LinesAsked {
    /// Only what matters at least that much: `error`, `warn` or `info`.
    #[param(schema_with = crate::schema::log_level)]
    level: Option<LogLevel>,
    /// Only lines after this id, the oldest first; without it, the newest first.
    since: Option<i64>,
    /// How many, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<i64>,
}

impl LinesAsked {
    /// The page that was asked for, of lines that the caller may read.
    pub(crate) fn page(self, tx: &mut Tx<'_>, of: LinesOf) -> Result<Json<List<LineView>>, Problem> {
        let limit = self.limit.unwrap_or(50).clamp(1, 200);
        let part = match (self.since, self.after) {
            (Some(since), after) => LinesPart::After(after.unwrap_or(since)),
            (None, after) => LinesPart::Before(after.unwrap_or(i64::MAX)),
        };
        let rows = tx.list_lines(of, part, self.level.unwrap_or(LogLevel::Info), limit)?;
        let items = rows.into_iter().map(LineView::from).collect();
        Ok(Json(List::page(items, limit, |line: &LineView| line.id)))
    }
}

/// Of these lines, those that the caller may read now.
pub(crate) fn readable(tx: &mut Tx<'_>, reach: &Reach, lines: Vec<LineRow>) -> Result<Vec<LineView>, store::Error> {
    let mut known: BTreeMap<SourceId, bool> = BTreeMap::new();
    let mut views = Vec::new();
    for line in lines {
        let may_read = match line.source {
            None => reach.caller.is_administrator(),
            Some(source) => {
                if let Some(known) = known.get(&source) {
                    *known
                } else {
                    let may_read = may_read(tx, reach, source)?;
                    known.insert(source, may_read);
                    may_read
                }
            }
        };
        if may_read {
            views.push(line.into());
        }
    }
    Ok(views)
}

/// Whether the caller may read lines about a source.
pub(crate) fn may_read(tx: &mut Tx<'_>, reach: &Reach, source: SourceId) -> Result<bool, store::Error> {
    if !reach.holds(source) {
        return Ok(false);
    }
    // What is deleted is gone for everyone.
    let row = tx.find_source(source)?.filter(|row| row.deleted_at.is_none());
    Ok(row.is_some_and(|row| reach.may_manage(&row)))
}
