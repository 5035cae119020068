//! The words of a query in one segment: which documents hold all of them, and how well.

use std::sync::Arc;

use tantivy::TantivyError;
use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::IndexRecordOption;

use super::bits::{self, Ranked, words_of_bits};
use super::cut_words::{self, CutPlace};
use super::derivations::Derivations;
use super::derive::Derive;
use super::segment::Segment;
use crate::Attribute;
use crate::matching::{Cut, Grade, Word, Words};

/// Marks a document that does not hold a word.
const NONE: u8 = u8::MAX;

/// What one word matches in one segment.
#[derive(Debug)]
pub(super) struct WordMatches {
    /// By [`Attribute::rank`].
    pub derivations: [Derivations; 4],
    /// Where it stands cut in two, by [`Attribute::rank`].
    pub cut_places: [Vec<CutPlace>; 4],
    pub documents: Ranked,
    /// The best code for each of these documents, in their order.
    codes: Vec<u8>,
}

/// What one word of a query matches in one segment.
pub(super) struct Matched {
    /// Whatever stands beside it.
    pub alone: Arc<WordMatches>,
    /// Written as one with a neighbour; `None` where that is nowhere.
    pub joined: Option<WordMatches>,
    /// Cut in two; `None` where that is nowhere, or not looked for.
    pub cut: Option<WordMatches>,
}

/// What a whole query matches in one segment.
pub(super) struct Evaluated {
    /// `None` for a word that was not looked for, because no document holds the others.
    words: Vec<Option<Matched>>,
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
    /// Evaluates `words` in `segment`; `cuts` has for each of them what it may be cut into. `attributes` is what is
    /// searched.
    pub(super) fn new(
        words: &[Derive<'_>],
        cuts: &Words,
        attributes: &[Attribute],
        segment: &Segment,
        permitted: &[u64],
    ) -> Result<Self, TantivyError> {
        let mut bits = permitted.to_vec();
        let mut evaluated: Vec<Option<Matched>> = words.iter().map(|_| None).collect();
        // Long words first: short prefixes match nearly everything, dearly, and are often not needed any more.
        let mut order: Vec<usize> = (0..words.len()).collect();
        order.sort_by_key(|nth| std::cmp::Reverse(words[*nth].word().text.len()));
        for nth in order {
            if bits.iter().all(|word| *word == 0) {
                break;
            }
            let mut matched = Matched::find(&words[nth], attributes, segment)?;
            let cuts = &cuts.words[nth].cuts;
            if !cuts.is_empty() {
                matched.cut = WordMatches::find_cut(words[nth].word(), cuts, attributes, segment, &bits)?;
            }
            matched.restrict(&mut bits);
            evaluated[nth] = Some(matched);
        }
        Ok(Self { words: evaluated, bits })
    }

    /// The words that were looked for, with their places in the query: all of them, if any document matches.
    pub(super) fn words(&self) -> impl Iterator<Item = (u8, &Matched)> {
        let words = (0_u8..).zip(&self.words);
        words.filter_map(|(nth, matched)| Some((nth, matched.as_ref()?)))
    }

    /// Calls `found` with every matching document, in order.
    pub(super) fn for_each(&self, found: impl FnMut(u32)) {
        bits::for_each(&self.bits, found);
    }

    /// The sums for a document that matches.
    pub(super) fn sums(&self, doc: u32) -> Sums {
        let mut sums = Sums::default();
        for word in self.words.iter().flatten() {
            let code = word.code(doc);
            sums.typos += u32::from(code >> 3);
            sums.attribute += u32::from(code >> 1 & 3);
            sums.inexact += u32::from(code & 1);
        }
        sums
    }
}

impl Matched {
    fn find(word: &Derive<'_>, attributes: &[Attribute], segment: &Segment) -> Result<Self, TantivyError> {
        let alone = segment.matches(word, attributes)?;
        // Matches of neighbours written as one word are rare and depend on the neighbour: they are never remembered.
        let mut joined: Option<Gather<'_>> = None;
        for attribute in attributes {
            let terms = segment.texts[usize::from(attribute.rank())].terms();
            let derivations = word.collect_joined(terms)?;
            if !derivations.is_empty() {
                let gather = joined.get_or_insert_with(|| Gather::new(segment));
                gather.add(*attribute, derivations)?;
            }
        }
        Ok(Self {
            alone,
            joined: joined.map(Gather::finish),
            cut: None,
        })
    }

    /// Leaves only documents that hold the word.
    fn restrict(&self, bits: &mut [u64]) {
        let parts: Vec<&[u64]> = self.parts().map(|part| part.documents.bits()).collect();
        for (at, both) in bits.iter_mut().enumerate() {
            *both &= parts.iter().fold(0, |any, part| any | part[at]);
        }
    }

    /// All that it matches.
    pub(super) fn parts(&self) -> impl Iterator<Item = &WordMatches> {
        std::iter::once(self.alone.as_ref())
            .chain(&self.joined)
            .chain(&self.cut)
    }

