//! Files below a folder of this machine.
//!
//! Fetching walks the folder and stages, per file, its path, size, times and the hash of its content; parsing reads the
//! file itself, through `extract`. So a replay reads what the file says today, and the hash says that it did.
//!
//! A record is a path, and knows a digest of its file. A file that is met at a path that no record has, with the
//! content of one whose path is empty now, has moved: it keeps its record, and its text is not read again. A listing is
//! exact: what a complete one does not show is deleted. That is why a root that is missing or empty is an error that
//! ends the listing as incomplete instead of as empty, and why a page names the folders below it that can't be read: no
//! sweep looks at what is there, and the cursor stays where it was.

mod config;
mod estimate;
mod guard;
mod kinds;
mod list;
mod name;
mod open;
mod page;
mod parse;
mod rules;
mod slice;
mod walk;
pub mod watch;

use std::collections::HashSet;
use std::fs::{File, Metadata};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use model::connector::{Cursor, RawPage, SliceSpec, StreamInfo};
use model::{Clock, SyncMode, Timestamp};
use rustix::fs::OFlags;
use serde_json::{Value, json};

use crate::{Connector, Error, ExtractFiles, Parsed, Reader};
use rules::Rules;
use slice::Work;

pub use config::{FILE_BYTES_MAX, FolderConfig};
pub use estimate::{Estimate, EstimateLimits};
pub use guard::{FolderGuard, forbidden};

/// The one stream of a folder.
pub const STREAM: &str = "files";

/// A folder as a source.
#[derive(Debug, Clone)]
pub struct Folder {
    config: FolderConfig,
    rules: Arc<Rules>,
    guard: Arc<FolderGuard>,
    clock: Arc<dyn Clock>,
}

/// A folder that was looked at and may be read: everything that a walk needs to know.
#[derive(Debug, Clone)]
struct Ground {
    /// In its canonical form.
    root: PathBuf,
    rules: Arc<Rules>,
    guard: Arc<FolderGuard>,
    gitignore: bool,
    follow_symlinks: bool,
    max_file_bytes: u64,
}

impl Folder {
    /// A folder source. Compiles the patterns but does not look at the disk yet.
    pub fn new(config: FolderConfig, guard: FolderGuard, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        if !config.default_excludes && !guard.is_administrator {
            return Err(Error::FixConfiguration(
                "`default_excludes` keeps credentials out of the search and can be switched off by an administrator only; \
                 leave it out"
                    .to_owned(),
            ));
        }
        Ok(Self {
            rules: Arc::new(Rules::new(&config)?),
            config,
            guard: Arc::new(guard),
            clock,
        })
    }

    /// The configuration.
    pub fn config(&self) -> &FolderConfig {
        &self.config
    }

    /// Whether this one takes the same files as `other`: a watch over either serves both.
    pub fn is_like(&self, other: &Self) -> bool {
        self.config == other.config && self.guard == other.guard
    }

    /// The slices that read just these paths, given as record keys (as [`watch::Change`] does): those that exist land,
    /// those that do not are gone. A path that is a folder stands for everything below it.
    pub fn changed_slices(&self, keys: &[String]) -> Vec<SliceSpec> {
        slice::changed(keys)
    }

    /// Looks what a sync would take, within limits. Blocking.
    pub fn estimate(&self, limits: &EstimateLimits) -> Result<Estimate, Error> {
        estimate::estimate(&self.ground()?, limits, self.clock.as_ref())
    }

    /// Opens the file that a record's key stands for and says where it really is; `None` when it is gone, can't be
    /// opened, or is no longer one that a sync would take. Blocking.
    ///
    /// Whoever writes to the folder may put something else into the file's place at any moment: what was opened is
    /// looked at, and is the file that the path leads to also afterwards.
    pub fn open(&self, key: &str) -> Result<Option<(PathBuf, File)>, Error> {
        let Some(path) = self.file(key)? else {
            return Ok(None);
        };
        // A pipe in the file's place would keep the opening from ending.
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
        let Ok(file) = File::options().read(true).custom_flags(flags).open(&path) else {
            return Ok(None);
        };
        let is_same = |now: &Metadata, opened: &Metadata| (now.dev(), now.ino()) == (opened.dev(), opened.ino());
        let is_still_there = self.file(key)?.as_ref() == Some(&path);
        let stays = match (file.metadata(), std::fs::symlink_metadata(&path)) {
            (Ok(opened), Ok(now)) => is_still_there && opened.is_file() && is_same(&now, &opened),
            _ => false,
        };
        Ok(stays.then_some((path, file)))
    }

    /// Where the file of a record's key is.
    fn file(&self, key: &str) -> Result<Option<PathBuf>, Error> {
        let ground = self.ground()?;
        let Some(relative) = name::path_of(key) else {
            return Ok(None);
        };
        let Ok(real) = ground.root.join(&relative).canonicalize() else {
            return Ok(None);
        };
        let stays =
            (ground.follow_symlinks || real.starts_with(&ground.root)) && ground.guard.may_follow(&ground.root, &real);
        let is_taken = ground.rules.may_hold(&relative) && ground.rules.takes(&relative);
        Ok((stays && is_taken && real.is_file()).then_some(real))
    }

