//! The events of reading a slice, each acknowledged before its effects count.
//!
//! The connector holds a [`Reader`]; whoever runs the fetch task holds the [`Listener`]. The channel is bounded, so a
//! slow store slows the reading down.

use model::connector::{RawPage, SliceSpec};
use model::{Number, Timestamp};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use crate::Error;
use crate::governor::Decision;
use crate::grant::{Grant, Lent};

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
    /// A part of the slice can't be read; the reader goes on behind it.
    Unreadable {
        /// What names the part within the source.
        place: String,
        /// What happened, with the thing, the place and the way out.
        why: Error,
        /// The read position behind it.
        next: Value,
    },
    /// The provider keeps something of the slice to itself, in words for a person: what is missing is not gone.
    Withheld(String),
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
        /// What for, in words for a person: ``the limit of `api.example.com` ``.
        why: String,
    },
    /// How many records the provider says there are.
    Expected(u64),
    /// A token was granted that [`Reader::token`] asked for. It is kept before it is used for the first time.
    Granted {
        /// What it was asked for with.
        key: String,
        /// The token.
        grant: Grant,
    },
    /// No token was granted: whoever waits for it may try.
    NotGranted {
        /// What it was asked for with.
        key: String,
    },
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

/// What the connector asks of whoever listens.
#[derive(Debug)]
pub enum Ask {
    /// A number for the page that is about to be asked for.
    Number(oneshot::Sender<Number>),
    /// Whether a request may be sent, counted together with everyone else who asks the provider; `None` where nobody
    /// counts together.
    Turn(oneshot::Sender<Option<Decision>>),
    /// An access token. May take as long as somebody else needs to obtain it.
    Token {
        /// What it is asked for with; says nothing about it.
        key: String,
        /// The token that the provider refused: another one is wanted.
        refused: Option<String>,
        /// Where to answer.
        answer: oneshot::Sender<Lent>,
    },
}

/// The connector's end.
#[derive(Debug)]
pub struct Reader {
    events: mpsc::Sender<Envelope>,
    asks: mpsc::Sender<Ask>,
    is_last_attempt: bool,
}

/// The fetch task's end. Both channels are to be served at the same time.
#[derive(Debug)]
pub struct Listener {
    /// The events, in order.
    pub events: mpsc::Receiver<Envelope>,
    /// What is asked, one thing at a time.
    pub asks: mpsc::Receiver<Ask>,
}

impl Reader {
    /// A reader and the listener that serves it.
    pub fn new() -> (Self, Listener) {
        let (events, events_out) = mpsc::channel(IN_FLIGHT_MAX);
        let (asks, asks_out) = mpsc::channel(1);
        (
            Self {
                events,
                asks,
                is_last_attempt: false,
            },
            Listener {
                events: events_out,
                asks: asks_out,
            },
        )
    }

    /// The same, for the last attempt: what can't be read now is not asked for again in this sync.
    #[must_use]
    pub fn for_last_attempt(mut self, is_last_attempt: bool) -> Self {
        self.is_last_attempt = is_last_attempt;
        self
    }

    /// Whether this slice will not be tried again in this sync.
    pub fn is_last_attempt(&self) -> bool {
        self.is_last_attempt
    }

    /// The number of the page that is about to be asked for. Draw it before the request is first sent and keep it for
    /// the request's retries: it says how fresh the answer can be at least.
    pub async fn number(&mut self) -> Result<Number, Error> {
        self.ask(Ask::Number).await
    }

    /// Whether a request may be sent, as all workers count together; `None` where nobody does.
    pub async fn turn(&mut self) -> Result<Option<Decision>, Error> {
        self.ask(Ask::Turn).await
    }

    /// The token that all workers share, or the turn to obtain one, which ends with [`Event::Granted`] or
    /// [`Event::NotGranted`].
    pub async fn token(&mut self, key: &str, refused: Option<&str>) -> Result<Lent, Error> {
        let (key, refused) = (key.to_owned(), refused.map(str::to_owned));
        self.ask(|answer| Ask::Token { key, refused, answer }).await
    }

    async fn ask<T>(&mut self, ask: impl FnOnce(oneshot::Sender<T>) -> Ask) -> Result<T, Error> {
        let (answer, answered) = oneshot::channel();
        self.asks.send(ask(answer)).await.map_err(|_stopped| Error::Stopped)?;
        answered.await.map_err(|_stopped| Error::Stopped)
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
