//! Installing what is missing with the operating system's packages, or saying what to install.

use std::process::Command;

use anyhow::Result;

use crate::services::user::is_root;
use crate::{programs, say};

/// Installs the packages when this process may (root, with apt-get). `false` when a person has to.
pub(crate) fn install(packages: &[&str]) -> Result<bool> {
    if !may_install() {
        return Ok(false);
    }
    say::note(&format!("installing {}", packages.join(", ")));
    let apt_get = |words: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["-q", "-y"])
            .args(words);
        command
    };
    let install = || {
        let mut words = vec!["install", "--no-install-recommends"];
        words.extend(packages);
        apt_get(&words)
    };
    // The lists may be missing (a fresh container) or stale: then they are fetched once, and it is tried again.
    if programs::output(&mut install()).is_err() {
        programs::output(&mut apt_get(&["update"]))?;
        programs::output(&mut install())?;
    }
    Ok(true)
}

/// The version that apt-get would install, such as `18.20.4+dfsg-1`.
pub(crate) fn candidate(package: &str) -> Option<String> {
    let answer = programs::output(Command::new("apt-cache").args(["policy", package])).ok()?;
    let line = answer
        .lines()
        .find_map(|line| line.trim().strip_prefix("Candidate: "))?;
    (line != "(none)").then(|| line.to_owned())
}

/// Whether this process may install packages.
fn may_install() -> bool {
    is_root().unwrap_or(false) && programs::find("apt-get").is_some()
}
