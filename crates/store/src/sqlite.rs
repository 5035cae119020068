//! SQLite: one writer thread with group commit, and a few read-only connections.
//!
//! The writer runs all waiting closures in one transaction, each in a savepoint of its own, and answers all of them
//! after the COMMIT. So a busy store pays one fsync for hundreds of writes, and an idle one answers after one fsync.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use rusqlite::config::DbConfig;
use rusqlite::{Connection as Sqlite, OpenFlags};
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::numbers::Numbers;
use crate::signals::{Effect, Signals};
use crate::tx::{Connection, Tx};
use crate::{Error, migrate};

/// How many closures share a transaction at most.
const GROUP_MAX: usize = 512;
/// How many closures may wait.
const WAITING_MAX: usize = 2048;
/// How many reads run at once.
const READERS_MAX: usize = 16;
/// How many read-only connections are kept open.
const READERS_KEPT: usize = 6;
/// Statements prepared per connection.
const PREPARED_MAX: usize = 256;

/// The embedded database.
#[derive(Debug)]
pub(crate) struct Database {
    writes: Mutex<Option<mpsc::Sender<Box<dyn Write>>>>,
    writer: Mutex<Option<std::thread::JoinHandle<()>>>,
    readers: Mutex<Vec<Sqlite>>,
    slots: Arc<Semaphore>,
    is_closed: AtomicBool,
    path: std::path::PathBuf,
    pub(crate) numbers: Arc<Numbers>,
}

/// One waiting closure, its type erased.
trait Write: Send {
    /// Runs the closure; true when its savepoint may be kept. Effects of a kept run are in the transaction.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Replaces the outcome: the commit failed.
    fn fail(&mut self, error: Error);
    /// Tells the caller.
    fn answer(self: Box<Self>);
}

struct Closure<F, T, E> {
    body: F,
    outcome: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Write for Closure<F, T, E>
where
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let outcome = run_caught(&self.body, tx);
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
    }

    fn fail(&mut self, error: Error) {
        self.outcome = Some(Err(error.into()));
    }

    fn answer(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
            // A caller that has gone away does not need the answer.
            drop(self.reply.send(outcome));
        }
    }
}

/// Runs a closure and turns its panic, or a failed statement that it passed over, into an error.
pub(crate) fn run_caught<T, E: From<Error>>(
    body: &(impl Fn(&mut Tx<'_>) -> Result<T, E> + ?Sized),
    tx: &mut Tx<'_>,
) -> Result<T, E> {
    let outcome = catch_unwind(AssertUnwindSafe(|| body(tx))).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "panicked".to_owned());
        Err(Error::Bug(format!("a transaction panicked: {text}")).into())
    });
    match (outcome, &tx.failed) {
        // A closure that passed over a failed statement is not kept by either database.
        (Ok(_), Some(error)) => Err(error.clone().into()),
        (outcome, _) => outcome,
    }
}

impl Database {
    /// Opens or creates the file, brings its schema up to date and starts the writer.
    pub(crate) fn open(path: &Path, signals: Arc<Signals>) -> Result<Self, Error> {
        create_private_file(path)?;
        let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        migrate::sqlite(&mut connection, path)?;
        let mark = {
            let numbers = Numbers::starting_at(0);
            Tx::new(Connection::Sqlite(&connection), &numbers, true).numbers_reserved()?
        };
        let numbers = Arc::new(Numbers::starting_at(mark));
        let (writes, waiting) = mpsc::channel(WAITING_MAX);
        let theirs = Arc::clone(&numbers);
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || write_loop(&connection, waiting, &theirs, &signals))
            .map_err(|error| Error::Setup(format!("can't start the writer thread: {error}")))?;
        Ok(Self {
            writes: Mutex::new(Some(writes)),
            writer: Mutex::new(Some(thread)),
            readers: Mutex::new(Vec::new()),
            slots: Arc::new(Semaphore::new(READERS_MAX)),
            is_closed: AtomicBool::new(false),
            path: path.to_owned(),
            numbers,
        })
    }

    /// Hands a closure to the writer; the receiver is answered after the commit.
    pub(crate) async fn write<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let writes = self.writes()?;
        writes
            .send(Box::new(Closure {
                body,
                outcome: None,
                reply,
            }))
            .await
            .map_err(|_gone| closed())?;
        answer.await.map_err(|_gone| closed())?
    }

    /// The same from a thread that may block.
    pub(crate) fn write_blocking<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let writes = self.writes()?;
        writes
            .blocking_send(Box::new(Closure {
                body,
                outcome: None,
                reply,
            }))
            .map_err(|_gone| closed())?;
        answer.blocking_recv().map_err(|_gone| closed())?
    }

    fn writes(&self) -> Result<mpsc::Sender<Box<dyn Write>>, Error> {
        self.writes
            .lock()
            .map_err(|_poisoned| closed())?
            .clone()
            .ok_or_else(closed)
    }

    /// A slot for one read; hold it while the read runs.
    pub(crate) fn slots(&self) -> Arc<Semaphore> {
        Arc::clone(&self.slots)
    }

    /// Runs a closure on a read-only connection. Blocks.
    pub(crate) fn read<T, E: From<Error>>(&self, body: &impl Fn(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        if self.is_closed.load(Ordering::Acquire) {
            return Err(closed().into());
        }
        let kept = self.readers.lock().map_err(|_poisoned| closed())?.pop();
        let connection = match kept {
            Some(connection) => connection,
            None => connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        };
        run_sql(&connection, "BEGIN")?;
        let outcome = {
            let mut tx = Tx::new(Connection::Sqlite(&connection), &self.numbers, true);
            run_caught(body, &mut tx)
        };
        if run_sql(&connection, "ROLLBACK").is_ok() {
            let mut readers = self.readers.lock().map_err(|_poisoned| closed())?;
            if readers.len() < READERS_KEPT && !self.is_closed.load(Ordering::Acquire) {
                readers.push(connection);
            }
        }
        outcome
    }

    /// Waits until everything handed in is written, and stops the writer.
    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        self.slots.close();
        // The last connection to go folds the write-ahead log into the file: let it be the writer's.
        if let Ok(mut readers) = self.readers.lock() {
            readers.clear();
        }
        if let Ok(mut writes) = self.writes.lock() {
            writes.take();
        }
        let writer = self.writer.lock().ok().and_then(|mut writer| writer.take());
        if writer.is_some_and(|writer| writer.join().is_err()) {
            tracing::error!("the store's writer thread panicked");
        }
    }
}

