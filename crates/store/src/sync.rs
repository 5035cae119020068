//! Syncs: runs that bring a source up to date, and when they end.

mod told;

use model::task::{PlanSync, StartSync};
use model::{Lane, LogLevel, Number, SliceState, SourceId, StreamId, SyncId, SyncMode, SyncState, Timestamp};

use crate::record::{LandedCounts, count};
use crate::signals::{Effect, Event};
use crate::statement::statements;
use crate::value::{Row, params};
use crate::{Error, Tx};

statements! {
    INSERT = "sync_insert";
    FIND = "sync_find";
    FIND_OPEN = "sync_find_open";
    LIST = "sync_list";
    ADD_SLICES = "sync_add_slices";
    CLOSE_SLICE = "sync_close_slice";
    COUNT_PAGE = "sync_count_page";
    COUNT_LANDED = "sync_count_landed";
    COUNT_DELETED = "sync_count_deleted";
    BLOCK_SWEEP = "sync_block_sweep";
    SPARE = "sync_spare";
    LIST_SPARED = "sync_list_spared";
    MISS_PART = "sync_miss_part";
    NOTE_INCOMPLETE = "sync_note_incomplete";
    END_SWEEP = "sync_end_sweep";
    EXPECT = "sync_expect";
    WAIT = "sync_wait";
    END_READING = "sync_end_reading";
    SET_STATE = "sync_set_state";
    CONFIRM = "sync_confirm";
    CANCEL_SLICES = "sync_cancel_slices";
    SUPERSEDE = "sync_supersede";
    END_OF_SOURCE = "sync_end_of_source";
    PLAN = "sync_plan";
    LAST_FULL = "sync_last_full_at";
    TOTALS = "sync_totals";
}

/// A sync's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncRow {
    /// The sync.
    pub id: SyncId,
    /// Its source.
    pub source: SourceId,
    /// Full or incremental.
    pub mode: SyncMode,
    /// Where it stands.
    pub state: SyncState,
    /// Drawn before anything was read: what is below it afterwards was not seen.
    pub number: Number,
    /// Slices that are not closed or failed, the planning itself included.
    pub open_slices: u64,
    /// Slices whose task gave up, or that could not read everything.
    pub failed_slices: u64,
    /// Pages staged.
    pub pages: u64,
    /// Pages staged that have neither landed nor been quarantined.
    pub pages_open: u64,
    /// Records that landed, changed or not.
    pub records_seen: u64,
    /// Records that were new or different.
    pub records_changed: u64,
    /// Records that are gone.
    pub records_deleted: u64,
    /// Things that went wrong, each kept as a failure.
    pub failures: u64,
    /// How many reasons there are not to sweep.
    pub unsweepable: u64,
    /// How many records the provider says there are.
    pub expected: Option<u64>,
    /// How many the last full sync of the same streams saw, where this is one, too.
    pub seen_before: Option<u64>,
    /// Why it ended as it did, or what it waits for a person to decide.
    pub message: Option<String>,
    /// It reads nothing before this.
    pub waiting_until: Option<Timestamp>,
    /// What it waits for.
    pub waiting_for: Option<String>,
    /// Whether a person confirmed a sweep of more than half of a stream.
    pub is_sweep_confirmed: bool,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The streams that it reads; `None` before it was planned. Only these are swept.
    pub planned: Option<Vec<StreamId>>,
}

impl SyncRow {
    /// About how many records it will have seen in the end: as many as the provider counts, or as were seen before. `None`
    /// where nobody knows, or where there are more already.
    pub fn total(&self) -> Option<u64> {
        let guesses = [self.expected, self.seen_before];
        guesses.into_iter().flatten().find(|guess| *guess >= self.records_seen)
    }
}

/// What the syncs in one state have done, all together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncTotals {
    /// The state.
    pub state: SyncState,
    /// How many there are.
    pub syncs: u64,
    /// Pages staged.
    pub pages: u64,
    /// Records that landed, changed or not.
    pub records_seen: u64,
    /// Records that were new or different.
    pub records_changed: u64,
    /// Records that are gone.
    pub records_deleted: u64,
    /// Things that went wrong.
    pub failures: u64,
}

