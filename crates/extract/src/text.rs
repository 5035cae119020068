//! Plain text and source code, and what every reader needs of text: encodings and a bounded place to write to.

mod encoding;
mod sink;

use crate::{Extracted, File};

pub(crate) use encoding::{decode, utf16_without_mark};
pub(crate) use sink::{Mark, Sink};

/// The text as it is, in UTF-8 and with `\n` at the ends of lines.
pub(crate) fn extract(file: &File<'_>) -> Extracted {
    let mut sink = Sink::new(file.limits.text_bytes_max);
    sink.push(&decode(file.bytes, None));
    sink.finish(file)
}
