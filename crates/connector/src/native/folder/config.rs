//! The configuration of a folder source, checked key by key.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::Error;
use crate::suggest;

/// Larger files are found by their name only, unless the configuration says otherwise: 64 MiB.
pub const FILE_BYTES_MAX: u64 = 64 << 20;

/// Every key that a configuration may have.
const KEYS: [&str; 8] = [
    "path",
    "include",
    "exclude",
    "follow_symlinks",
    "hidden",
    "gitignore",
    "default_excludes",
    "max_file_bytes",
];

/// What a folder source reads.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in the form that people fill in"
)]
pub struct FolderConfig {
    /// The folder; an absolute path.
    pub path: PathBuf,
    /// Patterns of the files that are taken; none means all.
    pub include: Vec<String>,
    /// Patterns of files and folders that are left out.
    pub exclude: Vec<String>,
    /// Whether symbolic links are followed, as far as they stay below this folder or an approved root.
    pub follow_symlinks: bool,
    /// Whether files and folders whose name begins with a dot are taken.
    pub hidden: bool,
    /// Whether what a `.gitignore` inside the folder names is left out.
    pub gitignore: bool,
    /// Whether version control, credentials, caches and fetched dependencies are left out.
    pub default_excludes: bool,
    /// Files above this many bytes are found by their name only.
    pub max_file_bytes: u64,
}

impl FolderConfig {
    /// The configuration of `path` with everything else left at its default.
    pub fn of(path: PathBuf) -> Self {
        Self {
            path,
            include: Vec::new(),
            exclude: Vec::new(),
            follow_symlinks: false,
            hidden: false,
            gitignore: true,
            default_excludes: true,
            max_file_bytes: FILE_BYTES_MAX,
        }
    }

    /// Reads a configuration. An unknown key or a wrong type is an error that names the key and the way out.
    pub fn parse(config: &Value) -> Result<Self, Error> {
        let Some(fields) = config.as_object() else {
            return Err(wrong(
                "the folder's configuration must be an object such as {\"path\": \"/srv/documents\"}",
            ));
        };
        if let Some(unknown) = fields.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(wrong(format!(
                "unknown key `{unknown}` in the folder's configuration; {}",
                suggest::hint(unknown, &KEYS)
            )));
        }
        let Some(path) = fields
            .get("path")
            .and_then(Value::as_str)
            .filter(|path| !path.is_empty())
        else {
            return Err(wrong(
                "the folder's configuration lacks `path`, the folder to search, such as `/srv/documents`",
            ));
        };
        let path = PathBuf::from(path);
        if !path.is_absolute() {
            return Err(wrong(format!(
                "`path` is `{}`, but must be absolute, such as `/srv/documents`",
                path.display()
            )));
        }
        let defaults = Self::of(path);
        Ok(Self {
            include: patterns(fields, "include")?,
            exclude: patterns(fields, "exclude")?,
            follow_symlinks: flag(fields, "follow_symlinks", defaults.follow_symlinks)?,
            hidden: flag(fields, "hidden", defaults.hidden)?,
            gitignore: flag(fields, "gitignore", defaults.gitignore)?,
            default_excludes: flag(fields, "default_excludes", defaults.default_excludes)?,
            max_file_bytes: bytes(fields, "max_file_bytes", defaults.max_file_bytes)?,
            path: defaults.path,
        })
    }

    /// The JSON Schema of a configuration, from which forms are drawn.
    pub fn schema() -> Value {
        let patterns = |title: &str, description: &str| json!({"type": "array", "items": {"type": "string"}, "default": [], "title": title, "description": description});
        json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["path"],
            "properties": {
                "path": {"type": "string", "title": "Folder", "description": "An absolute path on the machine that runs the server.", "examples": ["/srv/documents"]},
                "include": patterns("Only these files", "Patterns such as `*.pdf` or `reports/**`; empty: all files."),
                "exclude": patterns("Leave out", "Patterns of files and folders, such as `archive/` or `*.tmp`."),
                "hidden": {"type": "boolean", "default": false, "title": "Hidden files", "description": "Take files and folders whose name begins with a dot."},
                "gitignore": {"type": "boolean", "default": true, "title": "Honour .gitignore", "description": "Leave out what a `.gitignore` inside the folder names."},
                "default_excludes": {"type": "boolean", "default": true, "title": "Default exclusions", "description": "Leave out version control, credentials, caches and fetched dependencies. Only an administrator may switch this off."},
                "follow_symlinks": {"type": "boolean", "default": false, "title": "Follow symbolic links", "description": "As far as they stay below the folder or an approved root."},
                "max_file_bytes": {"type": "integer", "minimum": 1, "default": FILE_BYTES_MAX, "title": "Largest file", "description": "In bytes; larger files are found by their name only."}
            }
        })
    }
}

fn patterns(fields: &Map<String, Value>, key: &str) -> Result<Vec<String>, Error> {
    let Some(value) = fields.get(key).filter(|value| !value.is_null()) else {
        return Ok(Vec::new());
    };
    let Some(items) = value.as_array() else {
        return Err(wrong(format!(
            "`{key}` must be a list of patterns such as [\"*.pdf\", \"reports/**\"]"
        )));
    };
    let mut patterns = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        match item.as_str().map(str::trim) {
            Some(pattern) if !pattern.is_empty() => patterns.push(pattern.to_owned()),
            _ => return Err(wrong(format!("`{key}[{place}]` must be a pattern such as `*.pdf`"))),
        }
    }
    Ok(patterns)
}

fn flag(fields: &Map<String, Value>, key: &str, default: bool) -> Result<bool, Error> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(default),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(other) => Err(wrong(format!("`{key}` is `{other}`, but must be true or false"))),
    }
}

fn bytes(fields: &Map<String, Value>, key: &str, default: u64) -> Result<u64, Error> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(default),
        Some(value) => match value.as_u64() {
            Some(bytes) if bytes > 0 => Ok(bytes),
            _ => Err(wrong(format!(
                "`{key}` is `{value}`, but must be a number of bytes above 0, such as {default}"
            ))),
        },
    }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::FixConfiguration(message.into())
}
