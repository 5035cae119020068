//! How fast a provider may be asked: a pure value that learns from its answers.
//!
//! Whoever sends requests asks [`Governor::ask`] before each and tells [`Governor::learn`] about each answer. The
//! value holds no clock, no lock and no task; it serialises, so that workers can share one through the store.

use model::Timestamp;
use outbound::wait;
use serde::{Deserialize, Serialize};

/// The first pause after a refusal that names no time, in milliseconds.
const PAUSE_MS_MIN: i64 = 1_000;

/// The longest such pause, in milliseconds.
const PAUSE_MS_MAX: i64 = 5 * 60 * 1_000;

/// What is known about a provider's limits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Governor {
    /// Nothing is sent before.
    #[serde(default)]
    not_before: Timestamp,
    /// How many requests are left until `reset_at`.
    #[serde(default)]
    remaining: Option<u64>,
    /// When the allowance is full again.
    #[serde(default)]
    reset_at: Option<Timestamp>,
    /// The last pause after a refusal that named no time, in milliseconds; 0 after an answer.
    #[serde(default)]
    pause_ms: i64,
    /// When `pause_ms` was last said.
    #[serde(default)]
    paused_at: Timestamp,
}

/// Whether a request may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Now. It counts as sent.
    Go,
    /// Not before.
    Wait(Timestamp),
}

impl Governor {
    /// Whether the provider has said how many requests it allows: then all who ask must count together.
    pub fn counts(&self, now: Timestamp) -> bool {
        self.remaining.is_some() && self.reset_at.is_some_and(|at| at > now)
    }

    /// What two that asked the same provider know together. The order does not matter, and neither does how often.
    ///
    /// The later end of a wait and the later period win; within one period the lower count does, because counts only
    /// fall there.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let pause = self.paused_at.max(other.paused_at);
        let said = |one: &Self| if one.paused_at == pause { one.pause_ms } else { 0 };
        let pause_ms = said(self).max(said(other));
        let (remaining, reset_at) = match (self.reset_at, other.reset_at) {
            (Some(ours), Some(theirs)) if is_same_period(ours, theirs) => {
                let remaining = match (self.remaining, other.remaining) {
                    (Some(ours), Some(theirs)) => Some(ours.min(theirs)),
                    (ours, theirs) => ours.or(theirs),
                };
                (remaining, Some(ours.max(theirs)))
            }
            (ours, theirs) if ours >= theirs => (self.remaining, ours),
            (_, theirs) => (other.remaining, theirs),
        };
        Self {
            not_before: self.not_before.max(other.not_before),
            remaining,
            reset_at,
            pause_ms,
            paused_at: pause,
        }
    }

    /// Asks for one request.
    #[must_use]
    pub fn ask(mut self, now: Timestamp) -> (Self, Decision) {
        if now < self.not_before {
            let at = self.not_before;
            return (self, Decision::Wait(at));
        }
        if self.reset_at.is_some_and(|at| at <= now) {
            self.remaining = None;
            self.reset_at = None;
        }
        match (self.remaining, self.reset_at) {
            (Some(0), Some(at)) => (self, Decision::Wait(at)),
            (remaining, _) => {
                self.remaining = remaining.map(|count| count.saturating_sub(1));
                (self, Decision::Go)
            }
        }
    }

    /// Learns from the status and headers of an answer; names in lower case.
    #[must_use]
    pub fn learn(mut self, status: u16, headers: &[(String, String)], now: Timestamp) -> Self {
        let reset_at = wait::reset_at(headers, now).filter(|at| *at > now);
        if let (Some(left), Some(at)) = (wait::remaining(headers), reset_at) {
            // Answers overtake each other: within one period the lower count is the later one.
            let is_known = self.reset_at.is_some_and(|known| is_same_period(known, at));
            let known = self.remaining.filter(|_| is_known).unwrap_or(u64::MAX);
            self.remaining = Some(left.min(known));
            self.reset_at = Some(at);
        }
        if status == 429 {
            let at = wait::retry_at(headers, now).unwrap_or_else(|| {
                self.pause_ms = (self.pause_ms * 2).clamp(PAUSE_MS_MIN, PAUSE_MS_MAX);
                self.paused_at = self.paused_at.max(now);
                now.plus_ms(self.pause_ms)
            });
            self.not_before = self.not_before.max(at);
        } else if status < 500 && self.pause_ms != 0 {
            self.pause_ms = 0;
            self.paused_at = self.paused_at.max(now);
        }
        self
    }
}

