//! Changes below a folder, as the operating system reports them.
//!
//! A thread of its own collects notifications until it has been quiet for a moment and hands them over as one
//! [`Change`]. Notifications are hints, never the truth: too many at once, a moved folder or a lost one ask for a
//! complete listing ([`Change::Rescan`]), and a periodic sync stays necessary, because network file systems report
//! nothing that happens on other machines.
//!
//! Only folders that are taken are watched: what happens in `node_modules` or `.git` costs nothing. What lies behind
//! followed links is not watched; scheduled syncs see it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use model::{Clock, Timestamp};
use notify::event::{AccessKind, AccessMode, MetadataKind, ModifyKind, RemoveKind, RenameMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::Ground;
use super::name::{key_of, shown};
use super::walk::identity;
use crate::Error;

/// How many notifications may wait for the thread; beyond it, some are lost and a rescan makes up for them.
const NOTIFIED_MAX: usize = 8_192;

/// How many changes may wait for whoever listens. While they wait, further ones are collected into the next.
const CHANGES_WAITING_MAX: usize = 4;

/// How a folder is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchSettings {
    /// How long nothing must happen until a change is handed over, in milliseconds.
    pub quiet_ms: u64,
    /// How long a change may be held back while things go on happening, in milliseconds.
    pub delay_ms_max: i64,
    /// How many paths one change names; more become a rescan.
    pub paths_max: usize,
    /// How often the root is looked at while nothing happens, in milliseconds: nobody reports a disk that is mounted
    /// over it or taken away.
    pub look_every_ms: u64,
}

impl Default for WatchSettings {
    fn default() -> Self {
        Self {
            quiet_ms: 500,
            delay_ms_max: 5_000,
            paths_max: 2_000,
            look_every_ms: 60_000,
        }
    }
}

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// These files, as record keys: made, written, moved or removed. Read them with
    /// [`Folder::changed_slices`](super::Folder::changed_slices).
    Files(Vec<String>),
    /// More than can be told file by file: a full sync is due.
    Rescan {
        /// In words for the log.
        why: String,
    },
}

/// A folder that is being watched, until dropped.
#[derive(Debug)]
pub struct Watch {
    changes: mpsc::Receiver<Change>,
    wake: SyncSender<Notice>,
    stop: Arc<AtomicBool>,
}

/// What the thread is told.
enum Notice {
    Event(notify::Result<notify::Event>),
    Stop,
}

impl Watch {
    /// Starts to watch. The error says what the operating system lacks; a periodic sync does without.
    pub(super) fn start(ground: Ground, settings: WatchSettings, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let (wake, notices) = sync_channel(NOTIFIED_MAX);
        let (told, changes) = mpsc::channel(CHANGES_WAITING_MAX);
        let stop = Arc::new(AtomicBool::new(false));
        let overflowed = Arc::new(AtomicBool::new(false));
        let watcher = notify::recommended_watcher({
            let (wake, overflowed) = (wake.clone(), Arc::clone(&overflowed));
            move |event| {
                if let Err(TrySendError::Full(_)) = wake.try_send(Notice::Event(event)) {
                    overflowed.store(true, Ordering::Relaxed);
                }
            }
        })
        .map_err(|error| unwatchable(&ground.root, &error))?;
        let mut collected = Watched {
            ground,
            watcher,
            folders: BTreeSet::new(),
            files: BTreeSet::new(),
            rescan: None,
            root: None,
        };
        collected.root = collected.root_now();
        collected.add(PathBuf::new(), false)?;
        let thread = Thread {
            collected,
            settings,
            clock,
            notices,
            changes: told,
            stop: Arc::clone(&stop),
            overflowed,
        };
        std::thread::Builder::new()
            .name("folder-watch".to_owned())
            .spawn(move || thread.run())
            .map_err(|error| Error::Retry(format!("no thread can be started to watch the folder: {error}")))?;
        Ok(Self { changes, wake, stop })
    }

    /// The next change; `None` once the watching thread has ended. Cancel-safe.
    pub async fn next(&mut self) -> Option<Change> {
        self.changes.recv().await
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // A full channel wakes the thread as well.
        if self.wake.try_send(Notice::Stop).is_err() {
            tracing::trace!("the watching thread is awake or gone already");
        }
    }
}

