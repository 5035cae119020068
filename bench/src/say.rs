//! What a run prints: one place, so that nothing else writes to the terminal.

use std::io::Write;

/// One line on standard error. A closed pipe is no reason to stop measuring.
pub(crate) fn line(text: &str) {
    writeln!(std::io::stderr(), "{text}").ok();
}
