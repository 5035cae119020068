//! The terms of one dictionary that a word matches, kept small: a short prefix matches thousands of them, and words
//! are remembered with their terms.

use std::ops::Range;

use tantivy::postings::TermInfo;

use crate::matching::Grade;

/// Terms with how well they match, in the order in which they were found.
#[derive(Debug, Clone, Default)]
pub(super) struct Derivations {
    /// For each term its grade, what lies between it and the one before it in the files of postings and of positions
    /// (nothing, if they are neighbours in the dictionary), its lengths there, and in how many documents it is.
    packed: Vec<u8>,
    last: Ends,
}

/// Where a term's bytes end.
#[derive(Debug, Clone, Copy, Default)]
struct Ends {
    postings: usize,
    positions: usize,
}

impl Derivations {
    pub(super) fn is_empty(&self) -> bool {
        self.packed.is_empty()
    }

    pub(super) fn push(&mut self, term: &TermInfo, grade: Grade) {
        self.packed.push(grade.typos << 1 | u8::from(grade.is_inexact));
        self.put_range(&term.postings_range, self.last.postings);
        self.put_range(&term.positions_range, self.last.positions);
        self.put(u64::from(term.doc_freq));
        self.last = Ends {
            postings: term.postings_range.end,
            positions: term.positions_range.end,
        };
    }

    pub(super) fn iter(&self) -> Iter<'_> {
        Iter {
            packed: &self.packed,
            last: Ends::default(),
        }
    }

    /// The memory that it takes.
    pub(super) fn bytes(&self) -> usize {
        self.packed.capacity()
    }

    pub(super) fn shrink(&mut self) {
        self.packed.shrink_to_fit();
    }

    fn put_range(&mut self, range: &Range<usize>, after: usize) {
        // Folded so that a step back is a small number, too.
        let gap = (range.start as u64).wrapping_sub(after as u64).cast_signed();
        self.put((gap << 1 ^ gap >> 63).cast_unsigned());
        self.put((range.end - range.start) as u64);
    }

    /// Seven bits for each byte, the highest bit set in all but the last.
    fn put(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.packed.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.packed.push(number.to_le_bytes()[0]);
    }
}

/// Unpacks terms.
pub(super) struct Iter<'d> {
    packed: &'d [u8],
    last: Ends,
}

impl Iterator for Iter<'_> {
    type Item = (TermInfo, Grade);

    fn next(&mut self) -> Option<Self::Item> {
        let (grade, rest) = self.packed.split_first()?;
        self.packed = rest;
        let grade = Grade {
            typos: grade >> 1,
            is_inexact: grade & 1 == 1,
        };
        let postings_range = self.range(self.last.postings);
        let positions_range = self.range(self.last.positions);
        self.last = Ends {
            postings: postings_range.end,
            positions: positions_range.end,
        };
        let term = TermInfo {
            doc_freq: u32::try_from(self.take()).unwrap_or(u32::MAX),
            postings_range,
            positions_range,
        };
        Some((term, grade))
    }
}

impl Iter<'_> {
    fn range(&mut self, after: usize) -> Range<usize> {
        let folded = self.take();
        let gap = (folded >> 1) ^ (folded & 1).wrapping_neg();
        let start = place((after as u64).wrapping_add(gap));
        start..start + place(self.take())
    }

    fn take(&mut self) -> u64 {
        let mut number = 0;
        let mut shift = 0;
        while let Some((byte, rest)) = self.packed.split_first() {
            self.packed = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
            shift += 7;
        }
        number
    }
}

/// A place in a file, which was one before it was packed.
fn place(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
