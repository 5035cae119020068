//! What the bytes themselves say.

use super::Format;

const ZIP: &[u8] = b"PK\x03\x04";
const ZIP_EMPTY: &[u8] = b"PK\x05\x06";
const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Bytes at an offset, and what they mean.
#[rustfmt::skip]
static SIGNATURES: &[(usize, &[u8], &str)] = &[
    (0, COMPOUND, "application/x-ole-storage"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\x1F\x8B", "application/gzip"),
    (0, b"7z\xBC\xAF\x27\x1C", "application/x-7z-compressed"),
    (0, b"\xFD7zXZ\0", "application/x-xz"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\x28\xB5\x2F\xFD", "application/zstd"),
    (0, b"Rar!\x1A\x07", "application/vnd.rar"),
    (257, b"ustar", "application/x-tar"),
    (0, b"\x89PNG\r\n\x1A\n", "image/png"),
    (0, b"\xFF\xD8\xFF", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"\0\0\x01\0", "image/vnd.microsoft.icon"),
    (0, b"8BPS\0\x01", "image/vnd.adobe.photoshop"),
    (0, b"ID3\x02", "audio/mpeg"),
    (0, b"ID3\x03", "audio/mpeg"),
    (0, b"ID3\x04", "audio/mpeg"),
    (0, b"OggS\0", "audio/ogg"),
    (0, b"fLaC\0", "audio/flac"),
    (8, b"WAVEfmt", "audio/wav"),
    (8, b"AVI LIST", "video/x-msvideo"),
    (4, b"ftyphei", "image/heif"),
    (4, b"ftypmif1", "image/heif"),
    (4, b"ftypavif", "image/heif"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1A\x45\xDF\xA3", "video/x-matroska"),
    (0, b"SQLite format 3\0", "application/vnd.sqlite3"),
    (0, b"\x7FELF", "application/x-executable"),
    (0, b"MZ\x90\0", "application/x-executable"),
    (0, b"!<arch>\n", "application/x-executable"),
    (0, b"\xCF\xFA\xED\xFE", "application/x-executable"),
    (0, b"\xCA\xFE\xBA\xBE", "application/java-vm"),
    (0, b"\0asm", "application/wasm"),
    (0, b"wOFF", "font/woff2"),
    (0, b"wOF2", "font/woff2"),
];

/// The media type that the bytes prove, if any.
pub(super) fn find(bytes: &[u8]) -> Option<&'static str> {
    // Readers accept a PDF whose header comes within the first kilobyte, and real files make use of it; but text that
    // merely speaks of the header must not become one, so what precedes it may not be much of a text.
    if bytes.starts_with(b"%PDF-") || starts_within(bytes, b"%PDF-", 1024).is_some_and(|at| bytes[at..].contains(&0xE2))
    {
        return Some("application/pdf");
    }
    if bytes.starts_with(ZIP) || bytes.starts_with(ZIP_EMPTY) {
        return Some(in_zip(bytes));
    }
    SIGNATURES
        .iter()
        .find(|(offset, signature, _)| bytes.get(*offset..).is_some_and(|rest| rest.starts_with(signature)))
        .map(|(_, _, name)| *name)
}

/// What a ZIP archive's first bytes tell: the packages that store their own type uncompressed in front.
fn in_zip(bytes: &[u8]) -> &'static str {
    const STORED: &[(&[u8], &str)] = &[
        (b"application/epub+zip", "application/epub+zip"),
        (
            b"application/vnd.oasis.opendocument.spreadsheet",
            "application/vnd.oasis.opendocument.spreadsheet",
        ),
        (
            b"application/vnd.oasis.opendocument.presentation",
            "application/vnd.oasis.opendocument.presentation",
        ),
        (
            b"application/vnd.oasis.opendocument.text",
            "application/vnd.oasis.opendocument.text",
        ),
    ];
    let is_typed = bytes.get(30..).is_some_and(|rest| rest.starts_with(b"mimetype"));
    let content = bytes.get(38..).unwrap_or_default();
    STORED
        .iter()
        .find(|(start, _)| is_typed && content.starts_with(start))
        .map_or("application/zip", |(_, name)| *name)
}

/// Whether a file that begins so can be of that format at all.
pub(super) fn fits(format: Format, bytes: &[u8]) -> bool {
    match format {
        Format::Docx | Format::Pptx | Format::OpenDocument | Format::Epub => bytes.starts_with(ZIP),
        Format::Sheet => bytes.starts_with(ZIP) || bytes.starts_with(COMPOUND),
        Format::Zip => bytes.starts_with(ZIP) || bytes.starts_with(ZIP_EMPTY),
        Format::Pdf => starts_within(bytes, b"%PDF-", 1024).is_some(),
        Format::Rtf => bytes.starts_with(b"{\\rtf"),
        // The old formats that nothing reads are such containers too.
        Format::Compound | Format::Unsupported => bytes.starts_with(COMPOUND),
        _ => looks_like_text(bytes),
    }
}

/// Whether the bytes are text in some encoding: no NUL outside UTF-16 and UTF-32, few control characters.
pub(super) fn looks_like_text(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return true;
    }
    if bytes.contains(&0) {
        return crate::text::utf16_without_mark(bytes).is_some();
    }
    let control = bytes
        .iter()
        .filter(|byte| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B | 0x08))
        .count();
    control <= 2 + bytes.len() / 50
}

/// What text without a telling name is, if more than plain text.
pub(super) fn find_in_text(bytes: &[u8]) -> Option<&'static str> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let start: Vec<u8> = text[..text.len().min(1024)].to_ascii_lowercase();
    let starts = |with: &[u8]| start.starts_with(with);
    if starts(b"<!doctype html") || starts(b"<html") || starts(b"<head") || starts(b"<body") {
        return Some("text/html");
    }
    if starts(b"<?xml") {
        let is_html = starts_within(&start, b"<html", start.len()).is_some();
        return Some(if is_html { "text/html" } else { "application/xml" });
    }
    if starts(b"#!") {
        return Some("text/x-source");
    }
    if starts(b"return-path:") || starts(b"received:") || starts(b"delivered-to:") || starts(b"mime-version:") {
        return Some("message/rfc822");
    }
    None
}

fn starts_within(bytes: &[u8], needle: &[u8], within: usize) -> Option<usize> {
    let end = bytes.len().min(within.saturating_add(needle.len()));
    bytes[..end].windows(needle.len()).position(|window| window == needle)
}