/// The thread: collects, waits for quiet, hands over.
struct Thread {
    collected: Watched,
    settings: WatchSettings,
    clock: Arc<dyn Clock>,
    notices: Receiver<Notice>,
    changes: mpsc::Sender<Change>,
    stop: Arc<AtomicBool>,
    overflowed: Arc<AtomicBool>,
}

impl Thread {
    fn run(mut self) {
        let look_every = Duration::from_millis(self.settings.look_every_ms);
        let quiet = Duration::from_millis(self.settings.quiet_ms);
        let mut since: Option<Timestamp> = None;
        loop {
            let notice = match since {
                None => self.notices.recv_timeout(look_every),
                Some(_) => self.notices.recv_timeout(quiet),
            };
            if self.stop.load(Ordering::Relaxed) || self.changes.is_closed() {
                return;
            }
            let is_quiet = match notice {
                Ok(Notice::Event(event)) => {
                    self.collected.take_in(event);
                    false
                }
                Err(RecvTimeoutError::Timeout) => {
                    if since.is_none() {
                        self.collected.look_at_root();
                    }
                    true
                }
                Ok(Notice::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            };
            if self.overflowed.swap(false, Ordering::Relaxed) {
                self.collected
                    .ask_rescan("more happened at once than could be followed");
            }
            if !self.collected.has_changed() {
                since = None;
                continue;
            }
            let waited = since.map_or(0, |since| self.clock.now().since_ms(since));
            since = since.or_else(|| Some(self.clock.now()));
            // Whoever listens is behind: go on collecting into the same change.
            if (is_quiet || waited >= self.settings.delay_ms_max) && self.hand_over() {
                since = None;
            }
        }
    }

    fn hand_over(&mut self) -> bool {
        let Ok(permit) = self.changes.try_reserve() else {
            return false;
        };
        permit.send(self.collected.take_change(self.settings.paths_max));
        true
    }
}

/// What is watched and what has happened there since the last change was handed over.
struct Watched {
    ground: Ground,
    watcher: RecommendedWatcher,
    /// Watched folders, below the root.
    folders: BTreeSet<PathBuf>,
    /// Changed files, below the root.
    files: BTreeSet<PathBuf>,
    rescan: Option<String>,
    /// Which folder the root is; `None` while there is none.
    root: Option<(u64, u64)>,
}

impl Watched {
    fn has_changed(&self) -> bool {
        self.rescan.is_some() || !self.files.is_empty()
    }

    fn take_change(&mut self, paths_max: usize) -> Change {
        let files = std::mem::take(&mut self.files);
        let rescan = self.rescan.take();
        match rescan {
            Some(why) => Change::Rescan { why },
            None if files.len() > paths_max => Change::Rescan {
                why: format!("{} files changed", files.len()),
            },
            None => Change::Files(files.iter().map(|path| key_of(path)).collect()),
        }
    }

    fn ask_rescan(&mut self, why: &str) {
        self.rescan.get_or_insert_with(|| why.to_owned());
    }

