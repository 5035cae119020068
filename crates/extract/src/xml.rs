//! XML of any kind: the text between the tags and the few attributes that hold words.
//!
//! [`walk`] also carries the office formats, which are XML inside.

pub(crate) mod walk;

use crate::text::{Outlet, decode};
use crate::{Error, Extracted, File, html};
use walk::{Tag, Walker};

/// Attributes whose values are written for people, in any vocabulary.
const WORDY: &[&str] = &[
    "title",
    "label",
    "name",
    "text",
    "value",
    "alt",
    "summary",
    "description",
    "content",
    "caption",
    "displayname",
];
/// Elements whose content is no text, in any vocabulary that people keep in files.
const SILENT: &[&str] = &["script", "style", "path", "binary", "image-data"];

/// Extracts; what is not well-formed is read like HTML, which forgives everything.
pub(crate) fn extract(file: &File<'_>) -> Result<Extracted, Error> {
    let text = decode(file.bytes, declared_encoding(file.bytes));
    let mut outlet = Outlet::new(file.limits.text_bytes_max);
    match read(file, &text, &mut outlet) {
        Ok(()) => Ok(outlet.finish(file)),
        Err(Error::Damaged { .. }) => Ok(html::extract_text(file, &text)),
        Err(error) => Err(error),
    }
}

fn read(file: &File<'_>, text: &str, outlet: &mut Outlet) -> Result<(), Error> {
    let mut walker = Walker::new(file, text);
    let mut title = None::<String>;
    let mut silent = 0_usize;
    while let Some(tag) = walker.next()? {
        match tag {
            Tag::Open(open) => {
                let name = open.local_name().into_inner().to_ascii_lowercase();
                if silent > 0 || SILENT.contains(&name.as_str()) {
                    silent += 1;
                    continue;
                }
                if name == "title" && title.is_none() {
                    title = Some(String::new());
                }
                outlet.push_collapsed(" ");
                walk::for_each_attribute(&open, |key, value| {
                    if WORDY.contains(&key.to_ascii_lowercase().as_str()) {
                        outlet.push_collapsed(value);
                        outlet.push_collapsed(" ");
                    }
                });
            }
            Tag::Close(close) => {
                silent = silent.saturating_sub(1);
                if close.local_name().into_inner().eq_ignore_ascii_case("title")
                    && let Some(title) = &title
                {
                    outlet.set_title(title);
                }
                outlet.push_collapsed(" ");
            }
            Tag::Text(_) if silent > 0 => {}
            Tag::Text(text) => {
                if outlet.has_no_title()
                    && let Some(title) = &mut title
                {
                    title.push_str(&text);
                }
                // Line ends that only lay out the tags are the best hint at where a reader would see one.
                if text.contains('\n') && text.trim().is_empty() {
                    outlet.end_line();
                } else {
                    outlet.push_collapsed(&text);
                }
            }
        }
        if outlet.is_full() {
            return Ok(());
        }
    }
    Ok(())
}

/// The encoding that the XML declaration names.
fn declared_encoding(bytes: &[u8]) -> Option<&str> {
    let start = &bytes[..bytes.len().min(200)];
    let declaration = start.split(|byte| *byte == b'>').next()?;
    let declaration = std::str::from_utf8(declaration).ok()?;
    let value = declaration
        .strip_prefix("<?xml")?
        .split_once("encoding")?
        .1
        .trim_start();
    let value = value.strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split(quote).next()
}
