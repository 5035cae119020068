//! The one writer of a generation.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use model::RecordId;
use tantivy::indexer::IndexWriterOptions;
use tantivy::{IndexReader, IndexWriter, TantivyDocument, TantivyError};

use super::failed;
use super::in_flight::{InFlight, Sent};
use super::keeper::{Wake, WatchedMerges};
use super::schema::Fields;
use crate::{Change, Error, Options, Payload, Refused};

/// What a document without a text weighs, roughly.
const OVERHEAD_BYTES: usize = 512;

/// Takes changes and commits them.
pub(super) struct Writer {
    dir: PathBuf,
    fields: Fields,
    options: Options,
    index: tantivy::Index,
    reader: IndexReader,
    /// Hears of merges.
    wake: Wake,
    /// `None` after a failure, until the next use opens a new one.
    engine: Option<IndexWriter<Sent>>,
    in_flight: InFlight,
    /// Records that were added since the last commit, which the reader does not know yet.
    added: HashSet<RecordId>,
    /// Whether changes were lost since somebody last asked how far the index is.
    is_lost: bool,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("dir", &self.dir).finish_non_exhaustive()
    }
}

impl Writer {
    pub(super) fn open(
        dir: &Path,
        fields: &Fields,
        options: &Options,
        index: &tantivy::Index,
        reader: &IndexReader,
        wake: &Wake,
    ) -> Result<Self, TantivyError> {
        let mut opened = Self {
            dir: dir.to_owned(),
            fields: fields.clone(),
            options: options.clone(),
            index: index.clone(),
            reader: reader.clone(),
            wake: wake.clone(),
            engine: None,
            in_flight: InFlight::default(),
            added: HashSet::new(),
            is_lost: false,
        };
        opened.engine = Some(opened.new_writer()?);
        Ok(opened)
    }

    pub(super) fn apply(&mut self, batch: Vec<Change>) -> Result<Vec<Refused>, Error> {
        self.check_lost()?;
        let mut refused = Vec::new();
        for change in last_of_each(batch) {
            let record = change.record();
            let result = self.remove(record).and_then(|()| match change {
                Change::Delete(_) => Ok(()),
                Change::Upsert(document) => {
                    let bytes = document.body.len() + OVERHEAD_BYTES;
                    match self.fields.encode(*document) {
                        Ok(encoded) => self.add(record, encoded, bytes),
                        Err(refusal) => {
                            refused.push(refusal);
                            Ok(())
                        }
                    }
                }
            });
            if let Err(error) = result {
                return Err(self.fail("took changes", &error));
            }
        }
        Ok(refused)
    }

    fn add(&mut self, record: RecordId, encoded: TantivyDocument, bytes: usize) -> Result<(), TantivyError> {
        let sent = self.in_flight.send(encoded, bytes);
        self.writer()?.add_document(sent)?;
        self.added.insert(record);
        Ok(())
    }

    pub(super) fn commit(&mut self, payload: &Payload) -> Result<(), Error> {
        self.check_lost()?;
        let text = serde_json::to_string(payload).map_err(|error| Error::InvalidRequest(error.to_string()))?;
        let mut commit = || -> Result<(), TantivyError> {
            let mut prepared = self.writer()?.prepare_commit()?;
            prepared.set_payload(&text);
            prepared.commit()?;
            Ok(())
        };
        if let Err(error) = commit() {
            return Err(self.fail("was committed", &error));
        }
        if let Err(error) = self.reader.reload() {
            // It is committed, but the reader is behind: `added` stays, since the reader can't answer for it.
            return Err(failed(&self.dir, "was reloaded", &error));
        }
        self.added.clear();
        Ok(())
    }

    /// What the newest commit carries. Whoever has asked knows where to go on after a failure.
    pub(super) fn payload(&mut self) -> Result<Option<Payload>, Error> {
        let metas = self
            .index
            .load_metas()
            .map_err(|error| failed(&self.dir, "was read", &error))?;
        self.is_lost = false;
        Ok(metas.payload.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Deletes what the index holds of a record, if it holds anything: a first indexing deletes nothing.
    fn remove(&mut self, record: RecordId) -> Result<(), TantivyError> {
        if self.added.remove(&record) || self.is_held(record)? {
            let term = self.fields.record_term(record);
            self.writer()?.delete_term(term);
        }
        Ok(())
    }

    fn is_held(&self, record: RecordId) -> Result<bool, TantivyError> {
        let term = self.fields.record_term(record);
        for segment in self.reader.searcher().segment_readers() {
            if segment
                .inverted_index(self.fields.record())?
                .get_term_info(&term)?
                .is_some()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn writer(&mut self) -> Result<&mut IndexWriter<Sent>, TantivyError> {
        if self.engine.is_none() {
            self.engine = Some(self.new_writer()?);
        }
        self.engine
            .as_mut()
            .ok_or_else(|| TantivyError::SystemError("the writer was closed".to_owned()))
    }

    fn new_writer(&self) -> Result<IndexWriter<Sent>, TantivyError> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(self.options.writer_threads)
            .memory_budget_per_thread(self.options.writer_memory_bytes)
            .num_merge_threads(1)
            .build();
        let writer = self.index.writer_with_options(options)?;
        // A commit that was cut off leaves files that no segment names. The engine counts on from the last whole commit,
        // would give the same names again, and refuses to write over what is there.
        writer.garbage_collect_files().wait()?;
        writer.set_merge_policy(Box::new(WatchedMerges::new(self.wake.clone())));
        Ok(writer)
    }

    /// Forgets what was applied since the last commit: after a failure nobody knows how much of it arrived.
    fn fail(&mut self, doing: &'static str, error: &TantivyError) -> Error {
        self.engine = None;
        self.added.clear();
        self.is_lost = true;
        failed(&self.dir, doing, error)
    }

    fn check_lost(&self) -> Result<(), Error> {
        if self.is_lost {
            Err(Error::Lost { dir: self.dir.clone() })
        } else {
            Ok(())
        }
    }
}

/// One change for each record, the last one, in the order of their first mention.
fn last_of_each(batch: Vec<Change>) -> Vec<Change> {
    let mut places: HashMap<RecordId, usize> = HashMap::with_capacity(batch.len());
    let mut kept: Vec<Change> = Vec::with_capacity(batch.len());
    for change in batch {
        match places.entry(change.record()) {
            Entry::Occupied(place) => kept[*place.get()] = change,
            Entry::Vacant(place) => {
                place.insert(kept.len());
                kept.push(change);
            }
        }
    }
    kept
}
