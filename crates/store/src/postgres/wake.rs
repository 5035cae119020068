//! Processes that share a database wake each other: notifications, debounced, never inside a transaction that works.
//!
//! Two kinds go over one channel. A *topic* (tasks, changes, lines) only says that it is worth looking. An *event* names
//! what people watch has moved; events are gathered for longer, because people do not see the difference.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use postgres::Client;
use postgres::fallible_iterator::FallibleIterator;

use super::{connect, spawn};
use crate::Error;
use crate::signals::{Event, Signals};

/// How long the notifier gathers wake-ups after it has sent one.
const DEBOUNCE: Duration = Duration::from_millis(10);
/// How many times [`DEBOUNCE`] it gathers events after it has sent some.
const EVENTS_ROUNDS: u32 = 25;
/// How many different events are gathered; of more, those who watch learn only that there were more.
const EVENTS_MAX: usize = 500;
/// How long one notification may be, in bytes: PostgreSQL takes less than 8,000.
const PAYLOAD_BYTES_MAX: usize = 7_500;
/// The channel on which processes wake each other.
const CHANNEL: &str = "fossick_wake";
/// The topic under which gathered events are sent.
const EVENTS: &str = "events";

/// Wakes the others.
#[derive(Debug)]
pub(super) struct Waker {
    topics: SyncSender<&'static str>,
    events: Arc<Mutex<BTreeSet<Event>>>,
}

impl Waker {
    /// Says that it is worth looking at a topic.
    pub(super) fn others(&self, topic: &'static str) {
        if self.topics.try_send(topic).is_err() {
            tracing::debug!(topic, "a wake-up of other processes is on its way already");
        }
    }

    /// Says what has moved.
    pub(super) fn tell(&self, events: impl Iterator<Item = Event>) {
        let mut events = events.peekable();
        if events.peek().is_none() {
            return;
        }
        if let Ok(mut waiting) = self.events.lock() {
            for event in events {
                if waiting.len() < EVENTS_MAX {
                    waiting.insert(event);
                } else if !waiting.contains(&event) {
                    waiting.insert(Event::Lost);
                }
            }
        }
        self.others(EVENTS);
    }
}

/// Starts the notifier and the listener; both end with the store.
pub(super) fn start(url: &str, signals: Arc<Signals>, stopping: Arc<AtomicBool>) -> Result<Waker, Error> {
    let (topics, wakes) = sync_channel(64);
    let events = Arc::new(Mutex::new(BTreeSet::new()));
    // Those who watch in this process were told already: by this name it knows its own voice.
    let me = format!("{:016x}", rand::random::<u64>());
    let notifier = Notifier {
        url: url.to_owned(),
        me: me.clone(),
        client: None,
        events: Arc::clone(&events),
    };
    spawn("store-notifier", move || notifier.run(&wakes))?;
    let listened = url.to_owned();
    let body = move || {
        while !stopping.load(Ordering::Acquire) {
            if let Err(error) = listen(&listened, &me, &signals, &stopping) {
                tracing::warn!(%error, "lost the connection that listens for other processes: {error}");
                std::thread::park_timeout(Duration::from_secs(1));
            }
        }
    };
    spawn("store-listener", body)?;
    Ok(Waker { topics, events })
}

/// Tells other processes of committed work, on the leading edge and then at most every [`DEBOUNCE`].
///
/// Never inside the transaction that enqueues: a NOTIFY there holds a database-wide lock across the fsync.
struct Notifier {
    url: String,
    me: String,
    client: Option<Client>,
    events: Arc<Mutex<BTreeSet<Event>>>,
}

