//! The local socket of a running server, in its data folder: whoever can open it is the operator.
//!
//! A socket's path may have about a hundred bytes. In a data folder whose path is longer, the socket lies in a private
//! folder among the system's temporary files, and the file `socket.path` of the data folder says where.

use std::io;
use std::net::SocketAddr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use tokio::net::{UnixListener, UnixSocket, UnixStream};

/// The socket's name in the data folder.
const NAME: &str = "socket";
/// The file that says where the socket is, when it is not in the data folder.
const RECORD: &str = "socket.path";
/// The file that says where the server listens for browsers; it may have been told so by a flag that we don't know.
const ADDRESS: &str = "address";
/// The longest path of a socket that every system takes, in bytes (Linux: 107, macOS: 103).
const PATH_BYTES_MAX: usize = 100;
/// How many clients may wait to be accepted.
const BACKLOG: u32 = 128;

/// Removes the socket when dropped, and what was made for it.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    address: PathBuf,
    /// The private folder that was made for the socket, and the record of it.
    elsewhere: Option<(PathBuf, PathBuf)>,
}

impl SocketFile {
    /// Where the socket is.
    #[cfg(test)]
    fn path(&self) -> &Path {
        &self.path
    }

    /// Tells commands where browsers find the server, for links.
    pub(crate) fn keep_address(&self, address: SocketAddr) -> anyhow::Result<()> {
        std::fs::write(&self.address, address.to_string())
            .with_context(|| format!("can't write `{}`", self.address.display()))
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // What is left behind is stale, and the next `bind` removes it.
        drop(std::fs::remove_file(&self.path));
        drop(std::fs::remove_file(&self.address));
        if let Some((folder, record)) = &self.elsewhere {
            drop(std::fs::remove_dir(folder));
            drop(std::fs::remove_file(record));
        }
    }
}

/// Where the server of this data folder listens, or would listen if there were one.
pub(crate) fn path_for(data_dir: &Path) -> PathBuf {
    let own = data_dir.join(NAME);
    if is_short(&own) {
        return own;
    }
    std::fs::read_to_string(data_dir.join(RECORD)).map_or(own, |path| PathBuf::from(path.trim_end()))
}

/// Where browsers find the server of this data folder, while there is one.
pub(crate) fn address(data_dir: &Path) -> Option<SocketAddr> {
    std::fs::read_to_string(data_dir.join(ADDRESS)).ok()?.parse().ok()
}

/// Listens on the data folder's socket, readable and writable by its owner alone.
///
/// Call it while holding the folder's lock: a socket that an earlier process left behind is replaced.
///
/// # Errors
/// When another process answers on the socket, or the socket can't be made; with the path.
pub(crate) async fn bind(data_dir: &Path) -> anyhow::Result<(UnixListener, SocketFile)> {
    if connect(data_dir).await?.is_some() {
        bail!(
            "another process answers on the socket `{}`: stop it, or name another folder with --data-dir",
            path_for(data_dir).display()
        );
    }
    let file = place(data_dir)?;
    let failed = || format!("can't listen on the socket `{}`", file.path.display());
    match std::fs::remove_file(&file.path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error).with_context(failed),
        _ => {}
    }
    let socket = UnixSocket::new_stream().with_context(failed)?;
    socket.bind(&file.path).with_context(failed)?;
    // Before it listens, so that nobody else can ever connect.
    std::fs::set_permissions(&file.path, std::fs::Permissions::from_mode(0o600)).with_context(failed)?;
    let listener = socket.listen(BACKLOG).with_context(failed)?;
    Ok((listener, file))
}

/// Connects to the server of this data folder; `None` when there is none.
///
/// # Errors
/// When there is a socket that this user may not open.
pub(crate) async fn connect(data_dir: &Path) -> anyhow::Result<Option<UnixStream>> {
    let path = path_for(data_dir);
    if !is_short(&path) {
        return Ok(None);
    }
    match UnixStream::connect(&path).await {
        Ok(stream) => Ok(Some(stream)),
        Err(error) => match error.kind() {
            // Nothing there, or what a process left that has ended.
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused | io::ErrorKind::NotADirectory => Ok(None),
            _ => Err(error).with_context(|| format!("can't open the socket `{}`", path.display())),
        },
    }
}

/// Decides where the socket goes, and prepares a folder for it where it can't be in the data folder.
fn place(data_dir: &Path) -> anyhow::Result<SocketFile> {
    remove_elsewhere(data_dir);
    let address = data_dir.join(ADDRESS);
    drop(std::fs::remove_file(&address));
    let own = data_dir.join(NAME);
    if is_short(&own) {
        return Ok(SocketFile {
            path: own,
            address,
            elsewhere: None,
        });
    }
    let folder = std::env::temp_dir().join(format!("fossick-{:016x}", rand::random::<u64>()));
    let failed = || format!("can't make the folder `{}` for the socket", folder.display());
    // Not recursive: a folder that somebody else put there is an error.
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(&folder)
        .with_context(failed)?;
    let path = folder.join(NAME);
    let record = data_dir.join(RECORD);
    let file = SocketFile {
        path,
        address,
        elsewhere: Some((folder, record.clone())),
    };
    if !is_short(&file.path) {
        bail!(
            "the path of the socket `{}` is too long: set TMPDIR to a shorter one, or name another folder with --data-dir",
            file.path.display()
        );
    }
    std::fs::write(&record, file.path.as_os_str().as_bytes())
        .with_context(|| format!("can't write `{}`", record.display()))?;
    Ok(file)
}

/// Removes what a process that was killed has left outside of the data folder.
fn remove_elsewhere(data_dir: &Path) {
    let record = data_dir.join(RECORD);
    let Ok(text) = std::fs::read_to_string(&record) else {
        return;
    };
    let path = PathBuf::from(text.trim_end());
    let folder = path.parent().filter(|folder| folder.file_name().is_some_and(is_ours));
    if let Some(folder) = folder {
        drop(std::fs::remove_file(&path));
        drop(std::fs::remove_dir(folder));
    }
    drop(std::fs::remove_file(&record));
}

fn is_ours(name: &std::ffi::OsStr) -> bool {
    name.as_bytes().starts_with(b"fossick-")
}

fn is_short(path: &Path) -> bool {
    path.as_os_str().as_bytes().len() <= PATH_BYTES_MAX
}

#[cfg(test)]
mod tests;
