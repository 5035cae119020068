//! UTF-16 without a mark: seen by its zeros, and where letters have none, by what comes out.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// How many first bytes are looked at.
const BYTES_MAX: usize = 1024;
/// Fewer units than these say nothing of their script.
const UNITS_MIN: usize = 4;

/// UTF-16 without a mark, by the beginning of a text.
pub(crate) fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = &bytes[..bytes.len().min(BYTES_MAX) & !1];
    if start.len() < 4 || !start.contains(&0) {
        return None;
    }
    by_zeros(start).or_else(|| by_letters(start).filter(|_| !is_plain(start)))
}

/// Whether these are plain letters with a few zeros among them, as in lists that zeros separate and in torn logs. Any two
/// of them read as one wide letter would be Chinese.
fn is_plain(start: &[u8]) -> bool {
    let others = start.iter().filter(|byte| **byte != 0);
    let plain = others
        .clone()
        .filter(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
    plain.count() * 20 >= others.count() * 17
}

/// Latin letters: every second byte is zero.
fn by_zeros(start: &[u8]) -> Option<&'static Encoding> {
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

/// Other letters: only spaces, digits and ends of lines have zeros, but read the right way round all of it is text.
fn by_letters(start: &[u8]) -> Option<&'static Encoding> {
    let little = readable(start, u16::from_le_bytes);
    let big = readable(start, u16::from_be_bytes);
    match (little, big) {
        (Some(little), Some(big)) if little == big => None,
        (Some(little), big) if big.is_none_or(|big| little > big) => Some(UTF_16LE),
        (_, Some(_)) => Some(UTF_16BE),
        (_, None) => None,
    }
}

/// How many letters of a text there are; `None` when it is none.
fn readable(start: &[u8], unit: fn([u8; 2]) -> u16) -> Option<usize> {
    let units: Vec<u16> = start.as_chunks::<2>().0.iter().map(|pair| unit(*pair)).collect();
    if units.len() < UNITS_MIN {
        return None;
    }
    let mut readable = 0;
    let mut letters = char::decode_utf16(units.iter().copied()).peekable();
    while let Some(letter) = letters.next() {
        match letter {
            Ok(letter) if is_readable(letter) => readable += letter.len_utf16(),
            Ok(letter) if is_foreign(letter) => return None,
            Ok(_) => {}
            // The beginning may end within a pair.
            Err(_) if letters.peek().is_none() => {}
            Err(_) => return None,
        }
    }
    (readable * 20 >= units.len() * 17).then_some(readable)
}

/// What people write: letters, digits, and the marks between them.
fn is_readable(letter: char) -> bool {
    letter.is_alphanumeric()
        || letter.is_ascii_graphic()
        || matches!(letter, ' ' | '\t' | '\n' | '\r' | '\u{A0}'..='\u{BF}' | '\u{2010}'..='\u{203A}')
        || matches!(letter, '\u{3000}'..='\u{303F}' | '\u{30FB}'..='\u{30FC}' | '\u{FF01}'..='\u{FF65}')
}

/// What no text has: control characters, private letters, and what stands for no character.
fn is_foreign(letter: char) -> bool {
    letter.is_control() && letter != '\u{0C}'
        || matches!(letter, '\u{E000}'..='\u{F8FF}' | '\u{FFF0}'..='\u{FFFF}' | '\u{FDD0}'..='\u{FDEF}')
}
