//! Which fields mean what, by their names.

use std::collections::{BTreeMap, BTreeSet};

use model::connector::StreamInfo;
use serde_json::Value;

use super::value::Template;
use super::{Mapping, StreamMapping};

const TITLE: [&str; 14] = [
    "title",
    "name",
    "subject",
    "summary",
    "headline",
    "display_name",
    "displayName",
    "full_name",
    "fullName",
    "label",
    "file_name",
    "filename",
    "identifier",
    "key",
];
const BODY: [&str; 16] = [
    "body",
    "description",
    "desc",
    "text",
    "content",
    "body_text",
    "plain_text",
    "message",
    "notes",
    "note",
    "comment",
    "comments",
    "summary",
    "excerpt",
    "snippet",
    "readme",
];
const URL: [&str; 14] = [
    "html_url",
    "web_url",
    "webUrl",
    "webViewLink",
    "permalink_url",
    "permalink",
    "public_url",
    "app_url",
    "shortUrl",
    "short_url",
    "url",
    "link",
    "href",
    "self",
];
const PATH: [&str; 5] = ["full_path", "path_with_namespace", "full_name", "path", "folder"];
const PEOPLE: [&str; 20] = [
    "author",
    "authors",
    "creator",
    "created_by",
    "createdBy",
    "user",
    "owner",
    "owners",
    "reporter",
    "sender",
    "from",
    "assignee",
    "assignees",
    "members",
    "people",
    "modified_by",
    "modifiedBy",
    "lastModifyingUser",
    "to",
    "contact",
];
const CREATED: [&str; 12] = [
    "created_at",
    "createdAt",
    "created",
    "created_time",
    "createdTime",
    "created_on",
    "creation_date",
    "date_created",
    "dateCreated",
    "published_at",
    "publishedAt",
    "date",
];
const CHANGED: [&str; 17] = [
    "updated_at",
    "updatedAt",
    "modified_at",
    "modifiedAt",
    "updated",
    "modified",
    "last_modified",
    "lastModified",
    "modified_time",
    "modifiedTime",
    "last_edited_time",
    "updated_on",
    "date_updated",
    "dateLastActivity",
    "last_activity_at",
    "last_activity_date",
    "systemModstamp",
];
/// Facet, and the fields that it is made of.
const FACETS: [(&str, &[&str]); 4] = [
    ("status", &["status", "state"]),
    ("label", &["labels", "tags", "categories"]),
    ("type", &["type", "issue_type", "category"]),
    ("project", &["project", "repository", "board", "workspace"]),
];

/// The mapping of a stream of which nothing is known but its name: every usual name is tried on each record.
pub(super) fn usual(stream: &str) -> StreamMapping {
    of_known(stream, None)
}

/// The guess for all streams.
pub(super) fn mapping(streams: &[StreamInfo], samples: &[(String, Value)]) -> Mapping {
    let mut known: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for stream in streams {
        let fields = known.entry(&stream.name).or_default();
        if let Some(properties) = stream.schema.get("properties").and_then(Value::as_object) {
            fields.extend(properties.keys().map(String::as_str));
        }
    }
    for (stream, record) in samples {
        let fields = known.entry(stream).or_default();
        if let Some(record) = record.as_object() {
            fields.extend(
                record
                    .iter()
                    .filter(|(_, value)| !value.is_null())
                    .map(|(name, _)| name.as_str()),
            );
        }
    }
    let streams = known
        .into_iter()
        .map(|(stream, fields)| {
            let known = (!fields.is_empty()).then_some(&fields);
            (stream.to_owned(), of_known(stream, known))
        })
        .collect();
    Mapping { streams }
}

/// The usual names, of those that the stream has; all of them when nothing is known about it.
fn of_known(stream: &str, known: Option<&BTreeSet<&str>>) -> StreamMapping {
    let fields = |names: &[&str]| -> Vec<Template> {
        names
            .iter()
            .filter(|name| known.is_none_or(|known| known.contains(*name)))
            .map(|name| Template::of_field(name))
            .collect()
    };
    let built_in = |text: &str| Template::parse(text).into_iter();
    let mut body = fields(&BODY);
    body.extend(built_in("@text"));
    let mut changed_at: Vec<Template> = built_in("@changed_at").collect();
    changed_at.extend(fields(&CHANGED));
    let facets = FACETS
        .iter()
        .map(|(facet, names)| ((*facet).to_owned(), fields(names)))
        .filter(|(_, fields)| !fields.is_empty())
        .collect();
    StreamMapping {
        is_searched: true,
        kind: built_in(&plain(&singular(stream))).collect(),
        title: fields(&TITLE),
        body,
        url: fields(&URL),
        path: fields(&PATH),
        people: fields(&PEOPLE),
        created_at: fields(&CREATED),
        changed_at,
        facets,
        ..StreamMapping::default()
    }
}

/// One of what the stream holds many of: `issues` → `issue`, `companies` → `company`.
fn singular(stream: &str) -> String {
    let name = stream.to_lowercase();
    if let Some(stem) = name.strip_suffix("ies").filter(|stem| stem.len() > 2) {
        return format!("{stem}y");
    }
    for ending in ["ss", "us", "is", "news"] {
        if name.ends_with(ending) {
            return name;
        }
    }
    for ending in ["ses", "xes", "ches", "shes"] {
        if let Some(stem) = name.strip_suffix("es").filter(|_| name.ends_with(ending)) {
            return stem.to_owned();
        }
    }
    match name.strip_suffix('s').filter(|stem| stem.len() > 1) {
        Some(stem) => stem.to_owned(),
        None => name,
    }
}

/// Text in which nothing means anything but itself.
fn plain(text: &str) -> String {
    let text = text.replace('{', "{{").replace('}', "}}");
    // A leading `/` or `@` would make a field of it.
    text.trim_start_matches(['/', '@']).to_owned()
}
