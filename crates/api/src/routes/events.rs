//! `GET /api/v1/events`: what happens, as it happens, for those who may see it.
//!
//! The store says only *what* has moved. What it looks like now is read for each listener with their own rights, so
//! nothing reaches anybody who may not ask for it.

use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use model::{SourceId, SyncId, Timestamp};
use serde::Serialize;
use serde_json::json;
use store::{Event as Moved, Tx};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::{Reach, read};
use crate::caller::{Caller, SignedIn};
use crate::parts::Api;
use crate::problem::{Code, Problem, Refusal};
use crate::view::source::SourceView;
use crate::view::sync::SyncView;

/// What moves within this time is told together.
const GATHER: Duration = Duration::from_millis(200);
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How many streams are open at a time.
const STREAMS_MAX: usize = 500;

/// What the event stream needs.
#[derive(Debug, Clone)]
pub(crate) struct Events {
    api: Api,
    shutdown: CancellationToken,
    slots: Arc<Semaphore>,
}

impl Events {
    /// The state of the endpoint.
    pub(crate) fn new(api: Api, shutdown: CancellationToken) -> Self {
        Self {
            api,
            shutdown,
            slots: Arc::new(Semaphore::new(STREAMS_MAX)),
        }
    }
}

/// The endpoint.
pub(crate) fn router() -> OpenApiRouter<Events> {
    OpenApiRouter::new().routes(routes!(follow_events))
}

/// A line of a source's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct LogLine {
    /// When, in UTC milliseconds.
    at: i64,
    /// `info`, `warn` or `error`.
    level: &'static str,
    /// The source.
    source: i64,
    /// What happened.
    message: String,
}

/// Follows what happens: server-sent events `sync`, `source` and `log`, of sources that the caller may know of.
///
/// `sync` carries a sync, `source` `{id, state}`, `log` a line. After `lagged` some were missed: read again what is
/// shown.
#[utoipa::path(get, path = "/api/v1/events", tag = "system", operation_id = "follow_events",
    responses((status = 200, body = LogLine, content_type = "text/event-stream"), Refusal))]
