//! Builds the benchmark program and the product's binary in the release profile, runs them and records what they say.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::{How, peers, record, table};
use crate::{programs, say, services};

/// Runs these benchmarks, one process each, so that none inherits another's memory.
pub(super) fn run(root: &Path, names: &[&str], how: How<'_>) -> Result<()> {
    if how.built_from.is_none() {
        programs::run(programs::cargo(root).args(["build", "--release", "-p", "bench", "-p", "fossick"]))?;
    }
    let target = programs::target_folder(root);
    let work = target.join("bench");
    fs::create_dir_all(&work)?;
    // A server of its own: others at work on the tests' server would be counted, too.
    let has_server = names.contains(&"queue") && services::postgres::find_programs().is_some();
    let postgres = if has_server {
        Some(services::postgres::start(&work)?)
    } else {
        None
    };
    let measured = names.iter().try_for_each(|name| {
        say::step(name);
        measure(root, name, how, postgres.as_deref())
    });
    if postgres.is_some() {
        services::postgres::stop(&work)?;
    }
    measured
}

/// Runs one benchmark and records what it found.
fn measure(root: &Path, name: &str, how: How<'_>, postgres: Option<&str>) -> Result<()> {
    let target = programs::target_folder(root);
    let work = target.join("bench");
    let out = work.join(format!("{name}.json"));
    let mut command = Command::new(target.join("release/bench"));
    command.current_dir(root).arg(name).arg("--work").arg(&work);
    command
        .arg("--out")
        .arg(&out)
        .arg("--fossick")
        .arg(target.join("release/fossick"));
    if let Some(url) = postgres {
        command.args(["--postgres", url]);
    }
    if let Some(folder) = peers::find(root) {
        command.arg("--peers").arg(folder);
    }
    if how.is_small {
        command.arg("--small");
    }
    programs::run(&mut command)?;
    if !how.is_small {
        let mut found: Value = serde_json::from_str(&fs::read_to_string(&out).context("what the benchmark found")?)?;
        if let Some(commit) = how.built_from {
            found["commit"] = commit.into();
        }
        let recorded = record(root, name, how, found)?;
        let file = root.join("bench/results").join(format!("{name}.md"));
        fs::write(&file, table::markdown(&recorded))
            .with_context(|| format!("could not write `{}`", file.display()))?;
    }
    Ok(())
}
