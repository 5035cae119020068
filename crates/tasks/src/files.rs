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
use store::{Store, Tx};

/// Reads the files of one page.
pub(crate) struct Files {
    pub(crate) store: Store,
    pub(crate) pool: Arc<ExtractPool>,
    pub(crate) stream: StreamId,
    /// Whether a file that can't be read for now is given up, because the page is tried for the last time.
    pub(crate) is_last_attempt: bool,
}

impl Files {
    /// The texts of files, one answer each, in their order. Blocks.
    pub(crate) fn read(&self, files: &[FileToRead<'_>]) -> Vec<Result<ExtractedFile, ExtractFailure>> {
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
    fn known(&self, files: &[FileToRead<'_>]) -> HashMap<String, ExtractedFile> {
        let mut bodies = self.bodies(files.iter().map(|file| file.key.to_owned()).collect());
        let found = |file: &FileToRead<'_>, body| Some((file.key.to_owned(), unchanged(file, body)?));
        let mut known: HashMap<_, _> = files
            .iter()
            .filter_map(|file| found(file, bodies.remove(file.key)?))
            .collect();
        let others: Vec<_> = files.iter().filter(|file| !known.contains_key(file.key)).collect();
        let wanted: Vec<_> = others
            .iter()
            .filter_map(|file| Some((file.key.to_owned(), FileDigest::of_hex(file.hash)?)))
            .collect();
        if wanted.is_empty() {
            return known;
        }
        let stream = self.stream;
        let alike = self.ask(move |tx| tx.find_alike(stream, &wanted));
        let first = |file: &FileToRead<'_>| alike.get(file.key)?.first().cloned();
        let bodies = self.bodies(others.iter().filter_map(|file| first(file)).collect());
        known.extend(
            others
                .iter()
                .filter_map(|file| found(file, bodies.get(&first(file)?)?.clone())),
        );
        known
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
