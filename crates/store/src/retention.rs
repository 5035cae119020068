//! What is no longer kept: old pages, slices and syncs, and all that a deleted source has left.

use model::{PageId, SliceId, SourceId, SyncId, Timestamp};

use crate::statement::statements;
use crate::value::params;
use crate::{Error, Tx};

statements! {
    PAGES = "page_list_expired";
    DELETE_PAGE = "page_delete_expired";
    SLICES = "slice_list_expired";
    DELETE_SLICE = "slice_delete";
    SYNCS = "sync_list_expired";
    SYNCS_OF_SOURCE = "sync_list_of_source";
    KEEP_TOTALS = "sync_keep_totals";
    DELETE_SYNC = "sync_delete";
    DROP_CHECKPOINTS = "checkpoint_drop_of_source";
    DROP_FAILURES = "failure_drop_of_source";
    DROP_SLICES = "slice_drop_of_source";
}

/// A place in what retention looks through, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark<Id> {
    /// When it was staged, or when it ended.
    pub at: Timestamp,
    /// Which it is, of those of that moment.
    pub id: Id,
}

/// Some of what is old enough to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expired<Id, What> {
    /// What may go.
    pub gone: Vec<What>,
    /// Where to look on; `None` when everything was looked at.
    pub next: Option<Mark<Id>>,
}

impl Tx<'_> {
    /// Looks at up to `limit` landed pages after `after` that were staged before `before`. Those may go that hold no live
    /// record's present version, and that no failure needs for a retry.
    pub fn list_expired_pages(
        &mut self,
        before: Timestamp,
        after: Option<Mark<PageId>>,
        limit: u32,
    ) -> Result<Expired<PageId, (PageId, String)>, Error> {
        let (at, id) = after.map_or((Timestamp(i64::MIN), PageId(0)), |mark| (mark.at, mark.id));
        let rows = self.query(&PAGES, params![at, id, before, i64::from(limit)])?;
        let mut expired = Expired {
            gone: Vec::new(),
            next: None,
        };
        for row in &rows {
            let (id, at) = (row.get(0)?, row.get(1)?);
            if row.get(3)? {
                expired.gone.push((id, row.get(2)?));
            }
            expired.next = Some(Mark { at, id });
        }
        Ok(expired)
    }

    /// Removes expired pages' rows, if they are expired still, and answers which; their files are removed afterwards.
    pub fn delete_expired_pages(&mut self, pages: &[(PageId, String)]) -> Result<Vec<String>, Error> {
        let mut blobs = Vec::new();
        for (id, blob) in pages {
            if self.execute(&DELETE_PAGE, params![*id])? > 0 {
                blobs.push(blob.clone());
            }
        }
        Ok(blobs)
    }

    /// Looks at up to `limit` closed slices after `after` that were read before `before`. Those may go that have no pages
    /// and no checkpoint left.
    pub fn list_expired_slices(
        &mut self,
        before: Timestamp,
        after: Option<Mark<SliceId>>,
        limit: u32,
    ) -> Result<Expired<SliceId, SliceId>, Error> {
        let (at, id) = after.map_or((Timestamp(i64::MIN), SliceId(0)), |mark| (mark.at, mark.id));
        let rows = self.query(&SLICES, params![at, id, before, i64::from(limit)])?;
        let mut expired = Expired {
            gone: Vec::new(),
            next: None,
        };
        for row in &rows {
            let (id, at) = (row.get(0)?, row.get(1)?);
            if row.get(2)? {
                expired.gone.push(id);
            }
            expired.next = Some(Mark { at, id });
        }
        Ok(expired)
    }

    /// Removes slices of which nothing is left. A closed one gets no pages any more.
    pub fn delete_slices(&mut self, ids: &[SliceId]) -> Result<(), Error> {
        ids.iter()
            .try_for_each(|id| self.execute(&DELETE_SLICE, params![*id]).map(drop))
    }

    /// Up to `limit` syncs after `after` that ended before `before` and have no slices left; not the newest of a source,
    /// nor the last one that listed everything.
    pub fn list_expired_syncs(&mut self, before: Timestamp, after: SyncId, limit: u32) -> Result<Vec<SyncId>, Error> {
        let rows = self.query(&SYNCS, params![after, before, i64::from(limit)])?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Removes syncs without slices; what they have done stays in [`Tx::sync_totals`].
    pub fn delete_syncs(&mut self, ids: &[SyncId]) -> Result<(), Error> {
        for id in ids {
            self.execute(&KEEP_TOTALS, params![*id])?;
            self.execute(&DELETE_SYNC, params![*id])?;
        }
        Ok(())
    }

    /// Removes up to `limit` rows each of what a deleted source has left beside records, pages and log lines: failures,
    /// checkpoints, cursors, slices and syncs. Answers how many: call it again until that is 0.
    pub fn drop_syncs_of_source(&mut self, source: SourceId, limit: u32) -> Result<u64, Error> {
        self.clear_cursors(source)?;
        let limit = i64::from(limit);
        let mut dropped = 0;
        // In this order: each refers to what follows.
        for statement in [&DROP_FAILURES, &DROP_CHECKPOINTS, &DROP_SLICES] {
            dropped += self.execute(statement, params![source, limit])?;
            if dropped > 0 {
                return Ok(dropped);
            }
        }
        let rows = self.query(&SYNCS_OF_SOURCE, params![source, limit])?;
        let ids: Vec<SyncId> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        self.delete_syncs(&ids)?;
        Ok(ids.len() as u64)
    }
}
