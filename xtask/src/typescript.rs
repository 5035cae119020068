//! `web/src/api/schema.ts`: the types of the HTTP API in TypeScript, from its OpenAPI description.
//!
//! A generator of our own, because what there is needs a TypeScript compiler of a version that the web UI does not use,
//! and our description uses a small part of JSON Schema. What is not understood becomes `unknown`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

const HEAD: &str = "\
// The nouns and operations of the HTTP API. Written from docs/reference/openapi.json by `make gen`.
";

/// The file, from the description at `path` below the repository's root.
pub(crate) fn from_file(root: &Path, path: &str) -> Result<String> {
    let text = fs::read_to_string(root.join(path)).with_context(|| format!("could not read `{path}`"))?;
    let document: Value = serde_json::from_str(&text).with_context(|| format!("`{path}` is not JSON"))?;
    Ok(from_document(&document))
}

fn from_document(document: &Value) -> String {
    let mut text = HEAD.to_owned();
    for (name, schema) in members(&document["components"]["schemas"]) {
        text.push('\n');
        text.push_str(&comment(schema["description"].as_str(), 0));
        let is_object = schema["type"] == "object" && schema["properties"].is_object();
        if is_object {
            text.extend([format!("export interface {name} {}\n", kind(schema, 0))]);
        } else {
            text.extend([format!("export type {name} = {};\n", kind(schema, 0))]);
        }
    }
    text.push_str("\n/** Every operation: how it is called, what it takes and what it answers. */\n");
    text.push_str("export interface Operations {\n");
    for (path, methods) in members(&document["paths"]) {
        for (method, operation) in members(methods) {
            text.push_str(&described(path, method, operation));
        }
    }
    text.push_str("}\n");
    text
}

/// One member of `Operations`.
fn described(path: &str, method: &str, operation: &Value) -> String {
    let parameters = |place: &str| {
        let all = operation["parameters"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let here: Vec<String> = all
            .iter()
            .filter(|one| one["in"] == place)
            .map(|one| {
                let mark = if one["required"] == true { "" } else { "?" };
                let name = one["name"].as_str().unwrap_or_default();
                format!("{}{mark}: {}", key(name), kind(&one["schema"], 2))
            })
            .collect();
        if here.is_empty() {
            "undefined".to_owned()
        } else {
            format!("{{ {} }}", here.join("; "))
        }
    };
    let body = &operation["requestBody"];
    let body_kind = content(body).map_or_else(|| "undefined".to_owned(), |schema| kind(schema, 2));
    let answers = members(&operation["responses"]).filter(|(status, _)| status.starts_with('2'));
    let answers: Vec<String> = answers
        .map(|(_, answer)| content(answer).map_or_else(|| "undefined".to_owned(), |schema| kind(schema, 2)))
        .collect();
    let name = operation["operationId"].as_str().unwrap_or_default();
    let summary = operation["summary"].as_str().or(operation["description"].as_str());
    let optional = if body["required"] == true || content(body).is_none() {
        ""
    } else {
        " | undefined"
    };
    format!(
        "{}  {}: {{\n    method: {:?};\n    path: {path:?};\n    params: {};\n    query: {};\n    body: {body_kind}{optional};\n    \
         answer: {};\n  }};\n",
        comment(summary, 2),
        key(name),
        method.to_uppercase(),
        parameters("path"),
        parameters("query"),
        answers.join(" | "),
    )
}

/// The schema of a body, whatever its media type.
fn content(body: &Value) -> Option<&Value> {
    let (_, first) = members(&body["content"]).next()?;
    first.get("schema")
}

/// A schema as a type; `indent` is that of the line on which it begins.
fn kind(schema: &Value, indent: usize) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or("unknown").to_owned();
    }
    if let Some(words) = schema["enum"].as_array() {
        return joined(words.iter().map(Value::to_string), " | ");
    }
    if let Some(constant) = schema.get("const") {
        return constant.to_string();
    }
    for (word, joint) in [("oneOf", " | "), ("anyOf", " | "), ("allOf", " & ")] {
        if let Some(several) = schema[word].as_array() {
            return joined(several.iter().map(|one| kind(one, indent)), joint);
        }
    }
    match &schema["type"] {
        Value::String(word) => plain(word, schema, indent),
        Value::Array(words) => joined(
            words
                .iter()
                .filter_map(Value::as_str)
                .map(|word| plain(word, schema, indent)),
            " | ",
        ),
        _ => "unknown".to_owned(),
    }
}

