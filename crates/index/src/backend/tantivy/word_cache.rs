//! Words that were looked for lately, with what they match in one segment.
//!
//! While somebody types, all words but the last stay the same, and everybody's first letters are the same few: those
//! are the dear ones. What a word matches does not depend on who asks, so all askers share it; what an asker may see
//! is applied afterwards.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::evaluate::WordMatches;
use crate::Attribute;
use crate::matching::Word;

/// How many bytes are kept, for each document of the segment.
const BYTES_PER_DOCUMENT: usize = 32;
/// The most bytes that are kept.
const BYTES_MAX: usize = 16 << 20;

/// What decides what a word matches, apart from its neighbours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WordKey {
    text: String,
    is_prefix: bool,
    typos_max: u8,
    /// One bit for each attribute that is searched.
    attributes: u8,
}

impl WordKey {
    pub(super) fn new(word: &Word, attributes: &[Attribute]) -> Self {
        let attributes = attributes
            .iter()
            .fold(0, |bits, attribute| bits | 1 << attribute.rank());
        Self {
            text: word.text.clone(),
            is_prefix: word.is_prefix,
            typos_max: word.typos_max,
            attributes,
        }
    }
}

/// The words of one segment, those asked for last at the end.
#[derive(Debug)]
pub(super) struct WordCache {
    bytes_max: usize,
    held: Mutex<VecDeque<(WordKey, Arc<WordMatches>)>>,
}

impl WordCache {
    pub(super) fn new(doc_count: u32) -> Self {
        let bytes_max = (doc_count as usize).saturating_mul(BYTES_PER_DOCUMENT).min(BYTES_MAX);
        Self {
            bytes_max,
            held: Mutex::default(),
        }
    }

    pub(super) fn find(&self, key: &WordKey) -> Option<Arc<WordMatches>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let place = held.iter().position(|(other, _)| other == key)?;
        let found = held.remove(place)?;
        let matches = Arc::clone(&found.1);
        held.push_back(found);
        Some(matches)
    }

    pub(super) fn put(&self, key: WordKey, matches: &Arc<WordMatches>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.iter().any(|(other, _)| *other == key) {
            return;
        }
        held.push_back((key, Arc::clone(matches)));
        let mut bytes: usize = held.iter().map(|(_, matches)| matches.bytes()).sum();
        while bytes > self.bytes_max {
            let Some((_, oldest)) = held.pop_front() else { break };
            bytes -= oldest.bytes();
        }
    }
}
