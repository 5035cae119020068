//! What is kept: the only SQL on our own database, sealed secrets, staged pages.
//!
//! # Writing
//!
//! [`Store::write`] takes a short synchronous closure and runs it in a transaction. On SQLite one writer thread runs
//! all waiting closures together and answers after the COMMIT; on PostgreSQL a closure runs on a blocking thread.
//! Closures are `Fn` and **may run again**: they draw no ids or time of their own, do no CPU work, touch at most
//! 1,000 rows or 4 MiB, and check inside the transaction whatever they decide on. An error or panic rolls back that
//! closure alone, and so does a statement that failed, whatever the closure made of its error. Wake-ups fire after the
//! commit.
//!
//! # How to add a table or a query
//!
//! 1. A migration in `migrations/` and a line in `migrate.rs`.
//! 2. One file per statement in `sql/`, named `<noun>_<verb>.sql`; a `….postgres.sql` beside it only where it must differ.
//! 3. A line in the `statements!` of the noun's file, and a method on [`Tx`] there. A test prepares every statement on
//!    both databases and fails on a file that nobody declares.

mod access;
mod access_token;
mod change;
mod error;
mod failure;
mod folder;
mod governor;
mod log_line;
mod migrate;
mod numbers;
mod packed;
mod page;
mod people;
mod postgres;
mod queue;
mod record;
mod retention;
mod schedule;
mod seal;
mod setting;
mod shared;
mod signals;
mod slice;
mod source;
mod sqlite;
mod staging;
mod statement;
mod sync;
mod task;
mod tx;
mod value;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::Number;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use access_token::AccessTokenRow;
pub use change::{ChangeRow, FollowerPosition, RecordNow};
pub use error::Error;
pub use failure::{FailureGroup, FailureRow, NewFailure, record_place};
pub use folder::FolderLock;
pub use log_line::{LineRow, Lines, LinesOf, LinesPart, NewLine};
pub use migrate::{Schema, copy_sqlite};
pub use page::{NewPage, PageRow};
pub use people::{
    ApiKeyRow, GroupRow, LinkRow, Member, MemberRow, NewApiKey, NewLink, NewSession, NewUser, SessionRow, Token,
    UserRow,
};
pub use queue::QueueCounts;
pub use record::{Alike, LandedCounts, Place, RecordDetail, Spared, Sweep, SweepPlace, ToLand, ToReject};
pub use retention::{Expired, Mark};
pub use schedule::ScheduleRow;
pub use seal::{Sealer, Secret};
pub use signals::{Event, Signals};
pub use slice::SliceRow;
pub use source::{NewSource, SourceRow, StreamRow};
pub use staging::Staging;
pub use sync::{SyncRow, SyncTotals};
pub use task::{ClaimLimits, Claimed, Ending, NewTask, TaskFilter, TaskRow, WorkerRow};
pub use tx::Tx;

/// Where the store's database is.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A file of the data folder.
    Sqlite,
    /// A server that several processes share.
    Postgres {
        /// `postgres://user:password@host:port/database`.
        url: String,
    },
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "Sqlite",
            Self::Postgres { .. } => "Postgres",
        })
    }
}

/// What a store is opened with.
#[derive(Debug, Clone)]
pub struct Config {
    /// The data folder: database file, key file, staging.
    pub data_dir: PathBuf,
    /// Which database.
    pub database: Database,
}

/// The store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    backend: Backend,
    signals: Arc<Signals>,
    sealer: Sealer,
    staging: Staging,
    data_dir: PathBuf,
}

#[derive(Debug)]
enum Backend {
    Sqlite(sqlite::Database),
    Postgres(postgres::Database),
}

/// The database's file name in the data folder.
pub const SQLITE_FILE: &str = "fossick.db";

impl Store {
    /// Opens the store, brings its schema up to date and reads the key file (made on first use). Blocks.
    ///
    /// # Errors
    /// [`Error::Setup`] says what a person has to change, [`Error::Unavailable`] that the server does not answer.
    pub fn open(config: &Config) -> Result<Self, Error> {
        folder::create_private(&config.data_dir)?;
        let signals = Arc::new(Signals::default());
        let sealer = Sealer::open(&config.data_dir.join("key"))?;
        let staging = Staging::open(&config.data_dir.join("staging"))?;
        let backend = match &config.database {
            Database::Sqlite => {
                let path = config.data_dir.join(SQLITE_FILE);
                Backend::Sqlite(sqlite::Database::open(&path, Arc::clone(&signals))?)
            }
            Database::Postgres { url } => {
                let database = postgres::Database::open(url, Arc::clone(&signals))?;
                shared::check_clock(&database)?;
                shared::check_folder(&database, &sealer, &config.data_dir)?;
                Backend::Postgres(database)
            }
        };
        let inner = Inner {
            backend,
            signals,
            sealer,
            staging,
            data_dir: config.data_dir.clone(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Runs `body` in a transaction, commits it and only then answers. See the crate's first page for what a closure
    /// may do. Safe to drop: a closure that was handed in runs anyway.
    pub async fn write<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match &self.inner.backend {
            Backend::Sqlite(database) => database.write(body).await,
            Backend::Postgres(_) => self.on_postgres(move |database| database.write(&body)).await,
        }
    }

    /// [`Store::write`] for threads that may block; never call it on a runtime's thread.
    pub fn write_blocking<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match &self.inner.backend {
            Backend::Sqlite(database) => database.write_blocking(body),
            Backend::Postgres(database) => database.write(&body),
        }
    }

    /// Runs `body` on a read-only connection; it sees every write that was answered before.
    pub async fn read<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match &self.inner.backend {
            Backend::Sqlite(database) => {
                let slot = slot(database.slots()).await?;
                let inner = Arc::clone(&self.inner);
                let answer = tokio::task::spawn_blocking(move || {
                    let _slot = slot;
                    match &inner.backend {
                        Backend::Sqlite(database) => database.read(&body),
                        Backend::Postgres(database) => database.read(&body),
                    }
                });
                answer
                    .await
                    .map_err(|error| Error::Bug(format!("a read died: {error}")))?
            }
            Backend::Postgres(_) => self.on_postgres(move |database| database.read(&body)).await,
        }
    }