fn plain(word: &str, schema: &Value, indent: usize) -> String {
    match word {
        "string" => "string".to_owned(),
        "integer" | "number" => "number".to_owned(),
        "boolean" => "boolean".to_owned(),
        "null" => "null".to_owned(),
        "array" => {
            let items = kind(&schema["items"], indent);
            if items.contains([' ', '\n']) {
                format!("Array<{items}>")
            } else {
                format!("{items}[]")
            }
        }
        "object" => object(schema, indent),
        _ => "unknown".to_owned(),
    }
}

fn object(schema: &Value, indent: usize) -> String {
    let Some(properties) = schema["properties"].as_object() else {
        let others = &schema["additionalProperties"];
        let value = if others.is_object() {
            kind(others, indent)
        } else {
            "unknown".to_owned()
        };
        return format!("{{ [name: string]: {value} }}");
    };
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let inner = indent + 2;
    let pad = " ".repeat(inner);
    let mut text = "{\n".to_owned();
    for (name, property) in properties {
        let mark = if required.iter().any(|one| one == name) {
            ""
        } else {
            "?"
        };
        text.push_str(&comment(property["description"].as_str(), inner));
        text.extend([format!("{pad}{}{mark}: {};\n", key(name), kind(property, inner))]);
    }
    text.push_str(&" ".repeat(indent));
    text.push('}');
    text
}

fn joined(kinds: impl Iterator<Item = String>, joint: &str) -> String {
    let mut all: Vec<String> = Vec::new();
    for one in kinds {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    if all.is_empty() {
        "unknown".to_owned()
    } else {
        all.join(joint)
    }
}

fn comment(text: Option<&str>, indent: usize) -> String {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return String::new();
    };
    let words = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace("*/", "* /");
    format!("{}/** {words} */\n", " ".repeat(indent))
}

/// A property's name, quoted where it has to be.
fn key(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_plain { name.to_owned() } else { format!("{name:?}") }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_understood_of_a_schema_becomes_a_type() {
        for (schema, expected) in [
            (json!({}), "unknown"),
            (json!({"type": "strange"}), "unknown"),
            (json!({"oneOf": []}), "unknown"),
            (json!({"type": ["integer", "null"], "format": "int64"}), "number | null"),
            (json!({"type": "string", "enum": ["a", "b"]}), "\"a\" | \"b\""),
            (
                json!({"oneOf": [{"$ref": "#/components/schemas/Sync"}, {"type": "null"}]}),
                "Sync | null",
            ),
            (
                json!({"type": "array", "items": {"oneOf": [{"type": "string"}, {"type": "number"}]}}),
                "Array<string | number>",
            ),
            (json!({"type": "object"}), "{ [name: string]: unknown }"),
            (
                json!({"type": "object", "additionalProperties": {"type": "string"}}),
                "{ [name: string]: string }",
            ),
            (
                json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "boolean"}, "b-c": {"type": "string"}}}),
                "{\n  a: boolean;\n  \"b-c\"?: string;\n}",
            ),
        ] {
            assert_eq!(kind(&schema, 0), expected, "{schema}");
        }
    }

    #[test]
    fn an_operation_says_how_it_is_called() {
        let operation = json!({
            "operationId": "rename", "summary": "Gives it */ another name.",
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}},
                {"name": "dry", "in": "query", "schema": {"type": "boolean"}}],
            "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Name"}}}},
            "responses": {"204": {}, "default": {"content": {"application/problem+json": {"schema": {"$ref": "#/x/Problem"}}}}},
        });
        let text = described("/things/{id}", "patch", &operation);
        assert_eq!(
            text,
            "  /** Gives it * / another name. */\n  rename: {\n    method: \"PATCH\";\n    path: \"/things/{id}\";\n    \
             params: { id: number };\n    query: { dry?: boolean };\n    body: Name;\n    answer: undefined;\n  };\n"
        );
    }
}
