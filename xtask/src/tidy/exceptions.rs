//! `tidy.toml`: what is allowed in spite of a rule, why, and which files are generated.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use toml::{Table, Value};

/// The file, read. A repository without one allows nothing.
#[derive(Debug, Default)]
pub(super) struct Exceptions {
    /// Files that are longer than the limit, and how long they are.
    pub(super) lengths: BTreeMap<String, usize>,
    /// Banned words that a foreign name forces on us.
    pub(super) words: Vec<WordException>,
    /// Files that a command writes.
    pub(super) generated: Vec<Generated>,
}

/// A place where a banned word may stand.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WordException {
    /// The whole identifier, such as `SinkExt`; `None` allows every word in `path`.
    pub(super) identifier: Option<String>,
    /// A file, or a folder with its trailing `/`; `None` allows `identifier` everywhere.
    pub(super) path: Option<String>,
}

/// A file that a command writes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Generated {
    /// Where it is kept.
    pub(super) path: String,
    /// The program below the repository's root, or `xtask`, and its arguments; what it prints is the file.
    pub(super) command: Vec<String>,
}

impl WordException {
    /// Whether `identifier` may stand in the file at `path`.
    pub(super) fn allows(&self, identifier: &str, path: &str) -> bool {
        let covers = |ours: &str| path == ours || (ours.ends_with('/') && path.starts_with(ours));
        self.identifier.as_deref().is_none_or(|ours| ours == identifier) && self.path.as_deref().is_none_or(covers)
    }
}

impl Exceptions {
    pub(super) fn read(root: &Path) -> Result<Self> {
        let file = root.join("tidy.toml");
        if !file.exists() {
            return Ok(Self::default());
        }
        let text = fs::read_to_string(&file).context("could not read tidy.toml")?;
        Self::parse(&text).context("tidy.toml")
    }

    pub(super) fn generated_paths(&self) -> Vec<String> {
        self.generated.iter().map(|one| one.path.clone()).collect()
    }

    fn parse(text: &str) -> Result<Self> {
        let mut exceptions = Self::default();
        for (key, value) in text.parse::<Table>()? {
            match (key.as_str(), value) {
                ("length", Value::Table(table)) => {
                    for (path, lines) in table {
                        let lines = lines.as_integer().and_then(|lines| usize::try_from(lines).ok());
                        let lines = lines.with_context(|| format!("`{path}`: expected a number of lines"))?;
                        exceptions.lengths.insert(path, lines);
                    }
                }
                ("word", Value::Array(entries)) => {
                    for entry in entries {
                        exceptions.words.push(word_exception(&entry)?);
                    }
                }
                ("generated", Value::Array(entries)) => {
                    for entry in entries {
                        exceptions.generated.push(generated(&entry)?);
                    }
                }
                (other, _) => bail!("unknown key `{other}`: expected [length], [[word]] or [[generated]]"),
            }
        }
        Ok(exceptions)
    }
}

fn word_exception(entry: &Value) -> Result<WordException> {
    let text_of = |key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
    let (identifier, path) = (text_of("identifier"), text_of("path"));
    if identifier.is_none() && path.is_none() {
        bail!("a [[word]] names an `identifier`, a `path`, or both");
    }
    if text_of("reason").is_none_or(|reason| reason.is_empty()) {
        bail!("a [[word]] says its `reason`");
    }
    Ok(WordException { identifier, path })
}

fn generated(entry: &Value) -> Result<Generated> {
    let path = entry.get("path").and_then(Value::as_str);
    let command = entry.get("command").and_then(Value::as_array);
    let (Some(path), Some(command)) = (path, command) else {
        bail!("a [[generated]] names its `path` and its `command`");
    };
    let command: Vec<String> = command.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if command.is_empty() {
        bail!("`{path}`: the command is empty");
    }
    Ok(Generated {
        path: path.to_owned(),
        command,
    })
}
