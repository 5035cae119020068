//! The change log: which records changed, in an order that no follower can slip past.
//!
//! The log names records and carries nothing of them; a follower reads a record's present state. Positions are given
//! after commit: on SQLite by the single writer, whose commits are in order; on PostgreSQL by one stamper at a time,
//! which numbers *committed* rows, so that a slow transaction is numbered late rather than skipped. Whoever gives
//! positions enqueues the uploads in the same transaction.

use model::record::Body;
use model::{Position, RecordId, Revision, SourceId, Timestamp};
use serde_json::Value as Json;

use crate::record::{body, count};
use crate::signals::Effect;
use crate::statement::statements;
use crate::value::{Row, params};
use crate::{Error, Tx};

statements! {
    LOG = "change_log", postgres;
    STAMP = "change_stamp", postgres;
    STAMP_LOCK = "change_stamp_lock", postgres;
    LIST_AFTER = "change_list_after";
    LIST_SOURCES_AFTER = "change_list_sources_after";
    TOKEN = "change_token";
    FIRST = "change_first";
    LAST = "change_last";
    PRUNE = "change_prune";
    ENQUEUE_UPLOADS = "change_enqueue_uploads";
    NOW = "change_records_now", postgres;
    LIST_OF_SOURCE = "change_list_records_of_source";
    SCAN = "change_scan_records";
    FOLLOW = "destination_put";
    MOVE = "destination_move";
    FIND = "destination_find";
    ASK_REBUILD = "destination_ask_rebuild";
    REBUILDS_ASKED = "destination_rebuilds_asked";
}

/// One row of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeRow {
    /// Its place.
    pub position: Position,
    /// A random id: tells this row from one that another history gave the same position.
    pub token: i64,
    /// The record that changed.
    pub record: RecordId,
}

/// How far a follower has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FollowerPosition {
    /// Everything up to here is done. 0: nothing.
    pub position: Position,
    /// The random id of the row at that position; 0 where there is none.
    pub token: i64,
}

/// A record's present state, as a follower needs it.
#[derive(Debug, Clone)]
pub struct RecordNow {
    /// The record.
    pub id: RecordId,
    /// Its source.
    pub source: SourceId,
    /// Its stream's name.
    pub stream: String,
    /// Its key in the stream.
    pub key: String,
    /// Its revision.
    pub revision: Revision,
    /// Its content; `None` for a tombstone and for a record of a deleted source.
    pub body: Option<Body>,
}

/// How many rows are stamped at a time.
const STAMP_MAX: i64 = 5_000;