impl Tx<'_> {
    /// What all syncs have done, by the state that they are in.
    pub fn sync_totals(&mut self) -> Result<Vec<SyncTotals>, Error> {
        let rows = self.query(&TOTALS, &[])?;
        rows.iter()
            .map(|row| {
                Ok(SyncTotals {
                    state: row.parse(0)?,
                    syncs: count(row, 1)?,
                    pages: count(row, 2)?,
                    records_seen: count(row, 3)?,
                    records_changed: count(row, 4)?,
                    records_deleted: count(row, 5)?,
                    failures: count(row, 6)?,
                })
            })
            .collect()
    }

    /// Begins a sync, with one open slice that stands for its planning.
    pub fn insert_sync(&mut self, source: SourceId, mode: SyncMode, now: Timestamp) -> Result<SyncId, Error> {
        let number = self.next_number()?;
        let id = self
            .query_one(&INSERT, params![source, mode.as_str(), number, now])?
            .get(0)?;
        self.effects.push(Effect::Event(Event::Sync(source, id)));
        self.tell_of_sync(LogLevel::Info, source, id, format!("{mode} sync begins"));
        Ok(id)
    }

    /// Starts a sync of a source, or answers the one that is under way; and whether it was started now. One that only
    /// waits for a person to confirm its sweep is not under way: it may still be confirmed afterwards, because what the
    /// later sync sees has higher numbers.
    pub fn start_sync(&mut self, source: SourceId, mode: SyncMode, now: Timestamp) -> Result<(SyncId, bool), Error> {
        self.lock_source(source)?;
        if let Some(running) = self.find_running_sync(source)? {
            return Ok((running.id, false));
        }
        let sync = self.insert_sync(source, mode, now)?;
        let task = crate::NewTask::new("plan_sync", &PlanSync { sync }, Lane::Housekeeping, now)
            .unique(format!("plan/{sync}"))
            .serial(format!("plan/{sync}"))
            .for_source(source);
        self.enqueue(&task, now)?;
        Ok((sync, true))
    }

    /// Reads a source anew after a change of what it is: from no cursor, not where an earlier sync has failed, and after
    /// the sync that is under way.
    pub fn start_sync_anew(&mut self, source: SourceId, now: Timestamp) -> Result<(), Error> {
        self.clear_cursors(source)?;
        for stream in self.list_streams(source)? {
            self.drop_failed_slices(source, stream.id)?;
        }
        let (_, is_new) = self.start_sync(source, SyncMode::Full, now)?;
        if is_new {
            return Ok(());
        }
        self.queue_full_sync(source, now)
    }

    /// Has a full sync follow the sync that is under way.
    pub fn queue_full_sync(&mut self, source: SourceId, now: Timestamp) -> Result<(), Error> {
        let args = StartSync {
            source,
            mode: SyncMode::Full,
            is_another: true,
        };
        let key = format!("start/{source}");
        let task = crate::NewTask::new("start_sync", &args, Lane::Housekeeping, now)
            .unique(key.clone())
            .serial(key);
        self.enqueue(&task, now).map(drop)
    }

    /// Notes what a sync reads: its mode, which planning may have made full, and its streams.
    pub fn plan_sync(&mut self, id: SyncId, mode: SyncMode, streams: &[StreamId]) -> Result<(), Error> {
        let streams = crate::slice::json_text(&streams)?;
        self.execute_one(&PLAN, params![id, mode.as_str(), streams], || {
            Error::not_found("sync", id)
        })
    }

    /// When the last full sync of a source that ended well began.
    pub fn last_full_sync_at(&mut self, source: SourceId) -> Result<Option<Timestamp>, Error> {
        self.query_one(&LAST_FULL, params![source])?.get(0)
    }

    /// A sync.
    pub fn sync(&mut self, id: SyncId) -> Result<SyncRow, Error> {
        let row = self
            .query_opt(&FIND, params![id])?
            .ok_or_else(|| Error::not_found("sync", id))?;
        sync_row(&row)
    }

    /// The newest sync of a source that has not ended.
    pub fn find_open_sync(&mut self, source: SourceId) -> Result<Option<SyncRow>, Error> {
        self.query_opt(&FIND_OPEN, params![source])?
            .map(|row| sync_row(&row))
            .transpose()
    }

    /// The sync of a source that is under way. One that only waits for a person to confirm its sweep is not.
    pub fn find_running_sync(&mut self, source: SourceId) -> Result<Option<SyncRow>, Error> {
        let open = self.find_open_sync(source)?;
        Ok(open.filter(|open| open.state != SyncState::NeedsConfirmation))
    }

    /// A source's syncs, newest first.
    pub fn list_syncs(&mut self, source: SourceId, before: Option<SyncId>, limit: u32) -> Result<Vec<SyncRow>, Error> {
        let rows = self.query(
            &LIST,
            params![source, before.map_or(i64::MAX, |id| id.0), i64::from(limit)],
        )?;
        rows.iter().map(sync_row).collect()
    }

    /// Counts further slices.
    pub(crate) fn add_open_slices(&mut self, id: SyncId, slices: u64) -> Result<(), Error> {
        let slices = i64::try_from(slices).unwrap_or(i64::MAX);
        self.execute_one(&ADD_SLICES, params![id, slices], || {
            Error::Conflict(format!("sync `{id}` reads nothing any more"))
        })
    }

    /// Counts one slice (or the planning) as done, and ends the reading if it was the last of everything.
    pub fn close_sync_slice(&mut self, id: SyncId, has_failed: bool, now: Timestamp) -> Result<(), Error> {
        self.count_closed_slice(id, has_failed)?;
        self.end_reading(id, now)
    }

    /// Counts one slice as done.
    pub(crate) fn count_closed_slice(&mut self, id: SyncId, has_failed: bool) -> Result<(), Error> {
        self.execute_one(&CLOSE_SLICE, params![id, has_failed], || Error::not_found("sync", id))
    }

    /// Counts a staged page.
    pub(crate) fn count_staged_page(&mut self, id: SyncId) -> Result<(), Error> {
        self.execute_one(&COUNT_PAGE, params![id], || Error::not_found("sync", id))
    }

    /// Counts a page as no longer open, and its records.
    pub(crate) fn count_landed(&mut self, id: SyncId, counts: LandedCounts, failures: u64) -> Result<(), Error> {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let seen = counts.changed + counts.unchanged + counts.deleted + counts.older;
        let row = self.query_opt(
            &COUNT_LANDED,
            params![
                id,
                number(seen),
                number(counts.changed),
                number(counts.deleted),
                number(failures),
            ],
        )?;
        let row = row.ok_or_else(|| Error::not_found("sync", id))?;
        self.effects.push(Effect::Event(Event::Sync(row.get(0)?, id)));
        Ok(())
    }

    /// Counts records that a sweep removed.
    pub fn count_swept(&mut self, id: SyncId, deleted: u64) -> Result<(), Error> {
        self.execute(&COUNT_DELETED, params![id, i64::try_from(deleted).unwrap_or(i64::MAX)])
            .map(drop)
    }

    /// Says that this sync's listing of a stream is not complete, so that nothing may be concluded from what it lacks.
    pub fn block_sweep(&mut self, id: SyncId, stream: StreamId, why: &str) -> Result<(), Error> {
        self.spare_stream(id, stream, why, false)
    }

    /// [`Tx::block_sweep`], because the stream could not be read: that is what the sync's message says then.
    pub(crate) fn spare_stream(
        &mut self,
        id: SyncId,
        stream: StreamId,
        why: &str,
        is_failure: bool,
    ) -> Result<(), Error> {
        self.execute(&BLOCK_SWEEP, params![id, why, is_failure])?;
        self.execute(&SPARE, params![id, stream]).map(drop)
    }

    /// Notes that a part of a stream, which is spared, can't be read; `failures` counts it for people.
    pub(crate) fn count_missing_part(&mut self, id: SyncId, failures: i64) -> Result<(), Error> {
        self.execute(&MISS_PART, params![id, failures]).map(drop)
    }

    /// [`Tx::block_sweep`], because a provider keeps a part of the stream to itself, which is expected.
    pub fn note_missing_part(&mut self, id: SyncId, stream: StreamId, why: &str) -> Result<(), Error> {
        self.spare_stream(id, stream, why, false)?;
        self.count_missing_part(id, 0)
    }

    /// Counts a slice as one that could not read everything, before it ends like any other: its pages say what is spared.
    pub fn note_incomplete(&mut self, id: SyncId, why: &str) -> Result<(), Error> {
        self.execute_one(&NOTE_INCOMPLETE, params![id, why], || Error::not_found("sync", id))
    }

    /// The streams of a sync that it has listed completely, perhaps but for [`Tx::find_spared`]. None are known before it was planned.
    pub fn list_sweepable(&mut self, sync: &SyncRow) -> Result<Vec<StreamId>, Error> {
        let rows = self.query(&LIST_SPARED, params![sync.id])?;
        let spared: Vec<StreamId> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        let planned = sync.planned.iter().flatten().copied();
        Ok(planned.filter(|stream| !spared.contains(stream)).collect())
    }

    /// Notes how many records the provider says there are.
    pub fn expect_records(&mut self, id: SyncId, expected: u64) -> Result<(), Error> {
        self.execute(&EXPECT, params![id, i64::try_from(expected).unwrap_or(i64::MAX)])
            .map(drop)
    }

    /// Notes what a sync waits for; `None` when it goes on.
    pub fn set_sync_waiting(&mut self, id: SyncId, waiting: Option<(Timestamp, &str)>) -> Result<(), Error> {
        let (until, why) = waiting.unzip();
        let row = self.query_opt(&WAIT, params![id, until, why])?;
        if let Some(row) = row {
            let source = row.get(0)?;
            self.effects.push(Effect::Event(Event::Sync(source, id)));
            if let Some(why) = why {
                self.tell_of_sync(LogLevel::Info, source, id, format!("waits: {why}"));
            }
        }
        Ok(())
    }

    /// Ends the reading once nothing is open: a full sync goes on to its sweep, if it has listed any stream completely.
    ///
    /// Two slices that end at once both come here; the state in the statement lets one of them through.
    pub(crate) fn end_reading(&mut self, id: SyncId, now: Timestamp) -> Result<(), Error> {
        let Some(row) = self.query_opt(&END_READING, params![id, now])? else {
            return Ok(());
        };
        let source: SourceId = row.get(0)?;
        self.effects.push(Effect::Event(Event::Sync(source, id)));
        if row.parse::<SyncState>(1)? == SyncState::Sweeping {
            let sync = self.sync(id)?;
            let is_whole = sync.unsweepable == 0 && sync.failed_slices == 0;
            if !is_whole && self.list_sweepable(&sync)?.is_empty() {
                return self.end_sweep(id, false, now);
            }
            self.enqueue_sweep(id, source, now)?;
        }
        self.tell_state(id, now)
    }

    /// Ends a sync after its sweep. One that `has_swept` takes the place of those that still wait for a person.
    pub fn end_sweep(&mut self, id: SyncId, has_swept: bool, now: Timestamp) -> Result<(), Error> {
        let Some(row) = self.query_opt(&END_SWEEP, params![id, has_swept, now])? else {
            return Ok(());
        };
        let source: SourceId = row.get(0)?;
        if has_swept {
            self.execute(&SUPERSEDE, params![source, id, now])?;
        }
        self.effects.push(Effect::Event(Event::Sync(source, id)));
        self.tell_state(id, now)
    }

    /// Moves a sync to another state; final ones set its end. One that has ended stays as it ended, and only takes the
    /// message. One whose own sweep waits for a person takes the place of those that still wait.
    pub fn set_sync_state(
        &mut self,
        id: SyncId,
        state: SyncState,
        message: Option<&str>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let finished_at = state.is_final().then_some(now);
        let row = self.query_opt(&SET_STATE, params![id, state.as_str(), message, finished_at])?;
        let row = row.ok_or_else(|| Error::not_found("sync", id))?;
        let source: SourceId = row.get(0)?;
        if state == SyncState::NeedsConfirmation {
            self.execute(&SUPERSEDE, params![source, id, now])?;
        }
        self.effects.push(Effect::Event(Event::Sync(source, id)));
        self.tell_state(id, now)
    }

    /// A person confirms that a sweep may delete more than half of a stream; it goes on.
    pub fn confirm_sweep(&mut self, id: SyncId, now: Timestamp) -> Result<(), Error> {
        let row = self.query_opt(&CONFIRM, params![id])?;
        let row =
            row.ok_or_else(|| Error::Conflict(format!("sync `{id}` does not wait for a sweep to be confirmed")))?;
        let source = row.get(0)?;
        self.effects.push(Effect::Event(Event::Sync(source, id)));
        self.tell_of_sync(LogLevel::Info, source, id, "a person confirmed the deletions");
        self.enqueue_sweep(id, source, now)
    }

    /// Ends the syncs of a deleted source.
    pub(crate) fn end_syncs_of_source(&mut self, source: SourceId, now: Timestamp) -> Result<(), Error> {
        self.execute(&END_OF_SOURCE, params![source, now]).map(drop)
    }

    /// Ends a sync at a person's wish: from this commit on it reads nothing more. Its slices and what waits for them end
    /// with [`Tx::clear_cancelled_sync`]. Pages that are staged already still land.
    pub fn cancel_sync(&mut self, id: SyncId, now: Timestamp) -> Result<(), Error> {
        if self.sync(id)?.state.is_final() {
            return Err(Error::Conflict(format!("sync `{id}` has ended already")));
        }
        self.set_sync_state(id, SyncState::Cancelled, Some("cancelled by a person"), now)
    }

    /// Fails what is open of a cancelled sync and cancels the tasks that would read it, up to `limit` of each at a time.
    /// Answers how many: call it again until that is 0.
    pub fn clear_cancelled_sync(&mut self, id: SyncId, limit: u32, now: Timestamp) -> Result<u64, Error> {
        let sync = self.sync(id)?;
        let slices = self.execute(
            &CANCEL_SLICES,
            params![id, SliceState::Failed.as_str(), now, i64::from(limit)],
        )?;
        if self.find_running_sync(sync.source)?.is_some() {
            // What waits is the next sync's: the tasks of this one find their slices failed.
            return Ok(slices);
        }
        Ok(slices + self.cancel_reading_of_source(sync.source, limit, now)?)
    }
}

fn sync_row(row: &Row) -> Result<SyncRow, Error> {
    Ok(SyncRow {
        id: row.get(0)?,
        source: row.get(1)?,
        mode: row.parse(2)?,
        state: row.parse(3)?,
        number: row.get(4)?,
        open_slices: count(row, 5)?,
        failed_slices: count(row, 6)?,
        pages: count(row, 7)?,
        pages_open: count(row, 8)?,
        records_seen: count(row, 9)?,
        records_changed: count(row, 10)?,
        records_deleted: count(row, 11)?,
        failures: count(row, 12)?,
        unsweepable: count(row, 13)?,
        expected: row.get::<Option<i64>>(14)?.and_then(|count| u64::try_from(count).ok()),
        seen_before: row.get::<Option<i64>>(22)?.and_then(|count| u64::try_from(count).ok()),
        message: row.get(15)?,
        waiting_until: row.get(16)?,
        waiting_for: row.get(17)?,
        is_sweep_confirmed: row.get(18)?,
        started_at: row.get(19)?,
        finished_at: row.get(20)?,
        planned: row.json_opt(21)?,
    })
}
