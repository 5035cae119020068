//! How soon one commit of the index follows another.
//!
//! A commit makes files durable and adds a segment that is merged later: a cost that hardly depends on how much is in
//! it. A single change is committed at once; while more keep coming, they gather for as long as commits are dear here.

use std::time::Duration;

use tokio::time::Instant;

/// Gathering takes this many times as long as the commit before it did: a tenth of the time goes into commits …
const GATHERED: u32 = 9;
/// … but never longer than this, so that what has landed is found within a second.
const GATHERED_MAX: Duration = Duration::from_millis(700);

/// When the next commit of a few changes is due.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    due: Option<Instant>,
}

impl Pace {
    /// Notes a commit.
    pub(crate) fn note(&mut self, began: Instant, ended: Instant) {
        let took = ended.saturating_duration_since(began);
        self.due = Some(ended + took.saturating_mul(GATHERED).min(GATHERED_MAX));
    }

    /// Until when changes gather; `None` when they are to be committed now.
    pub(crate) fn gather_until(&self, now: Instant) -> Option<Instant> {
        self.due.filter(|due| *due > now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{GATHERED_MAX, Pace};

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn the_first_change_is_committed_at_once() {
        assert_eq!(Pace::default().gather_until(Instant::now()), None);
    }

    #[test]
    fn changes_gather_in_proportion_to_what_a_commit_takes() {
        let (mut pace, began) = (Pace::default(), Instant::now());
        let ended = began + 10 * MS;
        pace.note(began, ended);
        assert_eq!(pace.gather_until(ended), Some(ended + 90 * MS));
        assert_eq!(pace.gather_until(ended + 89 * MS), Some(ended + 90 * MS));
        assert_eq!(pace.gather_until(ended + 90 * MS), None);
    }

    #[test]
    fn on_a_slow_disk_changes_are_found_within_a_second_nevertheless() {
        let (mut pace, began) = (Pace::default(), Instant::now());
        let ended = began + 5_000 * MS;
        pace.note(began, ended);
        assert_eq!(pace.gather_until(ended), Some(ended + GATHERED_MAX));
    }
}
