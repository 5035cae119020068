//! Why a file yields no text, and what can be done about it.
//!
//! A message is put together in one place: the file, what is wrong in plain words, the way out, and in brackets what a
//! library says, for a report. Each part is a `match` over all variants, so that none can be without its way out.

use std::fmt;
use std::io;

use model::Size;
use serde::{Deserialize, Serialize};

use crate::{Format, Limits, MediaType};

/// Longest words of a library that are kept, in characters.
const DETAIL_CHARS_MAX: usize = 200;

/// Why a file yields no text. Every message names the file and the way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Error {
    /// The file can't be opened or read: try again, or see to its permissions.
    Unreadable {
        /// The file.
        name: String,
        /// What is wrong, in plain words.
        why: String,
        /// What the operating system says, if more than that.
        #[serde(default)]
        detail: Option<String>,
    },
    /// Nothing reads this format: search the file by its name alone.
    Unsupported {
        /// The file.
        name: String,
        /// What it is.
        media_type: String,
    },
    /// The file is encrypted: its owner can save it without a password.
    Protected {
        /// The file.
        name: String,
    },
    /// The file is not what its format asks for: its owner can repair it or save it anew.
    Damaged {
        /// The file.
        name: String,
        /// What is wrong, and where, in plain words.
        why: String,
        /// What the format's library says.
        #[serde(default)]
        detail: Option<String>,
    },
    /// The file, or what it unpacks to, is larger than the limits allow: split it or leave it out.
    TooLarge {
        /// The file.
        name: String,
        /// What is too large, and the limit.
        why: String,
    },
    /// The file nests deeper than the limits allow.
    TooDeep {
        /// The file.
        name: String,
        /// The limit.
        depth_max: usize,
    },
    /// The time limit ended the child process.
    TimedOut {
        /// The file.
        name: String,
        /// The limit, in milliseconds.
        time_ms_max: u64,
    },
    /// The memory limit ended the child process.
    OutOfMemory {
        /// The file.
        name: String,
        /// The limit, in bytes.
        memory_bytes_max: u64,
    },
    /// The format's reader crashed over the file: a bug that is worth a report.
    Crashed {
        /// The file.
        name: String,
        /// How it ended, in the words of a library or of this crate.
        why: String,
    },
    /// No child process can be started, whatever the file: see to the installation, then try again.
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
        let (size, limit) = (Size(bytes), Size(limits.bytes_in_max));
        let why = format!("it has {size}, and files of its kind are read up to {limit}");
        Self::TooLarge { name, why }
    }

    /// What the operating system's refusal means.
    pub(crate) fn unreadable(name: &str, error: &io::Error) -> Self {
        let (why, detail) = match error.kind() {
            io::ErrorKind::NotFound => ("it is not there any more", None),
            io::ErrorKind::PermissionDenied => ("the account that runs Fossick has no permission", None),
            _ => ("its disk does not give it", Some(error.to_string())),
        };
        Self::Unreadable {
            name: name.to_owned(),
            why: why.to_owned(),
            detail,
        }
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

    /// The file.
    pub fn name(&self) -> &str {
        match self {
            Self::Unreadable { name, .. }
            | Self::Unsupported { name, .. }
            | Self::Protected { name }
            | Self::Damaged { name, .. }
            | Self::TooLarge { name, .. }
            | Self::TooDeep { name, .. }
            | Self::TimedOut { name, .. }
            | Self::OutOfMemory { name, .. }
            | Self::Crashed { name, .. }
            | Self::Unavailable { name, .. } => name,
        }
    }

    /// What is wrong, as it goes on after the file's name.
    pub fn cause(&self) -> String {
        match self {
            Self::Unreadable { why, .. } => format!("can't be read: {why}"),
            Self::Unsupported { media_type, .. } => {
                format!("is of a kind that is not read (`{media_type}`): only its name and path are searched")
            }
            Self::Protected { .. } => "is protected by a password".to_owned(),
            Self::Damaged { why, .. } => format!("is damaged: {why}"),
            Self::TooLarge { why, .. } => format!("is too large: {why}"),
            Self::TooDeep { depth_max, .. } => format!("nests its contents more than {depth_max} levels deep"),
            Self::TimedOut { time_ms_max, .. } if time_ms_max % 1000 == 0 => {
                format!("took longer than {} s to read", time_ms_max / 1000)
            }
            Self::TimedOut { time_ms_max, .. } => format!("took longer than {time_ms_max} ms to read"),
            Self::OutOfMemory { memory_bytes_max, .. } => {
                format!("needs more than {} of memory to read", Size(*memory_bytes_max))
            }
            Self::Crashed { .. } => "makes its reader crash".to_owned(),
            Self::Unavailable { why, .. } => format!("was not read: {why}"),
        }
    }

    /// What a person can do about it.
    pub fn way_out(&self) -> String {
        let remedy = self.remedy();
        match self {
            // The one is worth mending, and with the other nothing is wrong.
            Self::Damaged { .. } | Self::Unavailable { .. } => remedy.to_owned(),
            _ if remedy.is_empty() => "`exclude` leaves it out".to_owned(),
            _ => format!("{remedy}, or leave it out with `exclude`"),
        }
    }

    /// What makes the file readable; nothing where only another file would be.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "see to that and sync again",
            Self::Unsupported { media_type, .. } => match media_type.as_str() {
                "application/msword" => "save a copy of it as DOCX",
                "application/vnd.ms-powerpoint" => "save a copy of it as PPTX",
                "application/vnd.ms-outlook" => "save a copy of it as EML",
                _ => "",
            },
            Self::Protected { .. } => "save a copy without the password",
            Self::Damaged { .. } => "open it and save it anew, or copy it again from where it came from",
            Self::TooDeep { .. } => "save it in a simpler form",
            Self::TooLarge { .. } | Self::TimedOut { .. } | Self::OutOfMemory { .. } => "split it",
            Self::Crashed { .. } => "open it and save it anew, and report the fault if that does not help",
            Self::Unavailable { .. } => "sync again; if that does not help, restart Fossick",
        }
    }

    /// What a library or the operating system says of it, in its own words: for a report.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Unreadable { detail, .. } | Self::Damaged { detail, .. } => detail.as_deref(),
            Self::Crashed { why, .. } => Some(why),
            Self::Unsupported { .. }
            | Self::Protected { .. }
            | Self::TooLarge { .. }
            | Self::TooDeep { .. }
            | Self::TimedOut { .. }
            | Self::OutOfMemory { .. }
            | Self::Unavailable { .. } => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}; {}", self.name(), self.cause(), self.way_out())?;
        match self.detail() {
            Some(detail) => write!(f, " ({})", shortened(detail)),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

/// A library's words on one line, and not too many of them.
fn shortened(words: &str) -> String {
    let mut line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(DETAIL_CHARS_MAX) {
        line.truncate(end);
        line.push('…');
    }
    line
}
