//! Raw pages, kept as compressed files of the data folder until retention removes them.
//!
//! A page's file is durable before its row is committed, so a row never names a file that is not there. A file whose
//! row was never committed is an orphan: [`Staging::remove_orphans`] finds it once it is too old to be on its way.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use model::{Number, SourceId, Timestamp};

use crate::folder::{create_private, write_durably};
use crate::{Error, packed};

/// How many old files are looked up at a time.
const ORPHANS_LOOKED_UP: usize = 500;

/// Where raw pages are kept. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Staging {
    root: PathBuf,
}

impl Staging {
    /// Staging below `root`, which is made if it is not there.
    pub(crate) fn open(root: &Path) -> Result<Self, Error> {
        create_private(root)?;
        Ok(Self { root: root.to_owned() })
    }

    /// Keeps a page's bytes and returns the name under which they are found again. Durable when it returns. Blocks.
    pub fn put(&self, source: SourceId, number: Number, bytes: &[u8]) -> Result<String, Error> {
        let folder = self.root.join(source.to_string());
        if !folder.is_dir() {
            create_private(&folder)?;
            // The folder's own name must be as durable as the file in it.
            let synced = std::fs::File::open(&self.root).and_then(|root| root.sync_all());
            synced.map_err(|error| failed(&source.to_string(), &error))?;
        }
        let name = format!("{source}/{number:012}", number = number.0);
        write_durably(&self.root.join(&name), &packed::pack(bytes), 0o600).map_err(|error| failed(&name, &error))?;
        Ok(name)
    }

    /// The bytes of a page. Blocks.
    pub fn get(&self, name: &str) -> Result<Vec<u8>, Error> {
        let packed = std::fs::read(self.root.join(name)).map_err(|error| failed(name, &error))?;
        packed::unpack(&packed)
    }

    /// How many bytes are free where pages are kept. Blocks.
    pub fn free_bytes(&self) -> Result<u64, Error> {
        let disk = rustix::fs::statvfs(&self.root)
            .map_err(|error| Error::Unavailable(format!("can't ask how much of the disk is free: {error}")))?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    /// Forgets a page; one that is not there is no error. Blocks.
    pub fn remove(&self, name: &str) -> Result<(), Error> {
        match std::fs::remove_file(self.root.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(name, &error)),
            _ => Ok(()),
        }
    }

    /// Removes files that were last written before `before` and that nobody knows, half-written ones included; answers how
    /// many. Blocks.
    ///
    /// `known` is asked for the names that rows have, some hundred at a time. Whoever stages a page commits its row
    /// moments later: `before` has only to be older than that.
    pub fn remove_orphans(
        &self,
        before: Timestamp,
        mut known: impl FnMut(&[String]) -> Result<HashSet<String>, Error>,
    ) -> Result<u64, Error> {
        let mut removed = 0;
        for folder in entries(&self.root)? {
            let name = folder.file_name();
            let Some(source) = name.to_str().filter(|name| name.parse::<i64>().is_ok()) else {
                continue;
            };
            let mut old = Vec::new();
            for entry in entries(&folder.path())? {
                if let Ok(name) = entry.file_name().into_string()
                    && is_older(&entry, before)
                {
                    old.push(format!("{source}/{name}"));
                }
            }
            for names in old.chunks(ORPHANS_LOOKED_UP) {
                let known = known(names)?;
                for name in names.iter().filter(|name| !known.contains(*name)) {
                    self.remove(name)?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }

    /// Forgets all pages of a source. Blocks.
    pub fn remove_source(&self, source: SourceId) -> Result<(), Error> {
        match std::fs::remove_dir_all(self.root.join(source.to_string())) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(&source.to_string(), &error)),
            _ => Ok(()),
        }
    }
}

/// What is in a folder; nothing when it has gone away meanwhile.
fn entries(folder: &Path) -> Result<Vec<std::fs::DirEntry>, Error> {
    match std::fs::read_dir(folder).and_then(Iterator::collect) {
        Ok(entries) => Ok(entries),
        Err(error)
            if matches!(
                error.kind(),
                std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(Vec::new())
        }
        Err(error) => Err(Error::Unavailable(format!(
            "staging in `{}`: {error}",
            folder.display()
        ))),
    }
}

/// Whether a file was last written before then. One that can't be asked is left alone.
fn is_older(entry: &std::fs::DirEntry, before: Timestamp) -> bool {
    let since_1970 = Duration::from_millis(u64::try_from(before.0).unwrap_or(0));
    let written = entry.metadata().and_then(|about| about.modified());
    written.is_ok_and(|written| written < SystemTime::UNIX_EPOCH + since_1970)
}

fn failed(name: &str, error: &std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Error::DiskFull,
        std::io::ErrorKind::NotFound => Error::not_found("staged page", name),
        _ => Error::Unavailable(format!("staged page `{name}`: {error}")),
    }
}
