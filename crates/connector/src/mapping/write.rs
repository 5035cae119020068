//! Writes a mapping as a `search.yaml`.

use std::fmt::Write;

use serde_json::Value;

use super::value::Template;
use super::{Condition, Mapping, StreamMapping, Test};

/// The whole file. Every key is written, so that nothing depends on what a later version guesses.
pub(super) fn yaml(mapping: &Mapping) -> String {
    let mut text = String::from("version: 1\n");
    if mapping.streams.is_empty() {
        text.push_str("streams: {}\n");
        return text;
    }
    text.push_str("streams:\n");
    for (name, stream) in &mapping.streams {
        line(&mut text, 2, &quoted(name), "");
        write_stream(&mut text, stream);
    }
    text
}

fn write_stream(text: &mut String, stream: &StreamMapping) {
    if !stream.is_searched {
        line(text, 4, "search", "false");
    }
    for (key, templates) in [
        ("kind", &stream.kind),
        ("title", &stream.title),
        ("body", &stream.body),
        ("url", &stream.url),
        ("path", &stream.path),
        ("people", &stream.people),
        ("created_at", &stream.created_at),
        ("changed_at", &stream.changed_at),
    ] {
        line(text, 4, key, &list(templates));
    }
    if stream.facets.is_empty() {
        line(text, 4, "facets", "{}");
    } else {
        line(text, 4, "facets", "");
        for (name, templates) in &stream.facets {
            line(text, 6, &quoted(name), &list(templates));
        }
    }
    if !stream.acl.is_empty() {
        line(text, 4, "acl", "");
        for set in &stream.acl {
            let set: Vec<String> = set.iter().map(|template| quoted(template.source())).collect();
            item(text, &format!("[{}]", set.join(", ")));
        }
    }
    for (key, conditions) in [("skip", &stream.skip), ("when", &stream.when)] {
        if !conditions.is_empty() {
            line(text, 4, key, "");
            for condition in conditions {
                item(text, &written(condition));
            }
        }
    }
}

fn written(condition: &Condition) -> String {
    let (key, value) = match &condition.test {
        Test::Is(values) => ("is", scalars(values)),
        Test::IsNot(values) => ("is_not", scalars(values)),
        Test::Present(is_present) => ("present", is_present.to_string()),
    };
    format!("{{ field: {}, {key}: {value} }}", quoted(condition.field.source()))
}

fn scalars(values: &[Value]) -> String {
    let texts: Vec<String> = values
        .iter()
        .map(|value| value.as_str().map_or_else(|| value.to_string(), escaped))
        .collect();
    format!("[{}]", texts.join(", "))
}

/// One template by itself, several as a list.
fn list(templates: &[Template]) -> String {
    let texts: Vec<String> = templates.iter().map(|template| quoted(template.source())).collect();
    match texts.as_slice() {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    }
}

/// Plain where that is surely what it means, otherwise in double quotes.
fn quoted(text: &str) -> String {
    let body = text.strip_prefix('/').unwrap_or(text);
    let is_plain = body.starts_with(|c: char| c.is_ascii_alphabetic())
        && body.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '/')
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_ascii_lowercase().as_str());
    if is_plain { text.to_owned() } else { escaped(text) }
}

/// In double quotes, with everything escaped that is not plainly visible.
fn escaped(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            ' ' => quoted.push(' '),
            c if c.is_alphanumeric() || c.is_ascii_graphic() => quoted.push(c),
            c => write!(quoted, "\\U{:08X}", u32::from(c)).unwrap_or_default(),
        }
    }
    quoted.push('"');
    quoted
}

fn line(text: &mut String, indent: usize, key: &str, value: &str) {
    let value = if value.is_empty() {
        String::new()
    } else {
        format!(" {value}")
    };
    // Writing into a string can't fail.
    writeln!(text, "{:indent$}{key}:{value}", "").unwrap_or_default();
}

fn item(text: &mut String, value: &str) {
    writeln!(text, "      - {value}").unwrap_or_default();
}
