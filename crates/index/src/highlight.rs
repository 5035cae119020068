//! Matches in texts, marked with tags.

use std::ops::Range;

use crate::analysis::{self, Purpose, Token, Tokenizer};
use crate::matching::{self, CutFinder, Grade, Word, Words, cut};
use crate::request::{Snippet, Tags};
use crate::response::{Highlighted, MatchLevel};

/// How much of a body is read for a snippet, in bytes, when something matches in it.
const SCAN_BYTES: usize = 64 * 1024;
/// How much of a body is read until a first match is found.
const SEEK_BYTES: usize = 1024 * 1024;
/// A snippet is at most this many bytes per word that was asked for.
const BYTES_PER_WORD: usize = 24;

/// Marks the matches of `words` in `text`.
pub(crate) fn highlight(text: &str, words: &Words, tags: &Tags) -> Highlighted {
    let mut marks = Vec::new();
    let mut is_found = vec![false; words.words.len()];
    let mut tokens = Vec::new();
    let mut walk = Tokenizer::new(text, Purpose::Document);
    let mut token = Token::default();
    let mut cuts = CutFinder::default();
    while walk.advance(&mut token) {
        tokens.push(token.range.clone());
        cuts.advance(words, &token, |nth, first, second| {
            is_found[nth] = true;
            marks.extend([first.range.clone(), second.range.clone()]);
        });
        for (nth, word) in words.words.iter().enumerate() {
            if let Some(grade) = word.grade(&token.text) {
                is_found[nth] = true;
                marks.push(marked_range(text, &token, word, grade));
            }
        }
    }
    let marks = merge(marks);
    let is_covered = |range: &Range<usize>| {
        marks
            .iter()
            .any(|mark| mark.start <= range.start && range.end <= mark.end)
    };
    Highlighted {
        value: mark(text, &marks, tags),
        match_level: match_level(&is_found),
        matched_words: matched_words(words, &is_found),
        fully_highlighted: !tokens.is_empty() && tokens.iter().all(is_covered),
    }
}

/// The part of `body` in which most words match closest together, with its matches marked; its beginning where
/// nothing matches.
pub(crate) fn snippet(body: &str, words: &Words, wanted: &Snippet) -> Highlighted {
    let matches = find_matches(body, words);
    let length = wanted.words.max(1);
    let best = best_window(&matches, length);
    let anchor = best.map_or(0, |match_| match_.start);
    let range = around(body, anchor, length);
    let mut found = highlight(&body[range.clone()], words, &wanted.tags);
    if range.start > 0 {
        found.value.insert_str(0, &wanted.ellipsis);
    }
    if range.end < body.trim_end().len() {
        found.value.push_str(&wanted.ellipsis);
    }
    found
}

struct Match {
    word: usize,
    typos: u8,
    position: usize,
    start: usize,
}

fn find_matches(body: &str, words: &Words) -> Vec<Match> {
    let mut matches: Vec<Match> = Vec::new();
    matching::for_each_match(cut(body, SEEK_BYTES), words, |word, grade, token| {
        let is_far = token.range.start > SCAN_BYTES && !matches.is_empty();
        matches.push(Match {
            word,
            typos: grade.typos,
            position: token.position,
            start: token.range.start,
        });
        !is_far
    });
    matches.sort_by_key(|match_| match_.position);
    matches
}

/// The first match of the run of at most `length` words that holds most different words, with the fewest typos, in
/// the shortest stretch; the earliest among equals.
fn best_window(matches: &[Match], length: usize) -> Option<&Match> {
    let mut best = None;
    for (nth, first) in matches.iter().enumerate() {
        let mut seen = 0_u32;
        let mut typos = 0_u32;
        let mut last = first.position;
        for match_ in &matches[nth..] {
            if match_.position >= first.position + length {
                break;
            }
            let bit = 1 << match_.word;
            if seen & bit == 0 {
                seen |= bit;
                typos += u32::from(match_.typos);
                last = match_.position;
            }
        }
        let rank = (u32::MAX - seen.count_ones(), typos, last - first.position);
        if best.as_ref().is_none_or(|(held, _)| rank < *held) {
            best = Some((rank, first));
        }
    }
    best.map(|(_, first)| first)
}

/// About `length` words around the one at `anchor`, a third of them before it.
fn around(body: &str, anchor: usize, length: usize) -> Range<usize> {
    let bytes_before = length / 3 * BYTES_PER_WORD;
    let mut from = anchor.saturating_sub(bytes_before);
    while !body.is_char_boundary(from) {
        from += 1;
    }
    let before = word_ranges(&body[from..anchor], usize::MAX);
    let start = match before.len().checked_sub(length / 3) {
        // The first word may be cut by the limit of bytes: leave it out.
        Some(0) | None if from > 0 && before.len() > 1 => from + before[1].start,
        Some(0) | None => before.first().map_or(anchor, |word| from + word.start),
        Some(skip) => from + before[skip].start,
    };
    let start = if before.is_empty() { anchor } else { start };
    let rest = cut(&body[start..], length * BYTES_PER_WORD);
    let after = word_ranges(rest, length);
    let end = after.last().map_or(start + rest.len(), |word| start + word.end);
    start..end.max(start)
}

/// The first `limit` words: stretches of tokens that don't overlap.
fn word_ranges(text: &str, limit: usize) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut walk = Tokenizer::new(text, Purpose::Query);
    let mut token = Token::default();
    while ranges.len() < limit && walk.advance(&mut token) {
        ranges.push(token.range.clone());
    }
    ranges
}

/// The part of the token that is marked: of a prefix, only what was typed.
fn marked_range(text: &str, token: &Token, word: &Word, grade: Grade) -> Range<usize> {
    let range = token.range.clone();
    if grade.typos > 0 || !grade.is_inexact {
        return range;
    }
    let mut folded = String::new();
    for (at, c) in text[range.clone()].char_indices() {
        if folded.len() >= word.text.len() && !is_mark(c) {
            return range.start..range.start + at;
        }
        analysis::fold_into(c.encode_utf8(&mut [0; 4]), &mut folded);
    }
    range
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

fn merge(mut marks: Vec<Range<usize>>) -> Vec<Range<usize>> {
    marks.sort_by_key(|mark| (mark.start, mark.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(marks.len());
    for mark in marks {
        match merged.last_mut() {
            Some(last) if mark.start < last.end => last.end = last.end.max(mark.end),
            _ => merged.push(mark),
        }
    }
    merged
}

fn mark(text: &str, marks: &[Range<usize>], tags: &Tags) -> String {
    let mut marked = String::with_capacity(text.len() + marks.len() * (tags.pre.len() + tags.post.len()));
    let mut at = 0;
    for mark in marks {
        marked.push_str(&text[at..mark.start]);
        marked.push_str(&tags.pre);
        marked.push_str(&text[mark.clone()]);
        marked.push_str(&tags.post);
        at = mark.end;
    }
    marked.push_str(&text[at..]);
    marked
}

fn match_level(is_found: &[bool]) -> MatchLevel {
    match is_found.iter().filter(|found| **found).count() {
        0 => MatchLevel::None,
        all if all == is_found.len() => MatchLevel::Full,
        _ => MatchLevel::Partial,
    }
}

fn matched_words(words: &Words, is_found: &[bool]) -> Vec<String> {
    words
        .words
        .iter()
        .zip(is_found)
        .filter(|(_, found)| **found)
        .map(|(word, _)| word.text.clone())
        .collect()
}

#[cfg(test)]
mod tests;
