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

use crate::matching::{Grade, Joined, Word};

/// A term that a word matches.
#[derive(Debug, Clone)]
pub(super) struct Derivation {
    pub term: TermInfo,
    pub grade: Grade,
}

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

    /// Adds the terms of one dictionary that the word matches by itself to `found`, in no particular order.
    pub(super) fn collect(&self, terms: &TermDictionary, found: &mut Vec<Derivation>) -> Result<(), TantivyError> {
        let text = self.word.text.as_str();
        if let Some(automaton) = self.automaton(&self.same_first, self.word.typos_max)? {
            let (from, to) = first_letter_range(text);
            let mut stream = terms.search(automaton).ge(from).lt(to).into_stream()?;
            while stream.advance() {
                self.add(stream.key(), stream.value(), found);
            }
        } else if self.word.is_prefix {
            let mut stream = terms.range().ge(text).lt(after_prefix(text)).into_stream()?;
            while stream.advance() {
                let is_inexact = stream.key().len() != text.len();
                found.push(Derivation {
                    term: stream.value().clone(),
                    grade: Grade { typos: 0, is_inexact },
                });
            }
        } else if let Some(term) = terms.get(text)? {
            found.push(Derivation {
                term,
                grade: Grade {
                    typos: 0,
                    is_inexact: false,
                },
            });
        }
        if let Some(automaton) = self.automaton(&self.other_first, self.word.typos_max.saturating_sub(1))? {
            let (from, to) = first_letter_range(text);
            let mut below = terms.search(automaton).lt(from).into_stream()?;
            while below.advance() {
                self.add(below.key(), below.value(), found);
            }
            let mut above = terms.search(automaton).ge(to).into_stream()?;
            while above.advance() {
                self.add(above.key(), above.value(), found);
            }
        }
        Ok(())
    }

    /// Adds the terms of one dictionary that the word and a neighbour match when they are written as one.
    pub(super) fn collect_joined(
        &self,
        terms: &TermDictionary,
        found: &mut Vec<Derivation>,
    ) -> Result<(), TantivyError> {
        for joined in [&self.word.joined, &self.word.joined_before].into_iter().flatten() {
            let derivation = |term: TermInfo| Derivation {
                term,
                grade: Joined::GRADE,
            };
            if joined.is_prefix {
                let mut stream = terms
                    .range()
                    .ge(&joined.text)
                    .lt(after_prefix(&joined.text))
                    .into_stream()?;
                while stream.advance() {
                    found.push(derivation(stream.value().clone()));
                }
            } else if let Some(term) = terms.get(&joined.text)? {
                found.push(derivation(term));
            }
        }
        Ok(())
    }

    /// The automaton proposes, the word decides.
    fn add(&self, term: &[u8], info: &TermInfo, found: &mut Vec<Derivation>) {
        if let Some(grade) = std::str::from_utf8(term)
            .ok()
            .and_then(|term| self.word.grade_alone(term))
        {
            found.push(Derivation {
                term: info.clone(),
                grade,
            });
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
