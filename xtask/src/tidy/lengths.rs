//! No file grows beyond what can be read in one sitting; the ones that already did may only shrink.

use super::Finding;
use super::exceptions::Exceptions;
use super::tree::Tree;

/// Lines; half of it is the aim.
const LINES_MAX: usize = 500;

pub(super) fn check(tree: &Tree, exceptions: &Exceptions) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_endings(&["rs", "ts", "tsx", "mjs", "css"]) {
        let lines = file.text.lines().count();
        let what = match exceptions.lengths.get(&file.path) {
            None if lines > LINES_MAX => format!("{lines} lines, more than {LINES_MAX}: is there a wall missing?"),
            Some(listed) if lines > *listed => format!("grew from {listed} to {lines} lines: it may only shrink"),
            Some(_) if lines <= LINES_MAX => "short enough now: take it off the list in tidy.toml".to_owned(),
            Some(listed) if lines < *listed => format!("shrank from {listed} to {lines} lines: say so in tidy.toml"),
            _ => continue,
        };
        findings.push(Finding::new(&file.path, 0, what));
    }
    for path in exceptions.lengths.keys().filter(|path| tree.find(path).is_none()) {
        findings.push(Finding::new(
            "tidy.toml",
            0,
            format!("`{path}` is gone: take it off the list"),
        ));
    }
    findings
}
