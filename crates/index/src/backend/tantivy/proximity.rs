//! How close together the words of a query stand in the best candidates, from the positions in the postings.

use tantivy::postings::{BlockSegmentPostings, Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED, TantivyError};

use super::bits::{self, Ranked, words_of_bits};
use super::candidates::Candidate;
use super::cut_words::CutPlace;
use super::evaluate::{Evaluated, Matched, WordMatches};
use super::segment::Segment;
use crate::Attribute;
use crate::matching::Cut;

/// The distance of words that do not stand near each other, and the greatest one that counts.
const FAR: u64 = 8;

/// Terms in fewer documents than this are in one block of postings, which is cheap to look through.
const PROBED_DOCS_MAX: u32 = 128;

/// Where a word stands in a candidate: attribute, word and position, the most important in the highest bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place(u64);

impl Place {
    fn new(attribute: Attribute, word: u8, position: u32) -> Self {
        Self(u64::from(attribute.rank()) << 40 | u64::from(word) << 32 | u64::from(position))
    }

    fn attribute(self) -> u64 {
        self.0 >> 40
    }

    fn word(self) -> u64 {
        self.0 >> 32 & 0xff
    }

    fn position(self) -> u64 {
        self.0 & 0xffff_ffff
    }
}

/// The proximity of each of `candidates`, which are all of one segment and in the order of its documents.
///
/// Only the matches with the fewest typos of each word in each document count.
pub(super) fn proximities(
    candidates: &[Candidate],
    evaluated: &Evaluated,
    segment: &Segment,
) -> Result<Vec<u32>, TantivyError> {
    let mut found: Vec<(u32, Place)> = Vec::new();
    let mut bits = vec![0_u64; words_of_bits(segment.doc_count)];
    for candidate in candidates {
        bits::insert(&mut bits, candidate.doc);
    }
    let set = Ranked::new(bits);
    let mut words = 0_usize;
    for (nth, word) in evaluated.words() {
        words += 1;
        let typos_max = candidates
            .iter()
            .map(|candidate| word.typos(candidate.doc))
            .max()
            .unwrap_or(0);
        for attribute in Attribute::ALL {
            let collect = Collect {
                candidates,
                word,
                nth,
                attribute,
                typos_max,
                segment,
                set: &set,
            };
            for part in word.parts() {
                collect.run(part, &mut found)?;
            }
        }
    }
    let mut best = vec![FAR; words.max(1) - 1];
    let proximity = |places: &mut [Place]| {
        places.sort_unstable();
        best.fill(FAR);
        proximity(places, &mut best)
    };
    Ok(by_candidate(&found, candidates.len()).map(proximity))
}

/// Places in the order of their candidates.
struct Sorted {
    places: Vec<Place>,
    /// Where each candidate's places end.
    ends: Vec<usize>,
}

/// A counting sort: there are many places and few for each candidate.
fn by_candidate(found: &[(u32, Place)], candidates: usize) -> Sorted {
    let mut ends = vec![0; candidates];
    for (candidate, _) in found {
        ends[*candidate as usize] += 1;
    }
    let mut start = 0;
    for end in &mut ends {
        start += std::mem::replace(end, start);
    }
    let mut places = vec![Place(0); found.len()];
    for (candidate, place) in found {
        let at = &mut ends[*candidate as usize];
        places[*at] = *place;
        *at += 1;
    }
    Sorted { places, ends }
}

impl Sorted {
    fn map(mut self, mut each: impl FnMut(&mut [Place]) -> u32) -> Vec<u32> {
        let mut start = 0;
        let mut results = Vec::with_capacity(self.ends.len());
        for end in self.ends {
            results.push(each(&mut self.places[start..end]));
            start = end;
        }
        results
    }
}

/// The proximity of one candidate, from its sorted places; `best` has room for each pair of neighbouring words.
fn proximity(places: &[Place], best: &mut [u64]) -> u32 {
    for in_attribute in places.chunk_by(|one, other| one.attribute() == other.attribute()) {
        let mut before: &[Place] = &[];
        for of_word in in_attribute.chunk_by(|one, other| one.word() == other.word()) {
            if let (Some(first), Some(last)) = (of_word.first(), before.first())
                && first.word() == last.word() + 1
                && let Some(slot) = usize::try_from(last.word()).ok().and_then(|pair| best.get_mut(pair))
            {
                *slot = nearest(before, of_word).min(*slot);
            }
            before = of_word;
        }
    }
    u32::try_from(best.iter().sum::<u64>()).unwrap_or(u32::MAX)
}

/// The places of one word in one attribute.
struct Collect<'c> {
    candidates: &'c [Candidate],
    word: &'c Matched,
    nth: u8,
    attribute: Attribute,
    /// No candidate's best match has more.
    typos_max: u8,
    segment: &'c Segment,
    set: &'c Ranked,
}

impl Collect<'_> {
    fn run(&self, part: &WordMatches, found: &mut Vec<(u32, Place)>) -> Result<(), TantivyError> {
        let place = usize::from(self.attribute.rank());
        for CutPlace { doc, position } in &part.cut_places[place] {
            if let Some(candidate) = self.set.find(*doc)
                && self.word.typos(*doc) == Cut::GRADE.typos
            {
                found.push((candidate, Place::new(self.attribute, self.nth, *position)));
            }
        }
        let index = &self.segment.texts[place];
        let mut probe: Option<BlockSegmentPostings> = None;
        for (term, grade) in part.derivations[place].iter() {
            if grade.typos > self.typos_max {
                continue;
            }
            // A short prefix has thousands of rare terms, few of them in any candidate: look before opening positions.
            if term.doc_freq < PROBED_DOCS_MAX {
                let probe = if let Some(probe) = &mut probe {
                    index.reset_block_postings_from_terminfo(&term, probe)?;
                    probe
                } else {
                    probe.insert(index.read_block_postings_from_terminfo(&term, IndexRecordOption::Basic)?)
                };
                if !probe.docs().iter().any(|doc| bits::contains(self.set.bits(), *doc)) {
                    continue;
                }
            }
            let option = IndexRecordOption::WithFreqsAndPositions;
            self.read(index.read_postings_from_terminfo(&term, option)?, grade.typos, found);
        }
        Ok(())
    }

    fn read(&self, mut postings: SegmentPostings, typos: u8, found: &mut Vec<(u32, Place)>) {
        let is_sparse = self.candidates.len() < postings.doc_freq() as usize / 8;
        let mut positions = Vec::new();
        let mut doc = postings.doc();
        while doc != TERMINATED {
            if let Some(candidate) = self.set.find(doc) {
                if self.word.typos(doc) == typos {
                    postings.positions(&mut positions);
                    let place = |position: &u32| (candidate, Place::new(self.attribute, self.nth, *position));
                    found.extend(positions.iter().map(place));
                }
                doc = postings.advance();
            } else if is_sparse {
                let Some(next) = self.candidates.get(self.set.rank(doc) as usize) else {
                    break;
                };
                doc = postings.seek(next.doc);
            } else {
                doc = postings.advance();
            }
        }
    }
}

/// The least distance from a place of one word to a place of the next; backwards costs one more.
fn nearest(one: &[Place], next: &[Place]) -> u64 {
    let mut best = FAR;
    let mut at = 0;
    for place in next {
        let position = place.position();
        while at < one.len() && one[at].position() < position {
            at += 1;
        }
        if at > 0 {
            best = best.min(position - one[at - 1].position());
        }
        if let Some(after) = one.get(at) {
            best = best.min(after.position() - position + 1);
        }
        if best == 1 {
            break;
        }
    }
    best
}
