//! Reads files for pages that stand for files: through the extraction child, unless the store holds what was found in
//! the same content, be it under another key.
//!
//! A full sync lists every file; only those whose content or whose reader has changed are worth a child's time.

use std::collections::HashMap;
use std::sync::Arc;

use connector::{ExtractFailure, ExtractFailureKind, ExtractedFile, FileToRead};
use extract::VERSION;
use extract::pool::ExtractPool;
use model::StreamId;
use model::record::{Body, FileDigest};
use store::{Alike, Store, Tx};

/// Reads the files of one page.
pub(crate) struct Files {
    store: Store,
    pool: Arc<ExtractPool>,
    stream: StreamId,
    /// Whether a file that can't be read for now is given up, because the page is tried for the last time.
    is_last_attempt: bool,
    /// Of files that were looked up: the keys of records with the same content, where no live record has their own.
    alike: HashMap<Entry, Alike>,
}

/// A file's key and its content.
pub(crate) type Entry = (String, FileDigest);

impl Files {
    /// The files of a page of this stream.
    pub(crate) fn new(store: Store, pool: Arc<ExtractPool>, stream: StreamId, is_last_attempt: bool) -> Self {
        Self {
            store,
            pool,
            stream,
            is_last_attempt,
            alike: HashMap::new(),
        }
    }

    /// The texts of files, one answer each, in their order. Blocks.
    pub(crate) fn read(&mut self, files: &[FileToRead<'_>]) -> Vec<Result<ExtractedFile, ExtractFailure>> {
        let mut known = self.known(files);
        files
            .iter()
            .map(|file| match known.remove(file.key) {
                Some(found) => Ok(found),
                None => self.extract(file),
            })
            .collect()
    }

    fn extract(&self, file: &FileToRead<'_>) -> Result<ExtractedFile, ExtractFailure> {
        match self.pool.extract_file(file.path, file.key, file.media_type) {
            Ok(found) => Ok(ExtractedFile {
                text: found.text,
                title: found.title,
                authors: found.authors,
                pages: found.pages,
                truncated: found.truncated,
                reader: VERSION,
            }),
            Err(error) => {
                let kind = match &error {
                    extract::Error::Unsupported { .. } => ExtractFailureKind::Unsupported,
                    error if error.is_passing() && !self.is_last_attempt => ExtractFailureKind::Passing,
                    _ => ExtractFailureKind::File,
                };
                Err(ExtractFailure {
                    reason: error.reason().to_owned(),
                    detail: error.to_string(),
                    kind,
                })
            }
        }
    }

    /// What the store holds of the files' content, by their keys: in their own records, or in those of files that are
    /// like them, which they were copied or moved from. Without it they are only read once more.
    fn known(&mut self, files: &[FileToRead<'_>]) -> HashMap<String, ExtractedFile> {
        let mut bodies = self.bodies(files.iter().map(|file| file.key.to_owned()).collect());
        let found = |file: &FileToRead<'_>, body| Some((file.key.to_owned(), unchanged(file, body)?));
        let mut known = HashMap::new();
        let mut others = Vec::new();
        for file in files {
            let Some(digest) = FileDigest::of_hex(file.hash) else {
                continue;
            };
            let entry = (file.key.to_owned(), digest);
            if let Some((key, own)) = bodies.remove(file.key).and_then(|body| found(file, body)) {
                known.insert(key, own);
                // It has a record: there is nothing to look up.
                self.alike.insert(entry, Alike::default());
            } else {
                others.push((file, entry));
            }
        }
        self.look_up(others.iter().map(|(_, entry)| entry.clone()).collect());
        let first = |entry: &Entry| self.alike.get(entry)?.keys.first().cloned();
        let bodies = self.bodies(others.iter().filter_map(|(_, entry)| first(entry)).collect());
        known.extend(
            others
                .iter()
                .filter_map(|(file, entry)| found(file, bodies.get(&first(entry)?)?.clone())),
        );
        known
    }

    /// Looks up the keys of records with the same content as these files: see [`Tx::find_alike`].
    pub(crate) fn look_up(&mut self, files: Vec<Entry>) {
        let unasked: Vec<Entry> = files
            .into_iter()
            .filter(|entry| !self.alike.contains_key(entry))
            .collect();
        if unasked.is_empty() {
            return;
        }
        let stream = self.stream;
        let mut found = self.ask(|tx| tx.find_alike(stream, &unasked));
        for entry in unasked {
            let same = found.remove(&entry.0).unwrap_or_default();
            self.alike.insert(entry, same);
        }
    }

    /// What [`Files::look_up`] found; nothing where there is more than could be looked at.
    pub(crate) fn alike_to(&self, entry: &Entry) -> &[String] {
        let whole = self.alike.get(entry).filter(|alike| !alike.is_cut);
        whole.map_or(&[], |alike| alike.keys.as_slice())
    }

    fn bodies(&self, keys: Vec<String>) -> HashMap<String, Body> {
        if keys.is_empty() {
            return HashMap::new();
        }
        let stream = self.stream;
        self.ask(move |tx| tx.find_bodies(stream, &keys))
    }

    fn ask<T>(&self, question: impl Fn(&mut Tx<'_>) -> Result<HashMap<String, T>, store::Error>) -> HashMap<String, T> {
        self.store.read_blocking(question).unwrap_or_else(|error| {
            tracing::debug!("what is known of a page's files can't be read: {error}");
            HashMap::new()
        })
    }
}

/// What the store holds of the same content, read by the same reader.
fn unchanged(file: &FileToRead<'_>, body: Body) -> Option<ExtractedFile> {
    let text = |name: &str| body.data.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    let number = |name: &str| {
        body.data
            .get(name)
            .and_then(serde_json::Value::as_u64)
            .and_then(|n| u32::try_from(n).ok())
    };
    // Another ending may mean another way to read the same content.
    let is_same_kind = text("media_type").unwrap_or_default() == file.media_type;
    if !is_same_kind || text("hash").as_deref() != Some(file.hash) || number("reader") != Some(VERSION) {
        return None;
    }
    let authors = body.data.get("authors").and_then(serde_json::Value::as_array);
    let authors = authors
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    Some(ExtractedFile {
        title: text("title"),
        pages: number("pages"),
        authors,
        truncated: body
            .data
            .get("truncated")
            .and_then(serde_json::Value::as_bool)
            .unwrap_or_default(),
        text: body.text,
        reader: VERSION,
    })
}