async fn follow_events(
    State(events): State<Events>,
    SignedIn(caller): SignedIn,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let slot = Arc::clone(&events.slots).try_acquire_owned().map_err(|_full| {
        let mut problem = Problem::new(Code::Throttled, format!("{STREAMS_MAX} event streams are open already"));
        problem.retry_after_s = Some(15);
        problem
    })?;
    let listener = Listener {
        moved: events.api.store.signals().events(),
        api: events.api,
        caller,
        shutdown: events.shutdown,
        ready: Vec::new(),
        told: HashMap::new(),
        _slot: slot,
    };
    let stream = futures_util::stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

/// One open stream.
struct Listener {
    api: Api,
    caller: Caller,
    moved: broadcast::Receiver<Moved>,
    shutdown: CancellationToken,
    /// Told next, the first last.
    ready: Vec<Event>,
    /// What was said last about each sync, so that the log says each thing once.
    told: HashMap<SyncId, String>,
    _slot: OwnedSemaphorePermit,
}

impl Listener {
    /// The next event; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop() {
                return Some(event);
            }
            let shutdown = self.shutdown.clone();
            let (moved, has_lagged) = tokio::select! {
                () = shutdown.cancelled() => return None,
                gathered = self.gather() => gathered?,
            };
            let mut events = self.look(moved).await?;
            if has_lagged {
                events.push(Event::default().event("lagged").data("{}"));
            }
            events.reverse();
            self.ready = events;
        }
    }

    /// Waits until something moves, and then a little longer. `None` once the store is gone.
    async fn gather(&mut self) -> Option<(Vec<Moved>, bool)> {
        let mut moved = Vec::new();
        let mut has_lagged = false;
        match self.moved.recv().await {
            Ok(first) => moved.push(first),
            Err(RecvError::Lagged(_)) => has_lagged = true,
            Err(RecvError::Closed) => return None,
        }
        tokio::time::sleep(GATHER).await;
        loop {
            match self.moved.try_recv() {
                Ok(next) if !moved.contains(&next) => moved.push(next),
                Ok(_same) => {}
                Err(broadcast::error::TryRecvError::Lagged(_)) => has_lagged = true,
                Err(_) => return Some((moved, has_lagged)),
            }
        }
    }

    /// What moved, as this caller may see it now. `None` when they may no longer listen at all.
    async fn look(&mut self, moved: Vec<Moved>) -> Option<Vec<Event>> {
        let now = self.api.clock.now();
        if !self.still_stands(now).await {
            return None;
        }
        let seen = read(&self.api, self.caller.clone(), move |tx, reach| {
            let mut sources = BTreeSet::new();
            let mut syncs = Vec::new();
            for one in &moved {
                match one {
                    Moved::Sync(source, sync) => {
                        sources.insert(*source);
                        if let Some(view) = sync_view(tx, reach, *source, *sync, now)? {
                            syncs.push(view);
                        }
                    }
                    Moved::Source(source) => drop(sources.insert(*source)),
                }
            }
            let mut states = Vec::new();
            for source in sources {
                if let Ok(row) = reach.known(tx, source) {
                    states.push(SourceView::new(tx, reach, &row, now)?);
                }
            }
            Ok((syncs, states))
        });
        let (syncs, states) = match seen.await {
            Ok(seen) => seen,
            // The store is away for a moment: the listener reads again what it shows.
            Err(_problem) => return Some(vec![Event::default().event("lagged").data("{}")]),
        };
        let mut events = Vec::new();
        for (sync, holds) in syncs {
            let name = states
                .iter()
                .find(|one| one.id == sync.source)
                .map(|one| one.name.clone());
            if let Some(line) = self.line(&sync, name.as_deref(), holds, now) {
                events.extend(event("log", &line));
            }
            events.extend(event("sync", &sync));
        }
        for source in states {
            events.extend(event("source", &json!({ "id": source.id, "state": source.state })));
        }
        Some(events)
    }

    /// Whether the session or key under which the stream was opened has not ended.
    async fn still_stands(&self, now: Timestamp) -> bool {
        let caller = self.caller.clone();
        let standing = self.api.store.read::<_, store::Error, _>(move |tx| match &caller {
            Caller::Anonymous => Ok(false),
            Caller::Operator => Ok(true),
            Caller::User { session, .. } => Ok(tx.find_user_of_session(*session, now)?.is_some()),
            Caller::Key { key, .. } => Ok(tx.find_user_of_api_key(*key, now)?.is_some()),
        });
        standing.await.unwrap_or(true)
    }

    /// A line for the log when a sync has come to another state.
    fn line(&mut self, sync: &SyncView, source: Option<&str>, holds: bool, now: Timestamp) -> Option<LogLine> {
        let state = match &sync.waiting_for {
            Some(what) => format!("waiting for {what}"),
            None => sync.state.to_string(),
        };
        if self.told.insert(SyncId(sync.id), state.clone()).as_ref() == Some(&state) {
            return None;
        }
        if self.told.len() > 1_000 {
            self.told.clear();
        }
        let name = source.unwrap_or("a source");
        let message = sync
            .message
            .as_deref()
            .filter(|_| holds)
            .map(|text| format!(": {text}"));
        let level = match sync.state {
            model::SyncState::Failed => "error",
            model::SyncState::NeedsConfirmation => "warn",
            _ => "info",
        };
        Some(LogLine {
            at: now.0,
            level,
            source: sync.source,
            message: format!(
                "{} sync of “{name}” is {state}, {} records seen, {} changed{}",
                sync.mode,
                sync.records_seen,
                sync.records_changed,
                message.unwrap_or_default()
            ),
        })
    }
}

fn sync_view(
    tx: &mut Tx<'_>,
    reach: &Reach,
    source: SourceId,
    sync: SyncId,
    now: Timestamp,
) -> Result<Option<(SyncView, bool)>, Problem> {
    if reach.known(tx, source).is_err() {
        return Ok(None);
    }
    match tx.sync(sync) {
        Ok(row) => Ok(Some((
            SyncView::new(&row, reach.holds(source), now),
            reach.holds(source),
        ))),
        Err(store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn event(name: &str, data: &impl Serialize) -> Option<Event> {
    Event::default().event(name).json_data(data).ok()
}
