//! A word of a query that stands in the texts as two: `userguide` finds `user guide`.

use tantivy::postings::{BlockSegmentPostings, Postings, SegmentPostings, TermInfo};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED, TantivyError};

use super::bits::{self, words_of_bits};
use super::derive::terms_of_prefix;
use super::segment::Segment;
use crate::Attribute;
use crate::matching::{Cut, Word};

/// A document that holds two neighbours, and where each of them stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CutPlace {
    pub doc: u32,
    pub position: u32,
}

/// Where the neighbours stand that `word` may be cut into, in one attribute of the documents of `within`, in order.
pub(super) fn find(
    word: &Word,
    cuts: &[Cut],
    attribute: Attribute,
    segment: &Segment,
    within: &[u64],
) -> Result<Vec<CutPlace>, TantivyError> {
    let mut places = Vec::new();
    for cut in cuts {
        find_one(word, cut, attribute, segment, within, &mut places)?;
    }
    places.sort_unstable();
    places.dedup();
    Ok(places)
}

fn find_one(
    word: &Word,
    cut: &Cut,
    attribute: Attribute,
    segment: &Segment,
    within: &[u64],
    places: &mut Vec<CutPlace>,
) -> Result<(), TantivyError> {
    let index = &segment.texts[usize::from(attribute.rank())];
    let Some(first) = index.terms().get(&cut.first)? else {
        return Ok(());
    };
    let second: Vec<TermInfo> = if word.is_prefix {
        terms_of_prefix(index.terms(), &cut.second)?
    } else {
        index.terms().get(&cut.second)?.into_iter().collect()
    };
    // Documents with both come first: positions are dear.
    let mut both = vec![0_u64; words_of_bits(segment.doc_count)];
    let mut block: Option<BlockSegmentPostings> = None;
    for term in &second {
        let block = if let Some(block) = &mut block {
            index.reset_block_postings_from_terminfo(term, block)?;
            block
        } else {
            block.insert(index.read_block_postings_from_terminfo(term, IndexRecordOption::Basic)?)
        };
        while !block.docs().is_empty() {
            for doc in block.docs() {
                if bits::contains(within, *doc) {
                    bits::insert(&mut both, *doc);
                }
            }
            block.advance();
        }
    }
    if both.iter().all(|word| *word == 0) {
        return Ok(());
    }
    let option = IndexRecordOption::WithFreqsAndPositions;
    let mut firsts: Vec<CutPlace> = Vec::new();
    let postings = index.read_postings_from_terminfo(&first, option)?;
    read(postings, &both, |place| firsts.push(place));
    for term in &second {
        let postings = index.read_postings_from_terminfo(term, option)?;
        read(postings, &both, |place| {
            let position = place.position.checked_sub(1);
            let before = position.map(|position| CutPlace { position, ..place });
            if let Some(before) = before.filter(|before| firsts.binary_search(before).is_ok()) {
                places.extend([before, place]);
            }
        });
    }
    Ok(())
}

/// Calls `found` with every place in documents of `within`, in order.
fn read(mut postings: SegmentPostings, within: &[u64], mut found: impl FnMut(CutPlace)) {
    let mut positions = Vec::new();
    let mut doc = postings.doc();
    while doc != TERMINATED {
        if bits::contains(within, doc) {
            postings.positions(&mut positions);
            for position in &positions {
                found(CutPlace {
                    doc,
                    position: *position,
                });
            }
        }
        doc = postings.advance();
    }
}
