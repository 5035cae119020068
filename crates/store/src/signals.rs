//! What the rest of the process learns about commits: wake-ups, always after the commit, never instead of it.
//!
//! A signal may be lost (a process dies between commit and signal), so everybody who waits for one also looks by
//! themselves every few seconds.

use std::sync::atomic::{AtomicI64, Ordering};

use model::{SourceId, SyncId};
use tokio::sync::{broadcast, watch};

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
}

/// Something that people watch has moved. Names what, carries nothing: whoever may see it reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A sync's counts or state.
    Sync(SourceId, SyncId),
    /// A source's row.
    Source(SourceId),
}

/// The signals of one store.
#[derive(Debug)]
pub struct Signals {
    tasks: watch::Sender<u64>,
    changes: watch::Sender<u64>,
    events: broadcast::Sender<Event>,
}

impl Default for Signals {
    fn default() -> Self {
        Self {
            tasks: watch::Sender::new(0),
            changes: watch::Sender::new(0),
            events: broadcast::Sender::new(EVENTS_MAX),
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
        let mut last = None;
        for effect in effects {
            match effect {
                Effect::Reserved(below) => {
                    reserved.fetch_max(*below, Ordering::AcqRel);
                }
                Effect::Event(event) if last != Some(*event) => {
                    last = Some(*event);
                    // Nobody may be listening.
                    drop(self.events.send(*event));
                }
                _ => {}
            }
        }
    }
}
