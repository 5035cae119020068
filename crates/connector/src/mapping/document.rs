//! Applies a mapping to a record.

use std::collections::BTreeMap;

use model::record::Body;
use model::{Acl, Document, Principal, RecordId, Revision, SourceId, Timestamp};
use serde_json::Value;

use super::value::{Record, Template, name_of};
use super::{Condition, StreamMapping, Test, html, instant};

/// Limits of a document. What is longer is cut, what is more is left out.
const TITLE_CHARS_MAX: usize = 500;
const BODY_BYTES_MAX: usize = 4 << 20;
const SHORT_CHARS_MAX: usize = 200;
const PATH_CHARS_MAX: usize = 2_000;
const URL_BYTES_MAX: usize = 4_000;
const PEOPLE_MAX: usize = 100;
const FACET_VALUES_MAX: usize = 100;
const PRINCIPALS_MAX: usize = 10_000;

pub(super) fn document(
    mapping: &StreamMapping,
    record: RecordId,
    revision: Revision,
    source: SourceId,
    stream: &str,
    body: &Body,
) -> Option<Document> {
    let fields = Record { stream, body };
    let is_kept_out = mapping.skip.iter().any(|condition| condition.holds(fields))
        || !mapping.when.iter().all(|condition| condition.holds(fields));
    if !mapping.is_searched || is_kept_out {
        return None;
    }
    let kind = first_line(&mapping.kind, fields, SHORT_CHARS_MAX).unwrap_or_else(|| stream.to_owned());
    let text = prose(&mapping.body, fields);
    let title = first_line(&mapping.title, fields, TITLE_CHARS_MAX)
        .or_else(|| {
            text.lines()
                .map(str::trim)
                .find(|line| !line.is_empty())
                .map(|line| cut(line, 100))
        })
        .unwrap_or_else(|| format!("{kind} {record}"));
    Some(Document {
        record,
        revision,
        source,
        stream: stream.to_owned(),
        title,
        body: text,
        url: mapping
            .url
            .iter()
            .flat_map(|template| template.texts(fields))
            .find_map(|text| link(&text)),
        path: first_line(&mapping.path, fields, PATH_CHARS_MAX)
            .map(|path| path.trim_matches('/').to_owned())
            .filter(|path| !path.is_empty()),
        people: names(&mapping.people, fields, PEOPLE_MAX),
        created_at: time(&mapping.created_at, fields),
        changed_at: time(&mapping.changed_at, fields).or(body.changed_at),
        facets: facets(mapping, fields),
        acl: acl(mapping, stream, body),
        kind,
    })
}

impl Condition {
    fn holds(&self, record: Record<'_>) -> bool {
        let values = self.field.values(record);
        // A field without a value equals null.
        let is_one_of = |wanted: &[Value]| {
            let is_null = values.is_empty() && wanted.contains(&Value::Null);
            is_null
                || values
                    .iter()
                    .any(|value| wanted.iter().any(|wanted| equal(value, wanted)))
        };
        match &self.test {
            Test::Is(wanted) => is_one_of(wanted),
            Test::IsNot(wanted) => !is_one_of(wanted),
            Test::Present(wanted) => values.iter().any(|value| !is_empty(value)) == *wanted,
        }
    }
}

/// Equal as people mean it: `1`, `1.0` and `"1"` are, `true` and `"true"` too.
fn equal(one: &Value, other: &Value) -> bool {
    if one == other {
        return true;
    }
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => (one - other).abs() < f64::EPSILON * one.abs().max(1.0),
        _ => match (name_of(one), name_of(other)) {
            (Some(one), Some(other)) => one == other,
            _ => false,
        },
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The first value as one line.
fn first_line(templates: &[Template], record: Record<'_>, chars_max: usize) -> Option<String> {
    templates
        .iter()
        .flat_map(|template| template.texts(record))
        .map(|text| one_line(&html::plain_line(&text), chars_max))
        .find(|line| !line.is_empty())
}

/// All text of the fields, a blank line between them, no field twice.
fn prose(templates: &[Template], record: Record<'_>) -> String {
    let mut whole = String::new();
    let mut parts: Vec<String> = Vec::new();
    for template in templates {
        let (text, is_plain) = template.prose(record);
        let text = if is_plain { text } else { html::plain(&text) };
        let text = text.trim();
        if text.is_empty() || parts.iter().any(|part| part == text) {
            continue;
        }
        if !whole.is_empty() {
            whole.push_str("\n\n");
        }
        whole.push_str(text);
        if whole.len() >= BODY_BYTES_MAX {
            break;
        }
        // Only short texts are worth remembering: long ones seldom stand in two fields.
        if text.len() < 64 << 10 {
            parts.push(text.to_owned());
        }
    }
    if whole.len() > BODY_BYTES_MAX {
        whole.truncate(whole.floor_char_boundary(BODY_BYTES_MAX));
    }
    if whole.contains('\0') {
        whole.replace('\0', "")
    } else {
        whole
    }
}

/// Short texts, each once, in their order.
fn names(templates: &[Template], record: Record<'_>, count_max: usize) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for text in templates.iter().flat_map(|template| template.texts(record)) {
        let name = one_line(&text, SHORT_CHARS_MAX);
        if names.len() >= count_max {
            break;
        }
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn time(templates: &[Template], record: Record<'_>) -> Option<Timestamp> {
    templates
        .iter()
        .flat_map(|template| template.values(record))
        .find_map(|value| instant::instant(&value))
}

fn facets(mapping: &StreamMapping, record: Record<'_>) -> BTreeMap<String, Vec<String>> {
    let mut facets = BTreeMap::new();
    for (name, templates) in &mapping.facets {
        let values = names(templates, record, FACET_VALUES_MAX);
        if !values.is_empty() {
            facets.insert(name.clone(), values);
        }
    }
    facets
}

/// What the connector demands and what the mapping demands. Principals that can't be told make a set smaller, down to
/// one that nobody meets: never larger.
pub(super) fn acl(mapping: &StreamMapping, stream: &str, body: &Body) -> Acl {
    let record = Record { stream, body };
    let mut acl = body.acl.clone();
    for set in &mapping.acl {
        let principals: Vec<Principal> = set
            .iter()
            .flat_map(|template| template.texts(record))
            .take(PRINCIPALS_MAX)
            .filter_map(|text| text.parse().ok())
            .collect();
        acl = acl.and_any_of(principals);
    }
    acl
}

/// A link that a browser may follow; nothing else, scripts least of all.
fn link(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > URL_BYTES_MAX {
        return None;
    }
    let url = url::Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| url.into())
}

fn one_line(text: &str, chars_max: usize) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    cut(&words.join(" "), chars_max)
}

fn cut(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}
