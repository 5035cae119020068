//! The configuration's secrets, and how they are kept out of URLs, messages and logs.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;

/// What stands in the place of a secret.
pub(super) const HIDDEN: &str = "***";

/// Shorter values are not hidden: they would blot out half of every text.
const LENGTH_MIN: usize = 4;

/// The secret values of one configuration.
#[derive(Clone, Default)]
pub(super) struct Secrets(Vec<String>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

impl Secrets {
    /// Collects the values that the schema marks as secret, and those whose name says that they are.
    pub(super) fn collect(schema: &Json, config: &Json) -> Self {
        let mut found = Vec::new();
        walk(schema, config, &mut found);
        let encoded: Vec<String> = found
            .iter()
            .map(|secret| utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string())
            .collect();
        let forms: Vec<String> = found
            .iter()
            .map(|secret| url::form_urlencoded::byte_serialize(secret.as_bytes()).collect())
            .collect();
        found.extend(encoded);
        found.extend(forms);
        found.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        found.dedup();
        Self(found)
    }

    /// A hash of them all, which tells credentials apart and says nothing about them.
    pub(super) fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for secret in &self.0 {
            hasher.update(&(secret.len() as u64).to_le_bytes());
            hasher.update(secret.as_bytes());
        }
        hasher.finalize().to_hex()[..32].to_owned()
    }

    /// The text with every secret hidden.
    pub(super) fn hide(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), HIDDEN);
            }
        }
        text
    }
}

/// The names of the fields that the schema marks as secret, with dots between levels.
pub(super) fn secret_fields(schema: &Json) -> Vec<String> {
    let mut found = Vec::new();
    fields(schema, "", &mut found);
    found.sort();
    found.dedup();
    found
}

fn fields(schema: &Json, prefix: &str, found: &mut Vec<String>) {
    if let Some(properties) = schema.get("properties").and_then(Json::as_object) {
        for (name, property) in properties {
            let path = if prefix.is_empty() {
                name.clone()
            } else {
                format!("{prefix}.{name}")
            };
            // A list with a secret in its items is secret as a whole: its items have no names of their own.
            if is_marked(property) || items(property).any(holds_secret) {
                found.push(path.clone());
            }
            fields(property, &path, found);
        }
    }
    for choice in choices(schema) {
        fields(choice, prefix, found);
    }
}

fn is_marked(schema: &Json) -> bool {
    schema.get("airbyte_secret").and_then(Json::as_bool) == Some(true)
}

/// The schemas of a list's items: one for all, or one for each place.
fn items(schema: &Json) -> impl Iterator<Item = &Json> {
    let items = schema.get("items");
    let each = items.and_then(Json::as_array).into_iter().flatten();
    items.filter(|items| items.is_object()).into_iter().chain(each)
}

fn choices(schema: &Json) -> impl Iterator<Item = &Json> {
    let lists = ["oneOf", "anyOf", "allOf"]
        .into_iter()
        .filter_map(|list| schema.get(list));
    lists.filter_map(Json::as_array).flatten()
}

fn holds_secret(schema: &Json) -> bool {
    let properties = schema.get("properties").and_then(Json::as_object);
    is_marked(schema)
        || properties.into_iter().flat_map(|map| map.values()).any(holds_secret)
        || items(schema).any(holds_secret)
        || choices(schema).any(holds_secret)
}

fn walk(schema: &Json, config: &Json, found: &mut Vec<String>) {
    match config {
        Json::Object(map) => {
            for (key, value) in map {
                let mut inner = Vec::new();
                properties(schema, key, &mut inner);
                if inner.iter().any(|property| is_marked(property)) || sounds_secret(key) {
                    texts(value, found);
                }
                for property in inner {
                    walk(property, value, found);
                }
            }
        }
        Json::Array(list) => {
            let schemas: Vec<&Json> = items(schema).collect();
            for item in list {
                for schema in &schemas {
                    if is_marked(schema) {
                        texts(item, found);
                    }
                    walk(schema, item, found);
                }
                if schemas.is_empty() {
                    walk(schema, item, found);
                }
            }
        }
        _ => {}
    }
}

/// The schemas of a property, those inside alternatives included.
fn properties<'s>(schema: &'s Json, name: &str, found: &mut Vec<&'s Json>) {
    found.extend(schema.get("properties").and_then(|properties| properties.get(name)));
    for choice in choices(schema) {
        properties(choice, name, found);
    }
}

fn texts(value: &Json, found: &mut Vec<String>) {
    match value {
        Json::String(text) if text.len() >= LENGTH_MIN => found.push(text.clone()),
        Json::Number(number) if number.to_string().len() >= LENGTH_MIN => found.push(number.to_string()),
        Json::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Json::Object(map) => map.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

fn sounds_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "password",
        "secret",
        "token",
        "api_key",
        "apikey",
        "credential",
        "private_key",
    ]
    .iter()
    .any(|part| name.contains(part))
}
