//! PostgreSQL: a pool of connections on blocking threads. Writes run in READ COMMITTED, reads see one snapshot.

mod tls;
mod verify;
mod wake;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use postgres::{Client, IsolationLevel};
use tokio::sync::Semaphore;

use crate::error::text_of;
use crate::numbers::Numbers;
use crate::signals::{Effect, Event, Signals};
use crate::sqlite::run_caught;
use crate::tx::{Connection, Tx};
use crate::{Error, migrate};

/// How many connections are open at once, the listener and the notifier aside.
const CONNECTIONS_MAX: usize = 12;
/// How often a transaction that met a concurrent one is run again.
const RUNS_MAX: u32 = 8;
/// How long a server may be silent before it counts as gone.
const PATIENCE: Duration = Duration::from_secs(30);
/// A process that froze in the middle of a transaction must not hold its locks for ever: closures take moments.
const FROZEN: &str = "SET idle_in_transaction_session_timeout = '60s'";
/// Takes a worker's name for as long as the connection lives.
const TAKE_NAME: &str = "SELECT pg_try_advisory_lock(hashtextextended('worker/' || $1, 0))";

/// The shared database.
pub(crate) struct Database {
    url: String,
    idle: Mutex<Vec<Pooled>>,
    slots: Arc<Semaphore>,
    numbers: Numbers,
    signals: Arc<Signals>,
    wake: wake::Waker,
    stopping: Arc<AtomicBool>,
    /// Connections that hold a worker's name and do nothing else.
    names: Mutex<Vec<Client>>,
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
        let wake = wake::start(url, Arc::clone(&signals), Arc::clone(&stopping))?;
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
            names: Mutex::default(),
        })
    }

    /// A slot for one transaction; hold it while the transaction runs.
    pub(crate) fn slots(&self) -> Arc<Semaphore> {
        Arc::clone(&self.slots)
    }

    /// Takes a worker's name; false when another process holds it. Given back when this is closed or the process dies.
    pub(crate) fn take_worker_name(&self, name: &str) -> Result<bool, Error> {
        let mut client = connect(&self.url)?;
        let is_taken: bool = client.query_one(TAKE_NAME, &[&name])?.get(0);
        if is_taken {
            self.names.lock().map_err(|_poisoned| poisoned())?.push(client);
        }
        Ok(is_taken)
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
        let (mut runs, mut reconnects) = (0, 0);
        loop {
            runs += 1;
            let mut pooled = self.take()?;
            let ended = attempt(&mut pooled, &self.numbers, body, is_write);
            let is_alive = !matches!(ended, Ended::ConnectionLost(_)) && !pooled.client.is_closed();
            if is_alive {
                self.give_back(pooled);
            } else {
                // The server has gone away or restarted: the connections that wait are of no use either.
                close_apart(&self.idle);
            }
            match ended {
                Ended::Committed(answer, effects) => {
                    self.emit(&effects);
                    return Ok(answer);
                }
                Ended::RolledBack(outcome) => return outcome,
                Ended::Again if runs < RUNS_MAX => {}
                Ended::Again => {
                    return Err(Error::Unavailable("concurrent changes kept getting in the way".to_owned()).into());
                }
                // Nothing was written; once more on a fresh connection, which fails if there is none to be had.
                Ended::ConnectionLost(_) if reconnects == 0 => reconnects += 1,
                Ended::ConnectionLost(error) => return Err(error.into()),
            }
        }
    }

    fn take(&self) -> Result<Pooled, Error> {
        if self.stopping.load(Ordering::Acquire) {
            return Err(Error::Unavailable("the store is closed".to_owned()));
        }
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
        if let Ok(mut idle) = self.idle.lock()
            && idle.len() < CONNECTIONS_MAX
            && !self.stopping.load(Ordering::Acquire)
        {
            idle.push(pooled);
        }
    }

    fn emit(&self, effects: &[Effect]) {
        self.signals.emit(effects, &self.numbers.reserved);
        if effects.iter().any(|effect| matches!(effect, Effect::TasksReady)) {
            self.wake.others("tasks");
        }
        if effects.iter().any(|effect| matches!(effect, Effect::Changed)) {
            self.wake.others("changes");
        }
        if effects.iter().any(|effect| matches!(effect, Effect::Lines)) {
            self.wake.others("lines");
        }
        self.tell_others(effects.iter().filter_map(|effect| match effect {
            Effect::Event(event) => Some(*event),
            _ => None,
        }));
    }

    /// Has the processes that share this database told what has moved.
    pub(crate) fn tell_others(&self, events: impl Iterator<Item = Event>) {
        self.wake.tell(events);
    }

    pub(crate) fn close(&self) {
        self.stopping.store(true, Ordering::Release);
        self.slots.close();
        close_apart(&self.idle);
        close_apart(&self.names);
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.close();
    }
}

