//! One word for one thing: the glossary's banned words must not creep back in, in code or in prose.

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
        for (number, line) in file.lines() {
            for (identifier, banned, instead) in banned_words(line) {
                let allowed = exceptions.words.iter().position(|one| {
                    one.identifier.as_deref().is_none_or(|allowed| allowed == identifier)
                        && one.path.as_deref().is_none_or(|path| covers(path, &file.path))
                });
                if let Some(index) = allowed {
                    used[index] = true;
                } else {
                    let what = format!("`{identifier}`: the glossary says `{instead}`, not `{banned}`");
                    findings.push(Finding::new(&file.path, number, what));
                }
            }
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

fn covers(allowed: &str, path: &str) -> bool {
    path == allowed || (allowed.ends_with('/') && path.starts_with(allowed))
}

/// The identifiers of the line that contain a banned word: the identifier, the word, the word to use instead.
fn banned_words(line: &str) -> Vec<(&str, &'static str, &'static str)> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|identifier| !identifier.is_empty())
        .filter_map(|identifier| {
            let (banned, instead) = BANNED.iter().find(|(banned, _)| says(identifier, banned))?;
            Some((identifier, *banned, *instead))
        })
        .collect()
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