/// Resets are named in whole seconds, and each answer rounds anew.
fn is_same_period(one: Timestamp, other: Timestamp) -> bool {
    one.since_ms(other).abs() < 2_000
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::{Decision, Governor};

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn without_knowledge_everything_goes() {
        let (governor, decision) = Governor::default().ask(NOW);
        assert_eq!((governor, decision), (Governor::default(), Decision::Go));
    }

    #[test]
    fn retry_after_holds_everyone_until_then() {
        let governor = Governor::default().learn(429, &headers(&[("retry-after", "30")]), NOW);
        let (governor, decision) = governor.ask(NOW.plus_ms(29_999));
        assert_eq!(decision, Decision::Wait(NOW.plus_ms(30_000)));
        assert_eq!(governor.ask(NOW.plus_ms(30_000)).1, Decision::Go);
    }

    #[test]
    fn the_allowance_is_counted_down_and_full_again_at_the_reset() {
        let left = headers(&[("x-ratelimit-remaining", "2"), ("x-ratelimit-reset", "60")]);
        let mut governor = Governor::default().learn(200, &left, NOW);
        for expected in [Decision::Go, Decision::Go, Decision::Wait(NOW.plus_ms(60_000))] {
            let (next, decision) = governor.ask(NOW);
            assert_eq!(decision, expected);
            governor = next;
        }
        assert_eq!(governor.ask(NOW.plus_ms(60_000)).1, Decision::Go);
    }

    #[test]
    fn an_answer_that_was_overtaken_gives_nothing_back() {
        let learned = |count: &str| headers(&[("x-ratelimit-remaining", count), ("x-ratelimit-reset", "60")]);
        let governor = Governor::default()
            .learn(200, &learned("0"), NOW)
            .learn(200, &learned("5"), NOW);
        assert!(matches!(governor.ask(NOW).1, Decision::Wait(_)));
    }

    #[test]
    fn refusals_without_a_time_double_the_pause_and_an_answer_ends_it() {
        let mut governor = Governor::default();
        let mut now = NOW;
        for seconds in [1, 2, 4, 8] {
            governor = governor.learn(429, &[], now);
            assert_eq!(governor.clone().ask(now).1, Decision::Wait(now.plus_ms(seconds * 1000)));
            now = now.plus_ms(seconds * 1000);
        }
        governor = governor.learn(200, &[], now).learn(429, &[], now);
        assert_eq!(governor.ask(now).1, Decision::Wait(now.plus_ms(1000)));
    }

    #[test]
    fn two_that_know_something_together_know_the_stricter_of_both() {
        let learned = |count: &str, reset: &str| {
            let headers = headers(&[("x-ratelimit-remaining", count), ("x-ratelimit-reset", reset)]);
            Governor::default().learn(200, &headers, NOW)
        };
        let refused = Governor::default().learn(429, &headers(&[("retry-after", "30")]), NOW);
        let paused = Governor::default().learn(429, &[], NOW);
        let over = paused.clone().learn(200, &[], NOW.plus_ms(5));
        let all = [
            Governor::default(),
            learned("0", "60"),
            learned("5", "61"),
            learned("5", "90"),
            learned("9", "90"),
            refused.clone(),
            paused,
            over.clone(),
        ];
        for one in &all {
            assert_eq!(one.merge(one), *one, "twice is once");
            assert_eq!(
                one.merge(&Governor::default()),
                *one,
                "what is not known changes nothing"
            );
            for other in &all {
                let together = one.merge(other);
                assert_eq!(together, other.merge(one), "in any order");
                assert_eq!(together.merge(other), together, "what was shared stays shared");
            }
        }
        let known = all.iter().fold(Governor::default(), |known, one| known.merge(one));
        assert_eq!(known.remaining, Some(5), "the later period, the lower count");
        assert_eq!(known.pause_ms, 0, "the later word about the pause");
        assert_eq!(known.clone().ask(NOW).1, Decision::Wait(NOW.plus_ms(30_000)));
        assert!(known.counts(NOW) && !known.counts(NOW.plus_ms(90_000)) && !refused.counts(NOW));
    }

    #[test]
    fn it_survives_being_stored() {
        let governor = Governor::default().learn(429, &headers(&[("retry-after", "30")]), NOW);
        let text = serde_json::to_string(&governor).unwrap();
        assert_eq!(serde_json::from_str::<Governor>(&text).unwrap(), governor);
        assert_eq!(serde_json::from_str::<Governor>("{}").unwrap(), Governor::default());
    }
}
