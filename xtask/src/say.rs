//! What the chores print. One place, so that every line looks alike and nothing else writes to the terminal.

use std::io::Write;

/// One line on standard output. A closed pipe is no reason to fail a chore.
pub(crate) fn line(text: &str) {
    writeln!(std::io::stdout(), "{text}").ok();
}

/// A heading before a step.
pub(crate) fn step(name: &str) {
    writeln!(std::io::stderr(), "── {name}").ok();
}

/// Something that a person should know although the chore goes on.
pub(crate) fn note(text: &str) {
    writeln!(std::io::stderr(), "note: {text}").ok();
}

/// Why the chore failed.
pub(crate) fn error(text: &str) {
    writeln!(std::io::stderr(), "error: {text}").ok();
}
