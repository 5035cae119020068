//! Evaluates expressions and prints templates.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use serde_json::Value as Json;

use super::ast::{Args, Compare, Expr, Piece};
use super::value::Value;
use super::{Error, Scope, filters, functions, methods, ops};
use crate::manifest::datetime::DateTime;

/// How much one template may print, in bytes, and how often its loops may turn.
const PRINT_BYTES_MAX: usize = 1 << 20;
const TURNS_MAX: u32 = 100_000;

/// Arguments of a call, evaluated.
#[derive(Debug, Default)]
pub(super) struct Values<'a> {
    pub(super) positional: Vec<Value<'a>>,
    pub(super) named: Vec<(&'a str, Value<'a>)>,
}

impl<'a> Values<'a> {
    /// The argument at `place`, or by its name.
    pub(super) fn get(&self, place: usize, name: &str) -> Option<&Value<'a>> {
        let by_name = || {
            self.named
                .iter()
                .find(|(found, _)| *found == name)
                .map(|(_, value)| value)
        };
        self.positional.get(place).or_else(by_name)
    }

    /// The same, as text.
    pub(super) fn text(&self, place: usize, name: &str) -> Result<Option<Cow<'a, str>>, Error> {
        match self.get(place, name) {
            None | Some(Value::None) => Ok(None),
            Some(Value::Str(text)) => Ok(Some(text.clone())),
            Some(Value::Undefined(what)) => Err(Error::undefined(what)),
            Some(other) => Err(Error::Type(format!("`{name}` is `{}`, not text", other.kind()))),
        }
    }

    /// The same, as a whole number.
    pub(super) fn int(&self, place: usize, name: &str) -> Result<Option<i128>, Error> {
        match self.get(place, name) {
            None | Some(Value::None) => Ok(None),
            Some(Value::Int(value)) => Ok(Some(*value)),
            Some(Value::Bool(value)) => Ok(Some(i128::from(*value))),
            Some(other) => Err(Error::Type(format!(
                "`{name}` is `{}`, not a whole number",
                other.kind()
            ))),
        }
    }

    /// The argument at `place`; an error that names the function without it.
    pub(super) fn need(&self, place: usize, name: &str) -> Result<&Value<'a>, Error> {
        self.get(place, name)
            .ok_or_else(|| Error::Type(format!("the argument `{name}` is missing")))
    }
}

/// One evaluation of one template.
pub(super) struct Evaluator<'s, 'a> {
    scope: &'s Scope<'a>,
    parameters: &'a Json,
    /// What the template itself sets. Methods such as `append` change it while an expression is evaluated.
    locals: RefCell<Vec<(&'a str, Value<'a>)>>,
    turns: u32,
}

impl<'s, 'a> Evaluator<'s, 'a> {
    pub(super) fn new(scope: &'s Scope<'a>, parameters: &'a Json) -> Self {
        Self {
            scope,
            parameters,
            locals: RefCell::default(),
            turns: 0,
        }
    }

    /// The time of this evaluation.
    pub(super) fn now(&self) -> DateTime {
        DateTime::from_micros(self.scope.now.0.saturating_mul(1000)).unwrap_or(DateTime {
            civil: jiff::civil::DateTime::MAX,
            offset: Some(jiff::tz::Offset::UTC),
        })
    }

    /// Prints the pieces of a template.
    pub(super) fn print(&mut self, pieces: &'a [Piece]) -> Result<String, Error> {
        let mut out = String::new();
        self.pieces(pieces, &mut out)?;
        Ok(out)
    }

