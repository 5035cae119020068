//! Reads files for pages that stand for files: through the extraction child, unless the store still holds what was
//! found in the same content.
//!
//! A full sync lists every file; only those whose content or whose reader has changed are worth a child's time.

use std::collections::HashMap;
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
    /// The texts of files, one answer each, in their order. Blocks.
    pub(crate) fn read(&self, files: &[FileToRead<'_>]) -> Vec<Result<ExtractedFile, ExtractFailure>> {
        let mut known = self.bodies(files);
        files
            .iter()
            .map(
                |file| match known.remove(file.key).and_then(|body| unchanged(file, body)) {
                    Some(found) => Ok(found),
                    None => self.extract(file),
                },
            )
            .collect()
    }

    fn extract(&self, file: &FileToRead<'_>) -> Result<ExtractedFile, ExtractFailure> {
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

    /// What the store holds of the files. Without it they are only read once more.
    fn bodies(&self, files: &[FileToRead<'_>]) -> HashMap<String, Body> {
        let keys: Vec<String> = files.iter().map(|file| file.key.to_owned()).collect();
        let stream = self.stream;
        self.store
            .read_blocking(move |tx| tx.find_bodies(stream, &keys))
            .unwrap_or_else(|error: store::Error| {
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
