//! Bytes in some encoding become a `String`: mark, declaration, UTF-8, UTF-16 by its zeros, then a guess.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How many bytes the guess looks at.
const GUESS_BYTES_MAX: usize = 256 * 1024;

/// The text of `bytes`. `label` is the encoding that the file declares, believed unless a mark or the bytes say
/// otherwise. What can't be decoded becomes `U+FFFD`.
pub(crate) fn decode<'a>(bytes: &'a [u8], label: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        // A wide encoding of plain letters is valid UTF-8 too, full of NULs.
        if let Some(encoding) = utf16_without_mark(bytes) {
            return encoding.decode_without_bom_handling(bytes).0;
        }
        let declares_escapes = label.is_some_and(|label| label.to_ascii_lowercase().starts_with("iso-2022"));
        if !declares_escapes {
            return Cow::Borrowed(text);
        }
    }
    let declared = label.and_then(|label| Encoding::for_label(label.trim().as_bytes()));
    let encoding = match declared {
        Some(encoding) if encoding != UTF_8 => encoding,
        _ => utf16_without_mark(bytes).unwrap_or_else(|| guess(bytes)),
    };
    encoding.decode_without_bom_handling(bytes).0
}

/// UTF-16 without a mark, seen by zeros in every second byte of its beginning.
pub(crate) fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = &bytes[..bytes.len().min(1024) & !1];
    if start.len() < 4 {
        return None;
    }
    let zeros = |offset: usize| start.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, pairs) = (zeros(0), zeros(1), start.len() / 2);
    if odd * 10 >= pairs * 7 && even * 20 <= pairs {
        Some(UTF_16LE)
    } else if even * 10 >= pairs * 7 && odd * 20 <= pairs {
        Some(UTF_16BE)
    } else {
        None
    }
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    // Mostly UTF-8 with a few broken bytes, or cut in the middle of a letter, is still UTF-8.
    let start = &bytes[..bytes.len().min(GUESS_BYTES_MAX)];
    let lossy = String::from_utf8_lossy(start);
    let broken = lossy.matches('\u{FFFD}').count();
    let wide = lossy.chars().filter(|letter| !letter.is_ascii()).count() - broken;
    if wide > broken * 4 {
        return UTF_8;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
    detector.feed(start, bytes.len() <= GUESS_BYTES_MAX);
    detector.guess(None, chardetng::Utf8Detection::Allow)
}
