//! How long somebody who failed to sign in has to wait, by account and by address.

use std::net::IpAddr;

use model::Timestamp;
use sha2::{Digest, Sha256};
use store::Tx;

use crate::problem::{Code, Problem};

/// Failures that are this long ago no longer count.
pub(crate) const MEMORY_MS: i64 = 15 * 60_000;
/// Each failure is forgiven after this long, so that whoever keeps failing slowly keeps nobody else out.
pub(crate) const FORGIVEN_MS: i64 = 3 * 60_000;
/// An account may be tried this often from one address before there is a wait.
const BOTH_FREE: u64 = 5;
/// An address may try this often: many people may share one.
const ADDRESS_FREE: u64 = 30;
/// An account may be tried this often from everywhere: a stranger who fails must not keep out whose account it is.
const ACCOUNT_FREE: u64 = 100;
const WAIT_MS_MAX: i64 = 5 * 60_000;

/// What is counted for one attempt.
#[derive(Debug, Clone)]
pub(crate) struct Subjects {
    both: String,
    account: String,
    address: Option<String>,
}

impl Subjects {
    /// The account that is tried (as a hash: it may be anything that somebody typed) and the address that tries.
    pub(crate) fn of(email: &str, address: Option<IpAddr>) -> Self {
        let hash = Sha256::digest(email.trim().to_lowercase());
        let hash = crate::hex::of(&hash[..16]);
        let address = address.map(|address| match address.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            // One household, one subject.
            IpAddr::V6(address) => format!("{:x}", address.to_bits() >> 64),
        });
        Self {
            both: format!("both/{hash}/{}", address.as_deref().unwrap_or("unknown")),
            account: format!("account/{hash}"),
            address: address.map(|address| format!("address/{address}")),
        }
    }

    /// Each subject, with how often it is free.
    fn all(&self) -> impl Iterator<Item = (&str, u64)> {
        let address = self.address.as_deref().map(|address| (address, ADDRESS_FREE));
        [(self.both.as_str(), BOTH_FREE), (self.account.as_str(), ACCOUNT_FREE)]
            .into_iter()
            .chain(address)
    }

    /// Counts the attempt before it is judged, so that many at once gain nothing; refuses it when it comes too early.
    pub(crate) fn begin(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Problem> {
        let mut wait = 0;
        for (subject, free) in self.all() {
            wait = wait.max(wait_ms(tx.find_throttle(subject)?, free, now));
        }
        if wait > 0 {
            let seconds = u64::try_from(wait).unwrap_or(0).div_ceil(1_000);
            let mut problem = Problem::new(
                Code::Throttled,
                format!("too many attempts to sign in; try again in {seconds} s"),
            );
            problem.retry_after_s = Some(seconds);
            return Err(problem);
        }
        for (subject, _) in self.all() {
            tx.count_attempt(subject, FORGIVEN_MS, now)?;
        }
        Ok(())
    }

    /// The attempt was right: the failures from there are forgotten, and the account and the address get this one back.
    pub(crate) fn succeed(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        for (subject, _) in self.all() {
            tx.uncount_attempt(subject)?;
        }
        tx.clear_throttle(&self.both)
    }
}

/// How long the next attempt has to wait after so many: nothing at first, then 1 s, 2 s, 4 s, … up to five minutes.
fn wait_ms(attempts: Option<(u64, Timestamp)>, free: u64, now: Timestamp) -> i64 {
    let Some((count, last_at)) = attempts else { return 0 };
    let gone = now.since_ms(last_at);
    let forgiven = u64::try_from(gone / FORGIVEN_MS).unwrap_or(0);
    let count = count.saturating_sub(forgiven);
    if count < free || gone > MEMORY_MS {
        return 0;
    }
    let doublings = u32::try_from(count - free).unwrap_or(u32::MAX).min(20);
    let wait = 1_000_i64.saturating_mul(1 << doublings).min(WAIT_MS_MAX);
    // A clock that was set back makes nobody wait longer than that.
    (wait - gone).clamp(0, WAIT_MS_MAX)
}

#[cfg(test)]
mod tests {
    //! The waits.

    use model::Timestamp;

    use super::{Subjects, wait_ms};

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    #[test]
    fn the_first_failures_are_free_and_then_waits_double_to_a_limit() {
        let wait = |count| wait_ms(Some((count, NOW)), 5, NOW);
        assert_eq!([4, 5, 6, 7].map(wait), [0, 1_000, 2_000, 4_000]);
        assert_eq!(wait(60), 300_000);
        assert_eq!(wait(u64::MAX), 300_000);
        assert_eq!(wait_ms(None, 5, NOW), 0);
    }

    #[test]
    fn a_wait_ends_and_failures_are_forgotten() {
        assert_eq!(wait_ms(Some((6, NOW)), 5, NOW.plus_ms(1_500)), 500);
        assert_eq!(wait_ms(Some((6, NOW)), 5, NOW.plus_ms(2_000)), 0);
        assert_eq!(wait_ms(Some((99, NOW)), 5, NOW.plus_ms(900_001)), 0);
        // One is forgiven after three minutes, and the wait is that of one fewer.
        assert_eq!(wait_ms(Some((14, NOW)), 5, NOW.plus_ms(180_000)), 76_000);
        assert_eq!(wait_ms(Some((99, NOW)), 5, NOW.plus_ms(-900_001)), 300_000);
    }

    #[test]
    fn an_account_is_one_subject_whatever_its_case_and_a_network_is_one_subject() {
        let of = |email: &str, address: &str| {
            let subjects = Subjects::of(email, Some(address.parse().unwrap()));
            (subjects.both, subjects.account, subjects.address)
        };
        assert_eq!(of(" A@example.org", "2001:db8::1"), of("a@EXAMPLE.org", "2001:db8::2"));
        assert_ne!(of("a@example.org", "192.0.2.1"), of("a@example.org", "192.0.2.2"));
        assert!(!of("a@example.org", "192.0.2.1").0.contains('@'));
        assert_eq!(of("a@example.org", "192.0.2.1").1, of("a@example.org", "192.0.2.2").1);
    }
}
