//! The checks of STYLE.md that no compiler makes. Each check is one function from the tree to what is wrong with it.
//!
//! Everything is looked at as text, on purpose: the checks have to be quick (well under a second), and a rule that
//! needs a parser belongs into a lint. What is allowed in spite of a rule stands in `tidy.toml`, with its reason; an
//! entry there that no longer allows anything is itself a finding, so that the list can only shrink.

mod connectors;
mod exceptions;
pub(crate) mod generated;
mod habits;
mod headers;
mod lengths;
mod links;
mod lockfile;
mod rooms;
mod statements;
mod tree;
mod words;

use std::path::Path;

use anyhow::{Result, bail};

use crate::say;
use exceptions::Exceptions;
use tree::Tree;

/// Something that breaks a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    /// The file or folder, from the root of the repository.
    path: String,
    /// Counted from 1; 0 for the file as a whole.
    line: usize,
    /// The rule that is broken and the way out.
    what: String,
}

impl Finding {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            what: what.into(),
        }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.what),
            line => write!(f, "{}:{line}: {}", self.path, self.what),
        }
    }
}

/// Prints every finding and fails if there is one.
pub(crate) fn run(root: &Path) -> Result<()> {
    let mut findings = findings(root)?;
    findings.extend(generated::stale(root)?);
    for finding in &findings {
        say::line(&finding.to_string());
    }
    match findings.len() {
        0 => Ok(()),
        1 => bail!("tidy: one thing to mend"),
        many => bail!("tidy: {many} things to mend"),
    }
}

fn findings(root: &Path) -> Result<Vec<Finding>> {
    let exceptions = Exceptions::read(root)?;
    let tree = Tree::read(root, &exceptions.generated_paths())?;
    let mut findings = Vec::new();
    findings.extend(connectors::check(&tree));
    findings.extend(habits::check(&tree));
    findings.extend(headers::check(&tree));
    findings.extend(lengths::check(&tree, &exceptions));
    findings.extend(links::check(&tree));
    findings.extend(lockfile::check(&tree)?);
    findings.extend(rooms::check(&tree)?);
    findings.extend(statements::check(&tree));
    findings.extend(words::check(&tree, &exceptions));
    findings.sort();
    Ok(findings)
}

#[cfg(test)]
mod tests;