    fn pieces(&mut self, pieces: &'a [Piece], out: &mut String) -> Result<(), Error> {
        for piece in pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Print(expr) => self.value(expr)?.print(out),
                Piece::If(branches, otherwise) => {
                    let mut chosen = otherwise.as_slice();
                    for (condition, body) in branches {
                        if self.value(condition)?.is_true() {
                            chosen = body;
                            break;
                        }
                    }
                    self.pieces(chosen, out)?;
                }
                Piece::For { .. } => self.repeat(piece, out)?,
                Piece::Set(targets, value) => {
                    let value = self.value(value)?;
                    self.assign(targets, value)?;
                }
                Piece::SetBlock(name, body) => {
                    let mut text = String::new();
                    self.pieces(body, &mut text)?;
                    self.locals.get_mut().push((name, Value::str(text)));
                }
            }
            if out.len() > PRINT_BYTES_MAX {
                return Err(Error::Failed(format!(
                    "a template prints more than {PRINT_BYTES_MAX} bytes"
                )));
            }
        }
        Ok(())
    }

    fn repeat(&mut self, piece: &'a Piece, out: &mut String) -> Result<(), Error> {
        let Piece::For {
            targets,
            over,
            only_if,
            body,
            otherwise,
        } = piece
        else {
            return Ok(());
        };
        let items = self.value(over)?.iterate()?;
        let outside = self.locals.get_mut().len();
        let mut kept = Vec::new();
        for item in items {
            self.turns += 1;
            if self.turns > TURNS_MAX {
                return Err(Error::Failed(format!("loops turn more than {TURNS_MAX} times")));
            }
            if let Some(condition) = only_if {
                self.assign(targets, item.clone())?;
                let keeps = self.value(condition)?.is_true();
                self.locals.get_mut().truncate(outside);
                if !keeps {
                    continue;
                }
            }
            kept.push(item);
        }
        if kept.is_empty() {
            return self.pieces(otherwise, out);
        }
        let count = kept.len();
        for (index, item) in kept.into_iter().enumerate() {
            let number = |value: usize| Value::Int(i128::try_from(value).unwrap_or(0));
            let about = vec![
                (Value::str("index"), number(index + 1)),
                (Value::str("index0"), number(index)),
                (Value::str("length"), number(count)),
                (Value::str("first"), Value::Bool(index == 0)),
                (Value::str("last"), Value::Bool(index + 1 == count)),
            ];
            self.locals.get_mut().push(("loop", Value::Dict(Arc::new(about))));
            self.assign(targets, item)?;
            self.pieces(body, out)?;
            // What a loop sets is forgotten outside of it, as in Jinja.
            self.locals.get_mut().truncate(outside);
        }
        Ok(())
    }

    fn assign(&mut self, targets: &'a [Arc<str>], value: Value<'a>) -> Result<(), Error> {
        if let [name] = targets {
            self.locals.get_mut().push((name, value));
            return Ok(());
        }
        let items = value.iterate()?;
        if items.len() != targets.len() {
            return Err(Error::Failed(format!(
                "{} values can't be given to {} names",
                items.len(),
                targets.len()
            )));
        }
        for (name, item) in targets.iter().zip(items) {
            self.locals.get_mut().push((name, item));
        }
        Ok(())
    }

    /// The value of an expression.
    #[expect(clippy::too_many_lines, reason = "one arm per kind of expression")]
    pub(super) fn value(&self, expr: &'a Expr) -> Result<Value<'a>, Error> {
        Ok(match expr {
            Expr::None => Value::None,
            Expr::Bool(value) => Value::Bool(*value),
            Expr::Int(value) => Value::Int(*value),
            Expr::Float(value) => Value::Float(*value),
            Expr::Str(text) => Value::str(&**text),
            Expr::Name(name) => self.variable(name),
            Expr::List(items) => Value::list(self.all(items)?),
            Expr::Tuple(items) => Value::Tuple(Arc::new(self.all(items)?)),
            Expr::Dict(items) => {
                let mut pairs = Vec::with_capacity(items.len());
                for (key, value) in items {
                    pairs.push((self.value(key)?, self.value(value)?));
                }
                Value::Dict(Arc::new(pairs))
            }
            Expr::Attr(of, name) => {
                let of = self.value(of)?;
                attribute(&of, name)?
            }
            Expr::Item(of, key) => {
                let of = self.value(of)?;
                let key = self.value(key)?;
                match (&of, &key) {
                    (Value::Undefined(what), _) => return Err(Error::undefined(what)),
                    (_, Value::Str(name)) => match of.item(&key) {
                        Some(found) => found,
                        None => attribute(&of, name)?,
                    },
                    _ => of.item(&key).unwrap_or_else(|| Value::undefined(key.to_text())),
                }
            }
            Expr::Slice(of, bounds) => {
                let of = self.value(of)?;
                let mut whole = [None; 3];
                for (place, bound) in whole.iter_mut().zip(bounds) {
                    if let Some(bound) = bound {
                        *place = ops::bound(&self.value(bound)?)?;
                    }
                }
                ops::slice(&of, whole)?
            }
            Expr::Call(name, args) => functions::call(self, name, &self.args(args)?)?,
            Expr::Method(of, name, args) => {
                let args = self.args(args)?;
                if let Some(done) = self.change(of, name, &args)? {
                    return Ok(done);
                }
                let of = self.value(of)?;
                methods::call(&of, name, &args)?
            }
            Expr::Filter(of, filter) => {
                let of = self.value(of)?;
                filters::apply(&of, filter, &self.args(&filter.args)?)?
            }
            Expr::Test(of, name, args, is_not) => {
                let of = self.value(of)?;
                let args = self.all(args)?;
                Value::Bool(ops::test(&of, name, &args)? != *is_not)
            }
            Expr::Not(of) => Value::Bool(!self.value(of)?.is_true()),
            Expr::Minus(of) => ops::negate(&self.value(of)?)?,
            Expr::Plus(of) => self.value(of)?,
            Expr::And(left, right) => {
                let left = self.value(left)?;
                if left.is_true() { self.value(right)? } else { left }
            }
            Expr::Or(left, right) => {
                let left = self.value(left)?;
                if left.is_true() { left } else { self.value(right)? }
            }
            Expr::Binary(op, left, right) => ops::binary(*op, &self.value(left)?, &self.value(right)?)?,
            Expr::Compare(first, rest) => Value::Bool(self.compare(first, rest)?),
            Expr::Concat(items) => {
                let mut text = String::new();
                for item in items {
                    self.value(item)?.print(&mut text);
                }
                Value::str(text)
            }
            Expr::If(value, condition, otherwise) => match (self.value(condition)?.is_true(), otherwise) {
                (true, _) => self.value(value)?,
                (false, Some(otherwise)) => self.value(otherwise)?,
                (false, None) => Value::undefined("the value of an `if` without `else`"),
            },
        })
    }

    fn compare(&self, first: &'a Expr, rest: &'a [(Compare, Expr)]) -> Result<bool, Error> {
        let mut left = self.value(first)?;
        for (op, right) in rest {
            let right = self.value(right)?;
            if !ops::compare(*op, &left, &right)? {
                return Ok(false);
            }
            left = right;
        }
        Ok(true)
    }

    /// `list.append(…)`, `list.extend(…)` and `dict.update(…)` on something that the template itself has set.
    fn change(&self, of: &Expr, method: &str, args: &Values<'a>) -> Result<Option<Value<'a>>, Error> {
        let (Expr::Name(name), "append" | "extend" | "update") = (of, method) else {
            return Ok(None);
        };
        let mut locals = self.locals.borrow_mut();
        let Some((_, value)) = locals.iter_mut().rev().find(|(found, _)| *found == &**name) else {
            return Ok(None);
        };
        let change = args.need(0, "value")?;
        match (value, method) {
            (Value::List(items), "append") => Arc::make_mut(items).push(change.clone()),
            (Value::List(items), "extend") => Arc::make_mut(items).extend(change.iterate()?),
            (Value::Dict(items), "update") => {
                let items = Arc::make_mut(items);
                for (key, value) in change.pairs().unwrap_or_default() {
                    match items.iter_mut().find(|(found, _)| found.equals(&key)) {
                        Some((_, old)) => *old = value,
                        None => items.push((key, value)),
                    }
                }
            }
            _ => return Ok(None),
        }
        Ok(Some(Value::None))
    }

    fn variable(&self, name: &'a str) -> Value<'a> {
        if let Some((_, value)) = self.locals.borrow().iter().rev().find(|(found, _)| *found == name) {
            return value.clone();
        }
        if name == "self" {
            return Value::Dict(Arc::default());
        }
        if name == "parameters" {
            return Value::from_json(self.parameters);
        }
        self.scope.find(name).cloned().unwrap_or_else(|| Value::undefined(name))
    }

    fn all(&self, items: &'a [Expr]) -> Result<Vec<Value<'a>>, Error> {
        items.iter().map(|item| self.value(item)).collect()
    }

    fn args(&self, args: &'a Args) -> Result<Values<'a>, Error> {
        let mut named = Vec::with_capacity(args.named.len());
        for (name, value) in &args.named {
            named.push((&**name, self.value(value)?));
        }
        Ok(Values {
            positional: self.all(&args.positional)?,
            named,
        })
    }
}

/// An attribute: of a date its parts, of a dict the value under that key.
pub(super) fn attribute<'a>(of: &Value<'a>, name: &str) -> Result<Value<'a>, Error> {
    if let Value::Undefined(what) = of {
        return Err(Error::undefined(what));
    }
    if let Some(part) = methods::part(of, name) {
        return Ok(part);
    }
    Ok(of
        .item(&Value::str(name.to_owned()))
        .unwrap_or_else(|| Value::undefined(name.to_owned())))
}
