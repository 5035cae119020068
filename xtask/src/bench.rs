//! Figures that we publish: measured by a command, recorded with machine and commit in `bench/results/`.

mod building;
mod machine;
mod peers;
mod program;
mod table;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::{programs, say};

/// What `cargo xtask bench` measures when nothing is named: minutes, not more.
///
/// The folder comes first: without a journal, ext4 makes new files slowly for a minute after many were deleted in the
/// same place, which the others do.
const ALL: [&str; 5] = ["sync", "index", "search", "queue", "serve"];

/// One measured figure. The name ends in its unit: `cold_build_wall_s`.
struct Figure {
    name: String,
    value: f64,
}

impl Figure {
    fn new(name: impl Into<String>, value: f64) -> Self {
        Self {
            name: name.into(),
            value,
        }
    }
}

/// How the programs are measured.
#[derive(Debug, Clone, Copy, Default)]
struct How<'h> {
    /// Little of everything, and nothing is recorded.
    is_small: bool,
    /// The binaries that are there, which were built from this commit; without it they are built now.
    built_from: Option<&'h str>,
    /// Whether the tree differed from its commit before anything was measured.
    has_uncommitted_changes: bool,
}

/// Measures what is named, prints the figures and records them.
///
/// `--small` only looks whether it works; `--built <commit>` measures what was built from that commit before.
pub(crate) fn run(root: &Path, words: &[&str]) -> Result<()> {
    let mut how = How {
        has_uncommitted_changes: has_uncommitted_changes(root)?,
        ..How::default()
    };
    let mut names = Vec::new();
    let mut rest = words.iter().copied();
    while let Some(word) = rest.next() {
        match word {
            "--small" => how.is_small = true,
            "--built" => how.built_from = Some(rest.next().context("`--built` needs a commit")?),
            name => names.push(name),
        }
    }
    match names.as_slice() {
        [] | ["all"] => program::run(root, &ALL, how),
        ["peers"] => peers::fetch(root),
        ["build"] => building(root, "build", how, &building::incremental(root)?),
        ["cold-build"] => building(root, "cold-build", how, &building::cold(root)?),
        ["corpus"] => program::run(root, &["corpus"], How { is_small: true, ..how }),
        names if names.iter().all(|name| ALL.contains(name)) => program::run(root, names, how),
        other => bail!(
            "unknown benchmark `{}`: expected some of {}, or `build`, `cold-build`, `corpus`, `peers`",
            other.join(" "),
            ALL.join(", ")
        ),
    }
}

fn building(root: &Path, what: &str, how: How<'_>, figures: &[Figure]) -> Result<()> {
    for figure in figures {
        say::line(&format!("{:<40} {:>12.3}", figure.name, figure.value));
    }
    let values: Map<String, Value> = figures
        .iter()
        .map(|figure| (figure.name.clone(), json!((figure.value * 1000.0).round() / 1000.0)))
        .collect();
    record(root, what, how, json!({ "figures": values })).map(drop)
}

/// Whether the tree differs from its commit, the results aside: a run before this one wrote them.
fn has_uncommitted_changes(root: &Path) -> Result<bool> {
    let status = ["status", "--porcelain", "--", ".", ":!bench/results"];
    Ok(!git(root, &status)?.trim().is_empty())
}

fn git(root: &Path, words: &[&str]) -> Result<String> {
    programs::output(Command::new("git").current_dir(root).args(words))
}

/// Writes `found` with everything that a figure needs beside it; answers what was written.
fn record(root: &Path, what: &str, how: How<'_>, found: Value) -> Result<Value> {
    let mut result = json!({
        "command": format!("cargo xtask bench {what}"),
        "commit": git(root, &["rev-parse", "HEAD"])?.trim(),
        "has_uncommitted_changes": how.has_uncommitted_changes,
        "measured_at": programs::output(Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]))?.trim(),
        "machine": machine::describe()?,
    });
    if let (Some(result), Value::Object(found)) = (result.as_object_mut(), found) {
        result.extend(found);
    }
    let file = root.join("bench/results").join(format!("{what}.json"));
    fs::create_dir_all(root.join("bench/results"))?;
    let text = serde_json::to_string_pretty(&result)? + "\n";
    fs::write(&file, text).with_context(|| format!("could not write `{}`", file.display()))?;
    say::line(&format!("recorded in bench/results/{what}.json"));
    Ok(result)
}
