//! From a word to the terms of a segment that it matches.
//!
//! Walking a Levenshtein automaton over a whole dictionary is most of a search's cost, so the walk is confined to
//! terms with the word's first letter: a typo there counts two, which leaves one edit at most for the others.

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

/// A word with its automata, made once for all segments.
pub(super) struct Derive<'w> {
    word: &'w Word,
    /// All allowed typos; for terms that begin with the word's first letter.
    same_first: Option<DfaWrapper>,
    /// One typo; for all other terms, where two are allowed.
    other_first: Option<DfaWrapper>,
}

impl<'w> Derive<'w> {
    pub(super) fn new(word: &'w Word, field: Field) -> Result<Self, TantivyError> {
        let automaton = |distance: u8| -> Result<Option<DfaWrapper>, TantivyError> {
            if distance == 0 {
                return Ok(None);
            }
            let term = Term::from_field_text(field, &word.text);
            let query = if word.is_prefix {
                FuzzyTermQuery::new_prefix(term, distance, true)
            } else {
                FuzzyTermQuery::new(term, distance, true)
            };
            query.automaton().map(Some)
        };
        Ok(Self {
            same_first: automaton(word.typos_max)?,
            other_first: automaton(word.typos_max.saturating_sub(1))?,
            word,
        })
    }

    /// Adds the terms of one dictionary that the word matches to `found`, in no particular order; some may come
    /// twice.
    pub(super) fn collect(&self, terms: &TermDictionary, found: &mut Vec<Derivation>) -> Result<(), TantivyError> {
        let text = self.word.text.as_str();
        if let Some(automaton) = &self.same_first {
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
        if let Some(automaton) = &self.other_first {
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
        for joined in [&self.word.joined, &self.word.joined_before].into_iter().flatten() {
            self.collect_joined(terms, joined, found)?;
        }
        Ok(())
    }

    fn collect_joined(
        &self,
        terms: &TermDictionary,
        joined: &Joined,
        found: &mut Vec<Derivation>,
    ) -> Result<(), TantivyError> {
        if joined.is_prefix {
            let mut stream = terms
                .range()
                .ge(&joined.text)
                .lt(after_prefix(&joined.text))
                .into_stream()?;
            while stream.advance() {
                self.add(stream.key(), stream.value(), found);
            }
        } else if let Some(term) = terms.get(&joined.text)? {
            self.add(joined.text.as_bytes(), &term, found);
        }
        Ok(())
    }

    /// The automaton proposes, the word decides.
    fn add(&self, term: &[u8], info: &TermInfo, found: &mut Vec<Derivation>) {
        if let Some(grade) = std::str::from_utf8(term).ok().and_then(|term| self.word.grade(term)) {
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
