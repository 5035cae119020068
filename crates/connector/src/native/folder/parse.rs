//! A page of files becomes records, by reading the files.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use model::connector::RawPage;
use model::record::{Body, Content};
use model::{Acl, Landing, RecordKey, Rejected, Timestamp};
use serde_json::{Map, Value};

use super::Ground;
use super::kinds::{Form, form_of};
use super::name::{path_of, shown};
use super::page::{self, Line};
use crate::{Error, ExtractFailure, ExtractFailureKind, ExtractFile, ExtractedFile, FileToRead, Parsed};

/// How often a file that changes under our hands is read again before the last reading counts.
const READINGS_MAX: usize = 3;

/// Titles that programs write by themselves and that name nothing.
const EMPTY_TITLES: [&str; 8] = [
    "untitled",
    "unbenannt",
    "title",
    "document",
    "document1",
    "presentation",
    "powerpoint presentation",
    "slide 1",
];

/// Turns a page into records. The error is that the root is not there, or that the page is not one of ours.
pub(super) fn parse(ground: &Ground, page: &RawPage, extract: &mut ExtractFile<'_>) -> Result<Parsed, Error> {
    let mut parsed = Parsed::default();
    for line in page::read(&page.body)? {
        let key = RecordKey(line.path.clone());
        let land = |content| Landing {
            stream: page.stream.clone(),
            key: key.clone(),
            content,
        };
        if line.is_gone {
            parsed.landings.push(land(Content::Gone));
            continue;
        }
        let Some(relative) = path_of(&line.path) else {
            parsed.rejected.push(Rejected {
                stream: page.stream.clone(),
                key: None,
                reason: "not a path".to_owned(),
                detail: format!("`{}` does not lead to a file below the folder; sync again", line.path),
            });
            continue;
        };
        // What has vanished or may no longer be read lands nothing: a complete listing then does not see it either.
        let Some(path) = admitted(ground, &relative) else {
            continue;
        };
        let Some(reading) = Reading::of(ground, &relative, &path, line, extract)? else {
            continue;
        };
        if let Some(failure) = &reading.failure {
            parsed.rejected.push(Rejected {
                stream: page.stream.clone(),
                key: Some(key.clone()),
                reason: failure.reason.clone(),
                detail: failure.detail.clone(),
            });
        }
        parsed
            .landings
            .push(land(Content::Present(Box::new(reading.into_body(&relative)))));
    }
    Ok(parsed)
}

/// The file's whole path, if the rules still take it and it does not lead out of the folder.
fn admitted(ground: &Ground, relative: &Path) -> Option<PathBuf> {
    if !ground.rules.may_hold(relative) || !ground.rules.takes(relative) {
        return None;
    }
    let path = ground.root.join(relative);
    let real = path.canonicalize().ok()?;
    let is_itself = real == path;
    (is_itself || (ground.follow_symlinks && ground.guard.may_follow(&ground.root, &path))).then_some(path)
}

/// One file, read.
struct Reading {
    line: Line,
    form: Form,
    found: ExtractedFile,
    /// Why there is no text although there should be; shown as a failure.
    failure: Option<ExtractFailure>,
    /// Why there is no text, and that is as it should be.
    remark: Option<String>,
}

impl Reading {
    /// Reads a file. `None` when it is not there any more; an error when the page is to be parsed again later.
    fn of(
        ground: &Ground,
        relative: &Path,
        path: &Path,
        line: Line,
        extract: &mut ExtractFile<'_>,
    ) -> Result<Option<Self>, Error> {
        let mut reading = Self::start(relative, line);
        for attempt in 0..READINGS_MAX {
            let Some(before) = path.metadata().ok().filter(std::fs::Metadata::is_file) else {
                return Ok(None);
            };
            if attempt > 0 || !reading.line.describes(&before) {
                let key = std::mem::take(&mut reading.line.path);
                let never = AtomicBool::new(false);
                let Some(line) = Line::read(key, path, &before, ground.max_file_bytes, &never) else {
                    return Ok(None);
                };
                reading = Self::start(relative, line);
            }
            reading.text(path, extract, ground.max_file_bytes)?;
            let Ok(after) = path.metadata() else {
                return Ok(None);
            };
            if reading.line.describes(&after) {
                break;
            }
        }
        Ok(Some(reading))
    }

