//! Fields of records, and text with fields in it.
//!
//! A template is a JSON pointer (`/owner/login`), a built-in (`@text`), text with fields in braces
//! (`{owner.login}/{name}`), or plain text. In a pointer or dotted path, `*` stands for every element of a list, and a
//! name applied to a list is applied to its elements. `{{` and `}}` are braces that mean themselves.

use model::record::Body;
use serde_json::Value;

/// How many values one field may have; the rest is left out.
const VALUES_MAX: usize = 1_000;

/// How many bytes all texts of one template may have; the first is taken whatever it has.
const TEXTS_BYTES_MAX: usize = 4 << 20;

/// How deep a path may go.
const SEGMENTS_MAX: usize = 32;

/// Names under which things and people are known, the best first.
const NAMES: [&str; 14] = [
    "name",
    "display_name",
    "displayName",
    "full_name",
    "fullName",
    "real_name",
    "login",
    "username",
    "title",
    "label",
    "value",
    "emailAddress",
    "email",
    "id",
];

/// Fields of an object that hold no prose: the marks and links of rich texts, comments and attachments.
const NO_PROSE: [&str; 16] = [
    "type",
    "id",
    "_id",
    "uuid",
    "key",
    "url",
    "href",
    "self",
    "src",
    "version",
    "localId",
    "avatar",
    "avatar_url",
    "avatarUrls",
    "mimeType",
    "node_id",
];

/// What a record's fields are looked up in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub stream: &'a str,
    pub body: &'a Body,
}

/// Text with fields in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    parts: Vec<Part>,
    /// As it was written.
    source: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Field(Vec<Segment>),
    ExtractedText,
    ChangedAt,
    Stream,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Name(String),
    Each,
}

impl Template {
    /// Reads a template. The error says what is wrong with it, without the place.
    pub(super) fn parse(source: &str) -> Result<Self, String> {
        let parts = if source.contains(['{', '}']) {
            mixed(source)?
        } else if source.starts_with('/') || source.starts_with('@') {
            vec![field(source)?]
        } else {
            vec![Part::Text(source.to_owned())]
        };
        Ok(Self {
            parts,
            source: source.to_owned(),
        })
    }

    /// A template for the field of that name at the top of the record.
    pub(super) fn of_field(name: &str) -> Self {
        Self {
            parts: vec![Part::Field(vec![Segment::Name(name.to_owned())])],
            source: format!("/{}", name.replace('~', "~0").replace('/', "~1")),
        }
    }

    /// As it was written.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// The values themselves where the template is one field; what they look like as texts otherwise.
    pub(super) fn values(&self, record: Record<'_>) -> Vec<Value> {
        if let [Part::Field(path)] = self.parts.as_slice() {
            return resolve(&record.body.data, path).into_iter().cloned().collect();
        }
        self.texts(record).into_iter().map(Value::String).collect()
    }

    /// Every text that the template stands for: one per combination of its fields' values, none if a field has none.
    pub(super) fn texts(&self, record: Record<'_>) -> Vec<String> {
        let mut texts = vec![String::new()];
        for part in &self.parts {
            let values = part.texts(record);
            let mut longer = Vec::with_capacity(texts.len() * values.len().min(8));
            let mut bytes = 0;
            'all: for text in &texts {
                for value in &values {
                    if longer.len() >= VALUES_MAX {
                        break 'all;
                    }
                    bytes += text.len() + value.len();
                    if bytes > TEXTS_BYTES_MAX && !longer.is_empty() {
                        break 'all;
                    }
                    longer.push(format!("{text}{value}"));
                }
            }
            texts = longer;
        }
        texts.retain(|text| !text.trim().is_empty());
        texts
    }

    /// All text in the template's fields, objects and lists gone through; whether it came out of a file.
    pub(super) fn prose(&self, record: Record<'_>) -> (String, bool) {
        match self.parts.as_slice() {
            [Part::ExtractedText] => (record.body.text.clone(), true),
            [Part::Field(path)] => {
                let mut lines = Vec::new();
                for value in resolve(&record.body.data, path) {
                    gather(value, &mut lines, 0);
                }
                (lines.join("\n"), false)
            }
            _ => (self.texts(record).join("\n"), false),
        }
    }
}

impl Part {
    fn texts(&self, record: Record<'_>) -> Vec<String> {
        match self {
            Self::Text(text) => vec![text.clone()],
            Self::Field(path) => resolve(&record.body.data, path)
                .into_iter()
                .filter_map(name_of)
                .collect(),
            Self::ExtractedText => vec![record.body.text.clone()],
            Self::ChangedAt => record.body.changed_at.map(|at| at.to_string()).into_iter().collect(),
            Self::Stream => vec![record.stream.to_owned()],
        }
    }
}

