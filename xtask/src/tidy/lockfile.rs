//! `npm ci` refuses a lock file that leaves out an optional package, even one of another platform. npm leaves it out
//! silently when the registry does not have it at that moment, and the next fresh clone can't be built.

use anyhow::{Context, Result};
use serde_json::Value;

use super::Finding;
use super::tree::Tree;

const FILE: &str = "web/package-lock.json";

pub(super) fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let Ok(text) = std::fs::read_to_string(tree.root.join(FILE)) else {
        return Ok(Vec::new());
    };
    let lock: Value = serde_json::from_str(&text).context(FILE)?;
    let Some(packages) = lock["packages"].as_object() else {
        return Ok(vec![Finding::new(
            FILE,
            0,
            "lists no packages: write it again with `npm install`",
        )]);
    };
    let mut findings = Vec::new();
    for (path, package) in packages {
        let optional = package["optionalDependencies"].as_object();
        for name in optional.into_iter().flatten().map(|(name, _)| name) {
            let places = [format!("node_modules/{name}"), format!("{path}/node_modules/{name}")];
            if !places.iter().any(|place| packages.contains_key(place)) {
                let what = format!("`{name}` of `{path}` is left out, so `npm ci` fails: choose a version that has it");
                findings.push(Finding::new(FILE, 0, what));
            }
        }
    }
    Ok(findings)
}
