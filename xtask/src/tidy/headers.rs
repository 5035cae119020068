//! Every Rust file opens with what it is for, and is named for the thing that it holds.

use super::Finding;
use super::tree::Tree;

/// Names that say nothing of what is inside.
const EMPTY_NAMES: [&str; 7] = ["util", "utils", "common", "helper", "helpers", "manager", "misc"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_endings(&["rs"]) {
        if !file.text.starts_with("//!") {
            findings.push(Finding::new(
                &file.path,
                1,
                "the file does not open with `//!`: say what it is for",
            ));
        }
    }
    for file in tree.with_endings(&["rs", "ts", "tsx"]) {
        let parts = file.path.split('/').map(|part| part.split('.').next().unwrap_or(part));
        for part in parts.filter(|part| EMPTY_NAMES.contains(part)) {
            findings.push(Finding::new(
                &file.path,
                0,
                format!("`{part}` names nothing: name the thing that is inside"),
            ));
        }
    }
    findings
}
