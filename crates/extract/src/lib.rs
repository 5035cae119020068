//! Bytes and a media type become text, a title, authors: one file per format, pure and synchronous.
//!
//! Two ways in. [`extract`] parses in this process; it trusts nothing that a file says of itself, but a parser of
//! somebody else's may still loop, swallow memory or abort. [`pool::ExtractPool`] therefore runs [`extract`] in child
//! processes of the same binary ([`child::run`]), which may die without harm: every server uses the pool.

pub mod child;
mod compound;
mod delimited;
mod docx;
mod epub;
mod error;
mod frame;
mod html;
mod json;
mod limits;
mod mail;
mod markdown;
mod media_type;
mod opendocument;
mod package;
mod pdf;
pub mod pool;
mod pptx;
mod rtf;
mod sheet;
mod text;
mod xml;

use std::cell::Cell;

use serde::{Deserialize, Serialize};

pub use error::Error;
pub use limits::Limits;
pub use media_type::{FIRST_BYTES, Format, MediaType, detect};

/// The version of the readers: grows whenever they would find more in the same file.
pub const VERSION: u32 = 4;

/// What was found in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extracted {
    /// Plain text, at most [`Limits::text_bytes_max`] bytes. Lines end with `\n`; table cells are parted by tabs.
    pub text: String,
    /// The document's own title, on one line.
    pub title: Option<String>,
    /// The document's own authors; of a message, its sender and then its recipients.
    pub authors: Vec<String>,
    /// Number of pages, sheets or slides.
    pub pages: Option<u32>,
    /// Whether part of the text is missing: beyond a limit, or on pages that could not be read.
    pub truncated: bool,
    /// What the file turned out to be, whatever its name said.
    pub media_type: MediaType,
}

/// Reads a whole file in this process.
///
/// `name` is what messages call the file, and its extension counts where the bytes say nothing. `media_type` is what
/// is believed about the file; the bytes win where they are unmistakable. [`Error::Unsupported`] means that only the
/// file's name can be searched.
pub fn extract(name: &str, media_type: MediaType, bytes: &[u8], limits: &Limits) -> Result<Extracted, Error> {
    read_part(name, &Part::of(name, media_type, bytes, limits)?, limits)
}

/// Reads as much of a file as there is.
fn read_part(name: &str, part: &Part<'_>, limits: &Limits) -> Result<Extracted, Error> {
    read(&File {
        name,
        media_type: part.media_type,
        bytes: part.bytes,
        is_beginning: part.is_beginning,
        limits,
        budget: &Budget::of(limits),
        messages: 0,
    })
}

/// What is left for a file and everything in it together: all that is attached to a message shares it.
#[derive(Debug)]
struct Budget {
    /// Bytes that archives may unpack to.
    unpacked_bytes: Cell<u64>,
    /// Attachments that are read.
    attachments: Cell<usize>,
}

impl Budget {
    fn of(limits: &Limits) -> Self {
        Self {
            // Half the memory is left to whoever reads what is unpacked.
            unpacked_bytes: Cell::new(limits.memory_bytes_max / 2),
            attachments: Cell::new(limits.attachments_max),
        }
    }
}

/// What a format's reader is given.
#[derive(Debug, Clone, Copy)]
struct File<'a> {
    name: &'a str,
    media_type: MediaType,
    bytes: &'a [u8],
    /// Whether `bytes` are only the file's beginning.
    is_beginning: bool,
    limits: &'a Limits,
    budget: &'a Budget,
    /// How many messages are around it.
    messages: usize,
}

impl File<'_> {
    /// The refusal of a file that lacks something, or has something that it may not have.
    fn damaged(&self, why: impl Into<String>) -> Error {
        Error::Damaged {
            name: self.name.to_owned(),
            why: why.into(),
            detail: None,
        }
    }

    /// The same where a library found it: `why` says in plain words what can't be read.
    fn damaged_as(&self, why: impl Into<String>, said: &dyn std::fmt::Display) -> Error {
        Error::Damaged {
            name: self.name.to_owned(),
            why: why.into(),
            detail: Some(said.to_string()),
        }
    }

    fn protected(&self) -> Error {
        Error::Protected {
            name: self.name.to_owned(),
        }
    }

    fn unsupported(&self) -> Error {
        Error::Unsupported {
            name: self.name.to_owned(),
            media_type: self.media_type.to_string(),
        }
    }
}

/// As much of a file as may be read: of text its beginning, of anything else all or nothing.
#[derive(Debug)]
struct Part<'a> {
    media_type: MediaType,
    bytes: &'a [u8],
    is_beginning: bool,
}

impl<'a> Part<'a> {
    fn of(name: &str, media_type: MediaType, bytes: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        let media_type = MediaType::settle(name, media_type, bytes);
        let bytes_max = usize::try_from(limits.bytes_in_max).unwrap_or(usize::MAX);
        if bytes.len() <= bytes_max {
            return Ok(Self {
                media_type,
                bytes,
                is_beginning: false,
            });
        }
        if !media_type.format().is_text() {
            return Err(Error::too_large(name, media_type, bytes.len() as u64, limits));
        }
        Ok(Self {
            media_type,
            bytes: &bytes[..bytes_max],
            is_beginning: true,
        })
    }
}

fn read(file: &File<'_>) -> Result<Extracted, Error> {
    // Nothing is in it, whatever its name promises.
    if file.bytes.is_empty() {
        return Ok(text::extract(file));
    }
    match file.media_type.format() {
        Format::Text | Format::Code => Ok(text::extract(file)),
        Format::Markdown => Ok(markdown::extract(file)),
        Format::Html => Ok(html::extract(file)),
        Format::Xml => xml::extract(file),
        Format::Json => Ok(json::extract(file)),
        Format::Delimited => Ok(delimited::extract(file)),
        Format::Mail => mail::extract(file),
        Format::Rtf => Ok(rtf::extract(file)),
        Format::Pdf => pdf::extract(file),
        Format::Docx => docx::extract(file),
        Format::Pptx => pptx::extract(file),
        Format::Sheet => sheet::extract(file),
        Format::OpenDocument => opendocument::extract(file),
        Format::Epub => epub::extract(file),
        Format::Compound => compound::extract(file),
        Format::Zip => {
            let media_type = package::find_type(file).unwrap_or(file.media_type);
            if media_type.format() == Format::Zip {
                return Err(file.unsupported());
            }
            read(&File { media_type, ..*file })
        }
        Format::Unsupported => Err(file.unsupported()),
    }
}
