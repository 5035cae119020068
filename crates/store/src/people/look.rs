//! What people look at and ask for again: names, counts for the dashboard, single records to be uploaded anew.

use std::collections::HashMap;

use model::{RecordId, SourceId, StreamId, Timestamp};

use crate::record::count;
use crate::statement::statements;
use crate::value::params;
use crate::{Error, Tx};

statements! {
    SOURCES = "source_list_names";
    PAGES = "page_count_for_replay";
    FAILURES = "failure_count_by_stream";
    LANDED = "page_last_landed_by_stream";
    DISCARDED = "queue_count_discarded";
}

impl Tx<'_> {
    /// The name of every source that is not deleted. The caller picks those that the asker holds.
    pub fn list_source_names(&mut self) -> Result<Vec<(SourceId, String)>, Error> {
        self.query(&SOURCES, &[])?
            .iter()
            .map(|row| Ok((row.get(0)?, row.get(1)?)))
            .collect()
    }

    /// How many pages of a source a replay would parse again.
    pub fn count_pages_for_replay(&mut self, source: SourceId, only_quarantined: bool) -> Result<u64, Error> {
        count(&self.query_one(&PAGES, params![source, only_quarantined])?, 0)
    }

    /// How many failures each stream of a source has; those of no stream are left out.
    pub fn count_failures_by_stream(&mut self, source: SourceId) -> Result<HashMap<StreamId, u64>, Error> {
        self.query(&FAILURES, params![source])?
            .iter()
            .map(|row| Ok((row.get(0)?, count(row, 1)?)))
            .collect()
    }

    /// When a page of each stream of a source landed last.
    pub fn last_landed_by_stream(&mut self, source: SourceId) -> Result<HashMap<StreamId, Timestamp>, Error> {
        self.query(&LANDED, params![source])?
            .iter()
            .map(|row| Ok((row.get(0)?, row.get(1)?)))
            .collect()
    }

    /// How many discarded tasks the history of each queue holds.
    pub fn count_discarded(&mut self) -> Result<HashMap<String, u64>, Error> {
        self.query(&DISCARDED, &[])?
            .iter()
            .map(|row| Ok((row.get(0)?, count(row, 1)?)))
            .collect()
    }

    /// Logs single records again, as if they had changed: destinations read them anew.
    pub fn relog_records(&mut self, records: &[RecordId], now: Timestamp) -> Result<(), Error> {
        let mut ids: Vec<i64> = records.iter().map(|record| record.0).collect();
        ids.sort_unstable();
        ids.dedup();
        self.log_changes(&ids, now)
    }
}
