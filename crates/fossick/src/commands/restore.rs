//! `fossick restore`: a data folder from a backup. Everything is unpacked and checked beside what is there before
//! anything takes its place; the index is not in a backup and is built anew at the next start.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use model::SourceId;
use serde_json::json;
use store::{Database, FolderLock, Store};

use super::Session;
use super::backup::format::{CONFIG, CONTENTS, Contents, DATABASE, Hashing, Listed, STAGING, check_name};
use super::backup::write::{copy, folder};
use crate::client::{has_server, refuse_locked};
use crate::exit::{Exit, Refused};
use crate::folder::{ASIDE, RESTORING};
use crate::output::{Output, Progress, bytes, count};

/// What the first bytes of a compressed archive are.
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// The longest `backup.json` that is read: 1 GiB, some ten million pages.
const CONTENTS_BYTES_MAX: u64 = 1 << 30;
/// Where the settings of a backup are put: they are for reading, nothing uses them.
const RESTORED_CONFIG: &str = "restored-config";

/// What `restore` takes.
#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// A backup: its folder, or its .tar or .tar.zst file
    #[arg(value_name = "FOLDER | FILE")]
    from: PathBuf,
    /// Put aside what is in the data folder, instead of refusing
    #[arg(long)]
    force: bool,
}

/// Restores.
pub(super) async fn run(session: &Session, args: &RestoreArgs) -> anyhow::Result<()> {
    let config = &session.config;
    let data_dir = config.data_dir.clone();
    if has_server(&data_dir).await? {
        return Err(Refused::because(
            Exit::Unreachable,
            format!(
                "a server runs on the data folder `{}`: stop it first",
                data_dir.display()
            ),
        ));
    }
    refuse_locked(&data_dir)?;
    if !args.from.exists() {
        return Err(Refused::not_found(format!(
            "there is no backup `{}`",
            args.from.display()
        )));
    }
    let there = entries(&data_dir)?;
    if !there.is_empty() && !args.force {
        return Err(Refused::because(
            Exit::Failure,
            format!(
                "the data folder `{}` is not empty: name another with --data-dir, or put aside what is there with --force",
                data_dir.display()
            ),
        ));
    }
    let (from, output, is_postgres) = (args.from.clone(), session.output, config.database.is_some());
    let restored = tokio::task::spawn_blocking(move || restore(&from, &data_dir, is_postgres, output)).await??;
    say(session, &restored)
}

/// What a restore has done.
struct Restored {
    contents: Contents,
    aside: Option<PathBuf>,
    sources: usize,
}

fn say(session: &Session, restored: &Restored) -> anyhow::Result<()> {
    let (contents, data_dir) = (&restored.contents, &session.config.data_dir);
    let answer = json!({
        "data_dir": data_dir, "made_at": contents.made_at, "version": contents.version, "files": contents.files.len(),
        "sources": restored.sources, "aside": restored.aside,
    });
    session.output.answer(&answer, || {
        let sources = count(i64::try_from(restored.sources).unwrap_or(0), "source");
        format!(
            "restored {}: the state of {}, {sources}",
            data_dir.display(),
            contents.made_at
        )
    })?;
    if let Some(aside) = &restored.aside {
        session
            .output
            .note(format!("what was there before is in {}", aside.display()));
    }
    if contents.files.iter().any(|file| file.name.starts_with(CONFIG)) {
        let place = data_dir.join(RESTORED_CONFIG);
        session.output.note(format!(
            "the settings of then are in {}, for you to compare; nothing reads them there",
            place.display()
        ));
    }
    if contents.database == "postgres" {
        session
            .output
            .note("the database is not in it: restore it with `pg_restore` before you start the server");
    }
    session.output.note("the next start builds the search index anew");
    Ok(())
}

fn restore(from: &Path, data_dir: &Path, is_postgres: bool, output: Output) -> anyhow::Result<Restored> {
    let is_new = !data_dir.exists();
    folder(data_dir).with_context(|| format!("can't make the data folder `{}`", data_dir.display()))?;
    let Some(lock) = FolderLock::try_take(data_dir)? else {
        return Err(Refused::because(
            Exit::Unreachable,
            format!("the data folder `{}` is in use", data_dir.display()),
        ));
    };
    // Inside the data folder, so that renaming is enough even when it is a mounted disk.
    let unpacked = data_dir.join(format!("{RESTORING}{}", std::process::id()));
    let done = (|| {
        folder(&unpacked)?;
        let contents = unpack(from, &unpacked, output)?;
        if is_postgres != (contents.database == "postgres") {
            bail!(
                "the backup is of {}, but the setting `database` names {}: change the setting",
                if is_postgres {
                    "an SQLite database"
                } else {
                    "a PostgreSQL installation"
                },
                if is_postgres { "PostgreSQL" } else { "SQLite" },
            );
        }
        let sources = if is_postgres { 0 } else { check_store(&unpacked)? };
        let mut moves = Moves::default();
        let done = put_aside(data_dir, &unpacked, &mut moves).and_then(|aside| {
            put_in_place(&unpacked, data_dir, &mut moves)?;
            Ok(aside)
        });
        let aside = done.map_err(|error| moves.undo(error))?;
        std::fs::remove_dir_all(&unpacked).with_context(|| format!("can't remove `{}`", unpacked.display()))?;
        File::open(data_dir)?.sync_all()?;
        Ok(Restored {
            contents,
            aside,
            sources,
        })
    })();
    if done.is_err() && unpacked.exists() {
        std::fs::remove_dir_all(&unpacked).with_context(|| format!("can't remove `{}`", unpacked.display()))?;
    }
    if done.is_err() && is_new {
        std::fs::remove_dir_all(data_dir).with_context(|| format!("can't remove `{}`", data_dir.display()))?;
    }
    drop(lock);
    done
}

