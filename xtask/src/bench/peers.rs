//! What our queue is measured against: Celery in a virtual environment of its own, its brokers from the system.
//!
//! Only fetched when a person asks for it: brokers on a machine are not everybody's wish.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::{packages, programs, say};

/// The version that results are compared over.
const CELERY: &str = "celery[redis]==5.7.0";
const BROKERS: [&str; 2] = ["redis-server", "rabbitmq-server"];

/// Fetches Celery, and the brokers where we may install.
pub(super) fn fetch(root: &Path) -> Result<()> {
    let folder = folder(root);
    let venv = folder.join("venv");
    std::fs::create_dir_all(&folder)?;
    programs::run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    programs::run(Command::new(venv.join("bin/pip")).args(["install", "-q", CELERY]))?;
    if !packages::install(&BROKERS)? {
        bail!(
            "install {} with your system's packages; they need not be running",
            BROKERS.join(" and ")
        );
    }
    say::line("Celery and its brokers are here: `cargo xtask bench queue` measures them too");
    Ok(())
}

/// The folder, once Celery is in it.
pub(super) fn find(root: &Path) -> Option<PathBuf> {
    let folder = folder(root);
    programs::is_executable(&folder.join("venv/bin/python")).then_some(folder)
}

fn folder(root: &Path) -> PathBuf {
    programs::target_folder(root).join("bench/peers")
}
