//! Real folders, read to the end and parsed.

mod bad;
mod changes;
mod listing;
mod missing;
mod watching;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use model::connector::{RawPage, SliceSpec};
use model::record::{Body, Content};
use model::{Number, SyncMode, SystemClock, Timestamp};
use serde_json::Value;
use tempfile::TempDir;

use super::{Folder, FolderConfig, FolderGuard, STREAM};
use crate::reader::{Ask, Event, Listener};
use crate::{Connector, Error, ExtractFailure, ExtractFailureKind, ExtractedFile, FileToRead, Parsed, Reader};

/// A folder full of files, and the sources that read it.
struct Scene {
    temp: TempDir,
    root: PathBuf,
}

/// Everything that reading a slice yielded.
#[derive(Default)]
struct Seen {
    pages: Vec<RawPage>,
    positions: Vec<Option<Value>>,
    cursors: Vec<Value>,
    log: Vec<String>,
    expected: Option<u64>,
}

impl Scene {
    /// A folder with these files; a path that ends with `/` is an empty folder.
    fn of(files: &[&str]) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().canonicalize().unwrap().join("root");
        std::fs::create_dir(&root).unwrap();
        let scene = Self { temp, root };
        for file in files {
            scene.write(file, &format!("text of {file}"));
        }
        scene
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.root.join(file);
        if file.ends_with('/') {
            std::fs::create_dir_all(path).unwrap();
        } else {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }

    fn remove(&self, file: &str) {
        std::fs::remove_file(self.root.join(file)).unwrap();
    }

    fn rename(&self, from: &str, to: &str) {
        std::fs::rename(self.root.join(from), self.root.join(to)).unwrap();
    }

    fn config(&self) -> FolderConfig {
        FolderConfig::of(self.root.clone())
    }

    fn guard(&self) -> FolderGuard {
        FolderGuard {
            data_dir: self.temp.path().join("data"),
            allowed_roots: Vec::new(),
            is_administrator: true,
        }
    }

    fn folder(&self) -> Folder {
        self.folder_with(|_| {})
    }

    fn folder_with(&self, change: impl FnOnce(&mut FolderConfig)) -> Folder {
        let mut config = self.config();
        change(&mut config);
        Folder::new(config, self.guard(), Arc::new(SystemClock)).unwrap()
    }
}

/// Plans one slice.
fn plan(folder: &Folder, mode: SyncMode) -> SliceSpec {
    let mut slices = folder.plan(&[STREAM.to_owned()], mode, &[], Timestamp(0)).unwrap();
    slices.remove(0)
}

/// Reads a slice from a position, until its end or until `pages_max` pages are kept.
async fn read_some(
    folder: &Folder,
    slice: &SliceSpec,
    position: Option<Value>,
    pages_max: usize,
) -> (Seen, Result<(), Error>) {
    let (mut reader, mut listener) = Reader::new();
    let mut seen = Seen::default();
    let result = tokio::select! {
        result = folder.read(slice, position, &mut reader) => result,
        () = listen(&mut listener, &mut seen, pages_max) => Err(Error::Stopped),
    };
    (seen, result)
}

async fn listen(listener: &mut Listener, seen: &mut Seen, pages_max: usize) {
    let mut number = 0;
    while seen.pages.len() < pages_max {
        tokio::select! {
            Some(Ask::Number(answer)) = listener.asks.recv() => {
                number += 1;
                answer.send(Number(number)).unwrap();
            }
            Some(envelope) = listener.events.recv() => {
                match envelope.event {
                    Event::Page { page, next, records } => {
                        assert_eq!(records, page.body.split(|byte| *byte == b'\n').skip(1).count() as u64);
                        seen.pages.push(*page);
                        seen.positions.push(next);
                    }
                    Event::Checkpoint { key, value } => {
                        assert_eq!(key, STREAM);
                        seen.cursors.push(value);
                    }
                    Event::Log(line) => seen.log.push(line),
                    Event::Expected(count) => seen.expected = Some(count),
                    other => panic!("a folder does not yield {other:?}"),
                }
                // Reading may have ended in an error meanwhile.
                envelope.done.send(()).ok();
            }
            else => return,
        }
    }
}

async fn read(folder: &Folder, slice: &SliceSpec) -> Seen {
    let (seen, result) = read_some(folder, slice, None, usize::MAX).await;
    result.unwrap();
    seen
}

/// Reads files as text, as extraction would.
fn plain_text(files: &[FileToRead<'_>]) -> Vec<Result<ExtractedFile, ExtractFailure>> {
    let read = |file: &FileToRead<'_>| {
        let text = std::fs::read_to_string(file.path).map_err(|error| ExtractFailure {
            reason: "unreadable file".to_owned(),
            detail: format!("`{}` can't be read: {error}", file.path.display()),
            kind: ExtractFailureKind::File,
        })?;
        Ok(ExtractedFile {
            text,
            ..ExtractedFile::default()
        })
    };
    files.iter().map(read).collect()
}

/// Asks `read` about one file after the other.
fn one_by_one(
    mut read: impl FnMut(&FileToRead<'_>) -> Result<ExtractedFile, ExtractFailure>,
) -> impl FnMut(&[FileToRead<'_>]) -> Vec<Result<ExtractedFile, ExtractFailure>> {
    move |files| files.iter().map(&mut read).collect()
}

fn parse(folder: &Folder, page: &RawPage) -> Parsed {
    folder.parse(page, &mut plain_text).unwrap()
}

/// What has landed, by key, after parsing the pages in order; a gone record is `None`.
fn landed(folder: &Folder, seen: &Seen) -> BTreeMap<String, Option<Body>> {
    let mut landed = BTreeMap::new();
    for page in &seen.pages {
        for landing in parse(folder, page).landings {
            let body = match landing.content {
                Content::Present(body) => Some(*body),
                Content::Gone => None,
            };
            landed.insert(landing.key.0, body);
        }
    }
    landed
}

/// The keys that a full listing lands.
async fn listed(folder: &Folder) -> Vec<String> {
    let seen = read(folder, &plan(folder, SyncMode::Full)).await;
    landed(folder, &seen).into_keys().collect()
}
