//! Why a file yields no text, by what can be done about it.

use serde::{Deserialize, Serialize};

use crate::{Format, Limits, MediaType};

/// Why a file yields no text. Every message names the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Error {
    /// The file can't be opened or read: try again, or see to its permissions.
    #[error("`{name}` can't be read: {why}")]
    Unreadable {
        /// The file.
        name: String,
        /// What the operating system says.
        why: String,
    },
    /// Nothing reads this format: search the file by its name alone.
    #[error("`{name}` is `{media_type}`, from which no text can be read")]
    Unsupported {
        /// The file.
        name: String,
        /// What it is.
        media_type: String,
    },
    /// The file is encrypted: its owner can save it without a password.
    #[error("`{name}` is protected by a password: save a copy without one")]
    Protected {
        /// The file.
        name: String,
    },
    /// The file is not what its format asks for: its owner can repair it or save it anew.
    #[error("`{name}` is damaged: {why}")]
    Damaged {
        /// The file.
        name: String,
        /// What is wrong, and where.
        why: String,
    },
    /// The file, or what it unpacks to, is larger than the limits allow: raise them or leave the file out.
    #[error("`{name}` is too large: {why}")]
    TooLarge {
        /// The file.
        name: String,
        /// What is too large, and the limit.
        why: String,
    },
    /// The file nests deeper than the limits allow.
    #[error("`{name}` nests its contents more than {depth_max} levels deep")]
    TooDeep {
        /// The file.
        name: String,
        /// The limit.
        depth_max: usize,
    },
    /// The time limit ended the child process.
    #[error("`{name}` took longer than {time_ms_max} ms to read")]
    TimedOut {
        /// The file.
        name: String,
        /// The limit, in milliseconds.
        time_ms_max: u64,
    },
    /// The memory limit ended the child process.
    #[error("`{name}` needs more than {memory_bytes_max} bytes of memory to read")]
    OutOfMemory {
        /// The file.
        name: String,
        /// The limit, in bytes.
        memory_bytes_max: u64,
    },
    /// The format's reader crashed over the file: a bug that is worth a report.
    #[error("reading `{name}` crashed: {why}")]
    Crashed {
        /// The file.
        name: String,
        /// How it ended.
        why: String,
    },
    /// No child process can be started, whatever the file: see to the installation, then try again.
    #[error("`{name}` was not read: {why}")]
    Unavailable {
        /// The file.
        name: String,
        /// What is wrong.
        why: String,
    },
}

impl Error {
    /// The refusal of a file of `bytes` bytes: unsupported rather than too large when nothing would read it anyway.
    pub(crate) fn too_large(name: &str, media_type: MediaType, bytes: u64, limits: &Limits) -> Self {
        let name = name.to_owned();
        if media_type.format() == Format::Unsupported {
            let media_type = media_type.to_string();
            return Self::Unsupported { name, media_type };
        }
        let why = format!("it has {bytes} bytes, the limit is {}", limits.bytes_in_max);
        Self::TooLarge { name, why }
    }

    /// The class of the failure, for grouping: the same words for the same cause.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "unreadable file",
            Self::Unsupported { .. } => "unsupported format",
            Self::Protected { .. } => "password protected",
            Self::Damaged { .. } => "damaged file",
            Self::TooLarge { .. } => "too large",
            Self::TooDeep { .. } => "nested too deeply",
            Self::TimedOut { .. } => "timed out",
            Self::OutOfMemory { .. } => "out of memory",
            Self::Crashed { .. } => "reader crashed",
            Self::Unavailable { .. } => "extraction unavailable",
        }
    }

    /// Whether the same file may well be read at another time, though nothing about it changes.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreadable { .. } | Self::Unavailable { .. })
    }
}
