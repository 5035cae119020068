//! Raw pages, kept as compressed files of the data folder until retention removes them.
//!
//! A page's file is durable before its row is committed, so a row never names a file that is not there. A file whose
//! row was never committed is an orphan, and goes with its source.

use std::path::{Path, PathBuf};

use model::{Number, SourceId};

use crate::folder::{create_private, write_durably};
use crate::{Error, packed};

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

    /// Forgets all pages of a source. Blocks.
    pub fn remove_source(&self, source: SourceId) -> Result<(), Error> {
        match std::fs::remove_dir_all(self.root.join(source.to_string())) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(&source.to_string(), &error)),
            _ => Ok(()),
        }
    }
}

fn failed(name: &str, error: &std::io::Error) -> Error {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Error::DiskFull,
        std::io::ErrorKind::NotFound => Error::not_found("staged page", name),
        _ => Error::Unavailable(format!("staged page `{name}`: {error}")),
    }
}