/// Unpacks a backup into an empty folder and compares it with its list.
fn unpack(from: &Path, to: &Path, output: Output) -> anyhow::Result<Contents> {
    let mut progress = Progress::new(output, "restoring");
    let found = if from.is_dir() {
        unpack_folder(from, to, &mut progress)
    } else {
        unpack_archive(from, to, &mut progress)
    };
    let found = found.with_context(|| format!("can't read the backup `{}`", from.display()))?;
    let list = to.join(CONTENTS);
    let mut text = Vec::new();
    match File::open(&list) {
        Ok(file) => file.take(CONTENTS_BYTES_MAX).read_to_end(&mut text)?,
        Err(_) => bail!(
            "the backup `{}` has no `{CONTENTS}`: it was not finished, or is no backup of Fossick",
            from.display()
        ),
    };
    std::fs::remove_file(&list)?;
    let contents = Contents::parse(&text)?;
    compare(&contents, &found)?;
    Ok(contents)
}

fn compare(contents: &Contents, found: &[Listed]) -> anyhow::Result<()> {
    let mut listed: Vec<&Listed> = contents.files.iter().collect();
    let mut found: Vec<&Listed> = found.iter().filter(|file| file.name != CONTENTS).collect();
    listed.sort_by(|a, b| a.name.cmp(&b.name));
    found.sort_by(|a, b| a.name.cmp(&b.name));
    for file in &listed {
        match found.binary_search_by(|one| one.name.cmp(&file.name)) {
            Ok(at) if found[at] == *file => {}
            Ok(_) => bail!("`{}` of the backup is damaged: take another backup", file.name),
            Err(_) => bail!("`{}` is missing from the backup: take another backup", file.name),
        }
    }
    if found.len() != listed.len() {
        bail!("the backup holds files that it does not list: take another backup");
    }
    Ok(())
}

fn unpack_folder(from: &Path, to: &Path, progress: &mut Progress) -> anyhow::Result<Vec<Listed>> {
    let mut found = Vec::new();
    let mut folders = vec![String::new()];
    let mut done = 0;
    while let Some(prefix) = folders.pop() {
        for entry in std::fs::read_dir(from.join(&prefix))? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                bail!("the name `{}` is no UTF-8", entry.file_name().display());
            };
            let name = if prefix.is_empty() {
                name
            } else {
                format!("{prefix}/{name}")
            };
            let kind = entry.file_type()?;
            if kind.is_dir() && name.split('/').count() < 3 {
                folders.push(name);
                continue;
            }
            check_name(&name)?;
            if !kind.is_file() {
                bail!("`{name}` is no file");
            }
            found.push(take(&name, File::open(entry.path())?, to)?);
            done += found.last().map_or(0, |file| file.bytes);
            progress.show(done, None, &bytes(done));
        }
    }
    Ok(found)
}

fn unpack_archive(from: &Path, to: &Path, progress: &mut Progress) -> anyhow::Result<Vec<Listed>> {
    let mut head = [0; 4];
    let is_compressed = File::open(from)?.read_exact(&mut head).is_ok() && head == ZSTD;
    let file = std::io::BufReader::new(File::open(from)?);
    let read: Box<dyn Read> = if is_compressed {
        Box::new(zstd::Decoder::with_buffer(file)?)
    } else {
        Box::new(file)
    };
    let mut archive = tar::Archive::new(read);
    let mut found = Vec::new();
    let mut done = 0;
    for entry in archive.entries()? {
        let entry = entry?;
        let name = entry
            .path()?
            .to_str()
            .map(str::to_owned)
            .context("a name in the archive is no UTF-8")?;
        // Only what we write ourselves: no links, no folders, no devices.
        if !entry.header().entry_type().is_file() {
            bail!("`{}` in the archive is no file", crate::output::clean(&name));
        }
        check_name(&name)?;
        found.push(take(&name, entry, to)?);
        done += found.last().map_or(0, |file| file.bytes);
        progress.show(done, None, &bytes(done));
    }
    Ok(found)
}

