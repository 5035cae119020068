//! The index on Tantivy: its storage, postings, columns and merges under our own ranking.

mod schema;
mod token_stream;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use model::{Asker, Document, RecordId};
use tantivy::directory::MmapDirectory;
use tantivy::directory::error::LockError;
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{IndexReader, ReloadPolicy, TantivyDocument, TantivyError};

use self::schema::{Fields, TOKENIZER};
use self::token_stream::Analysis;
use self::writer::Writer;
use crate::{Change, Error, Hit, IndexBackend, Options, Payload, Refused, SearchRequest, SearchResponse, Stats};

/// Decompressed blocks of documents that are kept per segment, 16 KiB each.
const STORE_CACHE_BLOCKS: usize = 32;

/// One generation.
#[derive(Debug)]
pub(crate) struct TantivyBackend {
    dir: PathBuf,
    fields: Fields,
    reader: Reader,
    writer: Mutex<Writer>,
}

struct Reader(IndexReader);

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader")
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
            index.map_err(|error| failed(dir, "was created", &error))?,
            options,
        )
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
        match Self::with(dir, fields, index, options) {
            Ok(opened) => Ok(Some(opened)),
            Err(Error::Locked { dir }) => Err(Error::Locked { dir }),
            Err(error) => {
                tracing::warn!(%error, "{error}; it will be rebuilt");
                Ok(None)
            }
        }
    }

    fn with(dir: &Path, fields: Fields, index: tantivy::Index, options: &Options) -> Result<Self, Error> {
        index.tokenizers().register(TOKENIZER, TextAnalyzer::from(Analysis));
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .doc_store_cache_num_blocks(STORE_CACHE_BLOCKS)
            .try_into()
            .map_err(|error: TantivyError| failed(dir, "was opened", &error))?;
        let writer = Writer::open(dir, &fields, options, &index, &reader)?;
        Ok(Self {
            dir: dir.to_owned(),
            fields,
            reader: Reader(reader),
            writer: Mutex::new(writer),
        })
    }

    fn writer(&self) -> std::sync::MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl IndexBackend for TantivyBackend {
    fn apply(&self, batch: Vec<Change>) -> Result<Vec<Refused>, Error> {
        self.writer().apply(batch)
    }

    fn commit(&self, payload: &Payload) -> Result<(), Error> {
        self.writer().commit(payload)
    }

    fn payload(&self) -> Result<Option<Payload>, Error> {
        self.writer().payload()
    }

    fn search_many(&self, requests: &[SearchRequest], asker: &Asker) -> Result<Vec<SearchResponse>, Error> {
        let failed = |error: &TantivyError| failed(&self.dir, "was searched", error);
        let searcher = self.reader.0.searcher();
        let mut documents: Vec<Document> = Vec::new();
        for segment in searcher.segment_readers() {
            let store = segment.get_store_reader(1).map_err(|error| failed(&error.into()))?;
            for encoded in store.iter::<TantivyDocument>(segment.alive_bitset()) {
                documents.extend(self.fields.decode(&encoded.map_err(|error| failed(&error))?));
            }
        }
        documents.sort_by_key(|document| document.record);
        Ok(super::scan::search_many(&documents, requests, asker))
    }

    fn find(&self, record: RecordId, asker: &Asker) -> Result<Option<Hit>, Error> {
        let request = SearchRequest {
            filters: vec![vec![crate::Filter::records(vec![record])]],
            with_body: true,
            ..SearchRequest::default()
        };
        let answers = self.search_many(&[request], asker)?;
        Ok(answers
            .into_iter()
            .next()
            .and_then(|answer| answer.hits.into_iter().next()))
    }

    fn stats(&self) -> Result<Stats, Error> {
        let searcher = self.reader.0.searcher();
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
