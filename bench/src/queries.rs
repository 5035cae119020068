//! What people type, taken from titles that exist: one word, two words, a typo, letter by letter.

use model::Document;

use crate::dice::Dice;

/// A kind of query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One whole word.
    OneWord,
    /// Two neighbouring words, the second one not typed to its end.
    TwoWordsWithPrefix,
    /// The same, with one wrong letter in the first word.
    OneTypo,
    /// Any moment while two words are typed letter by letter.
    LetterByLetter,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [
        Self::OneWord,
        Self::TwoWordsWithPrefix,
        Self::OneTypo,
        Self::LetterByLetter,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OneWord => "one word",
            Self::TwoWordsWithPrefix => "two words with prefix",
            Self::OneTypo => "one typo",
            Self::LetterByLetter => "letter by letter",
        }
    }
}

/// `count` queries of one kind.
pub(crate) fn queries(kind: Kind, documents: &[Document], count: usize) -> Vec<String> {
    let mut dice = Dice::new(41 + kind as u64);
    let mut found = Vec::with_capacity(count);
    while found.len() < count {
        let title = &documents[dice.below(documents.len())].title;
        let words = words(title);
        if words.len() < 2 {
            continue;
        }
        let at = dice.below(words.len() - 1);
        let (first, second) = (&words[at], &words[at + 1]);
        found.push(match kind {
            Kind::OneWord => first.clone(),
            Kind::TwoWordsWithPrefix => format!("{first} {}", cut(second, 2, &mut dice)),
            Kind::OneTypo => format!("{} {}", mistype(first, &mut dice), cut(second, 2, &mut dice)),
            Kind::LetterByLetter => cut(&format!("{first} {second}"), 1, &mut dice),
        });
    }
    found
}

/// Plain words of four letters or more.
fn words(title: &str) -> Vec<String> {
    title
        .split_whitespace()
        .filter(|word| word.len() >= 4 && word.bytes().all(|byte| byte.is_ascii_alphabetic()))
        .map(str::to_lowercase)
        .collect()
}

/// The first letters of a text, `least` of them at least.
fn cut(text: &str, least: usize, dice: &mut Dice) -> String {
    let length = least + dice.below(text.len() - least + 1);
    text[..length].to_owned()
}

/// One letter after the first changed, left out or doubled.
fn mistype(word: &str, dice: &mut Dice) -> String {
    let at = 1 + dice.below(word.len() - 1);
    let letter = char::from(b'a' + u8::try_from(dice.below(26)).unwrap_or_default());
    let (before, after) = word.split_at(at);
    match dice.below(3) {
        0 => format!("{before}{letter}{}", &after[1..]),
        1 => format!("{before}{}", &after[1..]),
        _ => format!("{before}{letter}{after}"),
    }
}
