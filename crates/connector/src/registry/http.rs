//! The connector `http`: a manifest and its configuration become a source.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Built, Environment};
use crate::manifest::{self, Limits, Source};
use crate::mapping::Mapping;
use crate::{Connector, Error};

pub(super) fn build(
    config: &Value,
    secrets: &Value,
    manifest: Option<&str>,
    search: Option<&str>,
    environment: &Environment,
) -> Result<Built, Error> {
    let manifest = needed(manifest)?;
    let whole = with_secrets(config, secrets)?;
    let mut limits = Limits::default();
    if let Some(pages_max) = environment.pages_max {
        limits.pages_max = pages_max;
    }
    let source = Source::new(
        manifest,
        whole,
        environment.client.clone(),
        Arc::clone(&environment.clock),
    )?
    .with_limits(limits);
    let streams = source.streams()?;
    let mapping = match search {
        Some(yaml) => {
            let names: Vec<&str> = streams.iter().map(|stream| stream.name.as_str()).collect();
            Mapping::parse_for(yaml, "search.yaml", &names)?.complete(&streams, &[])
        }
        None => Mapping::guess(&streams, &[]),
    };
    let source = Arc::new(source);
    Ok(Built {
        connector: Arc::clone(&source) as Arc<dyn Connector>,
        mapping,
        warnings: source.warnings().to_vec(),
        folder: None,
        source: Some(source),
    })
}

/// What the manifest says about its configuration.
pub(super) fn describe(manifest: Option<&str>) -> Result<manifest::Description, Error> {
    manifest::describe(needed(manifest)?)
}

fn needed(manifest: Option<&str>) -> Result<&str, Error> {
    manifest.filter(|text| !text.trim().is_empty()).ok_or_else(|| {
        Error::FixConfiguration(
            "the connector `http` needs a manifest: give the text of its `manifest.yaml`".to_owned(),
        )
    })
}

/// The configuration with its secrets put back. Their names may have dots between levels.
fn with_secrets(config: &Value, secrets: &Value) -> Result<Value, Error> {
    let mut whole = match config {
        Value::Null => Map::new(),
        Value::Object(fields) => fields.clone(),
        _ => {
            return Err(Error::FixConfiguration(
                "the configuration must be an object".to_owned(),
            ));
        }
    };
    match secrets {
        Value::Null => {}
        Value::Object(secrets) => {
            for (name, secret) in secrets {
                put(&mut whole, name, secret);
            }
        }
        _ => {
            return Err(Error::FixConfiguration(
                "the secrets must be an object of names and values".to_owned(),
            ));
        }
    }
    Ok(Value::Object(whole))
}

/// Puts one secret in its place; what stands there and is no object gives way.
fn put(fields: &mut Map<String, Value>, name: &str, secret: &Value) {
    if let Some((first, rest)) = name.split_once('.') {
        let below = fields.entry(first).or_insert_with(|| Value::Object(Map::new()));
        if !below.is_object() {
            *below = Value::Object(Map::new());
        }
        if let Value::Object(below) = below {
            put(below, rest, secret);
        }
        return;
    }
    match (fields.get_mut(name), secret) {
        (Some(Value::Object(below)), Value::Object(secrets)) => {
            for (name, secret) in secrets {
                put(below, name, secret);
            }
        }
        _ => {
            fields.insert(name.to_owned(), secret.clone());
        }
    }
}

/// Takes the values of secret fields out of a configuration; the names keep their dots.
pub(super) fn take_secrets(config: &mut Value, secret_fields: &[String]) -> Map<String, Value> {
    let mut secrets = Map::new();
    for field in secret_fields {
        let pointer = format!("/{}", field.replace('.', "/"));
        let Some((parent, name)) = pointer.rsplit_once('/') else {
            continue;
        };
        if let Some(Value::Object(fields)) = config.pointer_mut(parent)
            && let Some(secret) = fields.shift_remove(name)
            && !secret.is_null()
        {
            secrets.insert(field.clone(), secret);
        }
    }
    secrets
}
