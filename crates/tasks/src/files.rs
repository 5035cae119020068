//! Reads files for pages that stand for files: through the extraction child, unless the store still holds what was
//! found in the same content.
//!
//! A full sync lists every file; only those whose content or whose reader has changed are worth a child's time.

use std::sync::Arc;

use connector::{ExtractFailure, ExtractFailureKind, ExtractedFile, FileToRead};
use extract::VERSION;
use extract::pool::ExtractPool;
use model::StreamId;
use model::record::Body;
use store::Store;

/// Reads the files of one page.
pub(crate) struct Files {
    pub(crate) store: Store,
    pub(crate) pool: Arc<ExtractPool>,
    pub(crate) stream: StreamId,
    /// Whether a file that can't be read for now is given up, because the page is tried for the last time.
    pub(crate) is_last_attempt: bool,
}

impl Files {
    /// The text of a file. Blocks.
    pub(crate) fn read(&self, file: &FileToRead<'_>) -> Result<ExtractedFile, ExtractFailure> {
        if let Some(known) = self.known(file) {
            return Ok(known);
        }
        match self.pool.extract_file(file.path, file.media_type) {
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

    /// What the store holds of the same content, read by the same reader.
    fn known(&self, file: &FileToRead<'_>) -> Option<ExtractedFile> {
        let (stream, keys) = (self.stream, [file.key.to_owned()]);
        let body: Body = self
            .store
            .read_blocking(|tx| tx.find_bodies(stream, &keys))
            .ok()?
            .remove(file.key)?;
        let text = |name: &str| body.data.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        let number = |name: &str| {
            body.data
                .get(name)
                .and_then(serde_json::Value::as_u64)
                .and_then(|n| u32::try_from(n).ok())
        };
        if text("hash").as_deref() != Some(file.hash) || number("reader") != Some(VERSION) {
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
}
