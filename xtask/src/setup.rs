//! What building and testing need from the machine: looked for, installed where we may, named where we may not.

use std::path::Path;
use std::process::Command;
use std::str::FromStr;

use anyhow::{Result, bail};

use crate::{packages, programs, say, services};

/// The oldest Node that builds the web UI.
const NODE_MIN: (u32, u32) = (20, 19);

/// What the machine is prepared for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    /// Building the binary with its web UI.
    Build,
    /// That, and everything that the tests talk to.
    Test,
}

impl FromStr for For {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "build" => Ok(Self::Build),
            "test" => Ok(Self::Test),
            other => bail!("unknown purpose `{other}`: expected `build` or `test`"),
        }
    }
}

/// One thing that the machine should have.
struct Need {
    what: &'static str,
    /// Whether nothing can be built without it. What only tests need is skipped, visibly, where it is missing.
    for_build: bool,
    found: fn() -> bool,
    /// Debian's packages of it.
    packages: &'static [&'static str],
    /// Whether those packages would do; they may be too old.
    packages_do: fn() -> bool,
    by_hand: &'static str,
}

const NEEDS: &[Need] = &[
    Need {
        what: "a C compiler (SQLite and zstd are built from source)",
        for_build: true,
        found: || programs::find("cc").is_some(),
        packages: &["gcc", "libc6-dev"],
        packages_do: || true,
        by_hand: "install gcc or clang with your system's packages",
    },
    Need {
        what: "Node 20.19 or newer, with npm (the web UI)",
        for_build: true,
        found: has_node,
        packages: &["nodejs", "npm"],
        packages_do: || packages::candidate("nodejs").is_some_and(|version| is_new_enough(&version)),
        by_hand: "https://nodejs.org/en/download has packages for every system",
    },
    Need {
        what: "PostgreSQL's server (the store's and the queue's tests run on both databases)",
        for_build: false,
        found: || services::postgres::find_programs().is_some(),
        packages: &["postgresql"],
        packages_do: || true,
        by_hand: "install `postgresql` with your system's packages; it need not be running",
    },
    Need {
        what: "Chromium (the browser tests)",
        for_build: false,
        found: || programs::find_chromium().is_some(),
        packages: &["chromium"],
        packages_do: || true,
        by_hand: "install `chromium` with your system's packages, or name one in FOSSICK_CHROMIUM",
    },
];

/// Looks for everything, installs what is missing, and fails only when the build itself would.
pub(crate) fn run(_root: &Path, purpose: For) -> Result<()> {
    let mut missing = Vec::new();
    for need in NEEDS {
        if (need.for_build || purpose == For::Test) && !(need.found)() {
            let installed = (need.packages_do)() && try_install(need);
            if !installed || !(need.found)() {
                missing.push(need);
            }
        }
    }
    for need in &missing {
        say::note(&format!("missing: {}\n      {}", need.what, need.by_hand));
    }
    if purpose == For::Build && !missing.is_empty() {
        bail!("install what is missing, then run this again");
    }
    Ok(())
}

/// Whether Node and npm are here and new enough.
pub(crate) fn has_node() -> bool {
    programs::find("npm").is_some()
        && programs::output(Command::new("node").arg("--version")).is_ok_and(|version| is_new_enough(&version))
}

fn try_install(need: &Need) -> bool {
    match packages::install(need.packages) {
        Ok(installed) => installed,
        Err(why) => {
            say::note(&format!("could not install {}: {why:#}", need.packages.join(", ")));
            false
        }
    }
}

/// Of `v20.20.2` and of a package's `20.20.2-1`.
fn is_new_enough(version: &str) -> bool {
    let mut parts = version.trim().trim_start_matches('v').split('.').map(str::parse);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= NODE_MIN,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_node_is_not_enough() {
        for (version, enough) in [
            ("v20.20.2\n", true),
            ("v22.1.0", true),
            ("v20.18.9", false),
            ("18.20.4+dfsg-1~deb12u3", false),
            ("", false),
            ("twenty", false),
        ] {
            assert_eq!(is_new_enough(version), enough, "{version}");
        }
    }

    #[test]
    fn an_unknown_purpose_is_named() {
        let error = "tests".parse::<For>().expect_err("not a purpose");
        assert!(error.to_string().contains("`tests`"), "{error}");
    }
}
