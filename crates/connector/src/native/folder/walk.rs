//! The walk: every file that is taken, in an order that a read position can be a place in.
//!
//! The order is that of paths compared segment by segment, which is the order of a depth-first walk through sorted
//! folders. Blocking; to be called where blocking is allowed.

use std::collections::VecDeque;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::Ground;
use super::name::{key_of, shown};
use super::open::unfit_gitignore;

/// How many remarks about one walk are kept.
const REMARKS_MAX: usize = 50;

/// What a walk goes through.
#[derive(Debug, Clone)]
pub(super) enum Scope {
    /// Everything after a path; everything at all when it is empty.
    After(PathBuf),
    /// These paths and what is below them; sorted.
    Only(Arc<[PathBuf]>),
}

/// One thing met on the walk.
#[derive(Debug)]
pub(super) enum Met {
    /// A regular file that is taken.
    File(Box<Found>),
    /// A folder (or file) that can't be looked into: what is below it is unknown, not gone.
    Unreadable {
        /// Where, below the root; empty for the root itself.
        relative: PathBuf,
        /// What the operating system says.
        why: String,
    },
}

/// A file that is taken.
#[derive(Debug)]
pub(super) struct Found {
    /// Its path below the root.
    pub relative: PathBuf,
    /// The same as a key.
    pub key: String,
    /// The whole path.
    pub path: PathBuf,
    /// As it was when the walk came by; of a followed link, of its target.
    pub metadata: Metadata,
    /// Whether a folder above it was moved or re-labelled since the instant that the walk was given.
    pub is_below_moved: bool,
}

/// What the rules note while they decide which entries are wanted.
#[derive(Debug, Default)]
struct Notes {
    remarks: Vec<String>,
    /// Folders that are not entered although they are wanted.
    refused: Vec<Met>,
}

/// A walk under way.
pub(super) struct Walk {
    entries: ignore::Walk,
    root: PathBuf,
    notes: Arc<Mutex<Notes>>,
    /// Met and not yet told.
    ahead: VecDeque<Met>,
    moved_since: Option<i64>,
    /// The depth of the outermost folder around the walk's place that was moved.
    moved_depth: Option<usize>,
}

impl Walk {
    /// A walk over what `scope` says. `moved_since` (UTC milliseconds) marks files below folders moved since then.
    pub(super) fn new(ground: &Ground, scope: Scope, moved_since: Option<i64>) -> Self {
        let notes = Arc::new(Mutex::new(Notes::default()));
        let mut builder = ignore::WalkBuilder::new(&ground.root);
        builder
            .standard_filters(false)
            .git_ignore(ground.gitignore)
            .require_git(false)
            .follow_links(ground.follow_symlinks)
            .sort_by_file_name(std::ffi::OsStr::cmp)
            .filter_entry({
                let ground = ground.clone();
                let notes = Arc::clone(&notes);
                move |entry| is_wanted(&ground, &scope, &notes, entry)
            });
        Self {
            entries: builder.build(),
            root: ground.root.clone(),
            notes,
            ahead: VecDeque::new(),
            moved_since,
            moved_depth: None,
        }
    }

    /// Remarks made since they were last taken: links that were not followed, for one.
    pub(super) fn take_remarks(&self) -> Vec<String> {
        self.notes
            .lock()
            .map(|mut notes| std::mem::take(&mut notes.remarks))
            .unwrap_or_default()
    }

    fn take_refused(&self) -> Vec<Met> {
        self.notes
            .lock()
            .map(|mut notes| std::mem::take(&mut notes.refused))
            .unwrap_or_default()
    }

    fn relative(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root).unwrap_or(path).to_owned()
    }

    fn meet(&mut self, entry: &ignore::DirEntry) -> Option<Met> {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        if entry.depth() == 0 {
            return None;
        }
        if self.moved_depth.is_some_and(|depth| entry.depth() <= depth) {
            self.moved_depth = None;
        }
        if is_folder {
            if let (Some(since), None) = (self.moved_since, self.moved_depth)
                && entry.metadata().is_ok_and(|metadata| was_moved(&metadata, since))
            {
                self.moved_depth = Some(entry.depth());
            }
            return None;
        }
        let relative = self.relative(entry.path());
        match entry.metadata() {
            Ok(metadata) if metadata.is_file() => Some(Met::File(Box::new(Found {
                key: key_of(&relative),
                relative,
                path: entry.path().to_owned(),
                metadata,
                is_below_moved: self.moved_depth.is_some(),
            }))),
            Ok(_) => None,
            Err(error) => self.unreadable(&error),
        }
    }

    /// What an error of the walk means: nothing for a file that has just gone, a link without target or a loop.
    fn unreadable(&self, error: &ignore::Error) -> Option<Met> {
        let (path, cause) = cause_of(error, None);
        let relative = path.map_or_else(PathBuf::new, |path| self.relative(path));
        let place = shown(&relative);
        match cause {
            Cause::Loop => {
                remark(
                    &self.notes,
                    format!("`{place}` is a link to a folder above it and was not followed"),
                );
                None
            }
            Cause::Io(io)
                if matches!(
                    io.kind(),
                    std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
                ) =>
            {
                None
            }
            Cause::Io(io) => Some(Met::Unreadable {
                relative,
                why: io.to_string(),
            }),
            Cause::Pattern(text) => {
                remark(&self.notes, format!("`{place}`: a pattern was ignored: {text}"));
                None
            }
        }
    }
}