impl Notifier {
    fn run(mut self, wakes: &Receiver<&'static str>) {
        let mut rounds_left: u32 = 0;
        let mut has_events = false;
        loop {
            let first = if rounds_left > 0 {
                match wakes.recv_timeout(DEBOUNCE) {
                    Ok(topic) => Some(topic),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            } else {
                match wakes.recv() {
                    Ok(topic) => Some(topic),
                    Err(_gone) => return,
                }
            };
            let topics: BTreeSet<&str> = first.into_iter().chain(wakes.try_iter()).collect();
            has_events |= topics.contains(EVENTS);
            for topic in topics.iter().filter(|topic| **topic != EVENTS) {
                self.send(topic);
            }
            rounds_left = rounds_left.saturating_sub(1);
            if has_events && rounds_left == 0 {
                self.send_events();
                has_events = false;
                rounds_left = EVENTS_ROUNDS;
            }
            if first.is_some() {
                std::thread::park_timeout(DEBOUNCE);
            }
        }
    }

    fn send_events(&mut self) {
        let events = self
            .events
            .lock()
            .map(|mut waiting| std::mem::take(&mut *waiting))
            .unwrap_or_default();
        for payload in payloads(&self.me, &events) {
            self.send(&payload);
        }
    }

    fn send(&mut self, payload: &str) {
        let sent = self
            .client
            .take()
            .map_or_else(|| connect(&self.url), Ok)
            .and_then(|mut open: Client| {
                open.execute("SELECT pg_notify($1, $2)", &[&CHANNEL, &payload])?;
                Ok(open)
            });
        match sent {
            Ok(open) => self.client = Some(open),
            Err(error) => tracing::warn!(%error, "can't wake other processes: {error}"),
        }
    }
}

/// The events as notifications: `events <who tells> <word> <word>…`.
fn payloads(me: &str, events: &BTreeSet<Event>) -> Vec<String> {
    let mut payloads: Vec<String> = Vec::new();
    for event in events {
        let word = event.word();
        match payloads.last_mut() {
            Some(last) if last.len() + word.len() < PAYLOAD_BYTES_MAX => last.extend([" ", &word]),
            _ => payloads.push(format!("{EVENTS} {me} {word}")),
        }
    }
    payloads
}

/// Turns other processes' wake-ups into this store's signals.
fn listen(url: &str, me: &str, signals: &Signals, stopping: &AtomicBool) -> Result<(), Error> {
    let mut client = connect(url)?;
    client.batch_execute(&format!("LISTEN {CHANNEL}"))?;
    // Whatever came before the LISTEN is looked for once.
    signals.wake_tasks();
    signals.wake_changes();
    signals.wake_followers();
    signals.tell(Event::Lost);
    while !stopping.load(Ordering::Acquire) {
        {
            let mut notifications = client.notifications();
            let mut arriving = notifications.timeout_iter(Duration::from_secs(2));
            while let Some(notification) = arriving.next()? {
                take(notification.payload(), me, signals);
            }
        }
        if client.is_closed() {
            return Err(Error::Unavailable("the connection was closed".to_owned()));
        }
    }
    Ok(())
}

fn take(payload: &str, me: &str, signals: &Signals) {
    let mut words = payload.split(' ');
    match words.next() {
        Some("changes") => signals.wake_changes(),
        Some("lines") => signals.wake_followers(),
        Some(EVENTS) => {
            if words.next() != Some(me) {
                for event in words.filter_map(Event::of_word) {
                    signals.tell(event);
                }
            }
        }
        _ => signals.wake_tasks(),
    }
}

#[cfg(test)]
mod tests {
    //! What one process says is what the other hears.

    use model::{SourceId, SyncId, TaskId};

    use super::*;

    #[test]
    fn what_is_told_is_what_is_heard_except_by_the_teller() {
        let told = BTreeSet::from([
            Event::Lost,
            Event::Sync(SourceId(1), SyncId(22)),
            Event::Source(SourceId(1)),
            Event::Task(TaskId(i64::MAX)),
            Event::Queues,
        ]);
        let heard = |payload: &str| {
            let signals = Signals::default();
            let mut events = signals.events();
            take(payload, "other", &signals);
            std::iter::from_fn(|| events.try_recv().ok()).collect::<BTreeSet<Event>>()
        };
        let [payload] = &payloads("me", &told)[..] else {
            panic!("one notification")
        };
        assert_eq!(heard(payload), told);
        assert_eq!(heard(&payloads("other", &told)[0]), BTreeSet::new());
        // Of a later version, or garbage.
        assert_eq!(heard("events me zzz t y1 s t1x é q"), BTreeSet::from([Event::Queues]));
        assert_eq!(heard("events"), BTreeSet::new());
    }

    #[test]
    fn many_events_become_several_notifications() {
        let told: BTreeSet<Event> = (0..1_000).map(|id| Event::Task(TaskId(i64::MAX - id))).collect();
        let payloads = payloads("0123456789abcdef", &told);
        assert!(payloads.len() > 1 && payloads.iter().all(|one| one.len() < 8_000));
        assert_eq!(
            payloads.iter().map(|one| one.split(' ').count() - 2).sum::<usize>(),
            1_000
        );
    }
}
