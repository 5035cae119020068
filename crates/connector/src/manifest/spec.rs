//! The configuration against the manifest's own schema: defaults and what is required.

use serde_json::{Map, Value as Json};

use crate::Error;

/// The configuration with the schema's defaults filled in. The error names every required field that is missing.
pub(super) fn complete(schema: &Json, config: Json) -> Result<Json, Error> {
    let config = match config {
        Json::Null => Json::Object(Map::new()),
        Json::Object(map) => Json::Object(map),
        _ => {
            return Err(Error::FixConfiguration(
                "the configuration is not a map of fields".to_owned(),
            ));
        }
    };
    let mut missing = Vec::new();
    let config = fill(schema, config, "", &mut missing);
    if missing.is_empty() {
        Ok(config)
    } else {
        Err(Error::FixConfiguration(format!(
            "the configuration lacks {}",
            missing.join(", ")
        )))
    }
}

fn fill(schema: &Json, config: Json, prefix: &str, missing: &mut Vec<String>) -> Json {
    let Json::Object(mut map) = config else { return config };
    let properties = schema.get("properties").and_then(Json::as_object);
    for (name, property) in properties.into_iter().flatten() {
        match map.get_mut(name) {
            Some(value) if value.is_object() => {
                *value = fill(property, value.take(), &format!("{prefix}{name}."), missing);
            }
            Some(_) => {}
            None => {
                if let Some(default) = property.get("default") {
                    map.insert(name.clone(), default.clone());
                }
            }
        }
    }
    let required = schema.get("required").and_then(Json::as_array);
    for name in required.into_iter().flatten().filter_map(Json::as_str) {
        if map.get(name).is_none_or(Json::is_null) {
            let title = properties
                .and_then(|properties| properties.get(name)?.get("title")?.as_str())
                .map(|title| format!(" ({title})"))
                .unwrap_or_default();
            missing.push(format!("`{prefix}{name}`{title}"));
        }
    }
    Json::Object(map)
}
