//! One open event stream: waits until something moves, and looks with the rights of whoever listens.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::response::sse::Event;
use model::{SourceId, SourceState, SyncId, TaskId, Timestamp};
use serde::Serialize;
use serde_json::json;
use store::{Event as Moved, Tx};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::Instant;

use crate::access::Reach;
use crate::caller::Caller;
use crate::parts::Api;
use crate::problem::Problem;
use crate::routes::tasks;
use crate::view::line::{LineView, readable};
use crate::view::source::state_of;
use crate::view::sync::SyncView;
use crate::view::task::TaskView;

/// What moves within this time is told together.
const GATHER: Duration = Duration::from_millis(200);
/// The safety net under the wake-ups.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How often it is told that queues have changed.
const QUEUES_EVERY: Duration = Duration::from_secs(1);
/// How many lines are read at a time.
const LINES_AT_ONCE: u32 = 500;
/// Whoever is further behind starts at the newest line, and is told so.
const BEHIND_MAX: i64 = 10_000;
/// How many tasks are told of at a time; of more, `queues` says that there were some.
const TASKS_AT_ONCE: usize = 100;

/// Where a stream begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Start {
    /// Lines after this one.
    pub(crate) line: i64,
    /// Whether something between was missed.
    pub(crate) is_interrupted: bool,
}

impl Start {
    /// Where a stream begins that is resumed after a line, or asks for lines since one, or neither.
    pub(crate) fn of(resumed: Option<i64>, since: Option<i64>, newest: i64) -> Self {
        let wanted = resumed.or(since);
        let line = wanted.filter(|line| (0..=newest).contains(line)).unwrap_or(newest);
        Self {
            line,
            // What moved meanwhile is not told one by one: whoever comes back reads it again.
            is_interrupted: resumed.is_some() || wanted.is_some_and(|wanted| wanted != line),
        }
    }
}

/// One open stream.
pub(crate) struct Listener {
    api: Api,
    caller: Caller,
    moved: broadcast::Receiver<Moved>,
    written: watch::Receiver<u64>,
    /// The last line that was looked at.
    line: i64,
    has_lagged: bool,
    /// Look at once, without waiting.
    is_eager: bool,
    queues_due: bool,
    queues_next: Instant,
}

/// What a look found.
struct Seen {
    syncs: Vec<SyncView>,
    sources: Vec<(SourceId, SourceState)>,
    tasks: Vec<TaskView>,
    lines: Vec<LineView>,
    line: i64,
    has_more_lines: bool,
    has_lagged: bool,
}

impl Listener {
    pub(crate) fn new(
        api: Api,
        caller: Caller,
        (moved, written): (broadcast::Receiver<Moved>, watch::Receiver<u64>),
        start: Start,
    ) -> Self {
        Self {
            api,
            caller,
            moved,
            written,
            line: start.line,
            has_lagged: start.is_interrupted,
            is_eager: true,
            queues_due: false,
            queues_next: Instant::now(),
        }
    }

    /// Tells `out` until it is gone, takes nothing for too long, or the caller may no longer listen.
    pub(crate) async fn run(mut self, out: mpsc::Sender<Event>, patience: Duration) {
        loop {
            let Some(moved) = self.gather().await else { return };
            let Some(events) = self.look(moved).await else { return };
            for event in events {
                match tokio::time::timeout(patience, out.send(event)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_gone)) => return,
                    Err(_elapsed) => {
                        tracing::debug!("an event stream was let go: nobody has read it for a while");
                        return;
                    }
                }
            }
        }
    }

    /// Waits until something moves, and then a little longer. `None` once the store is gone.
    async fn gather(&mut self) -> Option<BTreeSet<Moved>> {
        let mut moved = BTreeSet::new();
        if !std::mem::take(&mut self.is_eager) {
            let queues_next = self.queues_next;
            tokio::select! {
                first = self.moved.recv() => match first {
                    Ok(first) => self.take(first, &mut moved),
                    Err(RecvError::Lagged(_)) => self.has_lagged = true,
                    Err(RecvError::Closed) => return None,
                },
                changed = self.written.changed() => changed.ok()?,
                () = tokio::time::sleep_until(queues_next), if self.queues_due => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            tokio::time::sleep(GATHER).await;
        }
        loop {
            match self.moved.try_recv() {
                Ok(next) => self.take(next, &mut moved),
                Err(TryRecvError::Lagged(_)) => self.has_lagged = true,
                Err(_) => return Some(moved),
            }
        }
    }

    fn take(&mut self, event: Moved, moved: &mut BTreeSet<Moved>) {
        match event {
            Moved::Lost => self.has_lagged = true,
            Moved::Queues => self.queues_due = true,
            other => drop(moved.insert(other)),
        }
    }

    /// What moved, as this caller may see it now. `None` when they may no longer listen at all.
    async fn look(&mut self, moved: BTreeSet<Moved>) -> Option<Vec<Event>> {
        let now = self.api.clock.now();
        let line = self.line;
        self.written.mark_unchanged();
        let (caller, is_full) = (self.caller.clone(), self.api.store.signals().is_full());
        let seen = self.api.store.read::<_, Problem, _>(move |tx| {
            // Not as they were when they began to listen: they may have fewer rights by now, or none.
            let Some(caller) = caller.anew(tx, now)? else {
                return Ok(None);
            };
            let reach = Reach {
                is_full,
                ..Reach::of(&caller, tx)?
            };
            see(tx, &reach, &moved, line, now).map(Some)
        });
        let seen = match seen.await {
            Ok(Some(seen)) => seen,
            Ok(None) => return None,
            // The store is away for a moment: the listener reads again what it shows, and the lines come later.
            Err(_problem) => return Some(vec![plain("lagged")]),
        };
        self.line = seen.line;
        self.is_eager = seen.has_more_lines;
        let mut events = Vec::new();
        if std::mem::take(&mut self.has_lagged) || seen.has_lagged {
            events.push(plain("lagged"));
        }
        for line in &seen.lines {
            events.extend(event("log", line).map(|event| event.id(line.id.to_string())));
        }
        events.extend(seen.syncs.iter().filter_map(|sync| event("sync", sync)));
        let state = |(id, state): &(SourceId, SourceState)| event("source", &json!({ "id": id, "state": state }));
        events.extend(seen.sources.iter().filter_map(state));
        events.extend(seen.tasks.iter().filter_map(|task| event("task", task)));
        if self.queues_due && Instant::now() >= self.queues_next {
            self.queues_due = false;
            self.queues_next = Instant::now() + QUEUES_EVERY;
            events.push(plain("queues"));
        }
        Some(events)
    }
}

