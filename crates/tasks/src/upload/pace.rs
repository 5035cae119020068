//! How soon one commit of the index follows another.
//!
//! A commit makes files durable and adds a segment that is merged later: a cost that hardly depends on how much is in
//! it. A single change is committed at once; while more keep coming, they gather for as long as commits are dear here.

use std::time::Duration;

use tokio::time::Instant;

/// Gathering takes this many times as long as the commit before it did: a tenth of the time goes into commits …
const GATHERED: u32 = 9;
/// … but never longer than this …
const GATHERED_MAX: Duration = Duration::from_millis(700);
/// … and so that what lands when a commit has just begun is found within a second, by the commit after it.
const FOUND_WITHIN: Duration = Duration::from_millis(900);

/// When the next commit is due.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    last: Option<Commit>,
}

#[derive(Debug, Clone, Copy)]
struct Commit {
    took: Duration,
    ended: Instant,
}

impl Commit {
    /// When the next one is due at the latest. Half of the time may go into commits, and no more; two thirds while one
    /// change after the other overtakes.
    fn latest(self) -> Instant {
        let rest = FOUND_WITHIN.saturating_sub(self.took.saturating_mul(2));
        self.ended + rest.min(GATHERED_MAX).max(self.took)
    }
}

impl Pace {
    /// Notes a commit.
    pub(crate) fn note(&mut self, began: Instant, ended: Instant) {
        let took = ended.saturating_duration_since(began);
        self.last = Some(Commit { took, ended });
    }

    /// Until when a few changes gather; `None` when they are to be committed now.
    pub(crate) fn gather_until(&self, now: Instant) -> Option<Instant> {
        let last = self.last?;
        let due = last.latest().min(last.ended + last.took.saturating_mul(GATHERED));
        (due > now).then_some(due)
    }

    /// Whether changes are to be committed although more are there already. What has overtaken others waits half as long
    /// as the commit before took.
    pub(crate) fn is_due(&self, now: Instant, has_overtaken: bool) -> bool {
        let Some(last) = self.last else { return true };
        let soon = last.ended + last.took / 2;
        now >= if has_overtaken {
            soon.min(last.latest())
        } else {
            last.latest()
        }
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
    fn what_lands_when_a_commit_begins_is_found_by_the_next_one_within_a_second() {
        for took in [1, 50, 80, 100, 200, 300] {
            let (mut pace, began) = (Pace::default(), Instant::now());
            let ended = began + took * MS;
            pace.note(began, ended);
            let until = pace.gather_until(ended).unwrap();
            assert!(until + took * MS <= began + 1_000 * MS, "{took}");
            assert!(pace.is_due(ended + GATHERED_MAX, false), "{took}");
            assert!(!pace.is_due(ended + 299 * MS, false), "{took}");
        }
    }

    #[test]
    fn where_commits_are_slower_than_that_they_take_half_of_the_time() {
        let (mut pace, began) = (Pace::default(), Instant::now());
        let ended = began + 5_000 * MS;
        pace.note(began, ended);
        assert_eq!(pace.gather_until(ended), Some(ended + 5_000 * MS));
        assert!(!pace.is_due(ended + 4_999 * MS, false));
        assert!(pace.is_due(ended + 5_000 * MS, false));
    }

    #[test]
    fn what_has_overtaken_others_is_committed_soon() {
        let (mut pace, began) = (Pace::default(), Instant::now());
        let ended = began + 50 * MS;
        assert!(pace.is_due(began, false));
        pace.note(began, ended);
        assert!(!pace.is_due(ended + 25 * MS, false));
        assert!(pace.is_due(ended + 25 * MS, true));
        assert!(!pace.is_due(ended + 24 * MS, true));
    }
}
