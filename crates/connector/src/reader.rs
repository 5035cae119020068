//! The events of reading a slice, each acknowledged before its effects count.
//!
//! The connector holds a [`Reader`]; whoever runs the fetch task holds the [`Listener`]. The channel is bounded, so a
//! slow store slows the reading down.

use model::connector::{RawPage, SliceSpec};
use model::{Number, Timestamp};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use crate::Error;

/// How many events may wait for their acknowledgement.
const IN_FLIGHT_MAX: usize = 4;

/// What reading a slice yields.
#[derive(Debug)]
pub enum Event {
    /// One raw answer, and where reading goes on after it.
    Page {
        /// The page.
        page: Box<RawPage>,
        /// The read position after it; `None` when it was the last.
        next: Option<Value>,
        /// How many records it holds, for progress.
        records: u64,
    },
    /// Further slices, found in the records of this one.
    Children(Vec<SliceSpec>),
    /// A position that may become the cursor of `key`.
    Checkpoint {
        /// A stream, a partition, or the empty text for the whole source.
        key: String,
        /// Opaque.
        value: Value,
    },
    /// Nothing can be read until then; shown to people. The reader itself does the waiting when it is short.
    Waiting {
        /// Not before.
        until: Timestamp,
        /// In words for a person: `the provider's hourly limit`.
        why: String,
    },
    /// How many records the provider says there are.
    Expected(u64),
    /// A credential was renewed; the whole new secret is kept before anything else happens.
    CredentialRotated(Value),
    /// A line for the source's log.
    Log(String),
}

/// An event on its way, with where to acknowledge it.
#[derive(Debug)]
pub struct Envelope {
    /// The event.
    pub event: Event,
    /// Answered once the event's effects are committed; dropped when the listener stops.
    pub done: oneshot::Sender<()>,
}

/// The connector's end.
#[derive(Debug)]
pub struct Reader {
    events: mpsc::Sender<Envelope>,
    numbers: mpsc::Sender<oneshot::Sender<Number>>,
}

/// The fetch task's end. Both channels are to be served at the same time.
#[derive(Debug)]
pub struct Listener {
    /// The events, in order.
    pub events: mpsc::Receiver<Envelope>,
    /// Requests for a page's number.
    pub numbers: mpsc::Receiver<oneshot::Sender<Number>>,
}

impl Reader {
    /// A reader and the listener that serves it.
    pub fn new() -> (Self, Listener) {
        let (events, events_out) = mpsc::channel(IN_FLIGHT_MAX);
        let (numbers, numbers_out) = mpsc::channel(1);
        (
            Self { events, numbers },
            Listener {
                events: events_out,
                numbers: numbers_out,
            },
        )
    }

    /// The number of the page that is about to be asked for. Draw it before the request is first sent and keep it for
    /// the request's retries: it says how fresh the answer can be at least.
    pub async fn number(&mut self) -> Result<Number, Error> {
        let (answer, number) = oneshot::channel();
        self.numbers.send(answer).await.map_err(|_stopped| Error::Stopped)?;
        number.await.map_err(|_stopped| Error::Stopped)
    }

    /// Yields one event and waits until its effects are committed.
    pub async fn send(&mut self, event: Event) -> Result<(), Error> {
        let (done, committed) = oneshot::channel();
        self.events
            .send(Envelope { event, done })
            .await
            .map_err(|_stopped| Error::Stopped)?;
        committed.await.map_err(|_stopped| Error::Stopped)
    }
}
