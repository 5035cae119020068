//! The sweep: what a complete listing no longer showed is marked missing or deleted, in chunks.
//!
//! A listing can be complete but for a few places that could not be read. What is there is [`Spared`]: no sweep looks at
//! it. Its numbers stay as they are, so that each record still names the page that holds it.

use std::collections::HashSet;
use std::sync::Arc;

use model::{Number, RecordId, StreamId, SyncId};
use serde_json::Value as Json;

use super::{Place, Timestamp, count};
use crate::failure::record_place;
use crate::statement::statements;
use crate::value::{Row, clean, params};
use crate::{Error, Tx};

statements! {
    COUNT_LIVE = "record_count_live";
    LIST_SWEEPABLE = "record_list_sweepable", postgres;
    LIST_UNSEEN = "record_list_unseen";
    MISS = "record_miss", postgres;
    SPARE_PLACES = "sync_spare_places", postgres;
    LIST_SPARED_PLACES = "sync_list_spared_places";
}

/// Of how many places a sweep is spared at most; beyond that, its whole stream is.
const PLACES_MAX: u32 = 10_000;

/// How far a sweep has come in its stream: the last record's number as it was, and the record.
pub type SweepPlace = (Number, RecordId);

/// What a sweep goes through. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// The stream, and the number of the sync: what is below it was not seen.
    pub place: Place,
    /// Whether one listing tells what is gone, so that nothing has to be missed twice.
    pub is_exact: bool,
    /// What is left alone.
    pub spared: Arc<Spared>,
}

/// Places of a stream that a listing says nothing of: the records with these keys, and those whose keys go on after one
/// of them with a `/`.
#[derive(Debug, Default)]
pub struct Spared(HashSet<String>);

/// A record that a sweep may delete.
struct Candidate {
    at: SweepPlace,
    key: String,
    earlier: Option<Number>,
    is_spared: bool,
}

impl Spared {
    /// Whether there are no such places.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the record of this key is in one of them.
    fn holds(&self, key: &str) -> bool {
        !self.is_empty()
            && (self.0.contains(key) || key.match_indices('/').any(|(end, _)| self.0.contains(&key[..end])))
    }
}

impl Sweep {
    /// Whether a record that was not seen is gone, and not only missing for the first time.
    fn is_gone(&self, candidate: &Candidate) -> bool {
        self.is_exact || candidate.earlier.is_some_and(|earlier| earlier < self.place.number)
    }
}

impl Tx<'_> {
    /// Says that this sync's listing of a stream knows nothing of these places: see [`Spared`]. The empty text is
    /// everywhere.
    pub fn spare_places(&mut self, sync: SyncId, stream: StreamId, places: &[String], why: &str) -> Result<(), Error> {
        if places.is_empty() {
            return Ok(());
        }
        if places.iter().any(String::is_empty) {
            return self.block_sweep(sync, stream, why);
        }
        let places: Vec<String> = places.iter().map(|place| clean(place)).collect();
        self.execute(&SPARE_PLACES, params![sync, stream, Json::from(places).to_string()])
            .map(drop)
    }

    /// The places of a stream that a sync says nothing of; `None` when they are too many to tell anything.
    pub fn find_spared(&mut self, sync: SyncId, stream: StreamId) -> Result<Option<Spared>, Error> {
        let rows = self.query(&LIST_SPARED_PLACES, params![sync, stream, i64::from(PLACES_MAX) + 1])?;
        if rows.len() > PLACES_MAX as usize {
            return Ok(None);
        }
        let places = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        Ok(Some(Spared(places)))
    }

    /// How many records of a stream are live, and how many of those a sweep would delete: all below its number where the
    /// listing is exact, else those that an earlier complete sync missed already. Those that are spared are counted too:
    /// see [`Tx::count_spared_chunk`].
    pub fn count_sweepable(&mut self, sweep: &Sweep) -> Result<(u64, u64), Error> {
        let place = sweep.place;
        let row = self.query_one(&COUNT_LIVE, params![place.stream, place.number, sweep.is_exact])?;
        Ok((count(&row, 0)?, count(&row, 1)?))
    }

    /// Of one chunk of what [`Tx::count_sweepable`] counts: how many records are spared, and how many of those it would
    /// delete otherwise. `None` when the stream is done, else where the next chunk starts.
    pub fn count_spared_chunk(
        &mut self,
        sweep: &Sweep,
        after: SweepPlace,
        limit: u32,
    ) -> Result<Option<(SweepPlace, u64, u64)>, Error> {
        let candidates = self.list_candidates_of_sweep(sweep, after, limit)?;
        let Some(last) = candidates.last() else {
            return Ok(None);
        };
        let spared = candidates.iter().filter(|one| one.is_spared);
        let kept = spared.clone().filter(|one| sweep.is_gone(one)).count();
        Ok(Some((last.at, spared.count() as u64, kept as u64)))
    }

    /// Sweeps one chunk of at most `limit` records after `after`; `None` when the stream is done.
    ///
    /// Answers where the next chunk starts and how many records are now gone.
    pub fn sweep_chunk(
        &mut self,
        sweep: &Sweep,
        after: SweepPlace,
        limit: u32,
        now: Timestamp,
    ) -> Result<Option<(SweepPlace, u64)>, Error> {
        let candidates = self.list_candidates_of_sweep(sweep, after, limit)?;
        let Some(last) = candidates.last() else {
            return Ok(None);
        };
        let (mut gone, mut missed, mut solved) = (Vec::new(), Vec::new(), Vec::new());
        for one in candidates.iter().filter(|one| !one.is_spared) {
            if sweep.is_gone(one) {
                gone.push(one.at.1.0);
                solved.push(record_place(sweep.place.stream, &one.key));
            } else {
                missed.push(one.at.1.0);
            }
        }
        gone.sort_unstable();
        missed.sort_unstable();
        let number = sweep.place.number;
        if !missed.is_empty() {
            self.execute(&MISS, params![number, Json::from(missed).to_string()])?;
        }
        self.bury(number, &gone, now)?;
        // What was wrong with them went with them.
        self.clear_failures_at(sweep.place.source, "parse", &solved)?;
        Ok(Some((last.at, gone.len() as u64)))
    }

    fn list_candidates_of_sweep(
        &mut self,
        sweep: &Sweep,
        after: SweepPlace,
        limit: u32,
    ) -> Result<Vec<Candidate>, Error> {
        let place = sweep.place;
        let statement = if self.is_read { &LIST_UNSEEN } else { &LIST_SWEEPABLE };
        let rows = self.query(
            statement,
            params![place.stream, place.number, after.0, after.1, i64::from(limit)],
        )?;
        let candidate = |row: &Row| {
            let key: String = row.get(3)?;
            Ok(Candidate {
                at: (row.get(1)?, row.get(0)?),
                earlier: row.get(2)?,
                is_spared: sweep.spared.holds(&key),
                key,
            })
        };
        rows.iter().map(candidate).collect()
    }
}
