//! What a file is: the one table of media types, extensions and signatures.
//!
//! Bytes win over extensions where they are unmistakable, because people rename files. An extension only decides
//! between formats that look alike, such as the many kinds of plain text.

mod signature;
mod table;

use std::path::Path;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use table::{EXTENSIONLESS, ROWS, Row};

/// How many of a file's first bytes [`detect`] wants to see; more do no harm.
pub const FIRST_BYTES: usize = 8 * 1024;

/// Which reader takes a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Plain text.
    Text,
    /// Source code and configuration: text whose lines are kept as they are.
    Code,
    /// Markdown.
    Markdown,
    /// HTML and XHTML.
    Html,
    /// XML of any kind.
    Xml,
    /// One JSON value, or one per line.
    Json,
    /// Cells parted by commas, semicolons or tabs.
    Delimited,
    /// A message with headers, as mail programs save it.
    Mail,
    /// Rich text.
    Rtf,
    /// PDF.
    Pdf,
    /// A word processor's document in Office Open XML.
    Docx,
    /// Slides in Office Open XML.
    Pptx,
    /// Sheets: Office Open XML, `OpenDocument` and the old binary form.
    Sheet,
    /// A text or slides in `OpenDocument`.
    OpenDocument,
    /// An electronic book.
    Epub,
    /// A ZIP archive that may turn out to be one of the above.
    Zip,
    /// An old binary container of office programs that may turn out to be one of the above.
    Compound,
    /// Nothing reads it.
    Unsupported,
}

impl Format {
    /// Whether a beginning of the file is as readable as the whole.
    pub fn is_text(self) -> bool {
        matches!(
            self,
            Self::Text
                | Self::Code
                | Self::Markdown
                | Self::Html
                | Self::Xml
                | Self::Json
                | Self::Delimited
                | Self::Mail
                | Self::Rtf
        )
    }
}

/// A media type that the table knows. Serialises as its name.
#[derive(Clone, Copy)]
pub struct MediaType {
    row: &'static Row,
}

impl MediaType {
    /// Bytes of which nothing is known.
    pub const UNKNOWN: Self = Self { row: &table::UNKNOWN };
    /// Plain text.
    pub const TEXT: Self = Self { row: &table::TEXT };

    /// The type of that name; parameters such as `; charset=…` are ignored. An unknown `text/…` is plain text,
    /// anything else unknown is [`MediaType::UNKNOWN`].
    pub fn from_name(name: &str) -> Self {
        let name = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if let Some(row) = ROWS.iter().find(|row| row.names.contains(&name.as_str())) {
            return Self { row };
        }
        if name.ends_with("+json") {
            return Self::known("application/json");
        }
        if name.ends_with("+xml") {
            return Self::known("application/xml");
        }
        if name.starts_with("text/") {
            Self::TEXT
        } else {
            Self::UNKNOWN
        }
    }

    /// The type that a path's extension, or a well-known file name such as `Makefile`, stands for.
    pub fn from_path(path: &Path) -> Option<Self> {
        let file = path.file_name()?.to_string_lossy().to_ascii_lowercase();
        if let Some((_, name)) = EXTENSIONLESS.iter().find(|(known, _)| *known == file) {
            return Some(Self::known(name));
        }
        let extension = Path::new(&file).extension()?.to_str()?;
        let row = ROWS.iter().find(|row| row.extensions.contains(&extension))?;
        Some(Self { row })
    }

    /// The name, such as `application/pdf`.
    pub fn as_str(self) -> &'static str {
        self.row.names[0]
    }

    /// Which reader takes it.
    pub fn format(self) -> Format {
        self.row.format
    }

    /// What a file is, given what was believed about it and its bytes. A belief only decides what the bytes leave open.
    pub(crate) fn settle(name: &str, believed: Self, bytes: &[u8]) -> Self {
        let seen = detect(Path::new(name), &bytes[..bytes.len().min(FIRST_BYTES)]);
        let open = if is_container(seen.format()) {
            believed != Self::UNKNOWN && signature::fits(believed.format(), bytes)
        } else {
            // That a file is plain text is what a server says of everything that it knows nothing about.
            let is_text = seen.format().is_text() && seen.format() != Format::Rtf;
            is_text && believed.format().is_text() && !matches!(believed.format(), Format::Text | Format::Rtf)
        };
        if open { believed } else { seen }
    }

    fn known(name: &str) -> Self {
        ROWS.iter()
            .find(|row| row.names.contains(&name))
            .map_or(Self::UNKNOWN, |row| Self { row })
    }
}

/// Says what a file is from its path and its first bytes ([`FIRST_BYTES`] are enough).
pub fn detect(path: &Path, first_bytes: &[u8]) -> MediaType {
    let named = MediaType::from_path(path);
    if let Some(name) = signature::find(first_bytes) {
        let seen = MediaType::known(name);
        // Within one container the extension knows more than the container's signature.
        return match named {
            Some(named) if signature::fits(named.format(), first_bytes) && is_container(seen.format()) => named,
            _ => seen,
        };
    }
    if !signature::looks_like_text(first_bytes) {
        return MediaType::UNKNOWN;
    }
    match named {
        Some(named) if named.format().is_text() => named,
        // A picture format that is written as text has no reader either way; anything else that should have had a
        // signature and looks like text is read as the text that it is.
        _ => signature::find_in_text(first_bytes).map_or(MediaType::TEXT, MediaType::known),
    }
}

fn is_container(format: Format) -> bool {
    matches!(format, Format::Zip | Format::Compound)
}

impl Default for MediaType {
    fn default() -> Self {
        Self::UNKNOWN
    }
}

impl PartialEq for MediaType {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for MediaType {}

impl std::fmt::Debug for MediaType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MediaType({})", self.as_str())
    }
}

impl std::fmt::Display for MediaType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for MediaType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for MediaType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from_name(&String::deserialize(deserializer)?))
    }
}
