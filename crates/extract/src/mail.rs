//! Messages as mail programs save them: subject, people, the readable body, what is attached.

mod attachments;

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Address, Encoding, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use crate::text::{Outlet, decode};
use crate::{Error, Extracted, File, html};
use attachments::Attachments;

/// Extracts. What has no headers at all is no message.
pub(crate) fn extract(file: &File<'_>) -> Result<Extracted, Error> {
    let message = MessageParser::default()
        .parse(file.bytes)
        .filter(|message| !message.headers().is_empty())
        .ok_or_else(|| file.damaged("it has no headers such as `From` and `Subject`, hence is no message"))?;
    let mut outlet = Outlet::new(file.limits.text_bytes_max);
    let attachments = Attachments::of(file);
    write(&message, &mut outlet, file.messages + 1, &attachments);
    Ok(outlet.finish(file))
}

fn write(message: &Message<'_>, outlet: &mut Outlet, depth: usize, attachments: &Attachments<'_>) {
    let subject = message.subject().unwrap_or_default();
    if depth == 1 {
        outlet.set_title(subject);
        for addresses in [message.from(), message.to(), message.cc()].into_iter().flatten() {
            for_each_person(addresses, |person| outlet.add_author(&person));
        }
    } else {
        outlet.end_block();
        header(outlet, "Subject", subject);
    }
    for (name, addresses) in [("From", message.from()), ("To", message.to()), ("Cc", message.cc())] {
        let mut people = Vec::new();
        if let Some(addresses) = addresses {
            for_each_person(addresses, |person| people.push(person));
        }
        header(outlet, name, &people.join(", "));
    }
    if let Some(date) = message.date() {
        header(outlet, "Date", &date.to_rfc3339());
    }
    outlet.end_block();
    let mut has_text = false;
    for part in message.text_bodies() {
        // A body that exists only as HTML is listed here too.
        match &part.body {
            PartType::Text(text) => outlet.push(&decoded(message, part, text, |bytes| decode(bytes, None))),
            PartType::Html(page) => html::write(&decoded(message, part, page, html::decoded), outlet),
            _ => continue,
        }
        has_text = true;
        outlet.end_block();
    }
    if !has_text {
        for part in message.html_bodies() {
            if let PartType::Html(page) = &part.body {
                html::write(&decoded(message, part, page, html::decoded), outlet);
                outlet.end_block();
            }
        }
    }
    attachments.write(message, outlet, depth);
}

/// The text of a part. One that says nothing of its encoding is decoded as `decode` finds it to be.
fn decoded<'a>(
    message: &Message<'_>,
    part: &MessagePart<'_>,
    text: &'a str,
    decode: impl FnOnce(&[u8]) -> Cow<'_, str>,
) -> Cow<'a, str> {
    let charset = part.content_type().and_then(|kind| kind.attribute("charset"));
    let is_declared = charset.is_some_and(|charset| !charset.eq_ignore_ascii_case("us-ascii"));
    if is_declared || !text.contains(['\u{FFFD}', '\x1B']) {
        return Cow::Borrowed(text);
    }
    let (start, end) = (part.offset_body as usize, part.offset_end as usize);
    let raw = message.raw_message.get(start..end).unwrap_or_default();
    let bytes = match part.encoding {
        Encoding::None => Some(raw.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
        Encoding::Base64 => base64_decode(raw),
    };
    bytes.map_or(Cow::Borrowed(text), |bytes| Cow::Owned(decode(&bytes).into_owned()))
}

fn header(outlet: &mut Outlet, name: &str, value: &str) {
    if !value.is_empty() {
        outlet.push_collapsed(&format!("{name}: {value}"));
        outlet.end_line();
    }
}

fn for_each_person(addresses: &Address<'_>, mut visit: impl FnMut(String)) {
    for address in addresses.iter() {
        let mail = address.address.as_deref().unwrap_or_default();
        match address.name.as_deref() {
            Some(name) if !mail.is_empty() && name != mail => visit(format!("{name} <{mail}>")),
            Some(name) => visit(name.to_owned()),
            None if !mail.is_empty() => visit(mail.to_owned()),
            None => {}
        }
    }
}