fn closed() -> Error {
    Error::Unavailable("the store is closed".to_owned())
}

/// Makes the database file before SQLite does: only its owner may read it, whatever the folder allows.
fn create_private_file(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .map(drop)
        .map_err(|error| Error::Setup(format!("can't open the database `{}`: {error}", path.display())))
}

/// Opens a connection with the settings that every one of ours has.
pub(crate) fn connect(path: &Path, flags: OpenFlags) -> Result<Sqlite, Error> {
    let connection = Sqlite::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| Error::Setup(format!("can't open the database `{}`: {error}", path.display())))?;
    connection.set_prepared_statement_cache_capacity(PREPARED_MAX);
    // Without it SQLite looks at the values bound to `LIMIT` and others, and prepares the statement again for each.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000;
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000; PRAGMA journal_size_limit = 67108864;",
    )?;
    Ok(connection)
}

fn write_loop(connection: &Sqlite, mut waiting: mpsc::Receiver<Box<dyn Write>>, numbers: &Numbers, signals: &Signals) {
    while let Some(first) = waiting.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP_MAX {
            match waiting.try_recv() {
                Ok(next) => group.push(next),
                Err(_) => break,
            }
        }
        let effects = write_all(connection, &mut group, numbers, signals);
        signals.emit(&effects, &numbers.reserved);
        for one in group {
            one.answer();
        }
    }
}

/// Writes a group; when all of it dies, each closure runs again, alone, and answers for itself.
fn write_all(connection: &Sqlite, group: &mut [Box<dyn Write>], numbers: &Numbers, signals: &Signals) -> Vec<Effect> {
    let changes = connection.total_changes();
    if let Err(error) = run_sql(connection, "BEGIN IMMEDIATE") {
        signals.set_full(error == Error::DiskFull || signals.is_full());
        // Nothing has run, and no closure would fare better alone.
        for one in group {
            one.fail(error.clone());
        }
        return Vec::new();
    }
    let error = match run_group(connection, group, numbers) {
        Ok(effects) => {
            // What changed nothing may be committed on a full disk as well.
            if connection.total_changes() > changes {
                signals.set_full(false);
            }
            return effects;
        }
        Err(error) => error,
    };
    if error == Error::DiskFull {
        signals.set_full(true);
    }
    roll_back(connection);
    if let [alone] = group {
        alone.fail(error);
        return Vec::new();
    }
    let mut effects = Vec::new();
    for one in group {
        effects.extend(write_all(connection, std::slice::from_mut(one), numbers, signals));
    }
    effects
}

/// Runs closures in the open transaction and commits it. An error means that none of them may be kept.
fn run_group(connection: &Sqlite, group: &mut [Box<dyn Write>], numbers: &Numbers) -> Result<Vec<Effect>, Error> {
    let mut kept = Vec::new();
    // A closure that has the transaction to itself needs no savepoint, for which SQLite would copy every page it changes.
    let is_alone = group.len() == 1;
    for one in group {
        if !is_alone {
            run_sql(connection, "SAVEPOINT closure")?;
        }
        let mut tx = Tx::new(Connection::Sqlite(connection), numbers, false);
        let keep = one.run(&mut tx);
        // A full disk or an interrupt inside a savepoint rolls the whole transaction back.
        if connection.is_autocommit() || tx.failed == Some(Error::DiskFull) {
            return Err(tx.failed.unwrap_or(Error::DiskFull));
        }
        if keep {
            kept.extend(tx.effects);
        } else if is_alone {
            run_sql(connection, "ROLLBACK")?;
            return Ok(kept);
        } else {
            run_sql(connection, "ROLLBACK TO closure")?;
        }
        if !is_alone {
            run_sql(connection, "RELEASE closure")?;
        }
    }
    run_sql(connection, "COMMIT")?;
    Ok(kept)
}

fn run_sql(connection: &Sqlite, sql: &str) -> Result<(), Error> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

fn roll_back(connection: &Sqlite) {
    if !connection.is_autocommit()
        && let Err(error) = connection.execute_batch("ROLLBACK")
    {
        tracing::error!(%error, "can't roll back: {error}");
    }
}
