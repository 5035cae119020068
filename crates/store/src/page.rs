//! Pages: raw answers in staging, from staged to landed or quarantined.

use std::collections::{BTreeSet, HashSet};

use model::connector::RawPage;
use model::{LogLevel, Number, PageId, PageState, SliceId, SourceId, StreamId, SyncId, Timestamp};
use serde_json::Value as Json;

use crate::failure::NewFailure;
use crate::log_line::NewLine;
use crate::record::{LandedCounts, Place};
use crate::signals::{Effect, Event};
use crate::slice::{SliceRow, json_text};
use crate::statement::statements;
use crate::value::{Row, params};
use crate::{Error, Tx};

statements! {
    INSERT = "page_insert";
    FIND = "page_find";
    LOCK = "page_lock", postgres;
    FINISH = "page_finish";
    UNCOUNT = "page_uncount";
    LIST_FOR_REPLAY = "page_list_for_replay";
    RESTAGE = "page_restage";
    DELETE = "page_delete";
    LIST_OF_SOURCE = "page_list_of_source";
    LIST_KNOWN = "page_list_known", postgres;
}

/// A page that was read and whose bytes are durable in staging.
#[derive(Debug, Clone)]
pub struct NewPage {
    /// The slice it was read in.
    pub slice: SliceRow,
    /// Everything but the bytes.
    pub meta: RawPage,
    /// Where the bytes are, as staging named them.
    pub blob: String,
    /// How many bytes there are.
    pub bytes: u64,
    /// Where reading goes on; `None` after the last page.
    pub next: Option<Json>,
}

/// A page's row.
#[derive(Debug, Clone)]
pub struct PageRow {
    /// The page.
    pub id: PageId,
    /// Its source.
    pub source: SourceId,
    /// Its sync.
    pub sync: SyncId,
    /// Its slice.
    pub slice: SliceId,
    /// Its stream.
    pub stream: StreamId,
    /// Its place in the one order.
    pub number: Number,
    /// Where it stands.
    pub state: PageState,
    /// Where its bytes are.
    pub blob: String,
    /// Everything that parsing reads but the bytes.
    pub meta: RawPage,
    /// Whether it counts among the open pages of its slice and sync.
    pub is_counted: bool,
    /// Whether it has landed before: this is a replay.
    pub has_landed: bool,
}

impl PageRow {
    /// Where its records go.
    pub fn place(&self) -> Place {
        Place {
            source: self.source,
            stream: self.stream,
            number: self.number,
        }
    }
}

/// How a page ends, and what it yielded.
#[derive(Clone, Copy)]
struct PageEnd<'a> {
    state: PageState,
    message: Option<&'a str>,
    counts: LandedCounts,
    failures: u64,
}

