//! Templates as manifests write them: Jinja, with Python's values, methods and dates.
//!
//! A template is read once and evaluated often. Whatever a template prints is read again as a Python literal, as the
//! format's reference implementation does: `"1"` becomes the number 1, `"[1, 2]"` a list, `"None"` nothing. See
//! [`Template::value`]; [`Template::text`] leaves the text alone, for URLs and credentials.

mod ast;
mod blocks;
mod eval;
mod filters;
mod functions;
mod lexer;
mod literal;
mod md5;
mod methods;
mod names;
mod ops;
mod parser;
mod repr;
mod value;

use std::sync::Arc;

use model::Timestamp;
use serde_json::{Map, Value as Json};

use ast::{Expr, Piece};
pub(crate) use repr::float_text;
use value::Value;

/// What a template may become.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Whatever the literal is.
    #[default]
    Any,
    /// Text only: what looks like something else stays text.
    Text,
    /// Text or a list: the values of query parameters.
    TextOrList,
    /// A whole number, or text.
    Int,
    /// A number, or text.
    Float,
    /// True or false, or text.
    Bool,
}

/// Why a template yields nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// It can't be read.
    #[error("{0}")]
    Syntax(String),
    /// Something that it uses is not there.
    #[error("{0}")]
    Undefined(String),
    /// Values don't fit together, as in `1 + 'a'`.
    #[error("{0}")]
    Type(String),
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}

impl Error {
    fn undefined(what: &str) -> Self {
        Self::Undefined(format!("`{what}` is not there"))
    }
}

/// The variables that a template sees, and what time it is.
#[derive(Debug, Clone)]
pub(crate) struct Scope<'a> {
    now: Timestamp,
    variables: Vec<(&'static str, Value<'a>)>,
}

impl<'a> Scope<'a> {
    /// A scope with nothing but the configuration.
    pub(crate) fn new(config: &'a Json, now: Timestamp) -> Self {
        Self {
            now,
            variables: vec![("config", Value::from_json(config))],
        }
    }

    /// The same with one more variable.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: &'a Json) -> Self {
        self.variables.push((name, Value::from_json(value)));
        self
    }

    /// The same with a slice, under the three names that it has.
    #[must_use]
    pub(crate) fn with_slice(self, slice: &'a Json) -> Self {
        self.with("stream_slice", slice)
            .with("stream_partition", slice)
            .with("stream_interval", slice)
    }

    /// The same with the headers of an answer, names in lower case.
    #[must_use]
    pub(crate) fn with_headers(mut self, headers: &'a Map<String, Json>) -> Self {
        self.variables.push(("headers", Value::Headers(headers)));
        self
    }

    /// The same with one variable replaced or added.
    pub(crate) fn set(&mut self, name: &'static str, value: &'a Json) {
        let value = Value::from_json(value);
        match self.variables.iter_mut().find(|(found, _)| *found == name) {
            Some((_, old)) => *old = value,
            None => self.variables.push((name, value)),
        }
    }

    fn find(&self, name: &str) -> Option<&Value<'a>> {
        self.variables
            .iter()
            .rev()
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value)
    }
}

/// A text that may hold expressions, ready to be evaluated.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    source: Arc<str>,
    form: Form,
    /// The component's `$parameters`.
    parameters: Arc<Json>,
}

#[derive(Debug, Clone)]
enum Form {
    /// No expression in it. The literal that the text is, where it is one, and whether that is a tuple.
    Plain(Option<(bool, Json)>),
    /// One expression and nothing around it.
    Single(Expr),
    /// Anything else.
    Mixed(Vec<Piece>),
}

impl Template {
    /// Reads a template. `variables` are the names that it may use, besides `config`, `parameters` and what it sets.
    pub(crate) fn compile(source: &str, variables: &[&str], parameters: &Arc<Json>) -> Result<Self, Error> {
        let has_code = ["{{", "{%", "{#"].iter().any(|mark| source.contains(mark));
        let form = if has_code {
            let (mut pieces, unknown) = blocks::parse(source, variables)?;
            if let Some(name) = unknown.first() {
                return Err(Error::Syntax(format!("the variable `{name}` does not exist here")));
            }
            if matches!(pieces.as_slice(), [Piece::Print(_)]) {
                match pieces.pop() {
                    Some(Piece::Print(expr)) => Form::Single(expr),
                    _ => Form::Mixed(Vec::new()),
                }
            } else {
                Form::Mixed(pieces)
            }
        } else {
            Form::Plain(literal::literal(source).map(|value| (matches!(value, Value::Tuple(_)), value.to_json())))
        };
        Ok(Self {
            source: source.into(),
            form,
            parameters: Arc::clone(parameters),
        })
    }

