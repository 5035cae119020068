//! The store beside a running server, or without one: for what the API does not offer, which is backups, the search for
//! damage, and reading sealed secrets. Whoever opens it this way only reads.

use model::{Clock, SourceId, SystemClock};
use store::{Database, FolderLock, SourceRow, Store};

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

/// Opens the store of an existing data folder.
///
/// # Errors
/// When the server is of another version (opening would change the database under it), when another process holds the
/// folder, or when the store can't be opened.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Beside> {
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
    let store = tokio::task::spawn_blocking(move || Store::open(&settings)).await??;
    Ok(Beside {
        store,
        has_server,
        lock,
    })
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
