//! The same searches through a running server, as a browser sends them: wall clock from the first byte to the last.

use anyhow::Result;

use crate::Bench;
use crate::report::Report;

/// Measures and reports.
pub(crate) fn run(_bench: &Bench, report: &mut Report) -> Result<()> {
    report.skip("not yet");
    Ok(())
}