impl Tx<'_> {
    /// Logs that these records changed.
    pub(crate) fn log_changes(&mut self, ids: &[i64], now: Timestamp) -> Result<(), Error> {
        if ids.is_empty() {
            return Ok(());
        }
        self.execute(&LOG, params![Json::from(ids).to_string(), now])?;
        self.effects.push(Effect::Changed);
        if !self.is_postgres() {
            self.enqueue_uploads(now)?;
        }
        Ok(())
    }

    /// Logs records of a source again, as if they had changed: destinations read them anew. Up to `limit` after an id;
    /// answers the last one, `None` when there is none left.
    pub fn relog_source(
        &mut self,
        source: SourceId,
        after: RecordId,
        limit: u32,
        now: Timestamp,
    ) -> Result<Option<RecordId>, Error> {
        let rows = self.query(&LIST_OF_SOURCE, params![source, after, i64::from(limit)])?;
        let ids = rows
            .iter()
            .map(|row| row.get::<i64>(0))
            .collect::<Result<Vec<_>, _>>()?;
        self.log_changes(&ids, now)?;
        Ok(ids.last().copied().map(RecordId))
    }

    /// PostgreSQL: gives positions to committed rows and enqueues the uploads; answers how many rows. SQLite: 0.
    pub fn stamp_changes(&mut self, now: Timestamp) -> Result<u64, Error> {
        if !self.is_postgres() {
            return Ok(0);
        }
        self.query(&STAMP_LOCK, &[])?;
        let stamped = self.execute(&STAMP, params![STAMP_MAX])?;
        if stamped > 0 {
            self.enqueue_uploads(now)?;
        }
        Ok(stamped)
    }

    /// Enqueues one upload per destination, unless one waits already.
    pub fn enqueue_uploads(&mut self, now: Timestamp) -> Result<(), Error> {
        if self.execute(&ENQUEUE_UPLOADS, params![now])? > 0 {
            self.effects.push(Effect::TasksReady);
        }
        Ok(())
    }

    /// The rows after a position, in order.
    pub fn list_changes(&mut self, after: Position, limit: u32) -> Result<Vec<ChangeRow>, Error> {
        self.query(&LIST_AFTER, params![after, i64::from(limit)])?
            .iter()
            .map(change_row)
            .collect()
    }

    /// The same, each with the source that it belongs to; `None` where that was purged.
    pub fn list_changes_of_sources(
        &mut self,
        after: Position,
        limit: u32,
    ) -> Result<Vec<(ChangeRow, Option<SourceId>)>, Error> {
        self.query(&LIST_SOURCES_AFTER, params![after, i64::from(limit)])?
            .iter()
            .map(|row| Ok((change_row(row)?, row.get(3)?)))
            .collect()
    }

    /// Whether the log's row at this follower's position is the one that it knows: otherwise it follows another
    /// history (a restored backup) and must be rebuilt.
    pub fn knows_position(&mut self, follower: FollowerPosition) -> Result<bool, Error> {
        if follower.position.0 == 0 {
            // From the beginning: that is there unless it was pruned.
            let first: Option<i64> = self.query_one(&FIRST, &[])?.get(0)?;
            return Ok(first.is_none_or(|first| first == 1));
        }
        let token = self
            .query_opt(&TOKEN, params![follower.position])?
            .map(|row| row.get::<i64>(0))
            .transpose()?;
        Ok(token == Some(follower.token))
    }

    /// The newest row of the log; what a rebuild that starts now may skip.
    pub fn last_change(&mut self) -> Result<FollowerPosition, Error> {
        let row = self.query_opt(&LAST, &[])?;
        row.map_or(Ok(FollowerPosition::default()), |row| {
            Ok(FollowerPosition {
                position: row.get(0)?,
                token: row.get(1)?,
            })
        })
    }

    /// Removes rows that every follower has passed; each follower's own row stays.
    pub fn prune_changes(&mut self, limit: u32) -> Result<u64, Error> {
        self.execute(&PRUNE, params![i64::from(limit)])
    }

    /// The present state of records, in no particular order. At most 500.
    pub fn records_now(&mut self, ids: &[RecordId]) -> Result<Vec<RecordNow>, Error> {
        let list = Json::from(ids.iter().map(|id| id.0).collect::<Vec<_>>()).to_string();
        self.query(&NOW, params![list])?.iter().map(record_now).collect()
    }

    /// Live records after an id, in id order: what a rebuild reads.
    pub fn scan_records(&mut self, after: RecordId, limit: u32) -> Result<Vec<RecordNow>, Error> {
        self.query(&SCAN, params![after, i64::from(limit)])?
            .iter()
            .map(record_now)
            .collect()
    }

    /// Makes a destination known; one that is known keeps its position.
    pub fn add_destination(&mut self, name: &str, now: Timestamp) -> Result<(), Error> {
        self.execute(&FOLLOW, params![name, now]).map(drop)
    }

    /// Says how far a destination has come.
    pub fn move_destination(&mut self, name: &str, to: FollowerPosition, now: Timestamp) -> Result<(), Error> {
        self.execute_one(&MOVE, params![name, to.position, to.token, now], || {
            Error::not_found("destination", name)
        })
    }

    /// How far a destination has come.
    pub fn find_destination(&mut self, name: &str) -> Result<Option<FollowerPosition>, Error> {
        let row = self.query_opt(&FIND, params![name])?;
        row.map(|row| {
            Ok(FollowerPosition {
                position: row.get(0)?,
                token: row.get(1)?,
            })
        })
        .transpose()
    }

    /// Asks for a destination to be built anew, and has the uploads run.
    ///
    /// The request is a number that grows; whoever builds keeps, beside what it built, the number that it found when
    /// it began. So neither an upload that runs right now nor a rebuild that began before can take the request for
    /// done.
    pub fn ask_rebuild(&mut self, name: &str, now: Timestamp) -> Result<(), Error> {
        self.execute(&ASK_REBUILD, params![name, now])?;
        self.enqueue_uploads(now)
    }

    /// The number of the newest request to build a destination anew; 0 where nobody has asked.
    pub fn rebuilds_asked(&mut self, name: &str) -> Result<i64, Error> {
        let row = self.query_opt(&REBUILDS_ASKED, params![name])?;
        row.map_or(Ok(0), |row| row.get(0))
    }

    /// How many rows of the log lie after a position.
    pub fn count_behind(&mut self, position: Position) -> Result<u64, Error> {
        let last = self.last_change()?;
        Ok(u64::try_from(last.position.0 - position.0).unwrap_or(0))
    }
}

fn record_now(row: &Row) -> Result<RecordNow, Error> {
    let is_live = count(row, 5)? == 0;
    Ok(RecordNow {
        id: row.get(0)?,
        source: row.get(1)?,
        stream: row.get(2)?,
        key: row.get(3)?,
        revision: row.get(4)?,
        body: if is_live { Some(body(row, 6)?) } else { None },
    })
}

fn change_row(row: &Row) -> Result<ChangeRow, Error> {
    Ok(ChangeRow {
        position: row.get(0)?,
        token: row.get(1)?,
        record: row.get(2)?,
    })
}