    fn start(relative: &Path, line: Line) -> Self {
        Self {
            form: form_of(relative, line.is_binary),
            line,
            found: ExtractedFile::default(),
            failure: None,
            remark: None,
        }
    }

    fn text(&mut self, path: &Path, extract: &mut ExtractFile<'_>, bytes_max: u64) -> Result<(), Error> {
        (self.failure, self.remark) = (None, None);
        if let Some(error) = &self.line.error {
            self.failure = Some(ExtractFailure {
                reason: "unreadable file".to_owned(),
                detail: format!("`{}` can't be read: {error}", self.line.path),
                kind: ExtractFailureKind::File,
            });
            return Ok(());
        }
        let Some(hash) = &self.line.hash else {
            self.remark = Some(format!("larger than `max_file_bytes`, which is {bytes_max}"));
            return Ok(());
        };
        if !self.form.is_readable || self.line.size == 0 {
            return Ok(());
        }
        let file = FileToRead {
            path,
            media_type: self.form.media_type,
            key: &self.line.path,
            hash,
        };
        match extract(&file) {
            Ok(found) => self.found = found,
            Err(error) => match error.kind {
                ExtractFailureKind::Passing => return Err(Error::Retry(error.detail)),
                ExtractFailureKind::Unsupported => self.remark = Some(error.detail),
                ExtractFailureKind::File => self.failure = Some(error),
            },
        }
        Ok(())
    }

    fn into_body(self, relative: &Path) -> Body {
        let path = shown(relative);
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let extension = Path::new(name)
            .extension()
            .map(|end| end.to_string_lossy().to_lowercase());
        let mut data = Map::new();
        let mut put = |key: &str, value: Value| {
            if !value.is_null() {
                data.insert(key.to_owned(), value);
            }
        };
        put("path", path.as_str().into());
        put("name", name.into());
        put("folder", folder.into());
        put("extension", extension.into());
        put("kind", self.form.kind.into());
        if !self.form.media_type.is_empty() {
            put("media_type", self.form.media_type.into());
        }
        put("size", self.line.size.into());
        put(
            "modified_at",
            self.line.modified_at.map(|ms| Timestamp(ms).to_string()).into(),
        );
        put(
            "created_at",
            self.line.created_at.map(|ms| Timestamp(ms).to_string()).into(),
        );
        put("hash", self.line.hash.into());
        put("title", self.found.title.as_deref().and_then(title).into());
        let authors: Vec<String> = self.found.authors.iter().map(|author| clean(author)).collect();
        if !authors.is_empty() {
            put("authors", authors.into());
        }
        put("pages", self.found.pages.into());
        if self.found.truncated {
            put("truncated", true.into());
        }
        if self.found.reader > 0 {
            put("reader", self.found.reader.into());
        }
        let failure = self.failure.map(|failure| failure.detail);
        put("extraction_error", failure.or(self.remark).into());
        Body {
            data: Value::Object(data),
            text: without_zeros(self.found.text),
            acl: Acl::source_only(),
            changed_at: self.line.modified_at.map(Timestamp),
        }
    }
}

/// A document's own title, unless it says nothing.
fn title(text: &str) -> Option<String> {
    let text = clean(text);
    let lower = text.to_lowercase();
    let is_empty = lower.is_empty() || EMPTY_TITLES.contains(&lower.as_str()) || lower.starts_with("microsoft ");
    (!is_empty).then_some(text)
}

fn clean(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// PostgreSQL keeps no zero bytes in texts.
fn without_zeros(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "")
    } else {
        text
    }
}
