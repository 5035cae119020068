//! PostgreSQL: a pool of connections on blocking threads, READ COMMITTED.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use postgres::fallible_iterator::FallibleIterator;
use postgres::{Client, NoTls};
use tokio::sync::Semaphore;

use crate::numbers::Numbers;
use crate::signals::{Effect, Signals};
use crate::sqlite::run_caught;
use crate::tx::{Connection, Tx};
use crate::{Error, migrate};

/// How many connections are open at once, the listener and the notifier aside.
const CONNECTIONS_MAX: usize = 12;
/// How often a transaction that met a concurrent one is run again.
const RUNS_MAX: u32 = 8;
/// How long the notifier gathers wake-ups after it has sent one.
const DEBOUNCE: Duration = Duration::from_millis(10);
/// The channel on which processes wake each other.
const CHANNEL: &str = "fossick_wake";

/// The shared database.
pub(crate) struct Database {
    url: String,
    idle: Mutex<Vec<Pooled>>,
    slots: Arc<Semaphore>,
    numbers: Numbers,
    signals: Arc<Signals>,
    wake: std::sync::mpsc::SyncSender<&'static str>,
    stopping: Arc<AtomicBool>,
}

struct Pooled {
    client: Client,
    prepared: HashMap<&'static str, postgres::Statement>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URL may hold a password.
        f.debug_struct("Database").finish_non_exhaustive()
    }
}

impl Database {
    /// Connects, brings the schema up to date and starts listening for other processes' wake-ups. Blocks.
    pub(crate) fn open(url: &str, signals: Arc<Signals>) -> Result<Self, Error> {
        let mut client = connect(url)?;
        migrate::postgres(&mut client)?;
        let stopping = Arc::new(AtomicBool::new(false));
        let (wake, wakes) = std::sync::mpsc::sync_channel(64);
        spawn_notifier(url.to_owned(), wakes)?;
        spawn_listener(url.to_owned(), Arc::clone(&signals), Arc::clone(&stopping))?;
        Ok(Self {
            url: url.to_owned(),
            idle: Mutex::new(vec![Pooled {
                client,
                prepared: HashMap::new(),
            }]),
            slots: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
            numbers: Numbers::starting_at(0),
            signals,
            wake,
            stopping,
        })
    }

    /// A slot for one transaction; hold it while the transaction runs.
    pub(crate) fn slots(&self) -> Arc<Semaphore> {
        Arc::clone(&self.slots)
    }

