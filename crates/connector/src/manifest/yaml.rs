//! YAML with lines: the manifest as it was written.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value as Json};

use crate::syntax;

/// How large a manifest may be, in bytes.
const MANIFEST_BYTES_MAX: usize = 8 << 20;

/// How many bytes of text count like one value.
const WEIGHT_BYTES: u64 = 64;

/// A value and the line it starts on. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// From 1; 0 where it is not known.
    pub(super) line: u32,
    pub(super) shape: Shape,
}

/// What a [`Node`] is.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    Null,
    Bool(bool),
    Number(Number),
    Text(Arc<str>),
    List(Arc<Vec<Node>>),
    Map(Arc<Vec<(Arc<str>, Node)>>),
}

impl Node {
    /// Reads a manifest. The error names line and column.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > MANIFEST_BYTES_MAX {
            return Err(format!(
                "the manifest has {} bytes; up to {MANIFEST_BYTES_MAX} are read",
                text.len()
            ));
        }
        let mut options = serde_saphyr::Options::default();
        options.duplicate_keys = serde_saphyr::DuplicateKeyPolicy::LastWins;
        options.with_snippet = false;
        serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let place = error
                .location()
                .map(|at| format!("line {}, column {}: ", at.line(), at.column()))
                .unwrap_or_default();
            format!("{place}the manifest can't be read as YAML: {}", syntax::why(&error))
        })
    }

    /// The value of a key, where this is a map.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match &self.shape {
            Shape::Map(entries) => entries.iter().find(|(found, _)| &**found == key).map(|(_, node)| node),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.shape {
            Shape::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn list(&self) -> Option<&[Self]> {
        match &self.shape {
            Shape::List(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn map(&self) -> Option<&[(Arc<str>, Self)]> {
        match &self.shape {
            Shape::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// Whether Python would take it for true.
    pub(super) fn is_truthy(&self) -> bool {
        match &self.shape {
            Shape::Null => false,
            Shape::Bool(value) => *value,
            Shape::Number(number) => number.as_f64() != Some(0.0),
            Shape::Text(text) => !text.is_empty(),
            Shape::List(items) => !items.is_empty(),
            Shape::Map(entries) => !entries.is_empty(),
        }
    }

    /// How much it counts without what is in it: long text for more.
    pub(super) fn own_weight(&self) -> u64 {
        let bytes = match &self.shape {
            Shape::Text(text) => text.len(),
            Shape::Map(entries) => entries.iter().map(|(key, _)| key.len()).sum(),
            _ => 0,
        };
        1 + bytes as u64 / WEIGHT_BYTES
    }

    /// How much it counts with everything in it.
    pub(super) fn weight(&self) -> u64 {
        let inner: u64 = match &self.shape {
            Shape::List(items) => items.iter().map(Self::weight).sum(),
            Shape::Map(entries) => entries.iter().map(|(_, node)| node.weight()).sum(),
            _ => 0,
        };
        self.own_weight() + inner
    }

    /// What it is, in a word.
    pub(super) fn kind(&self) -> &'static str {
        match &self.shape {
            Shape::Null => "nothing",
            Shape::Bool(_) => "a yes or no",
            Shape::Number(_) => "a number",
            Shape::Text(_) => "text",
            Shape::List(_) => "a list",
            Shape::Map(_) => "a map",
        }
    }

    /// The same without lines.
    pub(super) fn to_json(&self) -> Json {
        match &self.shape {
            Shape::Null => Json::Null,
            Shape::Bool(value) => Json::Bool(*value),
            Shape::Number(number) => Json::Number(number.clone()),
            Shape::Text(text) => Json::String(text.to_string()),
            Shape::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Shape::Map(entries) => {
                let mut map = Map::with_capacity(entries.len());
                for (key, node) in entries.iter() {
                    map.insert(key.to_string(), node.to_json());
                }
                Json::Object(map)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = serde_saphyr::Spanned::<Shape>::deserialize(deserializer)?;
        Ok(Self {
            line: u32::try_from(spanned.referenced.line()).unwrap_or(0),
            shape: spanned.value,
        })
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Shape, E> {
        Ok(Shape::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Shape, E> {
        Ok(Shape::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Shape, D::Error> {
        deserializer.deserialize_any(Self)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Shape, E> {
        Ok(Shape::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Shape, E> {
        Ok(Shape::Number(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Shape, E> {
        Ok(Shape::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Shape, E> {
        Number::from_f64(value)
            .map(Shape::Number)
            .ok_or_else(|| E::custom("a number has to be finite"))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Shape, E> {
        Ok(Shape::Text(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Shape::List(Arc::new(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Shape, A::Error> {
        let mut map: Vec<(Arc<str>, Node)> = Vec::new();
        let mut places: HashMap<Arc<str>, usize> = HashMap::new();
        while let Some((key, node)) = entries.next_entry::<Node, Node>()? {
            let key: Arc<str> = match key.shape {
                Shape::Text(text) => text,
                Shape::Bool(value) => value.to_string().into(),
                Shape::Number(number) => number.to_string().into(),
                Shape::Null => "null".into(),
                Shape::List(_) | Shape::Map(_) => {
                    return Err(de::Error::custom("a key has to be text"));
                }
            };
            if let Some(at) = places.get(&key) {
                map[*at].1 = node;
            } else {
                places.insert(Arc::clone(&key), map.len());
                map.push((key, node));
            }
        }
        Ok(Shape::Map(Arc::new(map)))
    }
}
