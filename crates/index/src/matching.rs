//! When a word of a query matches a token, and how well.
//!
//! The engine finds candidates with automata over its dictionary; whether they match is decided here, so that hits,
//! ranking and highlights can't disagree.

use crate::analysis::{self, Purpose, TOKEN_CHARS_MAX, Token, Tokenizer};
use crate::request::{QUERY_BYTES_MAX, QueryType, TypoTolerance, WORDS_MAX};

/// Letters from which one typo is allowed.
const ONE_TYPO_CHARS: usize = 4;
/// The least letters of each of the two words that one is cut into.
const CUT_CHARS_MIN: usize = 2;
/// Letters from which two typos are allowed.
const TWO_TYPOS_CHARS: usize = 8;

/// The words of a query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Words {
    /// In the order of the query.
    pub words: Vec<Word>,
}

/// One word of a query.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Word {
    /// Folded.
    pub text: String,
    /// Whether a token may go on after it.
    pub is_prefix: bool,
    /// How many typos are allowed, 0 to 2.
    pub typos_max: u8,
    /// This word and the next one written together; matches with one typo.
    pub joined: Option<Joined>,
    /// The word before and this one written together.
    pub joined_before: Option<Joined>,
    /// The neighbours that this word may be cut into; matches with one typo. Empty unless nothing that the asker may
    /// see holds the word as it stands.
    pub cuts: Vec<Cut>,
}

/// One word cut in two. The second may go on if the word may.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Cut {
    /// Folded.
    pub first: String,
    /// Folded.
    pub second: String,
}

/// Two neighbouring words written as one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Joined {
    /// Folded.
    pub text: String,
    /// Whether a token may go on after it.
    pub is_prefix: bool,
}

/// How well a token matches. The lesser, the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Grade {
    /// A typo in the first letter counts two.
    pub typos: u8,
    /// Matches as a prefix or with typos.
    pub is_inexact: bool,
}

impl Words {
    /// Reads a query.
    pub(crate) fn parse(query: &str, query_type: QueryType, typo_tolerance: TypoTolerance) -> Self {
        let query = cut(query, QUERY_BYTES_MAX);
        let ends_inside_word = query.chars().next_back().is_some_and(|c| !c.is_whitespace());
        let mut found = analysis::tokens(query, Purpose::Query);
        let was_cut = found.len() > WORDS_MAX;
        found.truncate(WORDS_MAX);
        let last = found.len().saturating_sub(1);
        let allows_typos = typo_tolerance != TypoTolerance::Off;
        let mut words: Vec<Word> = found
            .into_iter()
            .enumerate()
            .map(|(nth, token)| Word {
                is_prefix: match query_type {
                    QueryType::PrefixAll => true,
                    QueryType::PrefixLast => nth == last && ends_inside_word && !was_cut,
                    QueryType::PrefixNone => false,
                },
                typos_max: if allows_typos { typos_max(&token.text) } else { 0 },
                text: token.text,
                joined: None,
                joined_before: None,
                cuts: Vec::new(),
            })
            .collect();
        if allows_typos {
            join_neighbours(&mut words);
        }
        Self { words }
    }

