//! Prefixes that thousands of a segment's terms begin with: what they match is found once, in the background, and
//! kept. Everybody begins with the same few letters, and without this each of them would be dear the first time.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::TantivyError;
use tantivy::schema::Field;
use tantivy::termdict::TermDictionary;

use super::derive::Derive;
use super::evaluate::WordMatches;
use super::segment::Segment;
use crate::Attribute;
use crate::matching::Word;

/// How many terms of one dictionary make a prefix heavy.
const TERMS_MIN: u32 = 1_000;
/// The most letters of a heavy prefix: longer words may hold typos, and are not looked for as they stand.
const CHARS_MAX: usize = 3;
/// The most bytes that are kept, for each document of the segment.
const BYTES_PER_DOCUMENT: usize = 48;
/// The most bytes that are kept.
const BYTES_MAX: usize = 32 << 20;

/// What heavy prefixes match in all attributes of one segment.
#[derive(Debug, Default)]
pub(super) struct HeavyPrefixes {
    held: HashMap<String, Arc<WordMatches>>,
}

impl HeavyPrefixes {
    /// Finds them, the heaviest first. Stops early, and answers `None`, when `is_wanted` says so.
    ///
    /// `field` is any field of texts.
    pub(super) fn find(
        segment: &Segment,
        field: Field,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<Option<Self>, TantivyError> {
        let mut counts: HashMap<String, u32> = HashMap::new();
        for text in &segment.texts {
            count(text.terms(), &mut counts)?;
        }
        let mut prefixes: Vec<(u32, String)> = counts.into_iter().map(|(prefix, count)| (count, prefix)).collect();
        prefixes.sort_unstable_by(|one, other| other.cmp(one));
        let mut bytes_left = (segment.doc_count as usize)
            .saturating_mul(BYTES_PER_DOCUMENT)
            .min(BYTES_MAX);
        let mut held = HashMap::new();
        for (_, prefix) in prefixes {
            if !is_wanted() {
                return Ok(None);
            }
            let word = Word::prefix(&prefix);
            let matches = WordMatches::find(&Derive::new(&word, field), &Attribute::ALL, segment)?;
            let Some(left) = bytes_left.checked_sub(matches.bytes()) else {
                break;
            };
            bytes_left = left;
            held.insert(prefix, Arc::new(matches));
        }
        Ok(Some(Self { held }))
    }

    /// The prefixes, in their order.
    #[cfg(test)]
    pub(super) fn prefixes(&self) -> Vec<&str> {
        let mut prefixes: Vec<&str> = self.held.keys().map(String::as_str).collect();
        prefixes.sort_unstable();
        prefixes
    }

    /// What `word` matches, if it is a heavy prefix.
    pub(super) fn matches(&self, word: &Word, attributes: &[Attribute]) -> Option<Arc<WordMatches>> {
        let is_plain = word.is_prefix && word.typos_max == 0 && attributes.len() == Attribute::ALL.len();
        let found = self.held.get(&word.text).filter(|_| is_plain)?;
        Some(Arc::clone(found))
    }
}

/// Adds the heavy prefixes of one dictionary to `counts`, each with the most terms that any dictionary has for it.
fn count(terms: &TermDictionary, counts: &mut HashMap<String, u32>) -> Result<(), TantivyError> {
    let mut open: [(String, u32); CHARS_MAX] = Default::default();
    let mut close = |(prefix, count): &(String, u32)| {
        if *count >= TERMS_MIN {
            let held = counts.entry(prefix.clone()).or_default();
            *held = (*held).max(*count);
        }
    };
    let mut stream = terms.stream()?;
    while stream.advance() {
        let Ok(term) = std::str::from_utf8(stream.key()) else {
            continue;
        };
        let ends = term.char_indices().map(|(at, c)| at + c.len_utf8());
        for (end, held) in ends.zip(&mut open) {
            if held.0 != term[..end] {
                close(held);
                *held = (term[..end].to_owned(), 0);
            }
            held.1 += 1;
        }
    }
    open.iter().for_each(close);
    Ok(())
}
