//! How close together the words of a query stand in the best candidates, from the positions in the postings.

use tantivy::postings::Postings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED, TantivyError};

use super::candidates::Candidate;
use super::evaluate::{Evaluated, WordMatches};
use super::segment::Segment;
use crate::Attribute;

/// The distance of words that do not stand near each other, and the greatest one that counts.
const FAR: u32 = 8;

/// Where a word stands in a candidate. Sorted, they come by candidate, attribute, word and position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    candidate: u32,
    attribute: u8,
    word: u8,
    position: u32,
}

/// The proximity of each of `candidates`, which are all of one segment and in the order of its documents.
///
/// Only the matches with the fewest typos of each word in each document count.
pub(super) fn proximities(
    candidates: &[Candidate],
    evaluated: &Evaluated,
    segment: &Segment,
) -> Result<Vec<u32>, TantivyError> {
    let mut places = Vec::new();
    for (nth, word) in (0_u8..).zip(&evaluated.words) {
        let typos_max = candidates
            .iter()
            .map(|candidate| word.typos(candidate.doc))
            .max()
            .unwrap_or(0);
        for attribute in Attribute::ALL {
            collect(candidates, word, nth, attribute, typos_max, segment, &mut places)?;
        }
    }
    places.sort_unstable();
    let pairs = evaluated.words.len().saturating_sub(1);
    let mut best = vec![FAR; candidates.len() * pairs];
    for in_attribute in
        places.chunk_by(|one, other| (one.candidate, one.attribute) == (other.candidate, other.attribute))
    {
        let mut before: &[Place] = &[];
        for of_word in in_attribute.chunk_by(|one, other| one.word == other.word) {
            if let (Some(first), Some(last)) = (of_word.first(), before.first())
                && first.word == last.word + 1
            {
                let slot = &mut best[first.candidate as usize * pairs + usize::from(last.word)];
                *slot = nearest(before, of_word).min(*slot);
            }
            before = of_word;
        }
    }
    Ok(if pairs == 0 {
        vec![0; candidates.len()]
    } else {
        best.chunks(pairs).map(|pairs| pairs.iter().sum()).collect()
    })
}

fn collect(
    candidates: &[Candidate],
    word: &WordMatches,
    nth: u8,
    attribute: Attribute,
    typos_max: u8,
    segment: &Segment,
    places: &mut Vec<Place>,
) -> Result<(), TantivyError> {
    let index = &segment.texts[usize::from(attribute.rank())];
    let mut positions = Vec::new();
    for derivation in &word.derivations[usize::from(attribute.rank())] {
        let typos = derivation.grade.typos;
        if typos > typos_max {
            continue;
        }
        let option = IndexRecordOption::WithFreqsAndPositions;
        let mut postings = index.read_postings_from_terminfo(&derivation.term, option)?;
        let mut at = 0;
        while at < candidates.len() && postings.doc() != TERMINATED {
            let wanted = candidates[at].doc;
            if postings.doc() < wanted {
                postings.seek(wanted);
            } else if postings.doc() > wanted {
                let found = postings.doc();
                at += candidates[at..].partition_point(|candidate| candidate.doc < found);
            } else {
                if word.typos(wanted) == typos {
                    postings.positions(&mut positions);
                    let candidate = u32::try_from(at).unwrap_or(u32::MAX);
                    let attribute = attribute.rank();
                    places.extend(positions.iter().map(|position| Place {
                        candidate,
                        attribute,
                        word: nth,
                        position: *position,
                    }));
                }
                at += 1;
            }
        }
    }
    Ok(())
}

/// The least distance from a place of one word to a place of the next; backwards costs one more.
fn nearest(one: &[Place], next: &[Place]) -> u32 {
    let mut best = FAR;
    let mut at = 0;
    for place in next {
        while at < one.len() && one[at].position < place.position {
            at += 1;
        }
        if at > 0 {
            best = best.min(place.position - one[at - 1].position);
        }
        if let Some(after) = one.get(at) {
            best = best.min(after.position - place.position + 1);
        }
        if best == 1 {
            break;
        }
    }
    best
}
