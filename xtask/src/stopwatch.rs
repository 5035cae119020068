//! How long something takes, for a person to read.

use std::time::{Duration, Instant};

/// Runs from its making on.
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts to count.
    pub(crate) fn start() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "a chore's duration is only printed or recorded"
        )]
        let now = Instant::now();
        Self(now)
    }

    /// The time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
