//! Askers that were here lately, each with a number that stands for exactly what they hold.

use std::collections::VecDeque;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};

use model::Asker;

/// How many are remembered.
const ASKERS_MAX: usize = 256;

/// Gives equal askers equal numbers, and different ones different numbers, for as long as it remembers them; a
/// number is never given out again.
#[derive(Debug, Default)]
pub(super) struct Askers {
    hasher: RandomState,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    next: u64,
    recent: VecDeque<(u64, u64, Asker)>,
}

impl Askers {
    /// The number of an asker.
    pub(super) fn number(&self, asker: &Asker) -> u64 {
        let hash = self.hash(asker);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // Equal hashes alone prove nothing: what an asker holds is compared whole.
        let place = known
            .recent
            .iter()
            .position(|(held, _, other)| *held == hash && other == asker);
        if let Some(found) = place.and_then(|place| known.recent.remove(place)) {
            let number = found.1;
            known.recent.push_back(found);
            return number;
        }
        if known.recent.len() >= ASKERS_MAX {
            known.recent.pop_front();
        }
        let number = known.next;
        known.next += 1;
        known.recent.push_back((hash, number, asker.clone()));
        number
    }

    /// Independent of the order in which a set gives its members.
    fn hash(&self, asker: &Asker) -> u64 {
        let sum = |hash: u64, next: u64| hash.wrapping_add(next);
        let principals = asker
            .principals
            .iter()
            .map(|one| self.hasher.hash_one(one))
            .fold(0, sum);
        asker
            .sources
            .iter()
            .map(|one| self.hasher.hash_one(one))
            .fold(principals, sum)
    }
}
