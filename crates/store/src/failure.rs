//! Failures: what a page could not yield, what a destination refused, what could not be read. Each can be retried.

use model::{FailureId, PageId, RecordId, SliceId, SourceId, StreamId, SyncId, Timestamp};

use crate::statement::statements;
use crate::value::{Row, clean, params};
use crate::{Error, Tx};

statements! {
    PUT = "failure_put";
    CLEAR_PAGE = "failure_clear_page";
    CLEAR_PLACE = "failure_clear_place";
    CLEAR_PLACES = "failure_clear_places", postgres;
    CLEAR_STREAM = "failure_clear_stream";
    CLEAR = "failure_clear";
    GROUPS = "failure_list_groups";
    LIST = "failure_list";
    FIND = "failure_find";
    COUNT = "failure_count";
    LIST_AT = "failure_list_at", postgres;
}

/// Something that went wrong for one thing in one place. A later failure in the same place takes its row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewFailure {
    /// The source.
    pub source: i64,
    /// The sync during which it happened.
    pub sync: Option<SyncId>,
    /// `fetch`, `parse` or `upload`.
    pub stage: &'static str,
    /// What names the place within source and stage: `slice/7`, `page/9`, `page/9/record/a`, `index/12`.
    pub place: String,
    /// The class: the same words for the same cause.
    pub reason: String,
    /// What happened, with the thing, the place and the way out.
    pub detail: String,
    /// The stream, where there is one.
    pub stream: Option<StreamId>,
    /// The record's key, where it is known.
    pub record_key: Option<String>,
    /// The record, where it has a row.
    pub record: Option<RecordId>,
    /// The page to parse again.
    pub page: Option<PageId>,
    /// The slice to fetch again.
    pub slice: Option<SliceId>,
}

/// A failure's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureRow {
    /// The failure.
    pub id: FailureId,
    /// The source.
    pub source: SourceId,
    /// `fetch`, `parse` or `upload`.
    pub stage: String,
    /// The class.
    pub reason: String,
    /// What happened.
    pub detail: String,
    /// The record's key, where it is known.
    pub record_key: Option<String>,
    /// The record, where it has a row.
    pub record: Option<RecordId>,
    /// The page to parse again.
    pub page: Option<PageId>,
    /// The slice to fetch again.
    pub slice: Option<SliceId>,
    /// When it happened last.
    pub made_at: Timestamp,
}

/// Failures of one source with the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureGroup {
    /// The class.
    pub reason: String,
    /// `fetch`, `parse` or `upload`.
    pub stage: String,
    /// How many.
    pub count: u64,
    /// One of them, in full.
    pub example: String,
}

/// Where it is kept that something is wrong with a record, in the stage `parse`.
pub fn record_place(stream: StreamId, key: &str) -> String {
    format!("record/{stream}/{key}")
}

impl Tx<'_> {
    /// Keeps a failure.
    pub fn put_failure(&mut self, new: &NewFailure, now: Timestamp) -> Result<(), Error> {
        self.execute(
            &PUT,
            params![
                new.source,
                new.sync,
                new.stage,
                new.place.as_str(),
                new.reason.as_str(),
                new.detail.as_str(),
                new.stream,
                new.record_key.as_deref(),
                new.record,
                new.page,
                new.slice,
                now,
            ],
        )
        .map(drop)
    }

    /// Forgets what went wrong with a page.
    pub(crate) fn clear_page_failures(&mut self, page: PageId) -> Result<(), Error> {
        self.execute(&CLEAR_PAGE, params![page]).map(drop)
    }

    /// Forgets what went wrong in one place.
    pub fn clear_failure_at(&mut self, source: SourceId, stage: &str, place: &str) -> Result<(), Error> {
        self.execute(&CLEAR_PLACE, params![source, stage, place]).map(drop)
    }

    /// Forgets what went wrong with a stream at one stage.
    pub(crate) fn clear_stream_failures(
        &mut self,
        source: SourceId,
        stage: &str,
        stream: StreamId,
    ) -> Result<(), Error> {
        self.execute(&CLEAR_STREAM, params![source, stage, stream]).map(drop)
    }

    /// Forgets what went wrong in several places.
    pub fn clear_failures_at(&mut self, source: SourceId, stage: &str, places: &[String]) -> Result<(), Error> {
        if places.is_empty() {
            return Ok(());
        }
        let places: Vec<String> = places.iter().map(|place| clean(place)).collect();
        self.execute(&CLEAR_PLACES, params![source, stage, crate::slice::json_text(&places)?])
            .map(drop)
    }

    /// Of these places, those in which something went wrong.
    pub fn list_failures_at(&mut self, source: SourceId, stage: &str, places: &[String]) -> Result<Vec<String>, Error> {
        let places: Vec<String> = places.iter().map(|place| clean(place)).collect();
        let rows = self.query(&LIST_AT, params![source, stage, crate::slice::json_text(&places)?])?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Forgets one failure: a person ignores it for good.
    pub fn clear_failure(&mut self, id: FailureId) -> Result<(), Error> {
        self.execute_one(&CLEAR, params![id], || Error::not_found("failure", id))
    }

    /// A source's failures by reason, the most frequent first.
    pub fn list_failure_groups(&mut self, source: SourceId) -> Result<Vec<FailureGroup>, Error> {
        let rows = self.query(&GROUPS, params![source])?;
        rows.iter()
            .map(|row| {
                Ok(FailureGroup {
                    reason: row.get(0)?,
                    stage: row.get(1)?,
                    count: crate::record::count(row, 2)?,
                    example: row.get(3)?,
                })
            })
            .collect()
    }

    /// A source's failures after an id, in id order; those of one reason when it is given.
    pub fn list_failures(
        &mut self,
        source: SourceId,
        reason: Option<&str>,
        after: FailureId,
        limit: u32,
    ) -> Result<Vec<FailureRow>, Error> {
        self.query(&LIST, params![source, reason, after, i64::from(limit)])?
            .iter()
            .map(failure_row)
            .collect()
    }

    /// One failure of a source, if it still is one.
    pub fn find_failure(&mut self, source: SourceId, id: FailureId) -> Result<Option<FailureRow>, Error> {
        self.query_opt(&FIND, params![id, source])?
            .map(|row| failure_row(&row))
            .transpose()
    }

    /// How many failures a source has.
    pub fn count_failures(&mut self, source: SourceId) -> Result<u64, Error> {
        crate::record::count(&self.query_one(&COUNT, params![source])?, 0)
    }
}

fn failure_row(row: &Row) -> Result<FailureRow, Error> {
    Ok(FailureRow {
        id: row.get(0)?,
        source: row.get(1)?,
        stage: row.get(2)?,
        reason: row.get(3)?,
        detail: row.get(4)?,
        record_key: row.get(5)?,
        record: row.get(6)?,
        page: row.get(7)?,
        slice: row.get(8)?,
        made_at: row.get(9)?,
    })
}
