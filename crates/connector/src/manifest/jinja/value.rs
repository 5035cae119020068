//! Values of expressions: what JSON holds, and Python's dates.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::Error;
use crate::manifest::datetime::{DateTime, Delta};

/// A value of Python's. JSON is borrowed, not copied.
#[derive(Debug, Clone)]
pub(super) enum Value<'a> {
    /// What is not there. Prints as nothing; most uses of it are errors.
    Undefined(Cow<'a, str>),
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(Cow<'a, str>),
    List(Arc<Vec<Self>>),
    Tuple(Arc<Vec<Self>>),
    Dict(Arc<Vec<(Self, Self)>>),
    Array(&'a [Json]),
    Object(&'a Map<String, Json>),
    /// An object whose keys are looked up in lower case: the headers of an answer.
    Headers(&'a Map<String, Json>),
    DateTime(DateTime),
    Date(jiff::civil::Date),
    Delta(Delta),
}

impl<'a> Value<'a> {
    /// Borrows a JSON value.
    pub(super) fn from_json(json: &'a Json) -> Self {
        match json {
            Json::Null => Self::None,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => number
                .as_i64()
                .map(i128::from)
                .or_else(|| number.as_u64().map(i128::from))
                .map_or_else(|| Self::Float(number.as_f64().unwrap_or(f64::NAN)), Self::Int),
            Json::String(text) => Self::Str(Cow::Borrowed(text)),
            Json::Array(items) => Self::Array(items),
            Json::Object(map) => Self::Object(map),
        }
    }

    pub(super) fn str(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Str(text.into())
    }

    pub(super) fn list(items: Vec<Self>) -> Self {
        Self::List(Arc::new(items))
    }

    pub(super) fn undefined(what: impl Into<Cow<'a, str>>) -> Self {
        Self::Undefined(what.into())
    }

    /// The same as JSON; dates as text, tuples as arrays, keys as Python's `json` makes them.
    pub(super) fn to_json(&self) -> Json {
        match self {
            Self::Undefined(_) | Self::None => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Int(value) => int_json(*value),
            Self::Float(value) => serde_json::Number::from_f64(*value).map_or(Json::Null, Json::Number),
            Self::Str(text) => Json::String(text.clone().into_owned()),
            Self::List(items) | Self::Tuple(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Self::Dict(items) => Json::Object(items.iter().map(|(key, value)| (key.key(), value.to_json())).collect()),
            Self::Array(items) => Json::Array(items.to_vec()),
            Self::Object(map) | Self::Headers(map) => Json::Object((*map).clone()),
            Self::DateTime(_) | Self::Date(_) | Self::Delta(_) => Json::String(self.to_text()),
        }
    }

    /// This value as the key of a JSON object.
    fn key(&self) -> String {
        match self {
            Self::None => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            other => other.to_text(),
        }
    }

    /// Python's truth.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Undefined(_) | Self::None => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Str(text) => !text.is_empty(),
            Self::List(items) | Self::Tuple(items) => !items.is_empty(),
            Self::Dict(items) => !items.is_empty(),
            Self::Array(items) => !items.is_empty(),
            Self::Object(map) | Self::Headers(map) => !map.is_empty(),
            Self::DateTime(_) | Self::Date(_) => true,
            Self::Delta(delta) => !delta.is_zero(),
        }
    }

    /// The name of the type in Python.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Undefined(_) => "Undefined",
            Self::None => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Str(_) => "str",
            Self::List(_) | Self::Array(_) => "list",
            Self::Tuple(_) => "tuple",
            Self::Dict(_) | Self::Object(_) | Self::Headers(_) => "dict",
            Self::DateTime(_) => "datetime",
            Self::Date(_) => "date",
            Self::Delta(_) => "timedelta",
        }
    }

    /// What something undefined was called.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Undefined(what) => what,
            _ => "",
        }
    }

    /// The items of a list or tuple.
    pub(super) fn items(&self) -> Option<Vec<Self>> {
        match self {
            Self::List(items) | Self::Tuple(items) => Some(items.as_ref().clone()),
            Self::Array(items) => Some(items.iter().map(Self::from_json).collect()),
            _ => None,
        }
    }

    /// The pairs of a dict.
    pub(super) fn pairs(&self) -> Option<Vec<(Self, Self)>> {
        match self {
            Self::Dict(items) => Some(items.as_ref().clone()),
            Self::Object(map) | Self::Headers(map) => Some(
                map.iter()
                    .map(|(key, value)| (Self::str(key.as_str()), Self::from_json(value)))
                    .collect(),
            ),
            _ => None,
        }
    }

    /// What iterating yields: items, keys, characters; nothing for what is undefined.
    pub(super) fn iterate(&self) -> Result<Vec<Self>, Error> {
        if let Some(items) = self.items() {
            return Ok(items);
        }
        if let Some(pairs) = self.pairs() {
            return Ok(pairs.into_iter().map(|(key, _)| key).collect());
        }
        match self {
            Self::Str(text) => Ok(text.chars().map(|c| Self::str(c.to_string())).collect()),
            Self::Undefined(_) => Ok(Vec::new()),
            other => Err(Error::Type(format!("`{}` can't be iterated over", other.kind()))),
        }
    }

    /// The number of items, keys or characters.
    pub(super) fn length(&self) -> Result<usize, Error> {
        match self {
            Self::Str(text) => Ok(text.chars().count()),
            Self::Array(items) => Ok(items.len()),
            Self::Object(map) | Self::Headers(map) => Ok(map.len()),
            other => Ok(other
                .iterate()
                .map_err(|_no| Error::Type(format!("`{}` has no length", other.kind())))?
                .len()),
        }
    }

    /// The value under a key, or at an index from either end.
    pub(super) fn item(&self, key: &Self) -> Option<Self> {
        match (self, key) {
            (Self::Object(map), Self::Str(key)) => map.get(key.as_ref()).map(Self::from_json),
            (Self::Headers(map), Self::Str(key)) => map.get(&key.to_ascii_lowercase()).map(Self::from_json),
            (Self::Dict(items), _) => items
                .iter()
                .find(|(found, _)| found.equals(key))
                .map(|(_, value)| value.clone()),
            (_, Self::Bool(_) | Self::Int(_)) => {
                let index = match key {
                    Self::Int(index) => *index,
                    other => i128::from(other.is_true()),
                };
                let place = |length: usize| {
                    let length = i128::try_from(length).ok()?;
                    let index = if index < 0 { index + length } else { index };
                    usize::try_from(index).ok()
                };
                match self {
                    Self::Array(items) => items.get(place(items.len())?).map(Self::from_json),
                    Self::List(items) | Self::Tuple(items) => items.get(place(items.len())?).cloned(),
                    Self::Str(text) => {
                        let c = text.chars().nth(place(text.chars().count())?)?;
                        Some(Self::str(c.to_string()))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Python's `==`.
    pub(super) fn equals(&self, other: &Self) -> bool {
        if let (Some(left), Some(right)) = (self.number(), other.number()) {
            return left.partial_cmp(&right) == Some(Ordering::Equal);
        }
        if let (Some(left), Some(right)) = (self.pairs(), other.pairs()) {
            return left.len() == right.len()
                && left
                    .iter()
                    .all(|(key, value)| other.item(key).is_some_and(|found| found.equals(value)));
        }
        match (self, other) {
            (Self::Undefined(_), Self::Undefined(_)) | (Self::None, Self::None) => true,
            (Self::Str(left), Self::Str(right)) => left == right,
            (Self::DateTime(left), Self::DateTime(right)) => {
                left.offset.is_some() == right.offset.is_some() && left.to_micros() == right.to_micros()
            }
            (Self::Date(left), Self::Date(right)) => left == right,
            (Self::Delta(left), Self::Delta(right)) => left == right,
            (Self::Tuple(left), Self::Tuple(right)) => same_items(left, right),
            (Self::List(_) | Self::Array(_), Self::List(_) | Self::Array(_)) => {
                let (left, right) = (self.items().unwrap_or_default(), other.items().unwrap_or_default());
                same_items(&left, &right)
            }
            _ => false,
        }
    }

    /// Python's `<`, `>`: an error between kinds that have no order.
    pub(super) fn order(&self, other: &Self) -> Result<Option<Ordering>, Error> {
        if let (Some(left), Some(right)) = (self.number(), other.number()) {
            return Ok(left.partial_cmp(&right));
        }
        match (self, other) {
            (Self::Undefined(what), _) | (_, Self::Undefined(what)) => Err(Error::undefined(what)),
            (Self::Str(left), Self::Str(right)) => Ok(Some(left.cmp(right))),
            (Self::DateTime(left), Self::DateTime(right)) if left.offset.is_some() == right.offset.is_some() => {
                Ok(Some(left.to_micros().cmp(&right.to_micros())))
            }
            (Self::Date(left), Self::Date(right)) => Ok(Some(left.cmp(right))),
            (Self::Delta(left), Self::Delta(right)) if left.months == right.months => {
                Ok(Some(left.micros.cmp(&right.micros)))
            }
            (Self::List(_) | Self::Array(_), Self::List(_) | Self::Array(_)) | (Self::Tuple(_), Self::Tuple(_)) => {
                let (left, right) = (self.items().unwrap_or_default(), other.items().unwrap_or_default());
                for (left, right) in left.iter().zip(&right) {
                    if !left.equals(right) {
                        return left.order(right);
                    }
                }
                Ok(Some(left.len().cmp(&right.len())))
            }
            _ => Err(Error::Type(format!(
                "`{}` and `{}` have no order",
                self.kind(),
                other.kind()
            ))),
        }
    }

    /// A number, booleans included, for comparisons.
    fn number(&self) -> Option<Number> {
        match self {
            Self::Bool(value) => Some(Number::Int(i128::from(*value))),
            Self::Int(value) => Some(Number::Int(*value)),
            Self::Float(value) => Some(Number::Float(*value)),
            _ => None,
        }
    }
}

enum Number {
    Int(i128),
    Float(f64),
}

impl Number {
    #[expect(
        clippy::cast_precision_loss,
        reason = "Python's comparison is exact only beyond 2^53, where ids are ints"
    )]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(left), Self::Int(right)) => Some(left.cmp(right)),
            (Self::Int(left), Self::Float(right)) => (*left as f64).partial_cmp(right),
            (Self::Float(left), Self::Int(right)) => left.partial_cmp(&(*right as f64)),
            (Self::Float(left), Self::Float(right)) => left.partial_cmp(right),
        }
    }
}

fn same_items<'a>(left: &[Value<'a>], right: &[Value<'a>]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.equals(right))
}

/// A whole number as JSON; one that JSON's libraries can't hold becomes its digits.
fn int_json(value: i128) -> Json {
    i64::try_from(value)
        .map(Json::from)
        .or_else(|_wide| u64::try_from(value).map(Json::from))
        .unwrap_or_else(|_wider| Json::String(value.to_string()))
}