    /// Whether there is nothing to look for.
    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

/// The longest start of `text` that is at most `bytes_max` long and does not cut a character.
pub(crate) fn cut(text: &str, bytes_max: usize) -> &str {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn join_neighbours(words: &mut [Word]) {
    for nth in 1..words.len() {
        let text = format!("{}{}", words[nth - 1].text, words[nth].text);
        let is_spaceless = text.chars().any(analysis::is_spaceless);
        if is_spaceless || text.chars().count() > TOKEN_CHARS_MAX {
            continue;
        }
        let joined = Joined {
            text,
            is_prefix: words[nth].is_prefix,
        };
        words[nth - 1].joined = Some(joined.clone());
        words[nth].joined_before = Some(joined);
    }
}

/// Numbers are taken as they are: `2024` is no mistyped `2025`.
fn typos_max(word: &str) -> u8 {
    if word.chars().all(char::is_numeric) || word.chars().any(analysis::is_spaceless) {
        return 0;
    }
    match word.chars().count() {
        0..ONE_TYPO_CHARS => 0,
        ONE_TYPO_CHARS..TWO_TYPOS_CHARS => 1,
        _ => 2,
    }
}

impl Joined {
    /// How well neighbours match that are written as one.
    pub(crate) const GRADE: Grade = Grade {
        typos: 1,
        is_inexact: true,
    };

    fn matches(&self, token: &str) -> bool {
        if self.is_prefix {
            token.starts_with(&self.text)
        } else {
            token == self.text
        }
    }
}

impl Word {
    /// A prefix without typos; `text` is folded.
    pub(crate) fn prefix(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            is_prefix: true,
            typos_max: 0,
            joined: None,
            joined_before: None,
            cuts: Vec::new(),
        }
    }

    /// All ways to cut it in two, for words that allow typos.
    pub(crate) fn possible_cuts(&self) -> Vec<Cut> {
        if self.typos_max == 0 {
            return Vec::new();
        }
        let letters = self.text.chars().count();
        let places = self.text.char_indices().enumerate();
        let is_within = |nth: usize| (CUT_CHARS_MIN..=letters.saturating_sub(CUT_CHARS_MIN)).contains(&nth);
        let cut = |(_, (at, _)): (usize, (usize, char))| Cut {
            first: self.text[..at].to_owned(),
            second: self.text[at..].to_owned(),
        };
        places.filter(|(nth, _)| is_within(*nth)).map(cut).collect()
    }

    /// How well the token matches, its neighbours considered; `None` if it doesn't.
    pub(crate) fn grade(&self, token: &str) -> Option<Grade> {
        let joined = [&self.joined, &self.joined_before];
        let is_joined = joined.into_iter().flatten().any(|joined| joined.matches(token));
        let joined = is_joined.then_some(Joined::GRADE);
        self.grade_alone(token).into_iter().chain(joined).min()
    }

    /// How well the token matches this word alone.
    pub(crate) fn grade_alone(&self, token: &str) -> Option<Grade> {
        if let Some(rest) = token.strip_prefix(self.text.as_str()) {
            if rest.is_empty() {
                return Some(Grade {
                    typos: 0,
                    is_inexact: false,
                });
            }
            if self.is_prefix {
                return Some(Grade {
                    typos: 0,
                    is_inexact: true,
                });
            }
        }
        self.typos(token).map(|typos| Grade {
            typos,
            is_inexact: true,
        })
    }

    /// Whether the lengths alone say that `allowed` edits are too few. Cheap: it sorts out nearly all tokens.
    fn is_out_of_reach(&self, token: &str, allowed: u8) -> bool {
        if !token.is_ascii() || !self.text.is_ascii() {
            return false;
        }
        let allowed = usize::from(allowed);
        token.len() + allowed < self.text.len() || !self.is_prefix && token.len() > self.text.len() + allowed
    }

    fn is_second(&self, cut: &Cut, token: &str) -> bool {
        token
            .strip_prefix(cut.second.as_str())
            .is_some_and(|rest| rest.is_empty() || self.is_prefix)
    }

    /// The number of typos, if it is within what this word allows.
    fn typos(&self, token: &str) -> Option<u8> {
        if self.typos_max == 0 {
            return None;
        }
        let first_differs = u8::from(self.text.chars().next() != token.chars().next());
        let allowed = self
            .typos_max
            .checked_sub(first_differs)
            .filter(|allowed| *allowed > 0)?;
        if self.is_out_of_reach(token, allowed) {
            return None;
        }
        let distance = distance(&self.text, token, self.is_prefix, allowed)?;
        Some(distance + first_differs)
    }
}

/// The edit distance (insert, delete, replace, swap of neighbours) between `word` and `token`, or the least one to
/// any start of `token`; `None` above `allowed`.
fn distance(word: &str, token: &str, is_prefix: bool, allowed: u8) -> Option<u8> {
    let mut word_chars = ['\0'; TOKEN_CHARS_MAX + 8];
    let mut length = 0;
    for c in word.chars().take(word_chars.len()) {
        word_chars[length] = c;
        length += 1;
    }
    let word_chars = &word_chars[..length];
    let mut rows = [[0_u8; TOKEN_CHARS_MAX + 9]; 3];
    let (mut before, mut last, mut row) = (0, 1, 2);
    for (n, cell) in rows[last][..=length].iter_mut().enumerate() {
        *cell = u8::try_from(n).unwrap_or(u8::MAX);
    }
    let mut best = if is_prefix { rows[last][length] } else { u8::MAX };
    let mut token_before = '\0';
    let mut count = 0_u8;
    for c in token.chars() {
        count = count.saturating_add(1);
        rows[row][0] = count;
        let mut row_min = count;
        for n in 1..=length {
            let same = u8::from(word_chars[n - 1] != c);
            let mut cell = (rows[last][n - 1] + same)
                .min(rows[last][n] + 1)
                .min(rows[row][n - 1] + 1);
            if n > 1 && count > 1 && word_chars[n - 1] == token_before && word_chars[n - 2] == c {
                cell = cell.min(rows[before][n - 2] + 1);
            }
            rows[row][n] = cell;
            row_min = row_min.min(cell);
        }
        if is_prefix {
            best = best.min(rows[row][length]);
        }
        // A swap reaches two rows back, so one bad row alone does not end it.
        if row_min > allowed.saturating_add(1) {
            return (is_prefix && best <= allowed).then_some(best);
        }
        (before, last, row) = (last, row, before);
        token_before = c;
    }
    if !is_prefix {
        best = rows[last][length];
    }
    (best <= allowed).then_some(best)
}

impl Cut {
    /// How well neighbours match that the query writes as one.
    pub(crate) const GRADE: Grade = Grade {
        typos: 1,
        is_inexact: true,
    };
}

/// Finds words cut in two in a text whose tokens it is told one after the other.
#[derive(Debug, Default)]
pub(crate) struct CutFinder {
    /// Tokens that begin a cut word: which word, which cut.
    begun: Vec<(usize, usize, Token)>,
}

impl CutFinder {
    /// Takes the next token. Calls `found` with each word that it ends, its first token and this one.
    pub(crate) fn advance(&mut self, words: &Words, token: &Token, mut found: impl FnMut(usize, &Token, &Token)) {
        self.begun.retain(|(_, _, first)| token.position <= first.position + 1);
        for (nth, cut, first) in &self.begun {
            let word = &words.words[*nth];
            if token.position == first.position + 1 && word.is_second(&word.cuts[*cut], &token.text) {
                found(*nth, first, token);
            }
        }
        for (nth, word) in words.words.iter().enumerate() {
            for (at, cut) in word.cuts.iter().enumerate() {
                if cut.first == token.text {
                    self.begun.push((nth, at, token.clone()));
                }
            }
        }
    }
}

/// Walks through the matches of `words` in a document's text: which word, how well, and the token. Of a word that is
/// cut in two, the second token comes before the first.
///
/// `found` says whether to go on.
pub(crate) fn for_each_match(text: &str, words: &Words, mut found: impl FnMut(usize, Grade, &Token) -> bool) {
    let mut walk = Tokenizer::new(text, Purpose::Document);
    let mut token = Token::default();
    let mut cuts = CutFinder::default();
    let mut goes_on = true;
    while goes_on && walk.advance(&mut token) {
        for (nth, word) in words.words.iter().enumerate() {
            if let Some(grade) = word.grade(&token.text) {
                goes_on &= found(nth, grade, &token);
            }
        }
        cuts.advance(words, &token, |nth, first, second| {
            for token in [second, first] {
                goes_on &= found(nth, Cut::GRADE, token);
            }
        });
    }
}

#[cfg(test)]
mod tests;