    /// Watches a folder and those below it; `is_new` folders' files count as changed.
    fn add(&mut self, relative: PathBuf, is_new: bool) -> Result<(), Error> {
        let mut pending = vec![relative];
        while let Some(folder) = pending.pop() {
            let whole = self.ground.root.join(&folder);
            if !self.folders.insert(folder.clone()) {
                continue;
            }
            // First watched, then listed: what is made in between is seen twice rather than never.
            if let Err(error) = self.watcher.watch(&whole, RecursiveMode::NonRecursive) {
                self.folders.remove(&folder);
                if folder.as_os_str().is_empty() || !is_passing(&error) {
                    return Err(unwatchable(&whole, &error));
                }
                continue;
            }
            let Ok(entries) = std::fs::read_dir(&whole) else {
                continue;
            };
            for entry in entries.flatten() {
                let below = folder.join(entry.file_name());
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() && self.enters(&below) => pending.push(below),
                    Ok(kind) if is_new && !kind.is_dir() && self.ground.rules.takes(&below) => {
                        self.files.insert(below);
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn enters(&self, relative: &Path) -> bool {
        let whole = self.ground.root.join(relative);
        self.ground.rules.enters(relative, &whole) && !self.ground.guard.is_forbidden_below(&whole)
    }

    fn take_in(&mut self, event: notify::Result<notify::Event>) {
        match event {
            Ok(event) if event.need_rescan() => self.ask_rescan("the operating system lost notifications"),
            Ok(event) => {
                let is_content = match event.kind {
                    EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
                    EventKind::Access(_) => false,
                    // Opening a file for reading touches its times; those alone are no change of ours.
                    EventKind::Modify(ModifyKind::Metadata(kind)) => kind != MetadataKind::AccessTime,
                    _ => true,
                };
                if is_content {
                    for path in &event.paths {
                        self.touched(path, event.kind);
                    }
                }
            }
            Err(error) => self.ask_rescan(&format!("a notification was an error: {error}")),
        }
    }

    /// Something happened to a path: look what it is now.
    fn touched(&mut self, path: &Path, what: EventKind) {
        let Ok(relative) = path.strip_prefix(&self.ground.root) else {
            return;
        };
        let relative = relative.to_owned();
        if relative.as_os_str().is_empty() {
            self.look_at_root();
            return;
        }
        if !self.ground.rules.may_hold(&relative) {
            if relative.file_name().is_some_and(|name| name == ".gitignore") && self.ground.gitignore {
                self.ask_rescan(&format!("`{}` changed", shown(&relative)));
            }
            return;
        }
        if self.folders.contains(&relative) && self.folder_left(&relative, path, what) {
            return;
        }
        if path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) {
            if self.enters(&relative)
                && !self.folders.contains(&relative)
                && let Err(error) = self.add(relative, true)
            {
                self.ask_rescan(&error.to_string());
            }
        } else if what != EventKind::Remove(RemoveKind::Folder) && self.ground.rules.takes(&relative) {
            self.files.insert(relative);
        }
    }

    /// Whether the root is still the folder that is watched; if another is in its place, that one is from now on.
    fn look_at_root(&mut self) {
        let now = self.root_now();
        if now == self.root {
            return;
        }
        self.root = now;
        self.forget(Path::new(""));
        if now.is_none() {
            self.ask_rescan("the folder itself was moved or removed");
        } else {
            self.ask_rescan("the folder itself was mounted or put in the place of another");
            if let Err(error) = self.add(PathBuf::new(), false) {
                tracing::warn!("a folder that came back can't be watched: {error}");
                self.root = None;
            }
        }
    }

    fn root_now(&self) -> Option<(u64, u64)> {
        let metadata = self.ground.root.metadata().ok().filter(std::fs::Metadata::is_dir)?;
        Some(identity(&metadata))
    }

    /// Something happened to a watched folder; says whether that is all.
    ///
    /// A removed folder was emptied first, file by file, and all of that was told. A moved one took its files along
    /// silently. Under one name there may be another folder by now, which the old watch does not see.
    fn folder_left(&mut self, relative: &Path, path: &Path, what: EventKind) -> bool {
        match what {
            EventKind::Modify(ModifyKind::Name(RenameMode::From)) => {
                self.forget(relative);
                self.ask_rescan(&format!("the folder `{}` was moved", shown(relative)));
            }
            EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(_)) | EventKind::Remove(_) => {
                self.forget(relative);
            }
            _ => return path.is_dir(),
        }
        !path.is_dir()
    }

    /// Ends the watch of a folder that is not there any more, and of those below it.
    fn forget(&mut self, relative: &Path) {
        let below: Vec<PathBuf> = self
            .folders
            .iter()
            .filter(|folder| folder.starts_with(relative))
            .cloned()
            .collect();
        for folder in below {
            // An error means that the operating system has ended the watch itself.
            if self.watcher.unwatch(&self.ground.root.join(&folder)).is_err() {
                tracing::trace!("the watch had ended already");
            }
            self.folders.remove(&folder);
        }
    }
}

/// Whether a folder's watch failed only because the folder is not there any more.
fn is_passing(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound => true,
        notify::ErrorKind::Io(io) => matches!(
            io.kind(),
            std::io::ErrorKind::NotFound | std::io::ErrorKind::PermissionDenied
        ),
        _ => false,
    }
}

fn unwatchable(folder: &Path, error: &notify::Error) -> Error {
    let way_out = match error.kind {
        notify::ErrorKind::MaxFilesWatch => "; raise `fs.inotify.max_user_watches`, or rely on scheduled syncs",
        _ => "; scheduled syncs still find changes",
    };
    Error::FixConfiguration(format!(
        "the folder `{}` can't be watched: {error}{way_out}",
        folder.display()
    ))
}
