//! The words of a query in one segment: which documents hold all of them, and how well.

use std::sync::Arc;

use tantivy::TantivyError;
use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::IndexRecordOption;

use super::derive::{Derivation, Derive};
use super::segment::{Segment, words_of_bits};
use super::word_cache::WordKey;
use crate::Attribute;
use crate::matching::Grade;

/// Marks a document that does not hold a word.
const NONE: u8 = u8::MAX;

/// What one word matches in one segment.
#[derive(Debug, Clone)]
pub(super) struct WordMatches {
    /// By [`Attribute::rank`].
    pub derivations: [Vec<Derivation>; 4],
    /// The best code for each document, [`NONE`] for most.
    codes: Vec<u8>,
    /// Which documents have a code.
    bits: Vec<u64>,
}

/// What a whole query matches in one segment.
pub(super) struct Evaluated {
    pub words: Vec<Arc<WordMatches>>,
    /// Permitted documents that hold every word.
    pub bits: Vec<u64>,
}

/// The sums of a document's best codes: the criteria that need no positions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub typos: u32,
    pub attribute: u32,
    pub inexact: u32,
}

/// How well a term in an attribute matches: typos decide, then the attribute, then exactness.
fn code(grade: Grade, attribute: Attribute) -> u8 {
    grade.typos << 3 | attribute.rank() << 1 | u8::from(grade.is_inexact)
}

impl Evaluated {
    /// Evaluates `words` in `segment`. `attributes` is what is searched.
    pub(super) fn new(
        words: &[Derive<'_>],
        attributes: &[Attribute],
        segment: &Segment,
        permitted: &[u64],
    ) -> Result<Self, TantivyError> {
        let mut bits = permitted.to_vec();
        let mut evaluated = Vec::with_capacity(words.len());
        for word in words {
            let matches = WordMatches::find(word, attributes, segment)?;
            for (both, one) in bits.iter_mut().zip(&matches.bits) {
                *both &= one;
            }
            evaluated.push(matches);
        }
        Ok(Self { words: evaluated, bits })
    }

    /// Calls `found` with every matching document, in order.
    pub(super) fn for_each(&self, mut found: impl FnMut(u32)) {
        let mut base = 0;
        for held in &self.bits {
            let mut rest = *held;
            while rest != 0 {
                found(base + rest.trailing_zeros());
                rest &= rest - 1;
            }
            base += 64;
        }
    }

    /// The sums for a document that matches.
    pub(super) fn sums(&self, doc: u32) -> Sums {
        let mut sums = Sums::default();
        for word in &self.words {
            let code = word.codes[doc as usize];
            sums.typos += u32::from(code >> 3);
            sums.attribute += u32::from(code >> 1 & 3);
            sums.inexact += u32::from(code & 1);
        }
        sums
    }
}

impl WordMatches {
    /// What `word` matches, remembered or worked out.
    fn find(word: &Derive<'_>, attributes: &[Attribute], segment: &Segment) -> Result<Arc<Self>, TantivyError> {
        let key = WordKey::new(word.word(), attributes);
        let alone = if let Some(known) = segment.words.find(&key) {
            known
        } else {
            let alone = Arc::new(Self::alone(word, attributes, segment)?);
            segment.words.put(key, &alone);
            alone
        };
        // Matches of neighbours written as one word are rare and depend on the neighbour: they are never remembered.
        let mut joined: Option<Self> = None;
        for attribute in attributes {
            let place = usize::from(attribute.rank());
            let mut derivations = Vec::new();
            word.collect_joined(segment.texts[place].terms(), &mut derivations)?;
            if !derivations.is_empty() {
                let joined = joined.get_or_insert_with(|| alone.as_ref().clone());
                joined.scatter(segment, *attribute, &derivations)?;
                joined.derivations[place].append(&mut derivations);
            }
        }
        Ok(joined.map_or(alone, Arc::new))
    }

    /// What the word matches whatever stands beside it.
    fn alone(word: &Derive<'_>, attributes: &[Attribute], segment: &Segment) -> Result<Self, TantivyError> {
        let mut matches = Self {
            derivations: Default::default(),
            codes: vec![NONE; segment.doc_count as usize],
            bits: vec![0; words_of_bits(segment.doc_count)],
        };
        for attribute in attributes {
            let place = usize::from(attribute.rank());
            let mut derivations = Vec::new();
            word.collect(segment.texts[place].terms(), &mut derivations)?;
            matches.scatter(segment, *attribute, &derivations)?;
            derivations.shrink_to_fit();
            matches.derivations[place] = derivations;
        }
        Ok(matches)
    }

    /// About how much memory it takes.
    pub(super) fn bytes(&self) -> usize {
        let derivations: usize = self.derivations.iter().map(Vec::len).sum();
        derivations * size_of::<Derivation>() + self.codes.len() + self.bits.len() * 8
    }

    /// The typos of the best match in a document that matches.
    pub(super) fn typos(&self, doc: u32) -> u8 {
        self.codes[doc as usize] >> 3
    }

    fn scatter(
        &mut self,
        segment: &Segment,
        attribute: Attribute,
        derivations: &[Derivation],
    ) -> Result<(), TantivyError> {
        let index = &segment.texts[usize::from(attribute.rank())];
        let mut postings: Option<BlockSegmentPostings> = None;
        for derivation in derivations {
            let code = code(derivation.grade, attribute);
            let postings = if let Some(postings) = &mut postings {
                index.reset_block_postings_from_terminfo(&derivation.term, postings)?;
                postings
            } else {
                let opened = index.read_block_postings_from_terminfo(&derivation.term, IndexRecordOption::Basic)?;
                postings.insert(opened)
            };
            loop {
                let docs = postings.docs();
                if docs.is_empty() {
                    break;
                }
                for doc in docs {
                    let doc = *doc as usize;
                    let held = &mut self.codes[doc];
                    if code < *held {
                        *held = code;
                    }
                    self.bits[doc / 64] |= 1 << (doc % 64);
                }
                postings.advance();
            }
        }
        Ok(())
    }
}