    /// The best code in a document that holds the word.
    fn code(&self, doc: u32) -> u8 {
        let others = self.joined.iter().chain(&self.cut).map(|part| part.code(doc));
        others.fold(self.alone.code(doc), u8::min)
    }

    /// The typos of the best match in a document that holds the word.
    pub(super) fn typos(&self, doc: u32) -> u8 {
        self.code(doc) >> 3
    }
}

impl WordMatches {
    /// What `word` matches by itself.
    pub(super) fn find(word: &Derive<'_>, attributes: &[Attribute], segment: &Segment) -> Result<Self, TantivyError> {
        let mut gather = Gather::new(segment);
        for attribute in attributes {
            let terms = segment.texts[usize::from(attribute.rank())].terms();
            gather.add(*attribute, word.collect(terms)?)?;
        }
        Ok(gather.finish())
    }

    /// What a word matches in `within` when it is cut in two; `None` if nothing.
    fn find_cut(
        word: &Word,
        cuts: &[Cut],
        attributes: &[Attribute],
        segment: &Segment,
        within: &[u64],
    ) -> Result<Option<Self>, TantivyError> {
        let mut gather: Option<Gather<'_>> = None;
        for attribute in attributes {
            let places = cut_words::find(word, cuts, *attribute, segment, within)?;
            if !places.is_empty() {
                gather
                    .get_or_insert_with(|| Gather::new(segment))
                    .add_cut(*attribute, places);
            }
        }
        Ok(gather.map(Gather::finish))
    }

    /// Whether a document of `within` holds the word without a typo.
    pub(super) fn is_exact_in(&self, within: &[u64]) -> bool {
        let held = self.documents.bits().iter().zip(within);
        (0_u32..).step_by(64).zip(held).any(|(base, (held, within))| {
            let mut rest = held & within;
            while rest != 0 {
                if self.code(base + rest.trailing_zeros()) >> 3 == 0 {
                    return true;
                }
                rest &= rest - 1;
            }
            false
        })
    }

    fn code(&self, doc: u32) -> u8 {
        self.documents
            .find(doc)
            .map_or(NONE, |place| self.codes[place as usize])
    }

    /// About how much memory it takes.
    pub(super) fn bytes(&self) -> usize {
        let derivations: usize = self.derivations.iter().map(Derivations::bytes).sum();
        derivations + self.codes.len() + self.documents.bytes()
    }
}

/// Matches of one word while they are gathered.
struct Gather<'s> {
    segment: &'s Segment,
    derivations: [Derivations; 4],
    cut_places: [Vec<CutPlace>; 4],
    /// The best code for each document of the segment, [`NONE`] for most.
    codes: Vec<u8>,
    bits: Vec<u64>,
}

impl<'s> Gather<'s> {
    fn new(segment: &'s Segment) -> Self {
        Self {
            segment,
            derivations: Default::default(),
            cut_places: Default::default(),
            codes: vec![NONE; segment.doc_count as usize],
            bits: vec![0; words_of_bits(segment.doc_count)],
        }
    }

    fn add(&mut self, attribute: Attribute, mut derivations: Derivations) -> Result<(), TantivyError> {
        let place = usize::from(attribute.rank());
        let index = &self.segment.texts[place];
        let mut postings: Option<BlockSegmentPostings> = None;
        for (term, grade) in derivations.iter() {
            let postings = if let Some(postings) = &mut postings {
                index.reset_block_postings_from_terminfo(&term, postings)?;
                postings
            } else {
                postings.insert(index.read_block_postings_from_terminfo(&term, IndexRecordOption::Basic)?)
            };
            scatter(postings, code(grade, attribute), &mut self.codes, &mut self.bits);
        }
        derivations.shrink();
        self.derivations[place] = derivations;
        Ok(())
    }

    fn add_cut(&mut self, attribute: Attribute, places: Vec<CutPlace>) {
        let code = code(Cut::GRADE, attribute);
        for place in &places {
            let held = &mut self.codes[place.doc as usize];
            *held = code.min(*held);
            bits::insert(&mut self.bits, place.doc);
        }
        self.cut_places[usize::from(attribute.rank())] = places;
    }

    fn finish(self) -> WordMatches {
        let documents = Ranked::new(self.bits);
        let mut codes = Vec::with_capacity(documents.count() as usize);
        bits::for_each(documents.bits(), |doc| codes.push(self.codes[doc as usize]));
        WordMatches {
            derivations: self.derivations,
            cut_places: self.cut_places,
            documents,
            codes,
        }
    }
}

fn scatter(postings: &mut BlockSegmentPostings, code: u8, codes: &mut [u8], bits: &mut [u64]) {
    loop {
        let docs = postings.docs();
        if docs.is_empty() {
            break;
        }
        for doc in docs {
            let held = &mut codes[*doc as usize];
            if code < *held {
                *held = code;
            }
            bits::insert(bits, *doc);
        }
        postings.advance();
    }
}
