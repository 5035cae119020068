//! Figures that we publish: measured by a command, recorded with machine and commit in `bench/results/`.

mod building;
mod machine;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::{programs, say};

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

/// Measures `what`, prints the figures and records them.
pub(crate) fn run(root: &Path, what: &str) -> Result<()> {
    let figures = match what {
        "build" => building::incremental(root)?,
        "cold-build" => building::cold(root)?,
        other => bail!("unknown benchmark `{other}`: expected `build` or `cold-build`"),
    };
    for figure in &figures {
        say::line(&format!("{:<40} {:>12.3}", figure.name, figure.value));
    }
    record(root, what, &figures)
}

fn record(root: &Path, what: &str, figures: &[Figure]) -> Result<()> {
    let git = |words: &[&str]| programs::output(std::process::Command::new("git").current_dir(root).args(words));
    let values: Map<String, Value> = figures
        .iter()
        .map(|figure| (figure.name.clone(), json!((figure.value * 1000.0).round() / 1000.0)))
        .collect();
    let result = json!({
        "command": format!("cargo xtask bench {what}"),
        "commit": git(&["rev-parse", "HEAD"])?.trim(),
        "has_uncommitted_changes": !git(&["status", "--porcelain"])?.trim().is_empty(),
        "measured_at": programs::output(std::process::Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ"]))?.trim(),
        "machine": machine::describe()?,
        "figures": values,
    });
    let file = root.join("bench/results").join(format!("{what}.json"));
    fs::create_dir_all(root.join("bench/results"))?;
    let text = serde_json::to_string_pretty(&result)? + "\n";
    fs::write(&file, text).with_context(|| format!("could not write `{}`", file.display()))?;
    say::line(&format!("recorded in bench/results/{what}.json"));
    Ok(())
}