fn see(tx: &mut Tx<'_>, reach: &Reach, moved: &BTreeSet<Moved>, line: i64, now: Timestamp) -> Result<Seen, Problem> {
    let mut sources = BTreeSet::new();
    let mut seen = Seen {
        syncs: Vec::new(),
        sources: Vec::new(),
        tasks: Vec::new(),
        lines: Vec::new(),
        line,
        has_more_lines: false,
        has_lagged: false,
    };
    for one in moved {
        match one {
            Moved::Sync(source, sync) => {
                sources.insert(*source);
                seen.syncs.extend(sync_view(tx, reach, *source, *sync, now)?);
            }
            Moved::Source(source) => drop(sources.insert(*source)),
            Moved::Task(task) if seen.tasks.len() < TASKS_AT_ONCE => {
                seen.tasks.extend(task_view(tx, reach, *task)?);
            }
            Moved::Task(_) | Moved::Queues | Moved::Lost => {}
        }
    }
    for source in sources {
        if let Ok(row) = reach.known(tx, source) {
            seen.sources.push((source, state_of(tx, reach, &row, now)?));
        }
    }
    let newest = tx.last_line()?;
    if newest - line > BEHIND_MAX {
        (seen.line, seen.has_lagged) = (newest, true);
        return Ok(seen);
    }
    let rows = tx.list_lines_after(line, LINES_AT_ONCE)?;
    seen.has_more_lines = rows.len() >= LINES_AT_ONCE as usize;
    seen.line = rows.last().map_or(line, |last| last.id);
    seen.lines = readable(tx, reach, rows)?;
    Ok(seen)
}

fn sync_view(
    tx: &mut Tx<'_>,
    reach: &Reach,
    source: SourceId,
    sync: SyncId,
    now: Timestamp,
) -> Result<Option<SyncView>, Problem> {
    if reach.known(tx, source).is_err() {
        return Ok(None);
    }
    match tx.sync(sync) {
        Ok(row) => Ok(Some(SyncView::new(&row, reach.holds(source), now))),
        Err(store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn task_view(tx: &mut Tx<'_>, reach: &Reach, task: TaskId) -> Result<Option<TaskView>, Problem> {
    match tx.task(task) {
        Ok(row) if tasks::may_know(reach, &row) => Ok(Some(tasks::view(tx, reach, row)?)),
        Ok(_) | Err(store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn event(name: &str, data: &impl Serialize) -> Option<Event> {
    Event::default().event(name).json_data(data).ok()
}

fn plain(name: &str) -> Event {
    Event::default().event(name).data("{}")
}

#[cfg(test)]
mod tests {
    //! Where a stream begins.

    use super::*;

    #[test]
    fn a_stream_begins_where_it_was_left_and_says_when_that_is_not_possible() {
        let start = |resumed, since, newest| {
            let start = Start::of(resumed, since, newest);
            (start.line, start.is_interrupted)
        };
        assert_eq!(start(None, None, 7), (7, false));
        assert_eq!(start(None, Some(3), 7), (3, false));
        assert_eq!(start(Some(5), Some(3), 7), (5, true));
        // Of a database that was restored since, or made up.
        assert_eq!(start(Some(9), None, 7), (7, true));
        assert_eq!(start(None, Some(-1), 7), (7, true));
    }
}
