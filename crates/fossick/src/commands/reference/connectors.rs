//! Every built-in connector: what a source of it is configured with.

use serde_json::Value;

use super::MADE;

/// The page.
pub(super) fn text() -> String {
    let mut text = format!(
        "# Connectors\n\n{MADE}`GET /api/v1/connectors` answers the same with the whole JSON Schemas. The mapping to \
         documents is in [search.yaml](../guide/search-yaml.md).\n"
    );
    for one in connector::registry::connectors() {
        text.extend([format!("\n## `{}`: {}\n\n{}\n\n", one.name, one.title, one.description)]);
        let properties = one.config_schema.get("properties").and_then(Value::as_object);
        match properties {
            Some(properties) => text.push_str(&table(properties, &one.config_schema["required"])),
            None => text.push_str("What it is configured with, its manifest says.\n"),
        }
    }
    text
}

fn table(properties: &serde_json::Map<String, Value>, required: &Value) -> String {
    let mut text = "| key | takes | default | what it does |\n| --- | --- | --- | --- |\n".to_owned();
    for (key, schema) in properties {
        let is_required = required
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one.as_str() == Some(key)));
        let default = match &schema["default"] {
            Value::Null if is_required => "must be given".to_owned(),
            Value::Null => String::new(),
            default => format!("`{default}`"),
        };
        let about = schema["description"].as_str().unwrap_or_default();
        text.extend([format!("| `{key}` | {} | {default} | {about} |\n", takes(schema))]);
    }
    text
}

fn takes(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words
            .iter()
            .filter_map(Value::as_str)
            .map(|word| format!("`{word}`"))
            .collect();
        return words.join(" or ");
    }
    match schema["type"].as_str() {
        Some("array") => format!("list of {}", takes(&schema["items"])),
        Some(kind) => kind.to_owned(),
        None => "any value".to_owned(),
    }
}
