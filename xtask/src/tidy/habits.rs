//! Things that are easily written and hard to find again: skipped tests, notes to nobody, paths of one machine, and
//! the environment read where only the binary may.

use std::path::Path;

use super::Finding;
use super::tree::{TextFile, Tree};

// In two parts, so that this file does not find itself.
const IGNORED_TEST: &str = concat!("#[", "ignore");
const NOTES: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// How code asks for its environment.
const ENVIRONMENT: [&str; 4] = ["env::var", "env::vars", "env::set_var", "env::remove_var"];

/// Homes of people, whose names nobody else has.
const HOMES: [&str; 2] = [concat!("/", "root", "/"), concat!("/", "Users", "/")];

/// Folders that every machine has: a checkout right below one of them does not make its name private.
const SHARED_FOLDERS: [&str; 8] = ["/", "/home", "/mnt", "/opt", "/srv", "/tmp", "/usr/src", "/var/tmp"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let places = machine_places(&tree.root);
    let mut findings = Vec::new();
    for file in &tree.files {
        for (number, line) in file.lines() {
            for what in [skipped_test(file, line), note(file, line), environment(file, line)] {
                findings.extend(what.map(|what| Finding::new(&file.path, number, what)));
            }
            if let Some(place) = places.iter().find(|place| names_path(line, place)) {
                let what = format!("`{place}` is a path of one machine: nobody else has it");
                findings.push(Finding::new(&file.path, number, what));
            }
        }
    }
    findings
}

fn skipped_test(file: &TextFile, line: &str) -> Option<&'static str> {
    let is_one = file.ending() == "rs" && line.trim_start().starts_with(IGNORED_TEST);
    is_one.then_some("an ignored test tests nothing: mend it or remove it")
}

fn note(file: &TextFile, line: &str) -> Option<&'static str> {
    let is_code = ["rs", "sql", "ts", "tsx", "mjs", "css", "sh"].contains(&file.ending());
    let is_bare = |note: &&str| {
        line.match_indices(*note).any(|(at, _)| {
            let after = &line[at + note.len()..];
            let stands_alone = !line[..at].ends_with(is_word) && !after.starts_with(is_word);
            stands_alone && !after.starts_with("(#")
        })
    };
    (is_code && NOTES.iter().any(is_bare)).then_some("a note to nobody: name an issue, as in `(#123)`")
}

fn environment(file: &TextFile, line: &str) -> Option<&'static str> {
    let is_bound = file.path.starts_with("crates/") && !file.path.starts_with("crates/fossick/") && !file.is_test();
    let asks = !line.trim_start().starts_with("//") && ENVIRONMENT.iter().any(|ask| line.contains(ask));
    (is_bound && file.ending() == "rs" && asks).then_some("only the binary reads the environment: take an argument")
}

/// The folders that only this machine has: people's homes, the checkout and the folder that it stands in.
fn machine_places(root: &Path) -> Vec<String> {
    let mut places: Vec<String> = HOMES.iter().map(|home| (*home).to_owned()).collect();
    let folders = [Some(root), root.parent()];
    for folder in folders.into_iter().flatten().filter_map(Path::to_str) {
        if !SHARED_FOLDERS.contains(&folder) {
            places.push(format!("{folder}/"));
        }
    }
    places
}

/// Whether the line names something below `place`, and not merely a longer path or address that contains it.
fn names_path(line: &str, place: &str) -> bool {
    line.match_indices(place)
        .any(|(at, _)| !line[..at].ends_with(|c: char| is_word(c) || matches!(c, '.' | '-' | '~' | '}' | ')' | '*')))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
