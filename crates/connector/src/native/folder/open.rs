//! Opening what a name stood for when it was looked at, and nothing else.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// The largest `.gitignore` whose patterns are read.
const GITIGNORE_BYTES_MAX: u64 = 1 << 20;

/// Whether a name that is a link may be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Links {
    /// What it leads to is opened.
    Follow,
    /// Opening fails.
    Refuse,
}

/// Opens a regular file; `None` for anything else. Waits for nobody, as opening a pipe would.
pub(super) fn open_regular(path: &Path, links: Links) -> io::Result<Option<(File, Metadata)>> {
    let Some(file) = open(path, links)? else {
        return Ok(None);
    };
    let metadata = file.metadata()?;
    Ok(metadata.is_file().then_some((file, metadata)))
}

#[cfg(unix)]
fn open(path: &Path, links: Links) -> io::Result<Option<File>> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;
    let flags = match links {
        Links::Follow => OFlags::NONBLOCK,
        Links::Refuse => OFlags::NONBLOCK | OFlags::NOFOLLOW,
    };
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    match OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Err(error) if is_no_file(&error) => Ok(None),
        other => other.map(Some),
    }
}

/// What a link that may not be followed, a socket and a device without a driver answer.
#[cfg(unix)]
fn is_no_file(error: &io::Error) -> bool {
    use rustix::io::Errno;
    [Errno::LOOP, Errno::NXIO, Errno::NODEV].contains(&Errno::from_io_error(error).unwrap_or(Errno::IO))
}

#[cfg(not(unix))]
fn open(path: &Path, links: Links) -> io::Result<Option<File>> {
    let metadata = match links {
        Links::Follow => path.metadata(),
        Links::Refuse => path.symlink_metadata(),
    }?;
    if metadata.is_file() {
        OpenOptions::new().read(true).open(path).map(Some)
    } else {
        Ok(None)
    }
}

/// Why the `.gitignore` of a folder can't be read line by line; `None` where there is none, or nothing is wrong with it.
pub(super) fn unfit_gitignore(folder: &Path) -> Option<String> {
    match open_regular(&folder.join(".gitignore"), Links::Refuse) {
        Ok(Some((_, metadata))) if metadata.len() <= GITIGNORE_BYTES_MAX => None,
        Ok(Some((_, metadata))) => Some(format!(
            "its `.gitignore` has {} bytes, and up to {GITIGNORE_BYTES_MAX} are read",
            metadata.len()
        )),
        Ok(None) => Some("its `.gitignore` is a link or no file".to_owned()),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => None,
        Err(error) => Some(format!("its `.gitignore` can't be read: {error}")),
    }
}
