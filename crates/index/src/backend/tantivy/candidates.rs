//! The best documents of one request while segments are read.

use super::evaluate::Sums;
use super::segment::Segment;
use crate::Time;

/// How many documents are ranked by proximity. Where more match, those are taken that the other criteria prefer.
pub(super) const RANKED_MAX: usize = 2_048;

/// A document that may become a hit. Its order is the ranking without proximity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// Typos, attribute, inexact words, the most important in the highest bits.
    key: u32,
    /// Newest first, unknown last.
    age: (bool, i64),
    record: i64,
    pub segment: u32,
    pub doc: u32,
}

impl Candidate {
    /// The sums that it was made of.
    pub(super) fn sums(&self) -> Sums {
        Sums {
            typos: self.key >> 16,
            attribute: self.key >> 8 & 0xff,
            inexact: self.key & 0xff,
        }
    }

    /// Whether nothing but proximity can put `other`, which comes later, before this one.
    pub(super) fn has_fewer_typos_than(&self, other: &Self) -> bool {
        self.key >> 16 < other.key >> 16
    }

    /// What decides in the end, in the order in which it decides.
    pub(super) fn rank(&self, proximity: u32) -> (u32, u32, u32, u32, (bool, i64), i64) {
        let Sums {
            typos,
            attribute,
            inexact,
        } = self.sums();
        (typos, proximity, attribute, inexact, self.age, self.record)
    }
}

/// The best candidates so far.
#[derive(Debug)]
pub(super) struct Candidates {
    kept_max: usize,
    held: Vec<Candidate>,
    /// As many are better than this one as are kept: nothing above it can get in.
    worst: Option<Candidate>,
}

impl Candidates {
    /// Keeps at most `kept_max`.
    pub(super) fn new(kept_max: usize) -> Self {
        Self {
            kept_max,
            held: Vec::new(),
            worst: None,
        }
    }

    /// Takes a document, if it is good enough.
    pub(super) fn offer(&mut self, sums: Sums, place: u32, doc: u32, segment: &Segment) {
        let key = sums.typos << 16 | sums.attribute << 8 | sums.inexact;
        // Columns are read only for what may get in: most of a large set of matches ends here.
        if self.kept_max == 0 || self.worst.is_some_and(|worst| key > worst.key) {
            return;
        }
        let changed_at = segment.time(Time::ChangedAt).and_then(|column| column.first(doc));
        let age = changed_at.map_or((true, 0), |at| (false, !at));
        if self.worst.is_some_and(|worst| (key, age) > (worst.key, worst.age)) {
            return;
        }
        self.held.push(Candidate {
            key,
            age,
            record: segment.record(doc),
            segment: place,
            doc,
        });
        if self.held.len() >= self.kept_max.saturating_mul(2).max(256) {
            self.shrink();
        }
    }

    /// The best ones, in no particular order.
    pub(super) fn finish(mut self) -> Vec<Candidate> {
        self.shrink();
        self.held
    }

    fn shrink(&mut self) {
        if self.kept_max > 0 && self.held.len() > self.kept_max {
            let (_, worst, _) = self.held.select_nth_unstable(self.kept_max - 1);
            self.worst = Some(*worst);
            self.held.truncate(self.kept_max);
        }
    }
}
