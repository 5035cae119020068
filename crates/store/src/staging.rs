//! Raw pages, kept as compressed files of the data folder until retention removes them.
//!
//! A page's file is durable before its row is committed, so a row never names a file that is not there. A file whose
//! row was never committed is an orphan; `prune` removes those that are older than any running fetch.

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
        create_private(&folder)?;
        let name = format!("{source}/{number:012}", number = number.0);
        write_durably(&self.root.join(&name), &packed::pack(bytes), 0o600).map_err(|error| failed(&name, &error))?;
        Ok(name)
    }

    /// The bytes of a page. Blocks.
    pub fn get(&self, name: &str) -> Result<Vec<u8>, Error> {
        let packed = std::fs::read(self.root.join(name)).map_err(|error| failed(name, &error))?;
        packed::unpack(&packed)
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