/// Closes these connections on a thread of its own: closing blocks, which no thread of a runtime may.
fn close_apart<T: Send + 'static>(connections: &Mutex<Vec<T>>) {
    let connections = connections
        .lock()
        .map(|mut connections| std::mem::take(&mut *connections))
        .unwrap_or_default();
    if !connections.is_empty()
        && let Err(error) = spawn("store-closer", move || drop(connections))
    {
        tracing::warn!(%error, "{error}");
    }
}

/// How one run of a closure ended.
enum Ended<T, E> {
    Committed(T, Vec<Effect>),
    /// Read, refused by the closure, or of unknown fate: nothing is to be done about it here.
    RolledBack(Result<T, E>),
    /// A concurrent transaction was in the way.
    Again,
    /// Nothing was written, and the connection is of no use any more.
    ConnectionLost(Error),
}

fn attempt<T, E: From<Error>>(
    pooled: &mut Pooled,
    numbers: &Numbers,
    body: &impl Fn(&mut Tx<'_>) -> Result<T, E>,
    is_write: bool,
) -> Ended<T, E> {
    let Pooled { client, prepared } = pooled;
    let isolation = if is_write {
        IsolationLevel::ReadCommitted
    } else {
        IsolationLevel::RepeatableRead
    };
    let begun = client
        .build_transaction()
        .isolation_level(isolation)
        .read_only(!is_write)
        .start();
    let transaction = match begun {
        Ok(transaction) => transaction,
        Err(error) => return Ended::ConnectionLost(error.into()),
    };
    let mut tx = Tx::new(Connection::Postgres { transaction, prepared }, numbers, !is_write);
    let outcome = run_caught(body, &mut tx);
    let Tx {
        connection,
        effects,
        failed,
        ..
    } = tx;
    let Connection::Postgres { transaction, .. } = connection else {
        return Ended::RolledBack(outcome);
    };
    let answer = match outcome {
        Ok(answer) if is_write => answer,
        outcome => {
            let rolled_back = transaction.rollback().map_err(Error::from);
            return match (failed, rolled_back) {
                (Some(Error::Again), _) => Ended::Again,
                (Some(error), Err(_)) => Ended::ConnectionLost(error),
                _ => Ended::RolledBack(outcome),
            };
        }
    };
    match transaction.commit().map_err(Error::from) {
        Ok(()) => Ended::Committed(answer, effects),
        Err(Error::Again) => Ended::Again,
        Err(Error::Unavailable(text)) => Ended::RolledBack(Err(Error::Unknown(text).into())),
        Err(error) => Ended::RolledBack(Err(error.into())),
    }
}

fn poisoned() -> Error {
    Error::Bug("the pool's lock is poisoned".to_owned())
}

pub(crate) fn connect(url: &str) -> Result<Client, Error> {
    let mut plan = tls::Plan::of(url)?;
    let config = &mut plan.config;
    config.application_name("fossick");
    // A plain index scan passes over entries that it has once found dead; a bitmap scan reads the rows of all of them
    // again, and between two vacuums the queue leaves tens of thousands. With a setting of one's own, that one counts.
    if config.get_options().is_none() {
        config.options("-c enable_bitmapscan=off");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(10));
    }
    // A server that has gone away without a word is noticed, also by who only listens.
    config.keepalives_idle(PATIENCE);
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(PATIENCE);
    }
    let mut client = plan.config.connect(plan.connector()?).map_err(|error| {
        let text = text_of(&error);
        if let Some(refusal) = plan.refusal(&error) {
            return refusal;
        }
        // A wrong name, password or database is nothing that waiting mends.
        if error
            .code()
            .is_some_and(|state| ["28", "3D"].iter().any(|class| state.code().starts_with(class)))
        {
            Error::Setup(format!("the database server refuses the setting `database`: {text}"))
        } else {
            Error::Unavailable(text)
        }
    })?;
    client.batch_execute(FROZEN)?;
    Ok(client)
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map(drop)
        .map_err(|error| Error::Setup(format!("can't start the thread `{name}`: {error}")))
}
