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
const ALL: [&str; 5] = ["index", "search", "sync", "queue", "serve"];

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

/// Measures what is named, prints the figures and records them. With `--small` nothing is recorded.
pub(crate) fn run(root: &Path, words: &[&str]) -> Result<()> {
    let is_small = words.contains(&"--small");
    let names: Vec<&str> = words.iter().copied().filter(|word| *word != "--small").collect();
    match names.as_slice() {
        [] | ["all"] => program::run(root, &ALL, is_small),
        ["peers"] => peers::fetch(root),
        ["build"] => building(root, "build", &building::incremental(root)?),
        ["cold-build"] => building(root, "cold-build", &building::cold(root)?),
        ["corpus"] => program::run(root, &["corpus"], true),
        names if names.iter().all(|name| ALL.contains(name)) => program::run(root, names, is_small),
        other => bail!(
            "unknown benchmark `{}`: expected some of {}, or `build`, `cold-build`, `corpus`, `peers`",
            other.join(" "),
            ALL.join(", ")
        ),
    }
}

fn building(root: &Path, what: &str, figures: &[Figure]) -> Result<()> {
    for figure in figures {
        say::line(&format!("{:<40} {:>12.3}", figure.name, figure.value));
    }
    let values: Map<String, Value> = figures
        .iter()
        .map(|figure| (figure.name.clone(), json!((figure.value * 1000.0).round() / 1000.0)))
        .collect();
    record(root, what, json!({ "figures": values })).map(drop)
}

/// Writes `found` with everything that a figure needs beside it; answers what was written.
fn record(root: &Path, what: &str, found: Value) -> Result<Value> {
    let git = |words: &[&str]| programs::output(Command::new("git").current_dir(root).args(words));
    let mut result = json!({
        "command": format!("cargo xtask bench {what}"),
        "commit": git(&["rev-parse", "HEAD"])?.trim(),
        "has_uncommitted_changes": !git(&["status", "--porcelain"])?.trim().is_empty(),
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