    /// Starts to watch the folder for changes. Blocking while the folders below it are found.
    pub fn watch(&self, settings: watch::WatchSettings) -> Result<watch::Watch, Error> {
        watch::Watch::start(self.ground()?, settings, Arc::clone(&self.clock))
    }

    /// Looks at the root: it must be permitted, a directory, and hold something.
    fn ground(&self) -> Result<Ground, Error> {
        let root = self.guard.permit(&self.config.path).map_err(Error::FixConfiguration)?;
        let ground = Ground {
            root,
            rules: Arc::clone(&self.rules),
            guard: Arc::clone(&self.guard),
            gitignore: self.config.gitignore,
            follow_symlinks: self.config.follow_symlinks,
            max_file_bytes: self.config.max_file_bytes,
        };
        ground.look()?;
        Ok(ground)
    }
}

impl Ground {
    /// Whether the root is still there and holds something. An empty root is most often a disk that is not mounted.
    /// What its `.gitignore` leaves out must be known, too.
    fn look(&self) -> Result<(), Error> {
        let shown = self.root.display();
        let mut entries = std::fs::read_dir(&self.root).map_err(|error| {
            let way_out = match error.kind() {
                std::io::ErrorKind::NotADirectory => "name the folder that it is in",
                std::io::ErrorKind::PermissionDenied => "allow the server's user to read it",
                _ => "check the path and that it is mounted",
            };
            Error::FixConfiguration(format!("the folder `{shown}` can't be read: {error}; {way_out}"))
        })?;
        match entries.next() {
            Some(_) => match open::unfit_gitignore(&self.root).filter(|_| self.gitignore) {
                None => Ok(()),
                Some(why) => Err(Error::FixConfiguration(format!(
                    "the folder `{shown}` can't be read: {why}; replace it, or set `gitignore` to false"
                ))),
            },
            None => Err(Error::FixConfiguration(format!(
                "the folder `{shown}` is empty: mount it, or put files into it"
            ))),
        }
    }
}

impl Connector for Folder {
    fn streams(&self) -> Result<Vec<StreamInfo>, Error> {
        Ok(vec![StreamInfo {
            name: STREAM.to_owned(),
            incremental: true,
            exact_listing: true,
            primary_key: vec!["path".to_owned()],
            schema: schema(),
        }])
    }

    fn check(&self) -> BoxFuture<'_, Result<Vec<String>, Error>> {
        let folder = self.clone();
        Box::pin(async move {
            list::blocking(move || folder.ground()).await??;
            Ok(Vec::new())
        })
    }

    fn plan(
        &self,
        streams: &[String],
        mode: SyncMode,
        cursors: &[Cursor],
        now: Timestamp,
    ) -> Result<Vec<SliceSpec>, Error> {
        slice::plan(streams, mode, cursors, now)
    }

    fn read<'a>(
        &'a self,
        slice: &'a SliceSpec,
        position: Option<Value>,
        reader: &'a mut Reader,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let work = Work::of(slice)?;
            let folder = self.clone();
            let ground = list::blocking(move || folder.ground()).await?.map_err(unread)?;
            list::read(ground, Arc::clone(&self.clock), work, slice, position, reader).await
        })
    }

    fn parse(&self, page: &RawPage, extract: &mut ExtractFiles<'_>) -> Result<Parsed, Error> {
        // A root that is away now may be back in a moment; the page waits for it rather than lose its files.
        let ground = self.ground().map_err(|error| Error::Retry(error.to_string()))?;
        parse::parse(&ground, page, extract)
    }

    fn list_gone(&self, keys: &[String]) -> HashSet<String> {
        let Ok(ground) = self.ground() else {
            return HashSet::new();
        };
        let is_gone = |key: &&String| {
            let path = name::path_of(key).map(|relative| ground.root.join(relative));
            path.is_some_and(|path| matches!(parse::there(path.symlink_metadata()), Ok(None)))
        };
        let gone = keys.iter().filter(is_gone).cloned().collect();
        // Where the root went away meanwhile, nothing was there to be seen.
        if ground.look().is_ok() { gone } else { HashSet::new() }
    }
}

/// What a sync says that could not read the folder: whoever finds it unreadable asks first what became of its records.
fn unread(error: Error) -> Error {
    match error {
        Error::FixConfiguration(text) => Error::FixConfiguration(format!("{text}. Nothing was deleted")),
        other => other,
    }
}

fn schema() -> Value {
    let text = json!({"type": "string"});
    let number = json!({"type": "integer"});
    let time = json!({"type": "string", "format": "date-time"});
    json!({
        "type": "object",
        "properties": {
            "path": text, "name": text, "folder": text, "extension": text, "kind": text, "media_type": text,
            "size": number, "modified_at": time, "created_at": time, "hash": text, "title": text,
            "authors": {"type": "array", "items": text}, "pages": number, "truncated": {"type": "boolean"},
            "extraction_error": text
        }
    })
}

#[cfg(test)]
mod tests;
