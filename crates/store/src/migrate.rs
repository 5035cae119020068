//! Brings a database's schema up to date: forward only, at start, with a copy of the SQLite file kept before.

use std::path::Path;

use postgres::Client;
use rusqlite::{Connection as Sqlite, OpenFlags};

use crate::{Config, Database, Error, SQLITE_FILE};

/// Number, name, text.
pub(crate) type Migration = (i64, &'static str, &'static str);

/// Every migration, oldest first. Never edited once released.
const MIGRATIONS: &[Migration] = &[(1, "first_light", include_str!("../migrations/0001_first_light.sql"))];

/// The version that this binary reads and writes.
pub(crate) const VERSION: i64 = 1;

/// The lock that keeps two starting processes from migrating at once.
const LOCK: i64 = 0x0066_6f73_7369_636b;

/// How a database's schema stands to the one that this binary reads and writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// There is no database yet: opening the store makes it.
    Missing,
    /// It is of this earlier version: opening the store brings it up to date.
    Older(i64),
    /// It is the same.
    Current,
}

impl Schema {
    /// The version that this binary reads and writes.
    pub const OURS: i64 = VERSION;

    /// Looks at a database, and changes nothing. Blocks.
    ///
    /// # Errors
    /// As [`crate::Store::open`]; a newer schema is refused.
    pub fn of(config: &Config) -> Result<Self, Error> {
        let version = match &config.database {
            Database::Sqlite => sqlite_version(&config.data_dir.join(SQLITE_FILE))?,
            Database::Postgres { url } => postgres_version(url)?,
        };
        let Some(version) = version else {
            return Ok(Self::Missing);
        };
        refuse_newer(version, VERSION)?;
        Ok(if version < VERSION {
            Self::Older(version)
        } else {
            Self::Current
        })
    }
}

fn sqlite_version(path: &Path) -> Result<Option<i64>, Error> {
    if !path.exists() {
        return Ok(None);
    }
    // Not as the store connects: that would set the file's journal mode.
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Sqlite::open_with_flags(path, flags)
        .map_err(|error| Error::Setup(format!("can't open the database `{}`: {error}", path.display())))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let version = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok((tables > 0 || version > 0).then_some(version))
}

fn postgres_version(url: &str) -> Result<Option<i64>, Error> {
    let mut client = crate::postgres::connect(url)?;
    let is_there: bool = client
        .query_one("SELECT to_regclass('fossick_schema') IS NOT NULL", &[])?
        .try_get(0)?;
    if !is_there {
        return Ok(None);
    }
    let row = client.query_one("SELECT coalesce(max(version), 0) FROM fossick_schema", &[])?;
    Ok(Some(row.try_get(0)?))
}

/// Brings an SQLite file up to date.
pub(crate) fn sqlite(connection: &mut Sqlite, path: &Path) -> Result<(), Error> {
    sqlite_by(MIGRATIONS, connection, path)
}

/// The same by these migrations.
pub(crate) fn sqlite_by(migrations: &[Migration], connection: &mut Sqlite, path: &Path) -> Result<(), Error> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let newest = migrations.last().map_or(version, |(number, _, _)| *number);
    refuse_newer(version, newest)?;
    let due: Vec<_> = migrations.iter().filter(|(number, _, _)| *number > version).collect();
    if due.is_empty() {
        return Ok(());
    }
    if version > 0 {
        let copy = path.with_extension(format!("before-{newest}.db"));
        // One that an earlier attempt left behind may be half a copy.
        drop(std::fs::remove_file(&copy));
        connection
            .execute("VACUUM INTO ?1", [copy.to_string_lossy().as_ref()])
            .map_err(|error| {
                Error::Setup(format!(
                    "can't keep a copy of the database at `{}`: {error}",
                    copy.display()
                ))
            })?;
        tracing::info!(path = %copy.display(), "kept a copy of the database at `{}`", copy.display());
    }
    let transaction = connection.transaction()?;
    for (number, name, text) in due {
        transaction
            .execute_batch(&for_sqlite(text))
            .map_err(|error| Error::Setup(format!("migration `{number:04}_{name}` failed: {error}")))?;
    }
    transaction.execute_batch(&format!("PRAGMA user_version = {newest}"))?;
    transaction.commit()?;
    Ok(())
}

/// Brings a PostgreSQL database up to date; other processes that start meanwhile wait.
pub(crate) fn postgres(client: &mut Client) -> Result<(), Error> {
    let mut transaction = client.transaction()?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])?;
    transaction.batch_execute("CREATE TABLE IF NOT EXISTS fossick_schema (version BIGINT NOT NULL)")?;
    let version: i64 = transaction
        .query_one("SELECT coalesce(max(version), 0) FROM fossick_schema", &[])?
        .try_get(0)?;
    refuse_newer(version, VERSION)?;
    for (number, name, text) in MIGRATIONS.iter().filter(|(number, _, _)| *number > version) {
        transaction
            .batch_execute(&text.replace("--postgres: ", ""))
            .map_err(|error| Error::Setup(format!("migration `{number:04}_{name}` failed: {}", Error::from(error))))?;
        transaction.execute("INSERT INTO fossick_schema (version) VALUES ($1)", &[number])?;
    }
    transaction.commit()?;
    Ok(())
}

fn refuse_newer(version: i64, newest: i64) -> Result<(), Error> {
    if version <= newest {
        return Ok(());
    }
    Err(Error::Setup(format!(
        "the database was written by a newer Fossick (schema {version}, this one knows {newest}): start that one, or restore a backup"
    )))
}

/// The few words in which SQLite differs; its tables are STRICT, so that a wrong type is an error there too.
fn for_sqlite(text: &str) -> String {
    text.replace(
        "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
        "INTEGER PRIMARY KEY AUTOINCREMENT",
    )
    .replace("BIGINT", "INTEGER")
    .replace("BYTEA", "BLOB")
    .replace("\n);", "\n) STRICT;")
}

/// What SQLite's own check and the foreign keys find wrong with a file.
pub(crate) fn sqlite_problems(path: &Path) -> Result<Vec<String>, Error> {
    let connection = crate::sqlite::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut problems = Vec::new();
    let mut check = connection.prepare("PRAGMA integrity_check(100)")?;
    for line in check.query_map([], |row| row.get::<_, String>(0))? {
        let line = line?;
        if line != "ok" {
            problems.push(line);
        }
    }
    let mut check = connection.prepare("PRAGMA foreign_key_check")?;
    for table in check.query_map([], |row| row.get::<_, String>(0))? {
        problems.push(format!("a row of table `{}` refers to a row that is not there", table?));
    }
    Ok(problems)
}

/// Copies a live database file as it is, whatever its schema; `to` must not exist. Blocks.
pub fn copy_sqlite(path: &Path, to: &Path) -> Result<(), Error> {
    let connection = crate::sqlite::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection
        .execute("VACUUM INTO ?1", [to.to_string_lossy().as_ref()])
        .map_err(|error| Error::Setup(format!("can't copy the database to `{}`: {error}", to.display())))?;
    Ok(())
}
