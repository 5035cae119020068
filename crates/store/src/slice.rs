//! Slices: what one fetch task reads; and checkpoints, which become cursors in order.

use model::connector::{Cursor, SliceSpec};
use model::{SliceId, SliceState, SourceId, StreamId, SyncId, Timestamp};
use serde_json::Value as Json;

use crate::statement::statements;
use crate::value::{Row, params};
use crate::{Error, NewFailure, Tx};

statements! {
    INSERT = "slice_insert";
    FIND = "slice_find";
    LIST_RESUMABLE = "slice_list_resumable";
    TAKE_OVER = "slice_take_over";
    RESTART = "slice_restart";
    PASS_OVER = "slice_pass_over";
    DROP_FAILED = "slice_drop_failed";
    ADVANCE = "slice_advance";
    PAGE_DONE = "slice_page_done";
    END = "slice_end";
    CLOSE = "slice_close";
    FAIL = "slice_fail";
    END_OF_SOURCE = "slice_end_of_source";
    CHECKPOINT_INSERT = "checkpoint_insert";
    CHECKPOINT_WAITING = "checkpoint_list_waiting";
    CHECKPOINT_DROP_HELD = "checkpoint_drop_held";
    CHECKPOINT_DELETE = "checkpoint_delete";
    CHECKPOINT_BLOCKED = "checkpoint_is_blocked";
}

/// How many syncs in a row go on with a failed slice that gets no page further.
const RESUMES_MAX: i64 = 3;

/// A slice's row.
#[derive(Debug, Clone, PartialEq)]
pub struct SliceRow {
    /// The slice.
    pub id: SliceId,
    /// The sync that reads it now.
    pub sync: SyncId,
    /// Its source.
    pub source: SourceId,
    /// Its stream.
    pub stream: StreamId,
    /// Where it stands.
    pub state: SliceState,
    /// What is to be read.
    pub spec: SliceSpec,
    /// Where reading has got to; `None` at the beginning.
    pub position: Option<Json>,
    /// How many times it was read from the beginning again.
    pub restarts: u64,
}

