//! `fossick backup`: a consistent copy of the database, the key file, the staged pages and the settings, also beside a
//! running server. The index is left out: it is built anew from the database.

pub(super) mod format;
pub(super) mod write;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::Session;
use crate::beside::{self, Found};
use crate::exit::Refused;
use crate::output::{Progress, bytes, count};
use format::{CONFIG, Contents, DATABASE, KEY, STAGING};
use write::Target;

/// What `backup` takes.
#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// A folder that does not exist yet, or a file that ends in .tar or .tar.zst
    #[arg(value_name = "FOLDER | FILE")]
    to: PathBuf,
}

#[cfg(test)]
impl BackupArgs {
    /// A backup to `to`.
    pub(super) fn to(to: PathBuf) -> Self {
        Self { to }
    }
}

/// A file that belongs into a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    /// Its name in the backup.
    name: String,
    /// Where it is now.
    path: PathBuf,
    bytes: u64,
    /// Whether the backup is worth nothing without it; staged pages may be removed while we look.
    is_needed: bool,
}

/// Writes a backup.
pub(super) async fn run(session: &Session, args: &BackupArgs) -> anyhow::Result<()> {
    let config = &session.config;
    if !config.data_dir.is_dir() {
        return Err(Refused::not_found(format!(
            "there is no data folder `{}`: name it with --data-dir",
            config.data_dir.display()
        )));
    }
    let to = std::path::absolute(&args.to)?;
    if to.starts_with(&config.data_dir) {
        return Err(Refused::usage(
            "a backup inside the data folder would be lost with it: name another place",
        ));
    }
    if to.exists() {
        return Err(Refused::usage(format!(
            "`{}` exists already: name a new folder or file",
            to.display()
        )));
    }
    let found = beside::find(config).await?;
    let written = write_all(session, &found, &to).await;
    let is_shared = config.database.is_some();
    let has_server = match found {
        Found::Current(beside) => {
            let has_server = beside.has_server;
            beside.close().await?;
            has_server
        }
        // A server that runs is of this version, and has brought it up to date.
        Found::Older(_) => false,
    };
    let contents = written?;
    let total = contents.files.iter().map(|file| file.bytes).sum();
    let answer = json!({
        "path": to, "files": contents.files.len(), "bytes": total, "database": contents.database, "made_at": contents.made_at,
        "beside_server": has_server,
    });
    let files = i64::try_from(contents.files.len()).unwrap_or(i64::MAX);
    session.output.answer(&answer, || {
        format!(
            "backed up to {}: {}, {}",
            to.display(),
            count(files, "file"),
            bytes(total)
        )
    })?;
    if is_shared {
        session
            .output
            .note("the PostgreSQL database is not in it: back it up with `pg_dump`, right after this");
    }
    session
        .output
        .note("it contains everything, keys included: keep it where only you can read it");
    Ok(())
}

async fn write_all(session: &Session, found: &Found, to: &Path) -> anyhow::Result<Contents> {
    let is_shared = session.config.database.is_some();
    let mut target = Target::create(to)?;
    let data_dir = session.config.data_dir.clone();
    let mut items = Vec::new();
    if !is_shared {
        let copy = target.scratch(DATABASE);
        copy_database(found, &data_dir, &copy).await?;
        items.push(item(DATABASE, copy, true)?);
    }
    items.push(item(KEY, data_dir.join(KEY), true)?);
    items.extend(config_files(Path::new("."))?);
    // After the database: what it knows is either still there or was landed before.
    items.extend(staged(&data_dir.join(STAGING))?);
    let mut progress = Progress::new(session.output, "backing up");
    let database = if is_shared { "postgres" } else { "sqlite" };
    let made_at = beside::now();
    tokio::task::spawn_blocking(move || {
        let total = items.iter().map(|item| item.bytes).sum();
        let mut contents = Contents::new(database, made_at);
        let mut done = 0;
        for item in &items {
            progress.show(done, Some(total), &format!("{} of {}", bytes(done), bytes(total)));
            match target.add(&item.name, &item.path) {
                Ok(file) => contents.files.push(file),
                Err(error) if !item.is_needed && is_gone(&error) => {}
                Err(error) => return Err(error.context(format!("can't back up `{}`", item.path.display()))),
            }
            done += item.bytes;
        }
        target.finish(&contents)?;
        Ok(contents)
    })
    .await?
}

/// Copies the SQLite database as it is: one with an older schema is worth the most before it is brought up to date.
async fn copy_database(found: &Found, data_dir: &Path, to: &Path) -> anyhow::Result<()> {
    let to = to.to_owned();
    match found {
        Found::Current(beside) => beside.store.copy_database(to).await?,
        Found::Older(_) => {
            let from = data_dir.join(store::SQLITE_FILE);
            tokio::task::spawn_blocking(move || store::copy_sqlite(&from, &to)).await??;
        }
    }
    Ok(())
}

fn is_gone(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

fn item(name: impl Into<String>, path: PathBuf, is_needed: bool) -> anyhow::Result<Item> {
    let bytes = path
        .metadata()
        .with_context(|| format!("can't read `{}`", path.display()))?
        .len();
    Ok(Item {
        name: name.into(),
        path,
        bytes,
        is_needed,
    })
}

/// The files that settings were read from.
fn config_files(dir: &Path) -> anyhow::Result<Vec<Item>> {
    let mut items = Vec::new();
    for entry in std::fs::read_dir(dir).context("can't read the working folder")? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let environment = name
            .strip_prefix("fossick.")
            .and_then(|rest| rest.strip_suffix(".toml"));
        let is_ours = name == ".env" || name == "fossick.toml" || environment.is_some();
        if is_ours && entry.file_type()?.is_file() {
            items.push(item(format!("{CONFIG}/{name}"), entry.path(), true)?);
        }
    }
    items.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(items)
}

/// The staged pages: `<source>/<number>`.
fn staged(root: &Path) -> anyhow::Result<Vec<Item>> {
    let mut items = Vec::new();
    let Ok(sources) = std::fs::read_dir(root) else {
        return Ok(items);
    };
    for source in sources {
        let source = source?;
        // Gone in this moment, with a source that is purged.
        let Ok(pages) = std::fs::read_dir(source.path()) else {
            continue;
        };
        for page in pages {
            let page = page?;
            let name = page.file_name().to_string_lossy().into_owned();
            let Ok(metadata) = page.metadata() else { continue };
            if metadata.is_file() && !name.ends_with(".partial") {
                let name = format!("{STAGING}/{}/{name}", source.file_name().to_string_lossy());
                items.push(Item {
                    name,
                    path: page.path(),
                    bytes: metadata.len(),
                    is_needed: false,
                });
            }
        }
    }
    items.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(items)
}