    /// Runs a closure in a transaction and commits it. Blocks; runs again when a concurrent transaction was in the way.
    pub(crate) fn write<T, E: From<Error>>(&self, body: &impl Fn(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.run(body, true)
    }

    /// Runs a closure in a read-only transaction. Blocks.
    pub(crate) fn read<T, E: From<Error>>(&self, body: &impl Fn(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.run(body, false)
    }

    fn run<T, E: From<Error>>(&self, body: &impl Fn(&mut Tx<'_>) -> Result<T, E>, is_write: bool) -> Result<T, E> {
        let mut runs = 0;
        loop {
            runs += 1;
            let mut pooled = self.take()?;
            let (outcome, verdict) = attempt(&mut pooled, &self.numbers, body, is_write);
            match verdict {
                Verdict::Committed(effects) => {
                    self.emit(&effects);
                    self.give_back(pooled);
                    return outcome;
                }
                Verdict::RolledBack => {
                    self.give_back(pooled);
                    return outcome;
                }
                Verdict::Broken(Error::Again) if runs < RUNS_MAX => self.give_back(pooled),
                Verdict::Broken(error) => {
                    if !pooled.client.is_closed() {
                        self.give_back(pooled);
                    }
                    return match error {
                        Error::Again => {
                            Err(Error::Unavailable("concurrent changes kept getting in the way".to_owned()).into())
                        }
                        other => Err(other.into()),
                    };
                }
            }
        }
    }

    fn take(&self) -> Result<Pooled, Error> {
        loop {
            let kept = self.idle.lock().map_err(|_poisoned| poisoned())?.pop();
            match kept {
                Some(pooled) if pooled.client.is_closed() => {}
                Some(pooled) => return Ok(pooled),
                None => {
                    return Ok(Pooled {
                        client: connect(&self.url)?,
                        prepared: HashMap::new(),
                    });
                }
            }
        }
    }

    fn give_back(&self, pooled: Pooled) {
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(pooled);
        }
    }

    fn emit(&self, effects: &[Effect]) {
        self.signals.emit(effects, &self.numbers.reserved);
        // A full channel means that a wake-up is on its way already.
        if effects.iter().any(|effect| matches!(effect, Effect::TasksReady)) {
            drop(self.wake.try_send("tasks"));
        }
        if effects.iter().any(|effect| matches!(effect, Effect::Changed)) {
            drop(self.wake.try_send("changes"));
        }
    }

    pub(crate) fn close(&self) {
        self.stopping.store(true, Ordering::Release);
    }
}

enum Verdict {
    Committed(Vec<Effect>),
    RolledBack,
    Broken(Error),
}

fn attempt<T, E: From<Error>>(
    pooled: &mut Pooled,
    numbers: &Numbers,
    body: &impl Fn(&mut Tx<'_>) -> Result<T, E>,
    is_write: bool,
) -> (Result<T, E>, Verdict) {
    let Pooled { client, prepared } = pooled;
    let begun = client.build_transaction().read_only(!is_write).start();
    let transaction = match begun {
        Ok(transaction) => transaction,
        Err(error) => return (Err(Error::from(error).into()), Verdict::Broken(Error::Again)),
    };
    let mut tx = Tx {
        connection: Connection::Postgres { transaction, prepared },
        numbers,
        effects: Vec::new(),
        failed: None,
    };
    let outcome = run_caught(body, &mut tx);
    let effects = std::mem::take(&mut tx.effects);
    let failed = tx.failed.take();
    let Connection::Postgres { transaction, .. } = tx.connection else {
        return (outcome, Verdict::RolledBack);
    };
    if outcome.is_err() || !is_write {
        let rolled_back = transaction.rollback();
        return match (failed, rolled_back) {
            (Some(Error::Again), _) => (outcome, Verdict::Broken(Error::Again)),
            (_, Ok(())) => (outcome, Verdict::RolledBack),
            (_, Err(error)) => {
                let error = Error::from(error);
                (outcome, Verdict::Broken(error))
            }
        };
    }
    match transaction.commit().map_err(Error::from) {
        Ok(()) => (outcome, Verdict::Committed(effects)),
        Err(Error::Unavailable(text)) => (outcome, Verdict::Broken(Error::Unknown(text))),
        Err(error) => (outcome, Verdict::Broken(error)),
    }
}

fn poisoned() -> Error {
    Error::Bug("the pool's lock is poisoned".to_owned())
}

fn connect(url: &str) -> Result<Client, Error> {
    let mut config: postgres::Config = url
        .parse()
        .map_err(|error| Error::Setup(format!("the setting `database` is not a PostgreSQL URL: {error}")))?;
    config.application_name("fossick");
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(10));
    }
    config
        .connect(NoTls)
        .map_err(|error| Error::Unavailable(error.to_string()))
}

/// Tells other processes of committed work, on the leading edge and then at most every [`DEBOUNCE`].
///
/// Never inside the transaction that enqueues: a NOTIFY there holds a database-wide lock across the fsync.
fn spawn_notifier(url: String, wakes: std::sync::mpsc::Receiver<&'static str>) -> Result<(), Error> {
    let body = move || {
        let mut client = None;
        while let Ok(first) = wakes.recv() {
            let mut topics = vec![first];
            topics.extend(wakes.try_iter());
            topics.sort_unstable();
            topics.dedup();
            for topic in topics {
                let sent = client
                    .take()
                    .map_or_else(|| connect(&url), Ok)
                    .and_then(|mut open: Client| {
                        open.execute("SELECT pg_notify($1, $2)", &[&CHANNEL, &topic])?;
                        Ok(open)
                    });
                match sent {
                    Ok(open) => client = Some(open),
                    Err(error) => tracing::warn!(%error, "can't wake other processes: {error}"),
                }
            }
            std::thread::park_timeout(DEBOUNCE);
        }
    };
    spawn("store-notifier", body)
}

/// Turns other processes' wake-ups into this store's signals.
fn spawn_listener(url: String, signals: Arc<Signals>, stopping: Arc<AtomicBool>) -> Result<(), Error> {
    let body = move || {
        while !stopping.load(Ordering::Acquire) {
            if let Err(error) = listen(&url, &signals, &stopping) {
                tracing::warn!(%error, "lost the connection that listens for other processes: {error}");
                std::thread::park_timeout(Duration::from_secs(1));
            }
        }
    };
    spawn("store-listener", body)
}

fn listen(url: &str, signals: &Signals, stopping: &AtomicBool) -> Result<(), Error> {
    let mut client = connect(url)?;
    client.batch_execute(&format!("LISTEN {CHANNEL}"))?;
    // Whatever came before the LISTEN is looked for once.
    signals.wake_tasks();
    signals.wake_changes();
    while !stopping.load(Ordering::Acquire) {
        {
            let mut notifications = client.notifications();
            let mut arriving = notifications.timeout_iter(Duration::from_secs(2));
            while let Some(notification) = arriving.next()? {
                match notification.payload() {
                    "changes" => signals.wake_changes(),
                    _ => signals.wake_tasks(),
                }
            }
        }
        if client.is_closed() {
            return Err(Error::Unavailable("the connection was closed".to_owned()));
        }
    }
    Ok(())
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map(drop)
        .map_err(|error| Error::Setup(format!("can't start the thread `{name}`: {error}")))
}
