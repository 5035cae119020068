//! One word for one thing: the glossary's banned words must not creep back in, in code or in prose.

use std::collections::BTreeMap;

use super::Finding;
use super::exceptions::Exceptions;
use super::tree::Tree;

/// What is not said, and what is said instead.
const BANNED: [(&str, &str); 4] = [
    ("job", "task"),
    ("sink", "destination"),
    ("datasource", "source"),
    ("bookmark", "cursor"),
];

pub(super) fn check(tree: &Tree, exceptions: &Exceptions) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut used = vec![false; exceptions.words.len()];
    for file in tree.with_endings(&["rs", "sql", "ts", "tsx", "md"]) {
        // Where each stands first, and how often.
        let mut found: BTreeMap<Banned<'_>, (usize, usize)> = BTreeMap::new();
        for (number, line) in file.lines() {
            for banned in banned_words(line) {
                match exceptions
                    .words
                    .iter()
                    .position(|one| one.allows(banned.identifier, &file.path))
                {
                    Some(index) => used[index] = true,
                    None => found.entry(banned).or_insert((number, 0)).1 += 1,
                }
            }
        }
        for (banned, (line, count)) in found {
            let times = if count > 1 {
                format!(" ({count} times)")
            } else {
                String::new()
            };
            let Banned {
                identifier,
                word,
                instead,
            } = banned;
            let what = format!("`{identifier}`{times}: the glossary says `{instead}`, not `{word}`");
            findings.push(Finding::new(&file.path, line, what));
        }
    }
    for (entry, _) in exceptions.words.iter().zip(used).filter(|(_, used)| !used) {
        let name = entry.identifier.as_ref().or(entry.path.as_ref());
        let what = format!(
            "[[word]] `{}` allows nothing any more: remove it",
            name.map_or("", String::as_str)
        );
        findings.push(Finding::new("tidy.toml", 0, what));
    }
    findings
}

/// An identifier that contains a banned word.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Banned<'a> {
    identifier: &'a str,
    word: &'static str,
    instead: &'static str,
}

fn banned_words(line: &str) -> impl Iterator<Item = Banned<'_>> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|identifier| !identifier.is_empty())
        .filter_map(|identifier| {
            let (word, instead) = BANNED.iter().find(|(word, _)| says(identifier, word))?;
            Some(Banned {
                identifier,
                word,
                instead,
            })
        })
}

/// Whether one of the identifier's words is `banned` or its plural. `JobId`, `sync_jobs` and `JOB` say `job`.
fn says(identifier: &str, banned: &str) -> bool {
    words_of(identifier)
        .iter()
        .any(|word| word == banned || word.strip_suffix('s') == Some(banned))
}

/// The words of `snake_case`, `SHOUTING_CASE` and `CamelCase`, in lower case.
fn words_of(identifier: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = '_';
    for letter in identifier.chars() {
        let starts_word = letter == '_' || (letter.is_uppercase() && before.is_lowercase());
        if starts_word {
            words.push(String::new());
        }
        if letter != '_'
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    words
}
