//! The index on Tantivy: its storage, postings, columns and merges under our own ranking.

mod askers;
mod batch;
mod candidates;
mod count;
mod derive;
mod evaluate;
mod filter;
mod proximity;
mod schema;
mod search;
mod segment;
mod snapshot;
mod token_stream;
mod values;
mod word_cache;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use model::{Asker, RecordId};
use tantivy::directory::MmapDirectory;
use tantivy::directory::error::LockError;
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{IndexReader, ReloadPolicy, TantivyError};

use self::askers::Askers;
use self::schema::{Fields, TOKENIZER};
use self::search::Search;
use self::snapshot::Snapshot;
use self::token_stream::Analysis;
use self::writer::Writer;
use crate::{Change, Error, Hit, IndexBackend, Options, Payload, Refused, SearchRequest, SearchResponse, Stats};

/// Decompressed blocks of documents that are kept per segment, 16 KiB each.
const STORE_CACHE_BLOCKS: usize = 32;

/// One generation.
pub(crate) struct TantivyBackend {
    dir: PathBuf,
    fields: Fields,
    reader: IndexReader,
    snapshot: RwLock<Arc<Snapshot>>,
    askers: Askers,
    writer: Mutex<Writer>,
}

impl std::fmt::Debug for TantivyBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TantivyBackend")
            .field("dir", &self.dir)
            .finish_non_exhaustive()
    }
}

impl TantivyBackend {
    /// A new, empty index in the empty folder `dir`.
    pub(crate) fn create(dir: &Path, options: &Options) -> Result<Self, Error> {
        let fields = Fields::new();
        let index = tantivy::Index::create_in_dir(dir, fields.schema.clone());
        Self::with(
            dir,
            fields,
            &index.map_err(|error| failed(dir, "was created", &error))?,
            options,
        )
    }

    /// A new, empty index that is gone when it is dropped.
    #[cfg(test)]
    pub(crate) fn in_memory(options: &Options) -> Result<Self, Error> {
        let fields = Fields::new();
        let index = tantivy::Index::create_in_ram(fields.schema.clone());
        Self::with(Path::new("(memory)"), fields, &index, options)
    }

    /// The index in `dir`; `None` if it is damaged, or kept in another way than this version does.
    pub(crate) fn open(dir: &Path, options: &Options) -> Result<Option<Self>, Error> {
        let fields = Fields::new();
        let directory = MmapDirectory::open(dir).map_err(|error| failed(dir, "was opened", &error.into()))?;
        let index = match tantivy::Index::open(directory) {
            Ok(index) if index.schema() == fields.schema => index,
            Ok(_) => return Ok(None),
            Err(error) => return damaged(dir, &error),
        };
        match Self::with(dir, fields, &index, options) {
            Ok(opened) => Ok(Some(opened)),
            Err(Error::Locked { dir }) => Err(Error::Locked { dir }),
            Err(error) => {
                tracing::warn!(%error, "{error}; it will be rebuilt");
                Ok(None)
            }
        }
    }

    fn with(dir: &Path, fields: Fields, index: &tantivy::Index, options: &Options) -> Result<Self, Error> {
        index.tokenizers().register(TOKENIZER, TextAnalyzer::from(Analysis));
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(STORE_CACHE_BLOCKS)
            .try_into()
            .map_err(|error: TantivyError| failed(dir, "was opened", &error))?;
        let writer = Writer::open(dir, &fields, options, index, &reader)?;
        let snapshot = Snapshot::new(&fields, &reader, None).map_err(|error| failed(dir, "was opened", &error))?;
        Ok(Self {
            dir: dir.to_owned(),
            fields,
            reader,
            snapshot: RwLock::new(Arc::new(snapshot)),
            askers: Askers::default(),
            writer: Mutex::new(writer),
        })
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl IndexBackend for TantivyBackend {
    fn apply(&self, batch: Vec<Change>) -> Result<Vec<Refused>, Error> {
        self.writer().apply(batch)
    }

    fn commit(&self, payload: &Payload) -> Result<(), Error> {
        let mut writer = self.writer();
        writer.commit(payload)?;
        // Still under the writer's lock, so that snapshots follow each other in the order of commits.
        let before = self.snapshot();
        let next = Snapshot::new(&self.fields, &self.reader, Some(&before))
            .map_err(|error| failed(&self.dir, "was reloaded", &error))?;
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        Ok(())
    }

    fn payload(&self) -> Result<Option<Payload>, Error> {
        self.writer().payload()
    }

    fn search_many(&self, requests: &[SearchRequest], asker: &Asker) -> Result<Vec<SearchResponse>, Error> {
        let snapshot = self.snapshot();
        Search::new(&self.fields, &snapshot, &self.askers, asker)
            .and_then(|search| search.answer(requests))
            .map_err(|error| failed(&self.dir, "was searched", &error))
    }

    fn find(&self, record: RecordId, asker: &Asker) -> Result<Option<Hit>, Error> {
        let snapshot = self.snapshot();
        Search::new(&self.fields, &snapshot, &self.askers, asker)
            .and_then(|search| search.find(record))
            .map_err(|error| failed(&self.dir, "was searched", &error))
    }

    fn stats(&self) -> Result<Stats, Error> {
        let searcher = self.snapshot().searcher.clone();
        let space = searcher
            .space_usage()
            .map_err(|error| failed(&self.dir, "was measured", &error.into()))?;
        Ok(Stats {
            documents: searcher.num_docs(),
            segments: searcher.segment_readers().len() as u64,
            bytes: space.total().get_bytes(),
        })
    }
}

fn failed(dir: &Path, doing: &'static str, error: &TantivyError) -> Error {
    if let TantivyError::LockFailure(LockError::LockBusy, _) = error {
        return Error::Locked { dir: dir.to_owned() };
    }
    Error::Storage {
        dir: dir.to_owned(),
        doing,
        cause: error.to_string(),
    }
}

/// Tells a damaged index, which is given up, from a disk that fails, which is an error.
fn damaged<T>(dir: &Path, error: &TantivyError) -> Result<Option<T>, Error> {
    match error {
        TantivyError::IoError(_) | TantivyError::LockFailure(..) => Err(failed(dir, "was opened", error)),
        _ => {
            tracing::warn!(%error, "the search index in `{}` can't be read and will be rebuilt", dir.display());
            Ok(None)
        }
    }
}
