//! Walks well-formed XML tag by tag. Entities that a document defines for itself are never expanded.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::resolve_html5_entity;
use quick_xml::events::{BytesEnd, BytesRef, BytesStart, Event};

use crate::{Error, File};

/// What the walker meets. An empty element opens and closes.
#[derive(Debug)]
pub(crate) enum Tag<'a> {
    Open(BytesStart<'a>),
    Close(BytesEnd<'a>),
    Text(Cow<'a, str>),
}

/// Walks over a text that is XML.
#[derive(Debug)]
pub(crate) struct Walker<'a, 'f> {
    reader: Reader<&'a [u8]>,
    file: &'f File<'f>,
    depth: usize,
}

impl<'a, 'f> Walker<'a, 'f> {
    pub(crate) fn new(file: &'f File<'f>, text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.allow_dangling_amp = true;
        Self { reader, file, depth: 0 }
    }

    /// The next tag or text; `None` at the end. Fails when the text is not well-formed or nests too deeply.
    pub(crate) fn next(&mut self) -> Result<Option<Tag<'a>>, Error> {
        loop {
            let event = self.reader.read_event().map_err(|error| {
                let at = self.reader.error_position();
                self.file
                    .damaged_as(format!("it is not well-formed XML at byte {at}"), &error)
            })?;
            return Ok(Some(match event {
                Event::Start(open) => {
                    self.depth += 1;
                    if self.depth > self.file.limits.depth_max {
                        return Err(Error::TooDeep {
                            name: self.file.name.to_owned(),
                            depth_max: self.file.limits.depth_max,
                        });
                    }
                    Tag::Open(open)
                }
                Event::End(close) => {
                    self.depth = self.depth.saturating_sub(1);
                    Tag::Close(close)
                }
                Event::Text(text) => Tag::Text(text.into_inner()),
                Event::CData(text) => Tag::Text(text.into_inner()),
                Event::GeneralRef(reference) => Tag::Text(resolve(&reference)),
                Event::Eof if self.depth > 0 => {
                    return Err(self.file.damaged("it ends in the middle of an XML element"));
                }
                Event::Eof => return Ok(None),
                // An empty element comes as its two tags; the rest says nothing to a reader.
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => continue,
            }));
        }
    }
}

/// What a reference stands for; nothing when the document itself would have to say.
fn resolve<'a>(reference: &BytesRef<'_>) -> Cow<'a, str> {
    if let Ok(Some(letter)) = reference.resolve_char_ref() {
        return Cow::Owned(letter.to_string());
    }
    let name: &str = reference;
    resolve_html5_entity(name).map_or(Cow::Borrowed(""), Cow::Borrowed)
}

/// Calls `visit` with the local name and the value of each attribute that can be read.
pub(crate) fn for_each_attribute(open: &BytesStart<'_>, mut visit: impl FnMut(&str, &str)) {
    for attribute in open.attributes().with_checks(false).flatten() {
        let value = quick_xml::escape::unescape_with(&attribute.value, resolve_html5_entity);
        if let Ok(value) = value {
            visit(attribute.key.local_name().into_inner(), &value);
        }
    }
}

/// The value of the attribute of that local name.
pub(crate) fn attribute(open: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut found = None;
    for_each_attribute(open, |key, value| {
        if key == name && found.is_none() {
            found = Some(value.to_owned());
        }
    });
    found
}