    /// [`Store::read`] for threads that may block.
    pub fn read_blocking<T, E: From<Error>>(&self, body: impl Fn(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        match &self.inner.backend {
            Backend::Sqlite(database) => database.read(&body),
            Backend::Postgres(database) => database.read(&body),
        }
    }

    async fn on_postgres<T, E>(
        &self,
        run: impl FnOnce(&postgres::Database) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        let Backend::Postgres(database) = &inner.backend else {
            return Err(Error::Bug("not on PostgreSQL".to_owned()).into());
        };
        let slot = slot(database.slots()).await?;
        let inner = Arc::clone(&self.inner);
        let answer = tokio::task::spawn_blocking(move || {
            let _slot = slot;
            match &inner.backend {
                Backend::Postgres(database) => run(database),
                Backend::Sqlite(_) => Err(Error::Bug("not on PostgreSQL".to_owned()).into()),
            }
        });
        answer
            .await
            .map_err(|error| Error::Bug(format!("a transaction died: {error}")))?
    }

    /// Draws the number of a page that is about to be asked for.
    pub async fn next_number(&self) -> Result<Number, Error> {
        if let Backend::Sqlite(database) = &self.inner.backend
            && let Some(number) = database.numbers.take_reserved()
        {
            return Ok(number);
        }
        self.write(|tx| tx.next_number()).await
    }

    /// Tells those who watch, here and in other processes, what has moved. Costs nothing where nobody watches.
    pub fn tell(&self, events: &[Event]) {
        for event in events {
            self.inner.signals.tell(*event);
        }
        if let Backend::Postgres(database) = &self.inner.backend {
            database.tell_others(events.iter().copied());
        }
    }

    /// What is told after commits.
    pub fn signals(&self) -> &Signals {
        &self.inner.signals
    }

    /// Seals and opens secrets.
    pub fn sealer(&self) -> &Sealer {
        &self.inner.sealer
    }

    /// The raw pages.
    pub fn staging(&self) -> &Staging {
        &self.inner.staging
    }

    /// The data folder.
    pub fn data_dir(&self) -> &Path {
        &self.inner.data_dir
    }

    /// Whether other processes may share this store's database.
    pub fn is_shared(&self) -> bool {
        matches!(self.inner.backend, Backend::Postgres(_))
    }

    /// Takes a name for this process's worker until the store is closed or the process dies; false when another process
    /// that lives has it. Whoever has a name may void the leases that an earlier process of that name left. On SQLite
    /// nobody else can be there. Blocks.
    pub fn take_worker_name(&self, name: &str) -> Result<bool, Error> {
        match &self.inner.backend {
            Backend::Sqlite(_) => Ok(true),
            Backend::Postgres(database) => database.take_worker_name(name),
        }
    }

    /// Looks for damage; the answer is empty when there is none. Reads the whole database on SQLite.
    pub async fn integrity_problems(&self) -> Result<Vec<String>, Error> {
        if self.is_shared() {
            return Ok(Vec::new());
        }
        let path = self.inner.data_dir.join(SQLITE_FILE);
        let check = tokio::task::spawn_blocking(move || migrate::sqlite_problems(&path));
        check
            .await
            .map_err(|error| Error::Bug(format!("the check died: {error}")))?
    }

    /// Writes a consistent copy of the SQLite database to `to`, which must not exist.
    pub async fn copy_database(&self, to: PathBuf) -> Result<(), Error> {
        if self.is_shared() {
            return Err(Error::Setup(
                "a PostgreSQL database is backed up with `pg_dump`".to_owned(),
            ));
        }
        let path = self.inner.data_dir.join(SQLITE_FILE);
        let copy = tokio::task::spawn_blocking(move || copy_sqlite(&path, &to));
        copy.await
            .map_err(|error| Error::Bug(format!("the copy died: {error}")))?
    }

    /// Waits for what was handed in and stops the writer; later calls fail with [`Error::Unavailable`]. Blocks.
    pub fn close(&self) {
        match &self.inner.backend {
            Backend::Sqlite(database) => database.close(),
            Backend::Postgres(database) => database.close(),
        }
    }
}

/// A place among those that may use the database at once.
async fn slot(slots: Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Error> {
    slots
        .acquire_owned()
        .await
        .map_err(|_closed| Error::Unavailable("the store is closed".to_owned()))
}

#[cfg(test)]
mod tests;
