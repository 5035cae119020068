//! The repository's text files, read once.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Folders that never hold anything of ours, wherever they stand.
const FOREIGN_FOLDERS: [&str; 3] = ["target", "node_modules", ".git"];

/// Folders of recorded or borrowed input: the words in them are not ours.
const INPUT_FOLDERS: [&str; 6] = ["fixtures", "recordings", "expected", "corpus", "snapshots", "inputs"];

/// What counts as text that people write here.
const TEXT_ENDINGS: [&str; 13] = [
    "rs", "sql", "ts", "tsx", "mjs", "css", "html", "md", "toml", "yaml", "yml", "sh", "service",
];

/// Files that are text although their names have no ending.
const TEXT_NAMES: [&str; 2] = ["Makefile", ".ci/run"];

/// Larger files are data.
const BYTES_MAX: u64 = 1024 * 1024;

/// All of it.
pub(super) struct Tree {
    pub(super) root: PathBuf,
    pub(super) files: Vec<TextFile>,
}

/// One file that a person wrote.
pub(super) struct TextFile {
    /// From the root, parted by `/`.
    pub(super) path: String,
    pub(super) text: String,
}

impl Tree {
    /// Reads every text file that is neither ignored by git nor in `generated`.
    pub(super) fn read(root: &Path, generated: &[String]) -> Result<Self> {
        let mut tree = Self {
            root: root.to_path_buf(),
            files: Vec::new(),
        };
        let ignored = fs::read_to_string(root.join(".gitignore")).unwrap_or_default();
        let mut skipped: Vec<&str> = ignored.lines().filter_map(|line| line.strip_prefix('/')).collect();
        skipped.extend(generated.iter().map(String::as_str));
        tree.read_folder(root, "", &skipped)?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    /// The files whose names end with one of `endings`.
    pub(super) fn with_endings<'a>(&'a self, endings: &'a [&str]) -> impl Iterator<Item = &'a TextFile> {
        self.files.iter().filter(|file| endings.contains(&file.ending()))
    }

    /// The file at `path`.
    pub(super) fn find(&self, path: &str) -> Option<&TextFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The names of the folders in `folder`, sorted; none where there is no such folder.
    pub(super) fn folders_in(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.root.join(folder)).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries
            .filter(|entry| entry.path().is_dir())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort();
        names
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str, skipped: &[&str]) -> Result<()> {
        let entries = fs::read_dir(folder).with_context(|| format!("could not list `{}`", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let path = format!("{prefix}{name}");
            if skipped.contains(&path.as_str()) {
                continue;
            }
            let kind = entry.file_type()?;
            if kind.is_dir() {
                let is_input = INPUT_FOLDERS.contains(&name.as_str());
                if !is_input && !FOREIGN_FOLDERS.contains(&name.as_str()) {
                    self.read_folder(&entry.path(), &format!("{path}/"), skipped)?;
                }
            } else if kind.is_file() && is_text(&path) && entry.metadata()?.len() <= BYTES_MAX {
                let text = fs::read_to_string(entry.path()).with_context(|| format!("could not read `{path}`"))?;
                self.files.push(TextFile { path, text });
            }
        }
        Ok(())
    }
}

impl TextFile {
    /// What stands after the last dot of the name; empty without one.
    pub(super) fn ending(&self) -> &str {
        ending_of(&self.path)
    }

    /// The lines with their numbers, from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// Whether the file holds tests or what only tests use.
    pub(super) fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs")
            || self.path.starts_with("crates/testkit/")
            || ["/tests/", "/benches/", "/examples/"]
                .iter()
                .any(|folder| self.path.contains(folder))
    }
}

fn ending_of(path: &str) -> &str {
    path.rsplit('/')
        .next()
        .and_then(|name| name.rsplit_once('.'))
        .map_or("", |(_, ending)| ending)
}

fn is_text(path: &str) -> bool {
    TEXT_ENDINGS.contains(&ending_of(path)) || TEXT_NAMES.contains(&path)
}