fn take(name: &str, from: impl Read, to: &Path) -> anyhow::Result<Listed> {
    let mut read = Hashing::new(from);
    copy(&mut read, &to.join(name)).with_context(|| format!("`{name}`"))?;
    Ok(read.listed(name))
}

/// Opens what was unpacked: the database must be whole and every secret must open. Answers how many sources there are.
fn check_store(unpacked: &Path) -> anyhow::Result<usize> {
    for name in [DATABASE, super::backup::format::KEY] {
        if !unpacked.join(name).is_file() {
            bail!("the backup lacks `{name}`: take another backup");
        }
    }
    let store = Store::open(&store::Config {
        data_dir: unpacked.to_owned(),
        database: Database::Sqlite,
    })?;
    let checked = check_opened(&store);
    store.close();
    checked
}

fn check_opened(store: &Store) -> anyhow::Result<usize> {
    let problems = tokio::runtime::Handle::current().block_on(store.integrity_problems())?;
    if let Some(problem) = problems.first() {
        bail!("the database of the backup is damaged: {problem}; take another backup");
    }
    let mut after = SourceId(0);
    let mut sources = 0;
    loop {
        let rows = store.read_blocking(|tx| tx.list_sources(after, 500))?;
        let Some(last) = rows.last() else { return Ok(sources) };
        after = last.id;
        sources += rows.len();
        for row in &rows {
            if let Some(sealed) = &row.secrets {
                store.sealer().unseal(&format!("source/{}", row.id), sealed)?;
            }
        }
    }
}

/// What is in a data folder, except for the lock.
fn entries(data_dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let listed = match std::fs::read_dir(data_dir) {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(error).with_context(|| format!("can't read the data folder `{}`", data_dir.display()));
        }
    };
    let mut entries = Vec::new();
    for entry in listed {
        let entry = entry?;
        if entry.file_name() != "lock" {
            entries.push(entry.path());
        }
    }
    Ok(entries)
}

/// What was moved so far, so that it can be moved back.
#[derive(Debug, Default)]
struct Moves {
    /// From where to where.
    done: Vec<(PathBuf, PathBuf)>,
}

impl Moves {
    fn rename(&mut self, from: &Path, to: PathBuf) -> anyhow::Result<()> {
        std::fs::rename(from, &to).with_context(|| format!("can't move `{}` to `{}`", from.display(), to.display()))?;
        self.done.push((from.to_owned(), to));
        Ok(())
    }

    /// Moves everything back. Answers why it came to that, and what could not be moved back.
    fn undo(self, why: anyhow::Error) -> anyhow::Error {
        let mut left = Vec::new();
        for (from, to) in self.done.into_iter().rev() {
            if let Err(error) = std::fs::rename(&to, &from) {
                left.push(format!("`{}` is now `{}` ({error})", from.display(), to.display()));
            } else if let Some(parent) = to.parent() {
                // Goes with the last that was in it.
                drop(std::fs::remove_dir(parent));
            }
        }
        if left.is_empty() {
            return why.context("nothing was changed");
        }
        why.context(format!("what was there could not be put back: {}", left.join(", ")))
    }
}

/// Moves what was in the data folder into a folder of its own; `None` when there was nothing.
fn put_aside(data_dir: &Path, unpacked: &Path, moves: &mut Moves) -> anyhow::Result<Option<PathBuf>> {
    let there: Vec<PathBuf> = entries(data_dir)?
        .into_iter()
        .filter(|path| path != unpacked && !is_aside(path))
        .collect();
    if there.is_empty() {
        return Ok(None);
    }
    let stamp: String = crate::beside::now()
        .to_string()
        .chars()
        .filter(|one| one.is_ascii_alphanumeric())
        .collect();
    let aside = data_dir.join(format!("{ASIDE}{stamp}"));
    folder(&aside)?;
    for path in there {
        let name = path.file_name().context("an entry without a name")?;
        moves.rename(&path, aside.join(name))?;
    }
    Ok(Some(aside))
}

/// What an earlier restore put aside stays where it is.
fn is_aside(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with(ASIDE))
}

/// Moves what was unpacked to where it belongs, the database last: without it there is no installation.
fn put_in_place(unpacked: &Path, data_dir: &Path, moves: &mut Moves) -> anyhow::Result<()> {
    let mut names: Vec<PathBuf> = entries(unpacked)?;
    names.sort_by_key(|path| path.file_name().is_some_and(|name| name == DATABASE));
    for path in names {
        let name = path.file_name().context("an entry without a name")?;
        let to = if name == CONFIG {
            data_dir.join(RESTORED_CONFIG)
        } else {
            data_dir.join(name)
        };
        if name == "lock" {
            continue;
        }
        moves.rename(&path, to)?;
    }
    Ok(folder(&data_dir.join(STAGING))?)
}

#[cfg(test)]
mod tests;
