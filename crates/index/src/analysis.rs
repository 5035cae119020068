//! Text to tokens, the same way for documents, queries and highlights.
//!
//! A word is a run of letters, digits and their marks, lower-cased and without diacritics. A document's word also
//! yields its parts (`getUserName`: `getusername`, `get`, `user`, `name`), a query's word does not. Where one of two words
//! that a hyphen or an apostrophe joins is a single letter, a document also yields them as one (`e-mail`: `email`).
//! Scripts without spaces yield every character and every pair of neighbours; a query asks for the pairs.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The most letters of a token that are kept; longer ones are cut, in documents and queries alike.
pub(crate) const TOKEN_CHARS_MAX: usize = 64;
/// Longer words are not cut into parts: they are hashes and encoded bytes, not names.
const SPLIT_BYTES_MAX: usize = 48;
/// Words of more parts than this are not cut either, for the same reason.
const PARTS_MAX: usize = 8;

/// One token of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Token {
    /// Folded.
    pub text: String,
    /// Where it stands in the text, in bytes.
    pub range: Range<usize>,
    /// Which word of the text it is. Tokens that overlap share positions; positions never fall.
    pub position: usize,
}

/// What the tokens are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Words and their parts; characters and pairs.
    Document,
    /// Words; pairs, or a lone character.
    Query,
}

/// Walks through a text token by token.
#[derive(Debug)]
pub(crate) struct Tokenizer<'t> {
    text: &'t str,
    purpose: Purpose,
    at: usize,
    position: usize,
    /// Parts of the word just given that are still to come, the next one last.
    parts: Vec<Range<usize>>,
    /// The pair that follows the character just given.
    pair: Option<Range<usize>>,
    /// Where the word begins that was given together with the next one, and is still to come by itself.
    joined_at: Option<usize>,
    /// Whether the character before `at` belongs to the same run of a script without spaces.
    is_inside_run: bool,
}

impl<'t> Tokenizer<'t> {
    /// A walk from the start of `text`.
    pub(crate) fn new(text: &'t str, purpose: Purpose) -> Self {
        Self {
            text,
            purpose,
            at: 0,
            position: 0,
            parts: Vec::new(),
            pair: None,
            joined_at: None,
            is_inside_run: false,
        }
    }

    /// Puts the next token into `token`; false at the end.
    pub(crate) fn advance(&mut self, token: &mut Token) -> bool {
        loop {
            let Some((range, position)) = self.next_range() else {
                return false;
            };
            token.text.clear();
            fold_into(&self.text[range.clone()], &mut token.text);
            if !token.text.is_empty() {
                token.range = range;
                token.position = position;
                return true;
            }
        }
    }

    fn next_range(&mut self) -> Option<(Range<usize>, usize)> {
        if let Some(part) = self.parts.pop() {
            let position = self.position;
            self.position += 1;
            return Some((part, position));
        }
        if let Some(pair) = self.pair.take() {
            let position = self.position;
            self.position += 1;
            return Some((pair, position));
        }
        loop {
            let first = self.skip_ascii_separators()?;
            if is_spaceless(first) {
                if let Some(found) = self.spaceless(first) {
                    return Some(found);
                }
            } else if begins_word(first) {
                self.is_inside_run = false;
                return Some(self.word());
            } else {
                self.is_inside_run = false;
                self.at += first.len_utf8();
            }
        }
    }

    /// The character at `at`, of a script without spaces; a query's is left out when pairs cover it.
    fn spaceless(&mut self, first: char) -> Option<(Range<usize>, usize)> {
        let start = self.at;
        let end = unit_end(self.text, start, first);
        let was_inside = std::mem::replace(&mut self.is_inside_run, true);
        self.at = end;
        let next = self.text[end..].chars().next().filter(|next| is_spaceless(*next));
        let pair = next.map(|next| start..unit_end(self.text, end, next));
        let position = self.position;
        match (self.purpose, pair) {
            (Purpose::Document, Some(pair)) => {
                self.pair = Some(pair);
                Some((start..end, position))
            }
            (Purpose::Query, Some(pair)) => {
                self.position += 1;
                Some((pair, position))
            }
            (Purpose::Query, None) if was_inside => {
                self.position += 1;
                None
            }
            (_, None) => {
                self.position += 1;
                Some((start..end, position))
            }
        }
    }

    /// The character at `at`, after whatever plain separators stand before it.
    fn skip_ascii_separators(&mut self) -> Option<char> {
        let rest = &self.text.as_bytes()[self.at..];
        let skipped = rest
            .iter()
            .take_while(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric())
            .count();
        if skipped > 0 {
            self.is_inside_run = false;
            self.at += skipped;
        }
        self.text[self.at..].chars().next()
    }

    /// The word at `at`; its parts are left for the next calls.
    fn word(&mut self) -> (Range<usize>, usize) {
        let start = self.at;
        let length = word_length(&self.text[start..]);
        let end = start + length;
        let position = self.position;
        if self.purpose == Purpose::Document
            && self.joined_at.replace(start) != Some(start)
            && let Some(joined_end) = joined_end(self.text, start, end)
        {
            return (start..joined_end, position);
        }
        self.at = end;
        if self.purpose == Purpose::Document && length <= SPLIT_BYTES_MAX {
            split_into(&self.text[start..end], start, &mut self.parts);
        }
        if self.parts.is_empty() {
            self.position += 1;
        }
        (start..end, position)
    }
}

