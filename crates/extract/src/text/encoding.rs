//! Bytes in some encoding become a `String`: mark, declaration, UTF-8, what gives itself away, then a guess.

mod wide;

use std::borrow::Cow;

use encoding_rs::{DecoderResult, Encoding, ISO_2022_JP, ISO_8859_2, UTF_8, WINDOWS_1250, WINDOWS_1252, WINDOWS_1254};

pub(crate) use wide::utf16_without_mark;

/// How many bytes the guess looks at.
const GUESS_BYTES_MAX: usize = 256 * 1024;
/// What switches to Japanese letters in ISO-2022-JP: both tables of kanji, and half-width kana.
const JAPANESE: [&[u8]; 3] = [b"\x1B$B", b"\x1B$@", b"\x1B(I"];

/// The text of `bytes`. `label` is the encoding that the file declares, believed unless a mark or the bytes say
/// otherwise. What can't be decoded becomes `U+FFFD`.
pub(crate) fn decode<'a>(bytes: &'a [u8], label: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
    }
    let declared = label.and_then(|label| Encoding::for_label(label.trim().as_bytes()));
    if let Ok(text) = std::str::from_utf8(bytes) {
        // A wide encoding of plain letters is valid UTF-8 too, full of NULs, and so is one in seven bits.
        let hidden = utf16_without_mark(bytes).or_else(|| seven_bits(bytes, declared));
        return hidden.map_or(Cow::Borrowed(text), |encoding| {
            encoding.decode_without_bom_handling(bytes).0
        });
    }
    let encoding = match declared {
        Some(encoding) if encoding != UTF_8 => encoding,
        _ => utf16_without_mark(bytes).unwrap_or_else(|| guess(bytes)),
    };
    encoding.decode_without_bom_handling(bytes).0
}

/// Japanese in seven bits, if that is declared, or if escapes switch to it and all that follows fits.
fn seven_bits(bytes: &[u8], declared: Option<&'static Encoding>) -> Option<&'static Encoding> {
    if !bytes.contains(&0x1B) || !bytes.is_ascii() {
        return None;
    }
    if declared == Some(ISO_2022_JP) {
        return declared;
    }
    let start = &bytes[..bytes.len().min(GUESS_BYTES_MAX)];
    let switches = start.windows(3).any(|window| JAPANESE.contains(&window));
    (switches && is_japanese(start)).then_some(ISO_2022_JP)
}

/// Whether seven bits are Japanese without fault, but for a letter that may be cut at their end.
fn is_japanese(bytes: &[u8]) -> bool {
    let mut decoder = ISO_2022_JP.new_decoder_without_bom_handling();
    let Some(length) = decoder.max_utf8_buffer_length_without_replacement(bytes.len()) else {
        return false;
    };
    let mut text = vec![0; length];
    let (outcome, _, written) = decoder.decode_to_utf8_without_replacement(bytes, &mut text, false);
    matches!(outcome, DecoderResult::InputEmpty) && !text[..written].is_ascii()
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
    let guessed = detector.guess(None, chardetng::Utf8Detection::Allow);
    if is_rather_central_european(guessed, start) {
        return WINDOWS_1250;
    }
    guessed
}

/// Whether a guess has letters side by side that no language has, while windows-1250 makes Polish or Hungarian of them.
/// The detector takes short texts of these for their neighbours.
fn is_rather_central_european(guessed: &'static Encoding, bytes: &[u8]) -> bool {
    let text = guessed.decode_without_bom_handling(bytes).0;
    let has = |letters: &[char]| text.contains(letters);
    if guessed == ISO_8859_2 {
        return has(&['ł', 'ę', 'ż']) && has(&['š', 'ľ']);
    }
    let is_western = guessed == WINDOWS_1252 || guessed == WINDOWS_1254;
    let is_portuguese = || has(&['ã', 'ç']);
    is_western && has(&['õ', 'û']) && has(&['ö', 'ü']) && has(&['á', 'í', 'ó', 'ú']) && !is_portuguese()
}
