//! `GET /api/v1/events`: what happens, as it happens, for those who may see it.
//!
//! The store says only *what* has moved. What it looks like now is read for each listener with their own rights, so
//! nothing reaches anybody who may not ask for it. Nothing is kept for a listener either: one who is slow reads on from
//! the line that they had, one who does not read at all is let go.

pub(crate) mod listener;

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt};
use model::UserId;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::read;
use crate::caller::SignedIn;
use crate::extract::Params;
use crate::parts::Api;
use crate::problem::{Code, Problem, Refusal};
use crate::view::line::LineView;
use listener::{Listener, Start};

const HEARTBEAT: Duration = Duration::from_secs(15);
/// How many streams are open at a time.
const STREAMS_MAX: usize = 500;
/// How many of them one person has open at a time: one for each tab and program, and no more for all others.
const STREAMS_OF_PERSON_MAX: usize = 10;
/// How many events wait for a reader.
const WAITING_MAX: usize = 64;
/// A reader who takes nothing for this long is let go.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the event stream needs.
#[derive(Debug, Clone)]
pub(crate) struct Events {
    api: Api,
    shutdown: CancellationToken,
    slots: Arc<Semaphore>,
    /// How many streams each person has open.
    people: Arc<Mutex<HashMap<UserId, usize>>>,
    listeners: TaskTracker,
}

/// A place among the streams that are open, given back when it is dropped.
struct Seat {
    person: Option<UserId>,
    people: Arc<Mutex<HashMap<UserId, usize>>>,
    _slot: OwnedSemaphorePermit,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(person) = self.person else { return };
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = people.get_mut(&person) {
            *count -= 1;
            if *count == 0 {
                people.remove(&person);
            }
        }
    }
}

impl Events {
    /// The state of the endpoint.
    pub(crate) fn new(api: Api, shutdown: CancellationToken) -> Self {
        Self {
            api,
            shutdown,
            slots: Arc::new(Semaphore::new(STREAMS_MAX)),
            people: Arc::default(),
            listeners: TaskTracker::new(),
        }
    }

    fn seat(&self, person: Option<UserId>) -> Result<Seat, Problem> {
        let full = |whose: String| {
            let mut problem = Problem::new(Code::Throttled, format!("{whose} event streams are open already"));
            problem.retry_after_s = Some(15);
            problem
        };
        let slot = Arc::clone(&self.slots).try_acquire_owned();
        let slot = slot.map_err(|_full| full(STREAMS_MAX.to_string()))?;
        if let Some(person) = person {
            let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
            let count = people.entry(person).or_default();
            if *count >= STREAMS_OF_PERSON_MAX {
                return Err(full(format!("{STREAMS_OF_PERSON_MAX} of your")));
            }
            *count += 1;
        }
        Ok(Seat {
            person,
            people: Arc::clone(&self.people),
            _slot: slot,
        })
    }
}

/// The endpoint.
pub(crate) fn router() -> OpenApiRouter<Events> {
    OpenApiRouter::new().routes(routes!(follow_events))
}

/// From where on.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct FromWhere {
    /// Lines of the log after this id as well; without it, only what happens from now on. The header `Last-Event-ID`,
    /// which browsers send when they connect again, counts more.
    since: Option<i64>,
}

/// Follows what happens: server-sent events of what the caller may know of.
///
/// * `sync` carries a sync with its progress, `source` `{id, state}`, `task` a task.
/// * `log` carries a line of the log and its id; after an interruption, the lines since then follow.
/// * `queues`: what waits or runs has changed, or which workers there are; at most once a second.
/// * `lagged`: some were missed, read again what is shown.
#[utoipa::path(get, path = "/api/v1/events", tag = "system", operation_id = "follow_events",
    params(FromWhere, ("last-event-id" = Option<i64>, Header, description = "The id of the last event that was seen.")),
    responses((status = 200, body = LineView, content_type = "text/event-stream"), Refusal))]
async fn follow_events(
    State(events): State<Events>,
    SignedIn(caller): SignedIn,
    Params(from): Params<FromWhere>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let seat = events.seat(caller.user())?;
    let resumed = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok()?.parse().ok());
    let signals = events.api.store.signals();
    let (moved, written) = (signals.events(), signals.lines_written());
    // After the subscription, so that nothing falls between.
    let newest = read(&events.api, caller.clone(), |tx, _| Ok(tx.last_line()?)).await?;
    let start = Start::of(resumed, from.since, newest);
    let listener = Listener::new(events.api.clone(), caller, (moved, written), start);
    let (out, waiting) = mpsc::channel(WAITING_MAX);
    let shutdown = events.shutdown.clone();
    events.listeners.spawn(async move {
        let _seat = seat;
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = out.closed() => {}
            () = listener.run(out.clone(), PATIENCE) => {}
        }
    });
    let stream = ReceiverStream::new(waiting).map(Ok);
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}
