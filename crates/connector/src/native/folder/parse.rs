//! A page of files becomes records, by reading the files.

use std::collections::HashMap;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use model::connector::RawPage;
use model::record::{Body, Content, FileDigest};
use model::{Acl, Landing, RecordKey, Rejected, Timestamp};
use serde_json::{Map, Value};

use super::Ground;
use super::kinds::{Form, form_of};
use super::name::{path_of, shown, stems_of};
use super::page::{self, Line};
use crate::{Error, ExtractFailure, ExtractFailureKind, ExtractFiles, ExtractedFile, FileToRead, Parsed};

mod missing;

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
pub(super) fn parse(ground: &Ground, page: &RawPage, extract: &mut ExtractFiles<'_>) -> Result<Parsed, Error> {
    let mut parsed = Parsed::default();
    let mut landings = Vec::new();
    let mut readings = Vec::new();
    for (at, line) in page::read(&page.body)?.into_iter().enumerate() {
        if line.is_unreadable {
            parsed.spared.extend(stems_of(&path_of(&line.path).unwrap_or_default()));
            continue;
        }
        if line.is_gone {
            let landing = Landing {
                stream: page.stream.clone(),
                key: RecordKey(line.path),
                content: Content::Gone,
                digest: None,
            };
            landings.push((at, landing));
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
        readings.push(Reading::start(at, ground, relative, line));
    }
    let readings = read_all(readings, ground, extract)?;
    for (reading, error) in readings.unreadable {
        parsed.rejected.push(Rejected {
            stream: page.stream.clone(),
            detail: format!(
                "`{}` can't be looked at; what was found in it before stays, sync again when it is back ({error})",
                reading.line.path
            ),
            key: Some(RecordKey(reading.line.path)),
            reason: "unreadable file".to_owned(),
        });
    }
    for reading in readings.done {
        let key = RecordKey(reading.line.path.clone());
        if let Some(failure) = &reading.failure {
            parsed.rejected.push(Rejected {
                stream: page.stream.clone(),
                key: Some(key.clone()),
                reason: failure.reason.clone(),
                detail: failure.detail.clone(),
            });
        }
        let at = reading.at;
        let landing = Landing {
            stream: page.stream.clone(),
            key,
            digest: reading.line.hash.as_deref().and_then(FileDigest::of_hex),
            content: Content::Present(Box::new(reading.into_body())),
        };
        landings.push((at, landing));
    }
    landings.sort_by_key(|(at, _)| *at);
    parsed.landings = landings.into_iter().map(|(_, landing)| landing).collect();
    Ok(parsed)
}

/// What became of files.
#[derive(Default)]
struct Readings {
    done: Vec<Reading>,
    unreadable: Vec<(Reading, io::Error)>,
}

/// Reads files, and those that change under our hands again. What has vanished or may no longer be read is left out: a
/// complete listing then does not see it either. What the disk or the network would not show is answered apart: it may
/// well be there. An error means that the page is to be parsed again later.
fn read_all(mut pending: Vec<Reading>, ground: &Ground, extract: &mut ExtractFiles<'_>) -> Result<Readings, Error> {
    let mut readings = Readings::default();
    for attempt in 1..=READINGS_MAX {
        let mut admission = Admission::new(ground);
        for mut reading in std::mem::take(&mut pending) {
            match admission.admit(&mut reading) {
                Ok(Some(now)) if reading.look(&now, ground) => pending.push(reading),
                Ok(_) => {}
                Err(error) => readings.unreadable.push((reading, error)),
            }
        }
        let wanted: Vec<usize> = (0..pending.len()).filter(|at| pending[*at].wants_text()).collect();
        let files: Vec<FileToRead<'_>> = wanted.iter().map(|at| pending[*at].file()).collect();
        let mut answers = if files.is_empty() { Vec::new() } else { extract(&files) }.into_iter();
        for at in wanted {
            let answer = answers.next().unwrap_or_else(|| Err(unanswered(&pending[at])));
            pending[at].take(answer)?;
        }
        for reading in std::mem::take(&mut pending) {
            match there(reading.path.symlink_metadata()) {
                Ok(Some(after)) if attempt == READINGS_MAX || reading.line.describes(&after) => {
                    readings.done.push(reading);
                }
                Ok(Some(_changed)) => pending.push(reading),
                Ok(None) => {}
                Err(error) => readings.unreadable.push((reading, error)),
            }
        }
        if pending.is_empty() {
            break;
        }
    }
    Ok(readings)
}

/// `None` for what is not there. Any other error says nothing about that.
pub(super) fn there<T>(looked: io::Result<T>) -> io::Result<Option<T>> {
    match looked {
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

fn unanswered(reading: &Reading) -> ExtractFailure {
    ExtractFailure {
        reason: "not read".to_owned(),
        detail: format!("`{}` was not read; sync again", reading.line.path),
        kind: ExtractFailureKind::Passing,
    }
}

/// Which files the rules still take, and that don't lead out of the folder.
struct Admission<'g> {
    ground: &'g Ground,
    /// Folders, and what their files may be: those of a page are mostly neighbours.
    folders: HashMap<PathBuf, Neighbours>,
}

/// What holds for every file of one folder.
#[derive(Clone, Copy)]
struct Neighbours {
    /// Neither the folder nor one above it is left out.
    is_held: bool,
    /// No link stands between the root and the folder.
    is_itself: bool,
}

impl<'g> Admission<'g> {
    fn new(ground: &'g Ground) -> Self {
        Self {
            ground,
            folders: HashMap::new(),
        }
    }

    /// What the file looks like now, if it is there and may be read. From here on it is read under the name that it has
    /// without links.
    fn admit(&mut self, file: &mut Reading) -> io::Result<Option<Metadata>> {
        let ground = self.ground;
        file.path = ground.root.join(&file.relative);
        let (Some(folder), Some(relative)) = (file.path.parent(), file.relative.parent()) else {
            return Ok(None);
        };
        let neighbours = self.neighbours(folder, relative)?;
        if !neighbours.is_held || !ground.rules.takes(&file.relative) {
            return Ok(None);
        }
        let Some(metadata) = there(file.path.symlink_metadata())? else {
            return Ok(None);
        };
        if neighbours.is_itself && !metadata.is_symlink() {
            return Ok(Some(metadata));
        }
        let Some(real) = there(file.path.canonicalize())?.filter(|_| ground.follow_symlinks) else {
            return Ok(None);
        };
        if !ground.guard.may_follow(&ground.root, &real) {
            return Ok(None);
        }
        file.path = real;
        there(file.path.symlink_metadata())
    }

    fn neighbours(&mut self, folder: &Path, relative: &Path) -> io::Result<Neighbours> {
        if let Some(known) = self.folders.get(folder) {
            return Ok(*known);
        }
        let neighbours = Neighbours {
            is_held: self.ground.rules.may_hold(relative),
            is_itself: there(folder.canonicalize())?.is_some_and(|real| real == folder),
        };
        self.folders.insert(folder.to_owned(), neighbours);
        Ok(neighbours)
    }
}

/// One file, read.
struct Reading {
    /// Its place in the page: of two with one key the last counts.
    at: usize,
    relative: PathBuf,
    path: PathBuf,
    line: Line,
    form: Form,
    found: ExtractedFile,
    /// Why there is no text although there should be; shown in the list of errors and in the preview.
    failure: Option<ExtractFailure>,
    /// Why there is no text, and that is as it should be; shown in the preview.
    remark: Option<String>,
}

impl Reading {
    fn start(at: usize, ground: &Ground, relative: PathBuf, line: Line) -> Self {
        Self {
            at,
            form: form_of(&relative, line.is_binary),
            path: ground.root.join(&relative),
            relative,
            line,
            found: ExtractedFile::default(),
            failure: None,
            remark: None,
        }
    }

    /// Describes the file anew if it is not what the line says any more. False when it is none.
    fn look(&mut self, now: &Metadata, ground: &Ground) -> bool {
        if !now.is_file() {
            return false;
        }
        if !self.line.describes(now) {
            let key = std::mem::take(&mut self.line.path);
            let never = AtomicBool::new(false);
            let Some(line) = Line::read(key, &self.path, now, ground.max_file_bytes, &never) else {
                return false;
            };
            self.form = form_of(&self.relative, line.is_binary);
            self.line = line;
        }
        self.found = ExtractedFile::default();
        self.failure = missing::before_reading(&self.line, &self.form, ground.max_file_bytes);
        self.remark = missing::as_it_should_be(&self.line, &self.form);
        true
    }

    fn wants_text(&self) -> bool {
        self.failure.is_none() && self.line.hash.is_some() && self.form.is_readable && self.line.size > 0
    }

    fn file(&self) -> FileToRead<'_> {
        FileToRead {
            path: &self.path,
            media_type: self.form.media_type,
            key: &self.line.path,
            hash: self.line.hash.as_deref().unwrap_or_default(),
        }
    }

    fn take(&mut self, answer: Result<ExtractedFile, ExtractFailure>) -> Result<(), Error> {
        match answer {
            Ok(found) => {
                self.failure = missing::after_reading(&self.line, &self.form, &found);
                self.found = found;
            }
            Err(error) => match error.kind {
                ExtractFailureKind::Passing => return Err(Error::Retry(error.detail)),
                ExtractFailureKind::Unsupported => self.remark = Some(error.detail),
                ExtractFailureKind::File => self.failure = Some(error),
            },
        }
        Ok(())
    }

    fn into_body(self) -> Body {
        let path = shown(&self.relative);
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
