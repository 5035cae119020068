//! The store beside a running server, or without one: for what the API does not offer, which is backups, the search for
//! damage, and reading sealed secrets. Whoever opens it this way only reads.

use model::{Clock, SourceId, SystemClock};
use store::{Database, FolderLock, Schema, SourceRow, Store};

use crate::client::{Client, Missing, has_server, refuse_locked};
use crate::config::Config;
use crate::exit::{Exit, Refused};

/// An opened store. Give it back with [`Beside::close`].
#[derive(Debug)]
pub(crate) struct Beside {
    /// The store, to be read.
    pub(crate) store: Store,
    /// Whether a server owns the data folder.
    pub(crate) has_server: bool,
    lock: Option<FolderLock>,
}

/// What a data folder holds.
#[derive(Debug)]
pub(crate) enum Found {
    /// What this binary reads and writes.
    Current(Box<Beside>),
    /// A database that an older Fossick has written. It stays as it is while this lives.
    Older(Older),
}

/// A database with an older schema.
#[derive(Debug)]
pub(crate) struct Older {
    /// The schema's version.
    pub(crate) version: i64,
    _lock: Option<FolderLock>,
}

/// Opens the store of an existing data folder.
///
/// # Errors
/// As [`find`], and when the database's schema is older.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Beside> {
    match find(config).await? {
        Found::Current(beside) => Ok(*beside),
        Found::Older(older) => Err(Refused::because(
            Exit::Failure,
            format!(
                "the database's schema is older ({} instead of {}): start `fossick serve`, which brings it up to date",
                older.version,
                Schema::OURS
            ),
        )),
    }
}

/// Opens the store of an existing data folder, unless that would bring the database up to date: who looks changes
/// nothing.
///
/// # Errors
/// When the server is of another version, when another process holds the folder, when there is no database, or when the
/// store can't be opened.
pub(crate) async fn find(config: &Config) -> anyhow::Result<Found> {
    let data_dir = &config.data_dir;
    let has_server = has_server(data_dir).await?;
    let lock = if has_server {
        same_version(config).await?;
        None
    } else {
        refuse_locked(data_dir)?;
        FolderLock::try_take(data_dir)?
    };
    crate::folder::refuse_incomplete(data_dir, config.database.is_some())?;
    let settings = store::Config {
        data_dir: data_dir.clone(),
        database: database(config),
    };
    let opened = tokio::task::spawn_blocking(move || match Schema::of(&settings)? {
        Schema::Current => Store::open(&settings).map(Ok),
        other => Ok(Err(other)),
    });
    match opened.await?? {
        Ok(store) => Ok(Found::Current(Box::new(Beside {
            store,
            has_server,
            lock,
        }))),
        Err(Schema::Older(version)) => Ok(Found::Older(Older { version, _lock: lock })),
        Err(_missing) => Err(Refused::not_found(
            "there is nothing in the database yet: `fossick serve` begins it",
        )),
    }
}

impl Beside {
    /// Closes the store.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        let Self { store, lock, .. } = self;
        tokio::task::spawn_blocking(move || {
            store.close();
            drop(store);
            drop(lock);
        })
        .await?;
        Ok(())
    }
}

/// Which database the settings name.
pub(crate) fn database(config: &Config) -> Database {
    match &config.database {
        Some(url) => Database::Postgres {
            url: url.expose().to_owned(),
        },
        None => Database::Sqlite,
    }
}

async fn same_version(config: &Config) -> anyhow::Result<()> {
    let client = Client::open(config, Missing::Refuse).await?;
    let status = client.get("/api/v1/status").await?;
    client.close().await?;
    let (theirs, ours) = (crate::output::text(&status, "version"), env!("CARGO_PKG_VERSION"));
    if theirs == ours {
        return Ok(());
    }
    Err(Refused::because(
        Exit::Failure,
        format!(
            "the running server is version {theirs}, this command is {ours}: restart the server with this version first"
        ),
    ))
}

/// Every source that is not deleted.
pub(crate) async fn all_sources(store: &Store) -> Result<Vec<SourceRow>, store::Error> {
    let mut all: Vec<SourceRow> = Vec::new();
    loop {
        let after = all.last().map_or(SourceId(0), |row| row.id);
        let rows = store.read(move |tx| tx.list_sources(after, 500)).await?;
        if rows.is_empty() {
            return Ok(all);
        }
        all.extend(rows);
    }
}

/// The time, where no clock is at hand.
pub(crate) fn now() -> model::Timestamp {
    SystemClock.now()
}
