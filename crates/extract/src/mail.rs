//! Messages as mail programs save them: subject, people, the readable body, the names of what is attached.

use mail_parser::{Address, Message, MessageParser, MimeHeaders, PartType};

use crate::text::Sink;
use crate::{Error, Extracted, File, html};

/// Extracts. What has no headers at all is no message.
pub(crate) fn extract(file: &File<'_>) -> Result<Extracted, Error> {
    let message = MessageParser::default()
        .parse(file.bytes)
        .filter(|message| !message.headers().is_empty())
        .ok_or_else(|| file.damaged("it has no message headers"))?;
    let mut sink = Sink::new(file.limits.text_bytes_max);
    write(&message, &mut sink, 1, file.limits.depth_max.min(DEPTH_MAX));
    Ok(sink.finish(file))
}

/// Messages in messages in messages say less and less.
const DEPTH_MAX: usize = 8;

fn write(message: &Message<'_>, sink: &mut Sink, depth: usize, depth_max: usize) {
    let subject = message.subject().unwrap_or_default();
    if depth == 1 {
        sink.set_title(subject);
        for addresses in [message.from(), message.to(), message.cc()].into_iter().flatten() {
            for_each_person(addresses, |person| sink.add_author(&person));
        }
    } else {
        sink.end_block();
        header(sink, "Subject", subject);
    }
    for (name, addresses) in [("From", message.from()), ("To", message.to()), ("Cc", message.cc())] {
        let mut people = Vec::new();
        if let Some(addresses) = addresses {
            for_each_person(addresses, |person| people.push(person));
        }
        header(sink, name, &people.join(", "));
    }
    if let Some(date) = message.date() {
        header(sink, "Date", &date.to_rfc3339());
    }
    sink.end_block();
    let mut has_text = false;
    for part in message.text_bodies() {
        // A body that exists only as HTML is listed here too.
        match &part.body {
            PartType::Text(text) => sink.push(text),
            PartType::Html(page) => html::write(page, sink),
            _ => continue,
        }
        has_text = true;
        sink.end_block();
    }
    if !has_text {
        for part in message.html_bodies() {
            if let PartType::Html(page) = &part.body {
                html::write(page, sink);
                sink.end_block();
            }
        }
    }
    attachments(message, sink, depth, depth_max);
}

fn attachments(message: &Message<'_>, sink: &mut Sink, depth: usize, depth_max: usize) {
    let mut names = Vec::new();
    for part in message.attachments() {
        if let PartType::Message(inner) = &part.body
            && depth < depth_max
        {
            write(inner, sink, depth + 1, depth_max);
        } else if let Some(name) = part.attachment_name() {
            names.push(name.to_owned());
        }
        if sink.is_full() {
            return;
        }
    }
    if !names.is_empty() {
        sink.end_block();
        header(sink, "Attachments", &names.join(", "));
    }
}

fn header(sink: &mut Sink, name: &str, value: &str) {
    if !value.is_empty() {
        sink.push_collapsed(&format!("{name}: {value}"));
        sink.end_line();
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
