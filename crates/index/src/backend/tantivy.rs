//! The index on Tantivy: its storage, postings, columns and merges under our own ranking.

mod askers;
mod batch;
mod bits;
mod candidates;
mod count;
mod cut_words;
mod derivations;
mod derive;
mod evaluate;
mod filter;
mod heavy;
mod in_flight;
mod keeper;
mod proximity;
mod schema;
mod search;
mod segment;
mod snapshot;
mod token_stream;
mod values;
mod view;
mod word_cache;
mod writer;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{Asker, RecordId};
use tantivy::directory::MmapDirectory;
use tantivy::directory::error::{LockError, OpenDirectoryError, OpenReadError, OpenWriteError};
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{ReloadPolicy, SegmentReader, TantivyError};

use self::askers::Askers;
use self::keeper::Keeper;
use self::schema::{Fields, TOKENIZER};
use self::search::Search;
use self::token_stream::Analysis;
use self::view::View;
use self::writer::Writer;
use crate::{Change, Error, Hit, IndexBackend, Options, Payload, Refused, SearchRequest, SearchResponse, Stats};

/// Decompressed blocks of documents that are kept per segment, 16 KiB each.
const STORE_CACHE_BLOCKS: usize = 32;

/// One generation.
pub(crate) struct TantivyBackend {
    dir: PathBuf,
    view: Arc<View>,
    askers: Askers,
    writer: Mutex<Writer>,
    keeper: Keeper,
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
        tantivy::Index::create_in_dir(dir, fields.schema.clone())
            .and_then(|index| Self::with(dir, &fields, &index, options))
            .map_err(|error| failed(dir, "was created", &error))
    }

    /// A new, empty index that is gone when it is dropped.
    #[cfg(test)]
    pub(crate) fn in_memory(options: &Options) -> Result<Self, Error> {
        let fields = Fields::new();
        let index = tantivy::Index::create_in_ram(fields.schema.clone());
        let dir = Path::new("(memory)");
        Self::with(dir, &fields, &index, options).map_err(|error| failed(dir, "was created", &error))
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
        match Self::with(dir, &fields, &index, options) {
            Ok(opened) => Ok(Some(opened)),
            Err(error) => damaged(dir, &error),
        }
    }

    /// What the newest commit of the index in `dir` carries, if [`Self::open`] could open it. Takes no lock, writes nothing.
    pub(crate) fn look(dir: &Path) -> Result<Option<Payload>, Error> {
        let look = || -> Result<Option<String>, TantivyError> {
            let index = tantivy::Index::open(MmapDirectory::open(dir)?)?;
            if index.schema() != Fields::new().schema {
                return Ok(None);
            }
            for segment in index.searchable_segments()? {
                SegmentReader::open(&segment)?;
            }
            Ok(index.load_metas()?.payload)
        };
        match look() {
            Ok(payload) => Ok(payload.and_then(|text| serde_json::from_str(&text).ok())),
            Err(error) => damaged(dir, &error),
        }
    }

    fn with(dir: &Path, fields: &Fields, index: &tantivy::Index, options: &Options) -> Result<Self, TantivyError> {
        index.tokenizers().register(TOKENIZER, TextAnalyzer::from(Analysis));
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(STORE_CACHE_BLOCKS)
            .try_into()?;
        let view = Arc::new(View::new(fields.clone(), index.clone(), reader.clone())?);
        let keeper = Keeper::start(Arc::clone(&view))?;
        let writer = Writer::open(dir, fields, options, index, &reader, keeper.wake())?;
        Ok(Self {
            dir: dir.to_owned(),
            view,
            askers: Askers::default(),
            writer: Mutex::new(writer),
            keeper,
        })
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with a search of `asker`.
    fn search<T>(&self, asker: &Asker, with: impl FnOnce(Search<'_>) -> Result<T, TantivyError>) -> Result<T, Error> {
        let snapshot = self.view.snapshot();
        if !snapshot.is_quick() {
            self.keeper.wake().quicken();
        }
        Search::new(&self.view.fields, &snapshot, &self.askers, asker)
            .and_then(with)
            .map_err(|error| failed(&self.dir, "was searched", &error))
    }
}

impl IndexBackend for TantivyBackend {
    fn apply(&self, batch: Vec<Change>) -> Result<Vec<Refused>, Error> {
        self.writer().apply(batch)
    }

    fn commit(&self, payload: &Payload) -> Result<(), Error> {
        let mut writer = self.writer();
        let changing = self.view.begin_change();
        writer.commit(payload)?;
        self.view
            .publish(&changing)
            .map_err(|error| failed(&self.dir, "was reloaded", &error))
    }

    fn payload(&self) -> Result<Option<Payload>, Error> {
        self.writer().payload()
    }

    fn search_many(&self, requests: &[SearchRequest], asker: &Asker) -> Result<Vec<SearchResponse>, Error> {
        self.search(asker, |search| search.answer(requests))
    }

    fn find(&self, record: RecordId, asker: &Asker) -> Result<Option<Hit>, Error> {
        self.search(asker, |search| search.find(record))
    }

    fn stats(&self) -> Result<Stats, Error> {
        let searcher = self.view.snapshot().searcher.clone();
        Ok(Stats {
            documents: searcher.num_docs(),
            segments: searcher.segment_readers().len() as u64,
            bytes: bytes_of(&self.dir).map_err(|error| failed(&self.dir, "was measured", &error.into()))?,
        })
    }
}

/// What the files of a folder take. Those that a merge has just made superfluous may go meanwhile.
fn bytes_of(dir: &Path) -> std::io::Result<u64> {
    let entries = match std::fs::read_dir(dir) {
        // An index in memory has no folder.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut bytes = 0;
    for entry in entries {
        bytes += entry?.metadata().map_or(0, |metadata| metadata.len());
    }
    Ok(bytes)
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
    let disk = match error {
        TantivyError::IoError(cause)
        | TantivyError::OpenDirectoryError(OpenDirectoryError::IoError { io_error: cause, .. })
        | TantivyError::OpenReadError(OpenReadError::IoError { io_error: cause, .. })
        | TantivyError::OpenWriteError(OpenWriteError::IoError { io_error: cause, .. }) => Some(cause.kind()),
        TantivyError::LockFailure(..) => return Err(failed(dir, "was opened", error)),
        _ => None,
    };
    // A file that is cut short or holds something else is no fault of the disk's.
    if disk.is_some_and(|kind| !matches!(kind, ErrorKind::UnexpectedEof | ErrorKind::InvalidData)) {
        return Err(Error::Storage {
            dir: dir.to_owned(),
            doing: "was opened",
            cause: format!(
                "{error}; if it stays like this, remove the folder `{}`: the index is built anew",
                dir.parent().unwrap_or(dir).display()
            ),
        });
    }
    tracing::warn!(%error, "the search index in `{}` can't be read and will be rebuilt", dir.display());
    Ok(None)
}
