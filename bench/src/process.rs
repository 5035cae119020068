//! A running server at rest.

use anyhow::Result;

use crate::Bench;
use crate::report::Report;

/// Measures and reports.
pub(crate) fn run(_bench: &Bench, report: &mut Report) -> Result<()> {
    report.skip("not yet");
    Ok(())
}