    /// The text as it was written.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// The value: what is printed, read as a literal where `kind` allows that. `None` for nothing and for what is
    /// undefined. Where types don't fit together, the template's own text, as the reference implementation does.
    pub(crate) fn value(&self, scope: &Scope<'_>, kind: Kind) -> Result<Option<Json>, Error> {
        match self.try_value(scope, kind) {
            Err(Error::Undefined(_)) => Ok(None),
            Err(Error::Type(why)) => {
                tracing::debug!("a template stays as it is written: {why}");
                Ok(reread(&self.source, kind))
            }
            other => other,
        }
    }

    fn try_value(&self, scope: &Scope<'_>, kind: Kind) -> Result<Option<Json>, Error> {
        let text = match &self.form {
            Form::Plain(literal) => {
                return Ok(match literal {
                    Some((is_tuple, value)) if kind.fits(value) && !(*is_tuple && kind != Kind::Any) => {
                        Some(value.clone())
                    }
                    _ if self.source.is_empty() => None,
                    _ => Some(Json::String(self.source.to_string())),
                });
            }
            Form::Single(expr) => {
                let value = eval::Evaluator::new(scope, &self.parameters).value(expr)?;
                match value {
                    Value::Undefined(_) => return Ok(None),
                    Value::Str(text) => text.into_owned(),
                    Value::DateTime(_) | Value::Date(_) | Value::Delta(_) => {
                        return Ok(Some(Json::String(value.to_text())));
                    }
                    Value::Float(number) if !number.is_finite() => return Ok(Some(Json::String(value.to_text()))),
                    value => {
                        let json = value.to_json();
                        return Ok(Some(if kind.fits(&json) {
                            json
                        } else {
                            Json::String(value.to_text())
                        }));
                    }
                }
            }
            Form::Mixed(pieces) => eval::Evaluator::new(scope, &self.parameters).print(pieces)?,
        };
        Ok(reread(&text, kind))
    }

    /// What is printed, not read again: for URLs, header names and credentials.
    pub(crate) fn text(&self, scope: &Scope<'_>) -> Result<String, Error> {
        match &self.form {
            Form::Plain(_) => Ok(self.source.to_string()),
            Form::Single(expr) => Ok(eval::Evaluator::new(scope, &self.parameters).value(expr)?.to_text()),
            Form::Mixed(pieces) => eval::Evaluator::new(scope, &self.parameters).print(pieces),
        }
    }

    /// Whether the value counts as true: everything but nothing, zero, `false` and what is empty.
    pub(crate) fn truth(&self, scope: &Scope<'_>) -> Result<bool, Error> {
        Ok(match self.value(scope, Kind::Any)? {
            None | Some(Json::Bool(false)) => false,
            Some(Json::Null | Json::Bool(true)) => true,
            Some(Json::Number(number)) => number.as_f64() != Some(0.0),
            Some(Json::String(text)) => {
                !matches!(text.as_str(), "False" | "false" | "{}" | "[]" | "()" | "" | "0" | "0.0")
            }
            Some(Json::Array(items)) => !items.is_empty(),
            Some(Json::Object(map)) => !map.is_empty(),
        })
    }
}

/// What is printed, read as a literal where `kind` allows that; `None` for nothing.
fn reread(text: &str, kind: Kind) -> Option<Json> {
    if text.is_empty() {
        return None;
    }
    let read = literal::literal(text).map(|value| (matches!(value, Value::Tuple(_)), value.to_json()));
    Some(match read {
        // A tuple is no list where lists are asked for: `1,2` stays text in a query.
        Some((is_tuple, value)) if kind.fits(&value) && !(is_tuple && kind != Kind::Any) => value,
        _ => Json::String(text.to_owned()),
    })
}

impl Kind {
    fn fits(self, value: &Json) -> bool {
        match self {
            Self::Any => true,
            Self::Text => value.is_string(),
            Self::TextOrList => value.is_string() || value.is_array(),
            Self::Int => value.is_i64() || value.is_u64(),
            Self::Float => value.is_f64(),
            Self::Bool => value.is_boolean(),
        }
    }
}

/// A value as Python prints it: `True`, `1.0`, `['a']`.
pub(crate) fn print(value: &Json) -> String {
    Value::from_json(value).to_text()
}

#[cfg(test)]
mod tests;