impl Tx<'_> {
    /// Adds slices to a sync, in the order in which checkpoints move, and enqueues their fetch tasks.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the sync reads nothing any more: it was cancelled, say.
    pub fn insert_slices(
        &mut self,
        sync: SyncId,
        source: SourceId,
        slices: &[(StreamId, SliceSpec)],
        now: Timestamp,
    ) -> Result<(), Error> {
        if slices.is_empty() {
            return Ok(());
        }
        self.add_open_slices(sync, slices.len() as u64)?;
        for (stream, spec) in slices {
            let text = json_text(spec)?;
            let row = self.query_one(
                &INSERT,
                params![sync, source, *stream, text, spec.checkpoint_key.as_deref(), now],
            )?;
            self.enqueue_fetch(row.get(0)?, sync, source, now)?;
        }
        Ok(())
    }

    /// A slice.
    pub fn slice(&mut self, id: SliceId) -> Result<SliceRow, Error> {
        let row = self
            .query_opt(&FIND, params![id])?
            .ok_or_else(|| Error::not_found("slice", id))?;
        slice_row(&row)
    }

    /// Whether a slice is read in this sync, and not in a later one.
    pub(crate) fn is_slice_of(&mut self, id: SliceId, sync: SyncId) -> Result<bool, Error> {
        let row = self.query_opt(&FIND, params![id])?;
        Ok(row.map(|row| row.get::<SyncId>(1)).transpose()? == Some(sync))
    }

    /// Slices of a source whose task gave up in an earlier sync and may well get further now, oldest first. One that did
    /// not get a page further in [`RESUMES_MAX`] syncs is none of them any more.
    pub fn list_resumable_slices(&mut self, source: SourceId, limit: u32) -> Result<Vec<SliceRow>, Error> {
        self.query(&LIST_RESUMABLE, params![source, RESUMES_MAX, i64::from(limit)])?
            .iter()
            .map(slice_row)
            .collect()
    }

    /// Makes a failed slice part of this sync and enqueues it again; it goes on at its read position.
    pub fn take_over_slice(&mut self, slice: &SliceRow, sync: SyncId, now: Timestamp) -> Result<(), Error> {
        let taken = self.execute(&TAKE_OVER, params![slice.id, sync])?;
        if taken == 0 {
            return Ok(());
        }
        self.add_open_slices(sync, 1)?;
        self.enqueue_fetch(slice.id, sync, slice.source, now)
    }

    /// Has nobody go on with the failed slices of a stream, which is planned anew from its cursors or not read any more.
    /// What waited behind them for the cursors goes, too: it may not pass over what they have not read.
    pub fn drop_failed_slices(&mut self, source: SourceId, stream: StreamId) -> Result<(), Error> {
        self.execute(&CHECKPOINT_DROP_HELD, params![source, stream])?;
        self.execute(&DROP_FAILED, params![source, stream])?;
        self.clear_stream_failures(source, "fetch", stream)
    }

    /// Notes that a part of what a slice reads is missing, of which `failure` says why, and that reading goes on behind it.
    /// Nothing is concluded from what the sync lacks of the stream.
    pub fn pass_over(
        &mut self,
        slice: &SliceRow,
        next: &Json,
        failure: &NewFailure,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.execute_one(&PASS_OVER, params![slice.id, next, slice.sync], || {
            Error::Conflict(format!(
                "slice `{}` is no longer being read in sync `{}`",
                slice.id, slice.sync
            ))
        })?;
        self.put_failure(failure, now)?;
        self.spare_stream(slice.sync, slice.stream, &failure.detail, true)?;
        self.count_missing_part(slice.sync, 1)
    }

    /// Forgets a slice's read position: the provider refused it.
    pub fn restart_slice(&mut self, id: SliceId, why: &str) -> Result<(), Error> {
        self.execute_one(&RESTART, params![id, why], || Error::not_found("slice", id))
    }

    /// Notes a staged page and where reading goes on after it.
    pub(crate) fn advance_slice(&mut self, id: SliceId, sync: SyncId, position: Option<&Json>) -> Result<(), Error> {
        self.execute_one(&ADVANCE, params![id, position, sync], || {
            Error::Conflict(format!("slice `{id}` is no longer being read in sync `{sync}`"))
        })
    }

    /// Notes that a page of the slice is no longer open. Answers the slice's sync when that closed the slice (it was
    /// read whole, and this was its last page), and the key that the slice moves.
    pub(crate) fn slice_page_done(&mut self, id: SliceId) -> Result<(Option<SyncId>, Option<String>), Error> {
        let row = self
            .query_opt(&PAGE_DONE, params![id])?
            .ok_or_else(|| Error::not_found("slice", id))?;
        Ok((self.close_slice_if_done(id)?, row.get(0)?))
    }

    /// Notes that a slice was read to its end.
    pub fn end_slice(&mut self, id: SliceId, now: Timestamp) -> Result<(), Error> {
        if self.execute(&END, params![id, now])? == 0 {
            // Read to its end before, or failed meanwhile.
            return Ok(());
        }
        let Some(sync) = self.close_slice_if_done(id)? else {
            return Ok(());
        };
        let slice = self.slice(id)?;
        self.count_closed_slice(sync, false)?;
        self.apply_checkpoints(slice.source, slice.spec.checkpoint_key.as_deref(), now)?;
        self.end_reading(sync, now)
    }

    fn close_slice_if_done(&mut self, id: SliceId) -> Result<Option<SyncId>, Error> {
        self.query_opt(&CLOSE, params![id])?.map(|row| row.get(0)).transpose()
    }

    /// Fails what is open of a deleted source, up to `limit` slices at a time: nothing more is staged for them. Answers
    /// how many: call it again until that is 0.
    pub fn end_slices_of_source(&mut self, source: SourceId, limit: u32, now: Timestamp) -> Result<u64, Error> {
        self.execute(&END_OF_SOURCE, params![source, now, i64::from(limit)])
    }

    /// Notes that a slice's task gave up. The row is kept: the next sync goes on with it, or, where it `is_final`, plans the
    /// stream anew.
    pub fn fail_slice(&mut self, id: SliceId, why: &str, is_final: bool, now: Timestamp) -> Result<(), Error> {
        let Some(row) = self.query_opt(&FAIL, params![id, why, is_final, now])? else {
            return Ok(());
        };
        let sync: SyncId = row.get(0)?;
        self.spare_stream(sync, row.get(1)?, why, true)?;
        self.close_sync_slice(sync, true, now)
    }

    /// Keeps a position that a reader offered; it becomes its key's cursor when everything before it has landed.
    pub fn insert_checkpoint(&mut self, slice: &SliceRow, cursor: &Cursor, now: Timestamp) -> Result<(), Error> {
        let key = cursor.key.as_str();
        self.execute(&CHECKPOINT_INSERT, params![slice.source, slice.id, key, &cursor.value])?;
        self.apply_checkpoints(slice.source, Some(key), now)
    }

    /// Turns the checkpoints of a key into its cursor, in order, as far as nothing before them is open. What ends in a
    /// slice can hold up no other key than the slice's own.
    pub(crate) fn apply_checkpoints(
        &mut self,
        source: SourceId,
        key: Option<&str>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some(key) = key else { return Ok(()) };
        for row in self.query(&CHECKPOINT_WAITING, params![source, key])? {
            let id: i64 = row.get(0)?;
            // A reader offers its positions while pages end: another transaction may have applied this one meanwhile, or
            // do so at this moment.
            let Some(blocked) = self.query_opt(&CHECKPOINT_BLOCKED, params![id])? else {
                continue;
            };
            if blocked.get::<i64>(0)? > 0 {
                break;
            }
            if self.execute(&CHECKPOINT_DELETE, params![id])? == 0 {
                continue;
            }
            let value = row.json(1)?;
            let key = key.to_owned();
            self.put_cursor(source, &Cursor { key, value }, now)?;
        }
        Ok(())
    }
}

fn slice_row(row: &Row) -> Result<SliceRow, Error> {
    Ok(SliceRow {
        id: row.get(0)?,
        sync: row.get(1)?,
        source: row.get(2)?,
        stream: row.get(3)?,
        state: row.parse(4)?,
        spec: row.json(5)?,
        position: row.json_opt(6)?,
        restarts: crate::record::count(row, 7)?,
    })
}

/// A value as JSON text.
pub(crate) fn json_text(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Bug(format!("can't encode: {error}")))
}
