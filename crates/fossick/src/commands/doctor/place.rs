//! Where Fossick runs: settings, clock, data folder, lock, port, key file.

use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use model::Timestamp;
use store::{FolderLock, SQLITE_FILE};
use tokio::net::{TcpListener, TcpStream};

use super::Findings;
use crate::config::Config;
use crate::socket;

/// No clock that is right shows less than this: 2026-01-01.
const PAST: Timestamp = Timestamp(1_767_225_600_000);
/// How long the server's port may take to answer.
const ANSWER: Duration = Duration::from_secs(3);

/// Settings that fit together, and where those that matter come from.
pub(super) fn settings(config: &Config, found: &mut Findings) {
    let origin = |name: &str| config.layers.origin(name);
    found.ok(
        "settings",
        format!(
            "data folder {} (from {}), listening on {} (from {}), database {} (from {})",
            config.data_dir.display(),
            origin("data_dir"),
            config.listen,
            origin("listen"),
            if config.database.is_some() {
                "PostgreSQL"
            } else {
                "SQLite"
            },
            origin("database"),
        ),
    );
    for warning in config.layers.warnings() {
        found.warn("settings", warning.as_str(), "");
    }
    let is_loopback = config.listen.ip().is_loopback();
    match &config.base_url {
        None if !is_loopback => found.warn(
            "base URL",
            format!("{} is open to the network, and `base_url` is not set", config.listen),
            "set `base_url` to the address that people type, so that links and cookies fit",
        ),
        None => found.ok("base URL", format!("not set: http://{}", config.listen)),
        Some(url) => base_url(url, config, is_loopback, found),
    }
}

fn base_url(url: &str, config: &Config, is_loopback: bool, found: &mut Findings) {
    let host = host_of(url);
    let is_local = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let has_proxies = !config.trusted_proxies.is_empty();
    if url.starts_with("https://") && !has_proxies {
        found.warn(
            "base URL",
            format!("{url} needs a proxy that speaks https, and `trusted_proxies` names none"),
            "set `trusted_proxies` to the proxy's address, or Fossick sees the proxy instead of people",
        );
    } else if is_loopback && !is_local && !has_proxies {
        found.warn(
            "base URL",
            format!(
                "{url} is not this machine, but Fossick listens on {} only",
                config.listen
            ),
            "set `listen` to an address of the network, or put a proxy in front and name it in `trusted_proxies`",
        );
    } else {
        found.ok("base URL", url);
    }
}

/// The host of an address, without port and brackets.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    match authority.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// A clock that can be right.
pub(super) fn clock(now: Timestamp, found: &mut Findings) {
    if now < PAST {
        found.fail(
            "clock",
            format!("the clock says {now}"),
            "set the machine's clock: schedules, leases and links depend on it",
        );
    } else {
        found.ok("clock", format!("{now}"));
    }
}

/// The data folder is there and private. Answers whether looking on makes sense.
pub(super) fn folder(config: &Config, found: &mut Findings) -> bool {
    let path = &config.data_dir;
    let metadata = match path.metadata() {
        Ok(metadata) if metadata.is_dir() => metadata,
        Ok(_) => {
            found.fail(
                "data folder",
                format!("{} is a file", path.display()),
                "name another folder with --data-dir",
            );
            return false;
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            found.fail(
                "data folder",
                format!("{} does not exist", path.display()),
                "name it with --data-dir; `fossick serve` makes a new one",
            );
            return false;
        }
        Err(error) => {
            found.fail(
                "data folder",
                format!("{} can't be read: {error}", path.display()),
                "run this as the folder's owner",
            );
            return false;
        }
    };
    let mode = metadata.permissions().mode() & 0o777;
    if is_private(mode) {
        found.ok("data folder", format!("{}, its owner's alone", path.display()));
    } else {
        found.warn(
            "data folder",
            format!("{} can be entered by others (mode {mode:03o})", path.display()),
            format!("chmod 700 {}", path.display()),
        );
    }
    true
}

/// Whether a server runs, and whether it answers.
pub(super) fn lock(config: &Config, server: &anyhow::Result<bool>, found: &mut Findings) {
    match server {
        Ok(true) => found.ok("server", "runs, and answers on its socket"),
        Err(error) => found.fail(
            "server",
            format!("{error:#}"),
            "run this as the user that runs the server",
        ),
        Ok(false) => match FolderLock::try_take(&config.data_dir) {
            Ok(Some(_lock)) => found.ok("server", "none runs on this data folder"),
            Ok(None) => {
                let holder =
                    FolderLock::holder(&config.data_dir).map_or_else(String::new, |pid| format!(" (process {pid})"));
                found.fail(
                    "server",
                    format!("another process holds the data folder{holder}, but does not answer"),
                    "wait until it has started or ended; if it hangs, stop it",
                );
            }
            Err(error) => found.fail("server", format!("{error}"), "run this as the folder's owner"),
        },
    }
}

/// The port answers while a server runs, and is free otherwise.
pub(super) async fn port(config: &Config, has_server: bool, found: &mut Findings) {
    let address = config.listen;
    if !has_server {
        match TcpListener::bind(address).await {
            Ok(_) => found.ok("port", format!("{address} is free")),
            Err(error) => found.warn(
                "port",
                format!("can't listen on {address}: {error}"),
                "stop what uses it, or choose another with the setting `listen`",
            ),
        }
        return;
    }
    // It may have been told another one by a flag.
    let address = socket::address(&config.data_dir).unwrap_or(address);
    match tokio::time::timeout(ANSWER, TcpStream::connect(address)).await {
        Ok(Ok(_)) => found.ok("port", format!("the server answers on {address}")),
        _ => found.fail(
            "port",
            format!("a server runs, but does not answer on {address}"),
            "look into its log; restart it",
        ),
    }
}

/// The key file is there and private. Answers whether the store may be opened: without its key file, opening would make
/// a new one, under which no secret opens.
pub(super) fn key_file(config: &Config, found: &mut Findings) -> bool {
    let path = config.data_dir.join("key");
    let has_database = config.database.is_some() || config.data_dir.join(SQLITE_FILE).is_file();
    match path.metadata() {
        Ok(metadata) => {
            private(&path, metadata.permissions().mode() & 0o777, found);
            if !has_database {
                found.fail(
                    "database",
                    format!("there is a key file, but no `{SQLITE_FILE}`"),
                    "put the database back from a backup with `fossick restore`",
                );
            }
            has_database
        }
        Err(_) if !has_database => {
            found.ok("database", "nothing is kept here yet");
            false
        }
        Err(error) => {
            found.fail(
                "key file",
                format!("{} can't be read: {error}", path.display()),
                "put it back from a backup before you start the server: a new one opens no secret of this database",
            );
            false
        }
    }
}

fn private(path: &Path, mode: u32, found: &mut Findings) {
    if is_private(mode) {
        found.ok("key file", format!("{}, its owner's alone", path.display()));
    } else {
        found.warn(
            "key file",
            format!("{} can be read by others (mode {mode:03o})", path.display()),
            format!("chmod 600 {}", path.display()),
        );
    }
}

/// Whether nobody but the owner may do anything.
fn is_private(mode: u32) -> bool {
    mode.trailing_zeros() >= 6
}
