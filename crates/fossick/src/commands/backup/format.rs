//! What a backup looks like: a folder or a tar archive of the same files, with `backup.json` written last. A backup
//! without it is one that was not finished.

use std::io::Read;
use std::path::{Component, Path};

use anyhow::bail;
use model::Timestamp;
use serde::{Deserialize, Serialize};

/// The list of what is in the backup.
pub(in crate::commands) const CONTENTS: &str = "backup.json";
/// The database.
pub(in crate::commands) const DATABASE: &str = store::SQLITE_FILE;
/// The key file.
pub(in crate::commands) const KEY: &str = "key";
/// The staged pages.
pub(in crate::commands) const STAGING: &str = "staging";
/// The files that settings were read from.
pub(in crate::commands) const CONFIG: &str = "config";
/// The version of this format.
const FORMAT: u32 = 1;

/// `backup.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::commands) struct Contents {
    format: u32,
    /// The version of Fossick that wrote it.
    pub(in crate::commands) version: String,
    /// When it was written.
    pub(in crate::commands) made_at: Timestamp,
    /// `sqlite`: the database is in it; `postgres`: it is elsewhere.
    pub(in crate::commands) database: String,
    /// Every other file.
    pub(in crate::commands) files: Vec<Listed>,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::commands) struct Listed {
    /// Its name: parts parted by `/`.
    pub(in crate::commands) name: String,
    /// Its length.
    pub(in crate::commands) bytes: u64,
    /// BLAKE3 of its content, in hex.
    pub(in crate::commands) hash: String,
}

impl Contents {
    /// An empty list.
    pub(super) fn new(database: &str, made_at: Timestamp) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            made_at,
            database: database.to_owned(),
            files: Vec::new(),
        }
    }

    /// Reads `backup.json`; refuses another format and names that lead elsewhere.
    pub(in crate::commands) fn parse(text: &[u8]) -> anyhow::Result<Self> {
        let contents: Self = match serde_json::from_slice(text) {
            Ok(contents) => contents,
            Err(error) => bail!("`{CONTENTS}` can't be read: {error}; it is damaged, or no backup of Fossick"),
        };
        if contents.format != FORMAT {
            bail!(
                "the backup has format {}, this version reads {FORMAT}: restore it with Fossick {}",
                contents.format,
                contents.version
            );
        }
        for file in &contents.files {
            check_name(&file.name)?;
        }
        Ok(contents)
    }
}

/// Refuses every name that a backup does not have.
pub(in crate::commands) fn check_name(name: &str) -> anyhow::Result<()> {
    let parts: Option<Vec<&str>> = Path::new(name)
        .components()
        .map(|part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        })
        .collect();
    match parts.as_deref() {
        Some([one]) if [CONTENTS, DATABASE, KEY].contains(one) => Ok(()),
        Some([CONFIG, _] | [STAGING, _, _]) => Ok(()),
        _ => bail!(
            "the backup holds `{}`, which no backup of Fossick does",
            crate::output::clean(name)
        ),
    }
}

/// Counts and hashes what is read through it.
#[derive(Debug)]
pub(in crate::commands) struct Hashing<R> {
    from: R,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl<R: Read> Hashing<R> {
    /// Reads from `from`.
    pub(in crate::commands) fn new(from: R) -> Self {
        Self {
            from,
            hasher: blake3::Hasher::new(),
            bytes: 0,
        }
    }

    /// What was read, as the file `name`.
    pub(in crate::commands) fn listed(&self, name: &str) -> Listed {
        Listed {
            name: name.to_owned(),
            bytes: self.bytes,
            hash: self.hasher.finalize().to_hex().to_string(),
        }
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    //! Names and lists.

    use super::*;

    #[test]
    fn only_names_of_a_backup_are_taken() {
        for name in [
            "fossick.db",
            "key",
            "backup.json",
            "staging/1/000000000007",
            "config/.env",
            "config/fossick.toml",
        ] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in [
            "",
            "/key",
            "../key",
            "staging/../key",
            "staging/1",
            "staging/1/2/3",
            "config/a/b",
            "lock",
            "index/x",
            "./../x",
        ] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn another_format_or_a_hostile_list_is_refused() {
        let refusal = |text: &str| Contents::parse(text.as_bytes()).unwrap_err().to_string();
        assert!(refusal("{").contains("damaged"));
        let list = |format: u32, name: &str| {
            format!(
                r#"{{"format":{format},"version":"9.0.0","made_at":0,"database":"sqlite","files":[{{"name":"{name}","bytes":1,"hash":""}}]}}"#
            )
        };
        assert!(refusal(&list(2, "key")).contains("9.0.0"));
        assert!(refusal(&list(1, "../../etc/passwd")).contains("which no backup"));
        assert!(Contents::parse(list(1, "key").as_bytes()).is_ok());
    }
}
