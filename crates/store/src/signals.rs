//! What the rest of the process learns about commits: wake-ups, always after the commit, never instead of it.
//!
//! A signal may be lost (a process dies between commit and signal), so everybody who waits for one also looks by
//! themselves every few seconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use model::{SourceId, SyncId, TaskId};
use tokio::sync::{broadcast, watch};

use crate::log_line::{Lines, NewLine};

/// How many events a slow listener may lag behind before it misses some.
const EVENTS_MAX: usize = 1024;

/// Something that happens once a transaction is committed.
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    /// A task may be claimed.
    TasksReady,
    /// Records changed.
    Changed,
    /// Numbers below this are reserved durably.
    Reserved(i64),
    /// Something that people watch has moved.
    Event(Event),
    /// Something to be told to people.
    Line(NewLine),
    /// Lines were written.
    Lines,
}

/// Something that people watch has moved. Names what, carries nothing: whoever may see it reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// Something that can't be told any more: whoever listens should read everything again.
    Lost,
    /// A sync's counts or state.
    Sync(SourceId, SyncId),
    /// A source's row.
    Source(SourceId),
    /// A task's state.
    Task(TaskId),
    /// What waits and what runs, or which workers there are.
    Queues,
}

impl Event {
    /// As one process tells another.
    pub(crate) fn word(self) -> String {
        match self {
            Self::Lost => "!".to_owned(),
            Self::Sync(source, sync) => format!("y{source}.{sync}"),
            Self::Source(source) => format!("s{source}"),
            Self::Task(task) => format!("t{task}"),
            Self::Queues => "q".to_owned(),
        }
    }

    /// What another process told; `None` for a word of a later version.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        let (kind, rest) = word.split_at_checked(1)?;
        match kind {
            "!" => Some(Self::Lost),
            "y" => {
                let (source, sync) = rest.split_once('.')?;
                Some(Self::Sync(source.parse().ok()?, sync.parse().ok()?))
            }
            "s" => Some(Self::Source(rest.parse().ok()?)),
            "t" => Some(Self::Task(rest.parse().ok()?)),
            "q" => Some(Self::Queues),
            _ => None,
        }
    }
}

/// The signals of one store.
#[derive(Debug)]
pub struct Signals {
    tasks: watch::Sender<u64>,
    changes: watch::Sender<u64>,
    events: broadcast::Sender<Event>,
    written: watch::Sender<u64>,
    lines: Arc<Lines>,
    is_full: AtomicBool,
}

impl Default for Signals {
    fn default() -> Self {
        Self {
            tasks: watch::Sender::new(0),
            changes: watch::Sender::new(0),
            events: broadcast::Sender::new(EVENTS_MAX),
            written: watch::Sender::new(0),
            lines: Arc::default(),
            is_full: AtomicBool::new(false),
        }
    }
}

impl Signals {
    /// Changes whenever a task may have become claimable.
    pub fn tasks(&self) -> watch::Receiver<u64> {
        self.tasks.subscribe()
    }

    /// Changes whenever the change log may have grown.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// What people watch. A receiver that lags is told so and should read everything again.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Changes whenever lines of the log may have been written.
    pub fn lines_written(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }

    /// The lines that wait to be written.
    pub fn lines(&self) -> Arc<Lines> {
        Arc::clone(&self.lines)
    }

    /// Wakes whoever follows the log.
    pub(crate) fn wake_followers(&self) {
        self.written
            .send_modify(|generation| *generation = generation.wrapping_add(1));
    }

    /// Tells those who watch in this process.
    pub(crate) fn tell(&self, event: Event) {
        // Nobody may be listening.
        drop(self.events.send(event));
    }

    /// Whether the last write found no room on the disk.
    pub fn is_full(&self) -> bool {
        self.is_full.load(Ordering::Acquire)
    }

    /// Notes whether there is room on the disk; says so when that has changed.
    pub(crate) fn set_full(&self, is_full: bool) {
        if self.is_full.swap(is_full, Ordering::AcqRel) == is_full {
            return;
        }
        if is_full {
            tracing::error!("{}", crate::Error::DiskFull);
        } else {
            tracing::info!("the disk that holds the database has room again");
        }
    }

    /// Wakes whoever waits for tasks.
    pub(crate) fn wake_tasks(&self) {
        self.tasks
            .send_modify(|generation| *generation = generation.wrapping_add(1));
    }

    /// Wakes whoever follows the change log.
    pub(crate) fn wake_changes(&self) {
        self.changes
            .send_modify(|generation| *generation = generation.wrapping_add(1));
    }

    /// Carries out the effects of committed transactions, each kind once.
    pub(crate) fn emit(&self, effects: &[Effect], reserved: &AtomicI64) {
        if effects.iter().any(|effect| matches!(effect, Effect::TasksReady)) {
            self.wake_tasks();
        }
        if effects.iter().any(|effect| matches!(effect, Effect::Changed)) {
            self.wake_changes();
        }
        if effects.iter().any(|effect| matches!(effect, Effect::Lines)) {
            self.wake_followers();
        }
        let mut last = None;
        for effect in effects {
            match effect {
                Effect::Reserved(below) => {
                    reserved.fetch_max(*below, Ordering::AcqRel);
                }
                Effect::Event(event) if last != Some(*event) => {
                    last = Some(*event);
                    self.tell(*event);
                }
                Effect::Line(line) => self.lines.push(line.clone()),
                _ => {}
            }
        }
    }
}