impl Tx<'_> {
    /// Keeps a page: its row, its `parse` task and the slice's new read position belong together. After the last page
    /// the position stays where it was: until the slice is ended, that page may be read again, but not the others.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the slice is not (any more) being read in this sync: it was cancelled, say.
    pub fn stage_page(&mut self, page: &NewPage, now: Timestamp) -> Result<PageId, Error> {
        let slice = &page.slice;
        let meta = json_text(&page.meta)?;
        let bytes = i64::try_from(page.bytes).unwrap_or(i64::MAX);
        let row = self.query_one(
            &INSERT,
            params![
                slice.source,
                slice.sync,
                slice.id,
                slice.stream,
                page.meta.number,
                page.blob.as_str(),
                meta,
                bytes,
                now,
            ],
        )?;
        let id = row.get(0)?;
        self.advance_slice(slice.id, slice.sync, page.next.as_ref())?;
        self.count_staged_page(slice.sync)?;
        self.enqueue_parse(id, slice.source, now)?;
        Ok(id)
    }

    /// A page. In a write on PostgreSQL its row stays locked until the transaction ends.
    pub fn page(&mut self, id: PageId) -> Result<PageRow, Error> {
        let statement = if self.is_read { &FIND } else { &LOCK };
        let row = self
            .query_opt(statement, params![id])?
            .ok_or_else(|| Error::not_found("page", id))?;
        page_row(&row)
    }

    /// Ends a page: its records have landed in this transaction.
    pub fn finish_page(
        &mut self,
        page: &PageRow,
        counts: LandedCounts,
        failures: &[NewFailure],
        now: Timestamp,
    ) -> Result<(), Error> {
        self.clear_page_failures(page.id)?;
        let keys: Vec<&str> = failures
            .iter()
            .filter_map(|failure| failure.record_key.as_deref())
            .collect();
        let newer = self.list_newer(page.stream, page.number, &keys)?;
        // What a newer page says of a record counts, be it that nothing is wrong any more.
        let is_news = |failure: &&NewFailure| failure.record_key.as_ref().is_none_or(|key| !newer.contains(key));
        let failures: Vec<&NewFailure> = failures.iter().filter(is_news).collect();
        for failure in &failures {
            self.put_failure(failure, now)?;
        }
        if !failures.is_empty() {
            let reasons: BTreeSet<&str> = failures.iter().map(|failure| failure.reason.as_str()).collect();
            let reasons: Vec<&str> = reasons.into_iter().take(5).collect();
            self.tell_of_page(page, &format!("{} failures: {}", failures.len(), reasons.join(", ")));
        }
        let end = PageEnd {
            state: PageState::Landed,
            message: None,
            counts,
            failures: failures.len() as u64,
        };
        self.close_page(page, end, now)
    }

    /// Sets a page aside that can't be parsed. Its raw form is kept, and it counts against the sweep.
    pub fn quarantine_page(&mut self, page: &PageRow, failure: &NewFailure, now: Timestamp) -> Result<(), Error> {
        self.clear_page_failures(page.id)?;
        self.put_failure(failure, now)?;
        self.tell_of_page(page, &format!("set aside, {}", failure.reason));
        let end = PageEnd {
            state: PageState::Quarantined,
            message: Some(&failure.detail),
            counts: LandedCounts::default(),
            failures: 1,
        };
        self.close_page(page, end, now)
    }

    fn tell_of_page(&mut self, page: &PageRow, what: &str) {
        let message = format!("page `{}` of stream `{}`: {what}", page.id, page.meta.stream);
        self.log(NewLine::of_source(LogLevel::Warn, page.source, message).of_sync(page.sync));
    }

    fn close_page(&mut self, page: &PageRow, end: PageEnd<'_>, now: Timestamp) -> Result<(), Error> {
        let landed_at = (end.state == PageState::Landed).then_some(now);
        // Not what the caller has read: another parse of the page may have ended meanwhile, and it counts once.
        let was_counted = self.execute(&UNCOUNT, params![page.id])? == 1;
        self.execute_one(
            &FINISH,
            params![page.id, end.state.as_str(), end.message, landed_at],
            || Error::not_found("page", page.id),
        )?;
        if was_counted {
            self.count_closed_page(page, end, now)?;
        }
        self.effects.push(Effect::Event(Event::Source(page.source)));
        Ok(())
    }

    /// Counts a page as no longer open, and closes what it was the last of.
    ///
    /// Rows are taken in one order everywhere, the slice before the sync, and cursors move only once both are held: of
    /// two pages that end at once, the second sees what the first did.
    fn count_closed_page(&mut self, page: &PageRow, end: PageEnd<'_>, now: Timestamp) -> Result<(), Error> {
        let (closed, key) = self.slice_page_done(page.slice)?;
        if end.state == PageState::Quarantined {
            let why = format!("a page could not be parsed: {}", end.message.unwrap_or_default());
            self.block_sweep(page.sync, page.stream, &why)?;
        }
        self.count_landed(page.sync, end.counts, end.failures)?;
        if let Some(sync) = closed {
            self.count_closed_slice(sync, false)?;
        }
        self.apply_checkpoints(page.source, key.as_deref(), now)?;
        self.end_reading(page.sync, now)?;
        match closed {
            // Taken over from the sync that staged the page.
            Some(sync) if sync != page.sync => self.end_reading(sync, now),
            _ => Ok(()),
        }
    }

    /// Puts staged pages of a source up for parsing again, oldest first: up to `limit` after `after`, which may be
    /// only the quarantined ones. Answers the last page taken; `None` when there is none left.
    pub fn replay_pages(
        &mut self,
        source: SourceId,
        after: PageId,
        only_quarantined: bool,
        limit: u32,
        now: Timestamp,
    ) -> Result<Option<(PageId, u64)>, Error> {
        let rows = self.query(
            &LIST_FOR_REPLAY,
            params![source, after, only_quarantined, i64::from(limit)],
        )?;
        let mut last = None;
        for row in &rows {
            let id: PageId = row.get(0)?;
            self.replay_page(id, source, now)?;
            last = Some(id);
        }
        Ok(last.map(|id| (id, rows.len() as u64)))
    }

    /// Puts one staged page up for parsing again.
    pub fn replay_page(&mut self, id: PageId, source: SourceId, now: Timestamp) -> Result<(), Error> {
        self.execute(&RESTAGE, params![id])?;
        self.enqueue_parse(id, source, now)
    }

    /// Of these names of staged files, those that pages have.
    pub fn known_pages(&mut self, names: &[String]) -> Result<HashSet<String>, Error> {
        let number = |name: &String| name.rsplit_once('/')?.1.parse::<i64>().ok();
        let numbers: Vec<i64> = names.iter().filter_map(number).collect();
        let rows = self.query(&LIST_KNOWN, params![json_text(&numbers)?])?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Removes pages' rows; their files are removed afterwards.
    pub fn delete_pages(&mut self, ids: &[PageId]) -> Result<(), Error> {
        for id in ids {
            self.clear_page_failures(*id)?;
            self.execute(&DELETE, params![*id])?;
        }
        Ok(())
    }

    /// Pages of a deleted source.
    pub fn list_pages_of_source(&mut self, source: SourceId, limit: u32) -> Result<Vec<PageId>, Error> {
        self.query(&LIST_OF_SOURCE, params![source, i64::from(limit)])?
            .iter()
            .map(|row| row.get(0))
            .collect()
    }
}

fn page_row(row: &Row) -> Result<PageRow, Error> {
    Ok(PageRow {
        id: row.get(0)?,
        source: row.get(1)?,
        sync: row.get(2)?,
        slice: row.get(3)?,
        stream: row.get(4)?,
        number: row.get(5)?,
        state: row.parse(6)?,
        blob: row.get(7)?,
        meta: row.json(8)?,
        is_counted: row.get(9)?,
        has_landed: row.get::<Option<Timestamp>>(10)?.is_some(),
    })
}
