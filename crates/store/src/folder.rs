//! The data folder: private to its owner, and owned by one process at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use crate::Error;

/// The right to be the one process that owns a data folder's database, index and socket. Given up when dropped.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the lock; `Ok(None)` when another process holds it.
    pub fn try_take(data_dir: &Path) -> Result<Option<Self>, Error> {
        create_private(data_dir)?;
        let path = data_dir.join("lock");
        let failed = |error: std::io::Error| Error::Setup(format!("can't lock `{}`: {error}", path.display()));
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        file.set_len(0).map_err(failed)?;
        file.rewind().map_err(failed)?;
        write!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Some(Self { _file: file }))
    }

    /// The process that holds the lock, as far as it says.
    pub fn holder(data_dir: &Path) -> Option<u32> {
        let mut text = String::new();
        File::open(data_dir.join("lock")).ok()?.read_to_string(&mut text).ok()?;
        text.trim().parse().ok()
    }
}

/// Creates a folder that only its owner may enter.
pub(crate) fn create_private(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| Error::Setup(format!("can't create the folder `{}`: {error}", path.display())))
}

/// Writes a file so that a crash leaves the old one or the new one, never half of one.
pub(crate) fn write_durably(path: &Path, bytes: &[u8], mode: u32) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let temporary = path.with_extension("partial");
    let written = write_whole(&temporary, bytes, mode).and_then(|()| std::fs::rename(&temporary, path));
    if let Err(error) = written {
        // On a full disk every byte counts; that this fails too says nothing new.
        drop(std::fs::remove_file(&temporary));
        return Err(error);
    }
    File::open(folder)?.sync_all()
}

fn write_whole(path: &Path, bytes: &[u8], mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(mode)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_data()
}