/// How many bytes the word at the start of `text` is long.
fn word_length(text: &str) -> usize {
    let plain = text.bytes().take_while(u8::is_ascii_alphanumeric).count();
    if text.as_bytes().get(plain).is_none_or(u8::is_ascii) {
        return plain;
    }
    text.find(|c| !(is_word(c) || c == '\u{ad}') || is_spaceless(c))
        .unwrap_or(text.len())
}

/// Where the word after `start..end` ends, if people write the two as one as well: `e-mail`, `T-shirt`, `don't`.
fn joined_end(text: &str, start: usize, end: usize) -> Option<usize> {
    let joint = text[end..].chars().next().filter(|c| is_joint(*c))?;
    let next = end + joint.len_utf8();
    let is_begun = text[next..].starts_with(|c| begins_word(c) && !is_spaceless(c));
    let joined_end = next + is_begun.then(|| word_length(&text[next..]))?;
    let is_letter = |word: &str| word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    let is_joined = is_letter(&text[start..end]) || is_letter(&text[next..joined_end]);
    (is_joined && joined_end - start <= SPLIT_BYTES_MAX).then_some(joined_end)
}

/// Hyphens and apostrophes.
fn is_joint(c: char) -> bool {
    matches!(c, '-' | '\'' | '\u{2010}' | '\u{2011}' | '\u{2019}')
}

/// All tokens of a text.
pub(crate) fn tokens(text: &str, purpose: Purpose) -> Vec<Token> {
    let mut walk = Tokenizer::new(text, purpose);
    let mut found = Vec::new();
    let mut token = Token::default();
    while walk.advance(&mut token) {
        found.push(token.clone());
    }
    found
}

/// The folded form of one word: lower case, no diacritics, compatible forms made one, at most
/// [`TOKEN_CHARS_MAX`] letters.
pub(crate) fn fold_into(word: &str, folded: &mut String) {
    if word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let start = folded.len();
        folded.push_str(&word[..word.len().min(TOKEN_CHARS_MAX)]);
        folded[start..].make_ascii_lowercase();
        return;
    }
    let mut count = 0;
    for c in word.nfkd() {
        if is_dropped(c) || !is_word(c) {
            continue;
        }
        for c in c.to_lowercase().filter(|c| !is_dropped(*c)) {
            if count == TOKEN_CHARS_MAX {
                return;
            }
            count += 1;
            match plain_letters(c) {
                Some(plain) => folded.push_str(plain),
                None => folded.push(c),
            }
        }
    }
}

/// Whether the character belongs to a script that is written without spaces between words.
pub(crate) fn is_spaceless(c: char) -> bool {
    if c < '\u{e00}' {
        return false;
    }
    matches!(c,
        '\u{e01}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}'
        | '\u{3041}'..='\u{312f}' | '\u{31a0}'..='\u{31bf}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9d}' | '\u{20000}'..='\u{3ffff}')
        && c.is_alphanumeric()
}

fn is_word(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_alphanumeric()
    } else {
        c.is_alphanumeric() || is_combining_mark(c)
    }
}

/// A mark belongs to what stands before it: by itself it is no word.
fn begins_word(c: char) -> bool {
    is_word(c) && !is_mark(c)
}

/// Combining marks, and the voiced sound marks that follow half-width katakana.
fn is_mark(c: char) -> bool {
    !c.is_ascii() && (is_combining_mark(c) || matches!(c, '\u{ff9e}' | '\u{ff9f}'))
}

/// Marks that readers leave out when they type: accents, Hebrew points, Arabic vowel signs; and those that only say how
/// a sign looks: keycaps and variation selectors.
fn is_dropped(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
        && is_combining_mark(c)
}

/// Letters that no decomposition takes apart but that keyboards elsewhere lack.
fn plain_letters(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'ħ' => "h",
        'ı' => "i",
        'þ' => "th",
        'ς' => "σ",
        _ => return None,
    })
}

/// The end of the character at `start` together with the marks that follow it.
fn unit_end(text: &str, start: usize, first: char) -> usize {
    let after = start + first.len_utf8();
    let marks: usize = text[after..]
        .chars()
        .take_while(|c| is_mark(*c))
        .map(char::len_utf8)
        .sum();
    after + marks
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Lower,
    Upper,
    Digit,
}

/// Puts the parts of a word, the first one last, into `parts`; leaves it empty if the word is one part.
fn split_into(word: &str, offset: usize, parts: &mut Vec<Range<usize>>) {
    if word.bytes().skip(1).all(|byte| byte.is_ascii_lowercase()) && !word.starts_with(char::is_numeric) {
        return;
    }
    let mut start = 0;
    let mut before: Option<(usize, Shape)> = None;
    for (at, c) in word.char_indices() {
        if !c.is_ascii() && (is_combining_mark(c) || c == '\u{ad}') {
            continue;
        }
        let shape = if c.is_numeric() {
            Shape::Digit
        } else if c.is_uppercase() {
            Shape::Upper
        } else {
            Shape::Lower
        };
        if let Some((before_at, before_shape)) = before {
            let cut = match (before_shape, shape) {
                (Shape::Upper, Shape::Lower) if before_at > start => Some(before_at),
                (Shape::Upper, Shape::Lower) => None,
                (one, other) if one != other => Some(at),
                _ => None,
            };
            if let Some(cut) = cut {
                parts.push(offset + start..offset + cut);
                start = cut;
            }
        }
        before = Some((at, shape));
    }
    if parts.len() >= PARTS_MAX {
        parts.clear();
    }
    if !parts.is_empty() {
        parts.push(offset + start..offset + word.len());
        parts.reverse();
    }
}

#[cfg(test)]
mod tests;
