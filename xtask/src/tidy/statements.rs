//! SQL statements: each file is used, says its columns, and gives its reason when it serves one database alone.

use super::Finding;
use super::tree::{TextFile, Tree};

const FOLDER: &str = "crates/store/sql/";
const SOURCES: &str = "crates/store/src/";
const DIALECTS: [&str; 2] = [".postgres", ".sqlite"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let sources: Vec<&TextFile> = tree
        .with_endings(&["rs"])
        .filter(|file| file.path.starts_with(SOURCES))
        .collect();
    let mut findings = Vec::new();
    for file in tree.with_endings(&["sql"]) {
        let Some(stem) = file
            .path
            .strip_prefix(FOLDER)
            .and_then(|name| name.strip_suffix(".sql"))
        else {
            continue;
        };
        let dialect = DIALECTS.iter().find(|dialect| stem.ends_with(**dialect));
        let name = dialect.map_or(stem, |dialect| &stem[..stem.len() - dialect.len()]);
        let quoted = format!("\"{name}\"");
        if !sources.iter().any(|source| source.text.contains(&quoted)) {
            findings.push(Finding::new(
                &file.path,
                0,
                "no statement of the store uses this file: remove it",
            ));
        }
        if dialect.is_some() && !file.text.starts_with("--") {
            findings.push(Finding::new(
                &file.path,
                1,
                "a dialect's file says on its first line why it must differ",
            ));
        }
        if dialect.is_some() && tree.find(&format!("{FOLDER}{name}.sql")).is_none() {
            findings.push(Finding::new(
                &file.path,
                0,
                format!("`{name}.sql` is missing: it serves the other database"),
            ));
        }
        for (number, line) in file.lines().filter(|(_, line)| takes_all_columns(line)) {
            findings.push(Finding::new(
                &file.path,
                number,
                format!("`{}`: list the columns", line.trim()),
            ));
        }
    }
    findings
}

fn takes_all_columns(line: &str) -> bool {
    let line = line.to_lowercase();
    // A subquery that lists its columns may be taken whole.
    let line = line.replace("select * from (", "");
    ["select *", "returning *", ".*"].iter().any(|all| line.contains(all)) && !line.trim_start().starts_with("--")
}