/// Reads text with fields in braces.
fn mixed(source: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut rest = source.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '{' | '}' if rest.peek() == Some(&c) => {
                text.push(c);
                rest.next();
            }
            '{' => {
                let mut name = String::new();
                loop {
                    match rest.next() {
                        Some('}') => break,
                        Some(inner) => name.push(inner),
                        None => {
                            return Err(format!(
                                "`{source}` opens a brace and does not close it; write `{{{{` for a brace"
                            ));
                        }
                    }
                }
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                parts.push(braced(name.trim(), source)?);
            }
            '}' => {
                return Err(format!(
                    "`{source}` closes a brace that is not open; write `}}}}` for a brace"
                ));
            }
            other => text.push(other),
        }
    }
    if !text.is_empty() || parts.is_empty() {
        parts.push(Part::Text(text));
    }
    Ok(parts)
}

fn braced(name: &str, source: &str) -> Result<Part, String> {
    if name.starts_with('/') || name.starts_with('@') {
        return field(name);
    }
    let is_path = |name: &str| name.chars().all(|c| c.is_alphanumeric() || "_-.*$@ :".contains(c));
    if name.is_empty() || !is_path(name) {
        return Err(format!(
            "`{{{name}}}` in `{source}` is not a field such as `{{owner.login}}`; nothing is calculated here"
        ));
    }
    path(name.split('.'), name)
}

/// Reads a JSON pointer or a built-in.
fn field(text: &str) -> Result<Part, String> {
    match text {
        "@text" => Ok(Part::ExtractedText),
        "@changed_at" => Ok(Part::ChangedAt),
        "@stream" => Ok(Part::Stream),
        other if other.starts_with('@') => Err(format!(
            "`{other}` is not known; {}",
            crate::suggest::hint(other, &["@text", "@changed_at", "@stream"])
        )),
        pointer => path(pointer[1..].split('/'), pointer),
    }
}

fn path<'a>(segments: impl Iterator<Item = &'a str>, whole: &str) -> Result<Part, String> {
    let mut path = Vec::new();
    for segment in segments {
        if segment.is_empty() {
            return Err(format!(
                "`{whole}` has an empty name in it; a field looks like `/owner/login` or `{{owner.login}}`"
            ));
        }
        path.push(match segment {
            "*" => Segment::Each,
            name => Segment::Name(name.replace("~1", "/").replace("~0", "~")),
        });
    }
    if path.len() > SEGMENTS_MAX {
        return Err(format!("`{whole}` goes more than {SEGMENTS_MAX} levels deep"));
    }
    Ok(Part::Field(path))
}

/// The values at a path, in order; nulls are none.
fn resolve<'a>(data: &'a Value, path: &[Segment]) -> Vec<&'a Value> {
    let mut found = Vec::new();
    descend(data, path, &mut found);
    found
}

fn descend<'a>(value: &'a Value, path: &[Segment], found: &mut Vec<&'a Value>) {
    if found.len() >= VALUES_MAX {
        return;
    }
    let Some((first, rest)) = path.split_first() else {
        match value {
            Value::Null => {}
            Value::Array(items) => found.extend(
                items
                    .iter()
                    .filter(|item| !item.is_null())
                    .take(VALUES_MAX - found.len()),
            ),
            other => found.push(other),
        }
        return;
    };
    match (first, value) {
        (Segment::Name(name), Value::Object(fields)) => {
            if let Some(below) = fields.get(name) {
                descend(below, rest, found);
            }
        }
        (Segment::Name(name), Value::Array(items)) => match name.parse::<usize>() {
            Ok(place) => {
                if let Some(item) = items.get(place) {
                    descend(item, rest, found);
                }
            }
            Err(_) => {
                for item in items.iter().filter(|item| item.is_object()) {
                    descend(item, path, found);
                }
            }
        },
        (Segment::Each, Value::Array(items)) => {
            for item in items {
                descend(item, rest, found);
            }
        }
        (Segment::Each, Value::Object(fields)) => {
            for item in fields.values() {
                descend(item, rest, found);
            }
        }
        _ => {}
    }
}

/// A value as a short text: itself, or the name of what it describes.
pub(super) fn name_of(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Array(_) => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Object(fields) => NAMES.iter().find_map(|name| match fields.get(*name) {
            Some(Value::String(text)) if !text.trim().is_empty() => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        }),
    }
}

/// Every text in a value, depth first.
fn gather(value: &Value, lines: &mut Vec<String>, depth: usize) {
    if depth > SEGMENTS_MAX || lines.len() >= 10 * VALUES_MAX {
        return;
    }
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => lines.push(number.to_string()),
        Value::String(text) if text.trim().is_empty() => {}
        Value::String(text) => lines.push(text.clone()),
        Value::Array(items) => {
            for item in items {
                gather(item, lines, depth + 1);
            }
        }
        // In an object (a rich text, a comment with its author), only texts are prose.
        Value::Object(fields) => {
            for (name, item) in fields {
                if !item.is_number() && !NO_PROSE.contains(&name.as_str()) {
                    gather(item, lines, depth + 1);
                }
            }
        }
    }
}
