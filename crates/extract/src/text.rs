//! Plain text and source code, and what every reader needs of text: encodings and a bounded place to write to.

mod encoding;
mod outlet;

use crate::{Extracted, File};

pub(crate) use encoding::{decode, utf16_without_mark};
pub(crate) use outlet::{Mark, Outlet};

/// The text as it is, in UTF-8 and with `\n` at the ends of lines.
pub(crate) fn extract(file: &File<'_>) -> Extracted {
    let mut outlet = Outlet::new(file.limits.text_bytes_max);
    outlet.push(&decode(file.bytes, None));
    outlet.finish(file)
}