impl Iterator for Walk {
    type Item = Met;

    fn next(&mut self) -> Option<Met> {
        while self.ahead.is_empty() {
            let entry = self.entries.next();
            let has_ended = entry.is_none();
            // In front of the entry: a read position behind it has to know of them.
            self.ahead.extend(self.take_refused());
            let met = match entry {
                Some(Ok(entry)) => self.meet(&entry),
                Some(Err(error)) => self.unreadable(&error),
                None => None,
            };
            self.ahead.extend(met);
            if has_ended {
                break;
            }
        }
        self.ahead.pop_front()
    }
}

impl std::fmt::Debug for Walk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Walk").field("root", &self.root).finish_non_exhaustive()
    }
}

/// Whether the walk goes on to an entry.
fn is_wanted(ground: &Ground, scope: &Scope, notes: &Mutex<Notes>, entry: &ignore::DirEntry) -> bool {
    if entry.depth() == 0 {
        return true;
    }
    let Ok(relative) = entry.path().strip_prefix(&ground.root) else {
        return false;
    };
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    let in_scope = match scope {
        Scope::After(place) => relative > place.as_path() || (is_folder && place.starts_with(relative)),
        Scope::Only(paths) => touches(paths, relative, is_folder),
    };
    if !in_scope {
        return false;
    }
    if is_folder {
        if !ground.rules.enters(relative, entry.path()) || ground.guard.is_forbidden_below(entry.path()) {
            return false;
        }
    } else if !ground.rules.takes(relative) {
        return false;
    }
    if entry.path_is_symlink() {
        if !ground.follow_symlinks {
            return false;
        }
        if !ground.guard.may_follow(&ground.root, entry.path()) {
            remark(
                notes,
                format!(
                    "`{}` is a link that leads out of the folder and was not followed; an administrator can approve its target",
                    shown(relative)
                ),
            );
            return false;
        }
    }
    if is_folder
        && ground.gitignore
        && let Some(why) = unfit_gitignore(entry.path())
    {
        let relative = relative.to_owned();
        if let Ok(mut notes) = notes.lock() {
            notes.refused.push(Met::Unreadable { relative, why });
        }
        return false;
    }
    true
}

/// Whether `relative` is one of the paths, below one of them or (a folder) above one of them.
fn touches(paths: &[PathBuf], relative: &Path, is_folder: bool) -> bool {
    if relative
        .ancestors()
        .any(|above| paths.binary_search_by(|path| path.as_path().cmp(above)).is_ok())
    {
        return true;
    }
    let next = paths.partition_point(|path| path.as_path() < relative);
    is_folder && paths.get(next).is_some_and(|path| path.starts_with(relative))
}

fn remark(notes: &Mutex<Notes>, text: String) {
    if let Ok(mut notes) = notes.lock()
        && notes.remarks.len() < REMARKS_MAX
    {
        notes.remarks.push(text);
    }
}

enum Cause<'a> {
    Io(&'a std::io::Error),
    Loop,
    Pattern(String),
}

/// The innermost path and cause of an error.
fn cause_of<'a>(error: &'a ignore::Error, path: Option<&'a Path>) -> (Option<&'a Path>, Cause<'a>) {
    match error {
        ignore::Error::WithPath { path, err } => cause_of(err, Some(path)),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => cause_of(err, path),
        ignore::Error::Partial(errors) if errors.len() == 1 => cause_of(&errors[0], path),
        ignore::Error::Loop { child, .. } => (Some(child), Cause::Loop),
        ignore::Error::Io(io) => (path, Cause::Io(io)),
        other => (path, Cause::Pattern(other.to_string())),
    }
}

/// Whether a folder was moved, renamed or re-labelled since then: that changes its inode but not its list of entries.
#[cfg(unix)]
fn was_moved(metadata: &Metadata, since: i64) -> bool {
    changed_ms(metadata) >= since && modified_ms(metadata).is_none_or(|modified| modified < since)
}

#[cfg(not(unix))]
fn was_moved(_: &Metadata, _: i64) -> bool {
    false
}

/// When a file's inode last changed, in UTC milliseconds: its content, name or owner. Can't be set back by tools.
#[cfg(unix)]
pub(super) fn changed_ms(metadata: &Metadata) -> i64 {
    use std::os::unix::fs::MetadataExt;
    metadata
        .ctime()
        .saturating_mul(1_000)
        .saturating_add(metadata.ctime_nsec() / 1_000_000)
}

#[cfg(not(unix))]
pub(super) fn changed_ms(metadata: &Metadata) -> i64 {
    modified_ms(metadata).unwrap_or(i64::MAX)
}

/// When a file's content last changed by its own account, in UTC milliseconds.
pub(super) fn modified_ms(metadata: &Metadata) -> Option<i64> {
    metadata.modified().ok().map(to_ms)
}

/// When a file was made, where the file system knows.
pub(super) fn created_ms(metadata: &Metadata) -> Option<i64> {
    metadata.created().ok().map(to_ms)
}

fn to_ms(time: std::time::SystemTime) -> i64 {
    match time.duration_since(std::time::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
    }
}

/// Device and inode: one file under whatever name. Zeros where the system has none.
#[cfg(unix)]
pub(super) fn identity(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
pub(super) fn identity(_: &Metadata) -> (u64, u64) {
    (0, 0)
}
