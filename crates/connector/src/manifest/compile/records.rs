//! Record selectors and transformations.

use super::Compiler;
use super::request::nested;
use crate::manifest::ir::{AddedField, Selector, Transform};
use crate::manifest::jinja::Kind;
use crate::manifest::part::{Part, Problem};
use crate::manifest::yaml::{Node, Shape};

impl Compiler {
    pub(super) fn selector(&mut self, part: &Part, transforms: Vec<Transform>) -> Result<Selector, Problem> {
        if part.kind != "RecordSelector" {
            return Err(part.refused());
        }
        self.known(
            part,
            &[
                "extractor",
                "record_filter",
                "schema_normalization",
                "transform_before_filtering",
            ],
        );
        if part.text("schema_normalization").is_some_and(|kind| kind != "None") {
            let note = "`schema_normalization` is not applied: values keep the type that the provider gives them";
            self.warn(part, "schema_normalization", note);
        }
        if let Some(custom) = part.child("schema_normalization", "").ok().flatten() {
            return Err(custom.refused());
        }
        let extractor = part
            .child("extractor", "DpathExtractor")?
            .ok_or_else(|| part.problem("", "a record selector needs an `extractor`"))?;
        if extractor.kind != "DpathExtractor" {
            return Err(extractor.refused());
        }
        self.known(&extractor, &["field_path", "decoder", "record_expander"]);
        if let Some(expander) = extractor.child("record_expander", "RecordExpander")? {
            return Err(expander.refused());
        }
        let filter = match part.child("record_filter", "RecordFilter")? {
            None => None,
            Some(filter) if filter.kind == "RecordFilter" => {
                self.known(&filter, &["condition"]);
                filter.template("condition")?
            }
            Some(filter) => return Err(filter.refused()),
        };
        Ok(Selector {
            path: extractor.templates("field_path")?,
            filter,
            transforms,
            transforms_first: part.bool("transform_before_filtering")?,
        })
    }

    pub(super) fn transforms(&mut self, stream: &Part) -> Result<Vec<Transform>, Problem> {
        let mut transforms = Vec::new();
        for part in stream.children("transformations", "")? {
            transforms.push(match part.kind.as_str() {
                "AddFields" => {
                    self.known(&part, &["fields", "condition"]);
                    let mut fields = Vec::new();
                    for field in part.children("fields", "AddedFieldDefinition")? {
                        self.known(&field, &["path", "value", "value_type"]);
                        fields.push(added_field(&field)?);
                    }
                    Transform::Add {
                        fields,
                        condition: part.template("condition")?,
                    }
                }
                "RemoveFields" => {
                    self.known(&part, &["field_pointers", "condition"]);
                    let pointers = part.field("field_pointers").and_then(Node::list).unwrap_or_default();
                    Transform::Remove {
                        pointers: pointers.iter().map(pointer).collect(),
                        condition: part.template("condition")?,
                    }
                }
                "KeysToLower" => Transform::KeysToLower,
                "KeysToSnakeCase" => Transform::KeysToSnakeCase,
                _ => return Err(part.refused()),
            });
        }
        Ok(transforms)
    }
}

fn added_field(part: &Part) -> Result<AddedField, Problem> {
    let path = part.templates("path")?;
    if path.is_empty() {
        return Err(part.problem("path", "an added field needs a `path`"));
    }
    let kind = match part.text("value_type") {
        None => Kind::Any,
        Some("string") => Kind::Text,
        Some("integer") => Kind::Int,
        Some("number") => Kind::Float,
        Some("boolean") => Kind::Bool,
        Some(other) => return Err(part.problem("value_type", format!("the type `{other}` is not supported"))),
    };
    let value = part
        .field("value")
        .ok_or_else(|| part.problem("", "an added field needs a `value`"))?;
    Ok(AddedField {
        path,
        value: nested(part, value, "value")?,
        kind,
    })
}

fn pointer(node: &Node) -> Vec<String> {
    match &node.shape {
        Shape::Text(name) => vec![name.to_string()],
        Shape::List(path) => path
            .iter()
            .map(|part| match &part.shape {
                Shape::Text(text) => text.to_string(),
                _ => part.to_json().to_string(),
            })
            .collect(),
        _ => Vec::new(),
    }
}
