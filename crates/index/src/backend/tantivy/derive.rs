//! From a word to the terms of a segment that it matches.
//!
//! Walking a Levenshtein automaton over a whole dictionary is most of a search's cost, so the walk is confined to
//! terms with the word's first letter: a typo there counts two, which leaves one edit at most for the others.

use std::cell::OnceCell;

use tantivy::postings::TermInfo;
use tantivy::query::{DfaWrapper, FuzzyTermQuery};
use tantivy::schema::Field;
use tantivy::termdict::TermDictionary;
use tantivy::{TantivyError, Term};

use super::derivations::Derivations;
use crate::matching::{Grade, Joined, Word};

/// A word with its automata, which are made when they are first needed, once for all segments.
pub(super) struct Derive<'w> {
    word: &'w Word,
    field: Field,
    /// All allowed typos; for terms that begin with the word's first letter.
    same_first: OnceCell<DfaWrapper>,
    /// One typo; for all other terms, where two are allowed.
    other_first: OnceCell<DfaWrapper>,
}

impl<'w> Derive<'w> {
    /// `field` is any field of texts.
    pub(super) fn new(word: &'w Word, field: Field) -> Self {
        Self {
            word,
            field,
            same_first: OnceCell::new(),
            other_first: OnceCell::new(),
        }
    }

    /// The word.
    pub(super) fn word(&self) -> &Word {
        self.word
    }

    fn automaton<'a>(
        &self,
        made: &'a OnceCell<DfaWrapper>,
        distance: u8,
    ) -> Result<Option<&'a DfaWrapper>, TantivyError> {
        if distance == 0 {
            return Ok(None);
        }
        if let Some(automaton) = made.get() {
            return Ok(Some(automaton));
        }
        let term = Term::from_field_text(self.field, &self.word.text);
        let query = if self.word.is_prefix {
            FuzzyTermQuery::new_prefix(term, distance, true)
        } else {
            FuzzyTermQuery::new(term, distance, true)
        };
        let automaton = query.automaton()?;
        Ok(Some(made.get_or_init(|| automaton)))
    }

    /// The terms of one dictionary that the word matches by itself, in no particular order.
    pub(super) fn collect(&self, terms: &TermDictionary) -> Result<Derivations, TantivyError> {
        let text = self.word.text.as_str();
        let mut found = Found::new(self.word);
        if let Some(automaton) = self.automaton(&self.same_first, self.word.typos_max)? {
            let (from, to) = first_letter_range(text);
            let mut stream = terms.search(automaton).ge(from).lt(to).into_stream()?;
            while stream.advance() {
                found.judge(stream.key(), stream.value());
            }
        } else if self.word.is_prefix {
            let mut stream = terms.range().ge(text).lt(after_prefix(text)).into_stream()?;
            while stream.advance() {
                let is_inexact = stream.key().len() != text.len();
                found.derivations.push(stream.value(), Grade { typos: 0, is_inexact });
            }
        } else if let Some(term) = terms.get(text)? {
            let exact = Grade {
                typos: 0,
                is_inexact: false,
            };
            found.derivations.push(&term, exact);
        }
        if let Some(automaton) = self.automaton(&self.other_first, self.word.typos_max.saturating_sub(1))? {
            let (from, to) = first_letter_range(text);
            let mut below = terms.search(automaton).lt(from).into_stream()?;
            while below.advance() {
                found.judge(below.key(), below.value());
            }
            let mut above = terms.search(automaton).ge(to).into_stream()?;
            while above.advance() {
                found.judge(above.key(), above.value());
            }
        }
        Ok(found.derivations)
    }

    /// The terms of one dictionary that the word and a neighbour match when they are written as one.
    pub(super) fn collect_joined(&self, terms: &TermDictionary) -> Result<Derivations, TantivyError> {
        let mut found = Derivations::default();
        for joined in [&self.word.joined, &self.word.joined_before].into_iter().flatten() {
            if joined.is_prefix {
                let range = terms.range().ge(&joined.text).lt(after_prefix(&joined.text));
                let mut stream = range.into_stream()?;
                while stream.advance() {
                    found.push(stream.value(), Joined::GRADE);
                }
            } else if let Some(term) = terms.get(&joined.text)? {
                found.push(&term, Joined::GRADE);
            }
        }
        Ok(found)
    }
}

/// All terms that begin with `text`.
pub(super) fn terms_of_prefix(terms: &TermDictionary, text: &str) -> Result<Vec<TermInfo>, TantivyError> {
    let mut found = Vec::new();
    let mut stream = terms.range().ge(text).lt(after_prefix(text)).into_stream()?;
    while stream.advance() {
        found.push(stream.value().clone());
    }
    Ok(found)
}

/// The terms found so far.
struct Found<'w> {
    word: &'w Word,
    derivations: Derivations,
    /// How many letters of a term decide how well a prefix matches.
    decisive: usize,
    /// Those letters of the last term that was judged by them, and how well it matches.
    last: (Vec<u8>, Option<Grade>),
}

impl<'w> Found<'w> {
    fn new(word: &'w Word) -> Self {
        Self {
            decisive: word.text.chars().count() + usize::from(word.typos_max),
            word,
            derivations: Derivations::default(),
            last: (Vec::new(), None),
        }
    }

    /// The automaton proposes, the word decides.
    fn judge(&mut self, term: &[u8], info: &TermInfo) {
        let grade = |term: &[u8]| {
            let term = std::str::from_utf8(term).ok()?;
            self.word.grade_alone(term)
        };
        // Terms come in their order, so those that begin alike follow each other, and only the first is worked out.
        let found = match term.get(..self.decisive) {
            Some(start) if self.word.is_prefix && term.len() > self.decisive && start.is_ascii() => {
                if self.last.0 != start {
                    self.last = (start.to_vec(), grade(term));
                }
                self.last.1
            }
            _ => grade(term),
        };
        if let Some(grade) = found {
            self.derivations.push(info, grade);
        }
    }
}

/// All texts that begin with the first letter of `text`, from the first bound to below the second.
fn first_letter_range(text: &str) -> (String, Vec<u8>) {
    let first = text.chars().next().map_or_else(String::new, String::from);
    let after = after_prefix(&first);
    (first, after)
}

/// A bound above every text that begins with `text`: no UTF-8 holds the byte 255.
fn after_prefix(text: &str) -> Vec<u8> {
    let mut bound = text.as_bytes().to_vec();
    bound.push(0xff);
    bound
}
