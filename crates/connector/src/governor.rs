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
            let is_same_period = self.reset_at.is_some_and(|known| (known.0 - at.0).abs() < 2_000);
            let known = self.remaining.filter(|_| is_same_period).unwrap_or(u64::MAX);
            self.remaining = Some(left.min(known));
            self.reset_at = Some(at);
        }
        if status == 429 {
            let at = wait::retry_at(headers, now).unwrap_or_else(|| {
                self.pause_ms = (self.pause_ms * 2).clamp(PAUSE_MS_MIN, PAUSE_MS_MAX);
                now.plus_ms(self.pause_ms)
            });
            self.not_before = self.not_before.max(at);
        } else if status < 500 {
            self.pause_ms = 0;
        }
        self
    }
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
    fn it_survives_being_stored() {
        let governor = Governor::default().learn(429, &headers(&[("retry-after", "30")]), NOW);
        let text = serde_json::to_string(&governor).unwrap();
        assert_eq!(serde_json::from_str::<Governor>(&text).unwrap(), governor);
        assert_eq!(serde_json::from_str::<Governor>("{}").unwrap(), Governor::default());
    }
}
