//! What is attached to a message: the names of all, then the text of each that can be read.
//!
//! One that can't be read says why in its place, and costs the message nothing else. All of them share what the message
//! may cost: its text, what archives unpack to, the number of files.

use std::borrow::Cow;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_parser::{Message, MessagePart, MimeHeaders, PartType};
use model::Size;

use super::{decoded, header, write};
use crate::child::panic_text;
use crate::text::{Outlet, decode};
use crate::{Error, Extracted, File, Format, Limits, MediaType, html};

/// Messages in messages in messages say less and less.
const DEPTH_MAX: usize = 8;
/// Of how many attachments it is said why they can't be read. The words are found like any others.
const UNREAD_SAID_MAX: usize = 5;

/// The reading of attachments, through all messages in the message.
#[derive(Debug)]
pub(super) struct Attachments<'a> {
    file: &'a File<'a>,
    depth_max: usize,
    /// How many could not be read.
    unread: Cell<usize>,
}

impl<'a> Attachments<'a> {
    /// The attachments of a message and of those in it.
    pub(super) fn of(file: &'a File<'a>) -> Self {
        Self {
            file,
            depth_max: file.limits.depth_max.min(DEPTH_MAX),
            unread: Cell::new(0),
        }
    }

    /// Writes what is attached to a message that is in `depth - 1` others.
    pub(super) fn write(&self, message: &Message<'_>, outlet: &mut Outlet, depth: usize) {
        let names: Vec<&str> = message.attachments().filter_map(MimeHeaders::attachment_name).collect();
        outlet.end_block();
        header(outlet, "Attachments", &names.join(", "));
        for part in message.attachments() {
            if outlet.is_full() {
                return;
            }
            let Some(content) = content(message, part) else {
                continue;
            };
            let left = &self.file.budget.attachments;
            if left.get() == 0 {
                outlet.note_missing();
                outlet.end_block();
                outlet.push("What else is attached was not read: it is more than one message may cost.");
                outlet.end_line();
                return;
            }
            left.set(left.get() - 1);
            match content {
                Content::Message(inner) if depth < self.depth_max => {
                    heading(outlet, part.attachment_name());
                    write(inner, outlet, depth + 1, self);
                }
                Content::Message(_) => outlet.note_missing(),
                Content::Bytes(bytes) => self.file(part, &bytes, outlet, depth),
            }
        }
    }

    fn file(&self, part: &MessagePart<'_>, bytes: &[u8], outlet: &mut Outlet, depth: usize) {
        let name = part.attachment_name().unwrap_or_default();
        let media_type = MediaType::settle(name, believed(part), bytes);
        if media_type.format() == Format::Mail && depth >= self.depth_max {
            outlet.note_missing();
            return;
        }
        let limits = Limits {
            // Half of what is left, so that something is left for the next one.
            text_bytes_max: outlet.room() / 2,
            ..self.file.limits.clone()
        };
        let file = File {
            name,
            media_type,
            bytes,
            is_beginning: false,
            limits: &limits,
            budget: self.file.budget,
            messages: depth,
        };
        let outcome = if is_torn(part) {
            Err(file.damaged("it was cut or changed on its way"))
        } else {
            read(&file)
        };
        match outcome {
            Ok(found) => read_out(outlet, &file, &found),
            // Nothing is wrong with the one in whose middle the reading of a large message ends.
            Err(Error::Damaged { .. }) if self.file.is_beginning => {
                let why = format!("its message is read up to {}", Size(limits.bytes_in_max));
                let name = name.to_owned();
                self.say_unread(outlet, &file, &Error::TooLarge { name, why });
            }
            // Its name is there.
            Err(Error::Unsupported { .. }) => {}
            Err(error) => self.say_unread(outlet, &file, &error),
        }
    }

    fn say_unread(&self, outlet: &mut Outlet, file: &File<'_>, error: &Error) {
        outlet.note_missing();
        let said = self.unread.replace(self.unread.get() + 1);
        if said > UNREAD_SAID_MAX {
            return;
        }
        if said == UNREAD_SAID_MAX {
            outlet.end_block();
            outlet.push("Others that are attached can't be read either.");
        } else {
            heading(outlet, Some(file.name));
            outlet.push_collapsed(&format!("Not read: it {}; {}", error.cause(), error.remedy()));
        }
        outlet.end_block();
    }
}

/// What a part holds.
enum Content<'a> {
    Message(&'a Message<'a>),
    Bytes(Cow<'a, [u8]>),
}

/// What is attached as this part; `None` for what is no file, such as the style of a saved page.
fn content<'a>(message: &'a Message<'a>, part: &'a MessagePart<'a>) -> Option<Content<'a>> {
    if part.attachment_name().is_none() && part.content_location().is_some() {
        return None;
    }
    let bytes = |text: Cow<'a, str>| match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    };
    match &part.body {
        PartType::Message(inner) => Some(Content::Message(inner)),
        PartType::Text(text) => {
            let text = decoded(message, part, text, |bytes| decode(bytes, None));
            Some(Content::Bytes(bytes(text)))
        }
        PartType::Html(page) => Some(Content::Bytes(bytes(decoded(message, part, page, html::decoded)))),
        PartType::Binary(content) | PartType::InlineBinary(content) => {
            Some(Content::Bytes(Cow::Borrowed(content.as_ref())))
        }
        PartType::Multipart(_) => None,
    }
}

/// What the message says that a part is.
fn believed(part: &MessagePart<'_>) -> MediaType {
    let Some(kind) = part.content_type() else {
        return MediaType::UNKNOWN;
    };
    let subtype = kind.subtype().unwrap_or_default();
    MediaType::from_name(&format!("{}/{subtype}", kind.ctype()))
}

/// Whether a part in base64 could not be decoded: what is there of it passes for a text, and is none.
fn is_torn(part: &MessagePart<'_>) -> bool {
    let encoding = part.content_transfer_encoding();
    let is_raw = part.is_encoding_problem && matches!(part.body, PartType::Text(_));
    is_raw && encoding.is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64"))
}

/// Reads a file; a panic costs the file alone.
fn read(file: &File<'_>) -> Result<Extracted, Error> {
    catch_unwind(AssertUnwindSafe(|| crate::read(file))).unwrap_or_else(|panic| {
        Err(Error::Crashed {
            name: file.name.to_owned(),
            why: panic_text(panic.as_ref()).to_owned(),
        })
    })
}

fn read_out(outlet: &mut Outlet, file: &File<'_>, found: &Extracted) {
    if found.truncated {
        outlet.note_missing();
    }
    let title = found.title.as_deref().filter(|title| !found.text.contains(title));
    if found.text.is_empty() && title.is_none() {
        return;
    }
    heading(outlet, Some(file.name));
    if let Some(title) = title {
        outlet.push_collapsed(title);
        outlet.end_line();
    }
    outlet.push(&found.text);
    outlet.end_block();
}

fn heading(outlet: &mut Outlet, name: Option<&str>) {
    outlet.end_block();
    outlet.push_collapsed(name.unwrap_or_default());
    outlet.end_line();
}
