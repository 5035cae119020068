//! A worker's turn: one short transaction that ends what has ended, wakes what is due and claims what comes next.

use std::sync::Arc;

use model::queue::Failure;
use model::{TaskId, Timestamp};
use store::{ClaimLimits, Claimed, Ending, Tx};

use crate::{Outcome, Stop};

/// How many due tasks one turn makes claimable.
const PROMOTED_MAX: u32 = 1_000;
/// How many expired leases one turn rescues.
const RESCUED_MAX: u32 = 100;
/// A store that can't be written is tried again after this.
const STORE_WAIT_MS: i64 = 5_000;
/// The first wait after a failure; it doubles with each attempt.
const BACKOFF_FIRST_MS: i64 = 1_000;
/// The longest wait after a failure.
const BACKOFF_LAST_MS: i64 = 3_600_000;

/// An attempt that has ended, waiting to be written.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    pub(crate) claimed: Arc<Claimed>,
    pub(crate) how: Result<Outcome, Stop>,
    /// Between 0 and 1, drawn before the transaction: the jitter of the next attempt.
    pub(crate) jitter: f64,
}

/// What a turn is to do.
pub(crate) struct Turn<C> {
    pub(crate) ended: Vec<Ended>,
    pub(crate) claims: Vec<ClaimLimits>,
    /// What this worker holds itself, if this turn is to look for what dead workers left: their leases are renewed first,
    /// because after a pause of the whole machine, or a step of its clock, they look as if they had run out.
    pub(crate) rescue: Option<Vec<(TaskId, i64)>>,
    /// Until when claims hold.
    pub(crate) lease_until: Timestamp,
    pub(crate) registry: Arc<crate::Registry<C>>,
    pub(crate) now: Timestamp,
}

/// What a turn did.
#[derive(Debug, Default)]
pub(crate) struct Turned {
    pub(crate) claimed: Vec<Claimed>,
    pub(crate) next_due_at: Option<Timestamp>,
    pub(crate) parked: u64,
}

impl<C: Send + Sync + 'static> Turn<C> {
    /// Runs the turn.
    pub(crate) fn run(&self, tx: &mut Tx<'_>) -> Result<Turned, store::Error> {
        self.end(tx)?;
        let mut turned = Turned::default();
        if let Some(held) = &self.rescue {
            if !held.is_empty() {
                tx.renew_leases(held, self.lease_until)?;
            }
            let (returned, parked) = tx.rescue_expired(self.now, RESCUED_MAX)?;
            turned.parked = parked;
            if returned + parked > 0 {
                tracing::warn!(
                    returned,
                    parked,
                    "rescued {returned} tasks of dead workers and parked {parked}"
                );
            }
        }
        turned.next_due_at = tx.next_due_at()?;
        if turned.next_due_at.is_some_and(|due| due <= self.now) {
            tx.promote_due(self.now, PROMOTED_MAX)?;
            turned.next_due_at = tx.next_due_at()?;
        }
        for limits in &self.claims {
            turned.claimed.extend(tx.claim(limits, self.now)?);
        }
        Ok(turned)
    }

    fn end(&self, tx: &mut Tx<'_>) -> Result<(), store::Error> {
        let mut completed: Vec<(TaskId, i64)> = Vec::new();
        let mut returned: Vec<(TaskId, i64)> = Vec::new();
        for ended in &self.ended {
            let claim = (ended.claimed.id, ended.claimed.fence);
            match &ended.how {
                Ok(Outcome::Done) => completed.push(claim),
                Ok(Outcome::Finished) | Err(Stop::LeaseLost) => {}
                Err(Stop::ShuttingDown) => returned.push(claim),
                Err(Stop::StoreUnavailable(why)) => {
                    let at = self.now.plus_ms(STORE_WAIT_MS);
                    let failure = Failure::WaitUntil { at, why: why.clone() };
                    self.fail(tx, ended, &failure)?;
                }
                Err(Stop::Failed(failure)) => self.fail(tx, ended, failure)?,
            }
        }
        completed.sort_unstable();
        tx.complete_tasks(&completed, self.now)?;
        if !returned.is_empty() {
            tx.return_tasks(&returned)?;
        }
        Ok(())
    }

    fn fail(&self, tx: &mut Tx<'_>, ended: &Ended, failure: &Failure) -> Result<(), store::Error> {
        let claimed = &ended.claimed;
        let ending = ending(failure, claimed.attempt, ended.jitter, self.now);
        let is_discarded = match tx.end_attempt(claimed.id, claimed.fence, failure, &ending, self.now) {
            // Cancelled or taken over meanwhile: nothing is to be said about this attempt.
            Err(store::Error::LostLease { .. }) => return Ok(()),
            other => other?,
        };
        if is_discarded && let Some(discarded) = self.registry.discarded(&claimed.kind) {
            discarded(&claimed.args, failure, tx, self.now)?;
        }
        Ok(())
    }
}

/// How an attempt with this failure goes on.
pub(crate) fn ending(failure: &Failure, attempt: u32, jitter: f64, now: Timestamp) -> Ending {
    match failure {
        Failure::Retry(_) => Ending::Again {
            at: now.plus_ms(backoff_ms(attempt, jitter)),
            counts: true,
        },
        Failure::WaitUntil { at, .. } => Ending::Again {
            at: (*at).max(now),
            counts: false,
        },
        Failure::Reauthenticate(_) | Failure::FixConfiguration(_) | Failure::GiveUp(_) => Ending::Discard,
    }
}

/// How long to wait after attempt `attempt` (from 1) failed: doubling, with ± 25 % of `jitter` (0 to 1).
pub(crate) fn backoff_ms(attempt: u32, jitter: f64) -> i64 {
    let doubled =
        BACKOFF_FIRST_MS.saturating_mul(1_i64.checked_shl(attempt.saturating_sub(1).min(30)).unwrap_or(i64::MAX));
    #[expect(clippy::cast_precision_loss, reason = "at most an hour in milliseconds")]
    let base = doubled.min(BACKOFF_LAST_MS) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "at most an hour and a quarter in milliseconds"
    )]
    let jittered = (base * (0.75 + jitter.clamp(0.0, 1.0) / 2.0)) as i64;
    jittered
}
