//! Operators and tests, as Python and Jinja define them.

use std::cmp::Ordering;
use std::sync::Arc;

use super::Error;
use super::ast::{Binary, Compare};
use super::value::Value;
use crate::manifest::datetime::{DateTime, Delta};

/// How long a text or list may become by multiplication.
const REPEAT_MAX: i128 = 1_000_000;

/// `left op right`.
pub(super) fn binary<'a>(op: Binary, left: &Value<'a>, right: &Value<'a>) -> Result<Value<'a>, Error> {
    if let Value::Undefined(what) = left {
        return Err(Error::undefined(what));
    }
    if let Value::Undefined(what) = right {
        return Err(Error::undefined(what));
    }
    if let Some(value) = dates(op, left, right) {
        return value.ok_or_else(|| Error::Failed(format!("`{}` leaves the range of dates", op.sign())));
    }
    if let (Some(left), Some(right)) = (int(left), int(right)) {
        return ints(op, left, right);
    }
    if let (Some(left), Some(right)) = (float(left), float(right)) {
        return floats(op, left, right).map(Value::Float);
    }
    match (op, left, right) {
        (Binary::Add, Value::Str(left), Value::Str(right)) => Ok(Value::str(format!("{left}{right}"))),
        (Binary::Add, Value::Tuple(left), Value::Tuple(right)) => Ok(Value::Tuple(Arc::new(
            left.iter().chain(right.iter()).cloned().collect(),
        ))),
        (Binary::Add, Value::List(_) | Value::Array(_), Value::List(_) | Value::Array(_)) => {
            let mut items = left.items().unwrap_or_default();
            items.extend(right.items().unwrap_or_default());
            Ok(Value::list(items))
        }
        (Binary::Mul, Value::Str(text), count) | (Binary::Mul, count, Value::Str(text)) if int(count).is_some() => {
            let count = int(count).unwrap_or(0).max(0);
            let length = i128::try_from(text.len()).unwrap_or(REPEAT_MAX);
            if count.saturating_mul(length) > REPEAT_MAX {
                return Err(Error::Failed(format!("a text becomes longer than {REPEAT_MAX} bytes")));
            }
            Ok(Value::str(text.repeat(usize::try_from(count).unwrap_or(0))))
        }
        (Binary::Rem, Value::Str(text), value) => percent(text, value),
        _ => Err(Error::Type(format!(
            "`{}` does not work between `{}` and `{}`",
            op.sign(),
            left.kind(),
            right.kind()
        ))),
    }
}

/// Arithmetic with dates and spans: `None` when neither side is one that fits, inside `None` beyond the range.
#[expect(
    clippy::option_option,
    reason = "not ours, or ours and out of range: two different answers"
)]
fn dates<'a>(op: Binary, left: &Value<'a>, right: &Value<'a>) -> Option<Option<Value<'a>>> {
    let between = |left: DateTime, right: DateTime| {
        let micros = left.to_micros().checked_sub(right.to_micros())?;
        Some(Value::Delta(Delta::from_micros(micros)))
    };
    let at = |date: jiff::civil::Date| DateTime {
        civil: jiff::civil::DateTime::from_parts(date, jiff::civil::Time::midnight()),
        offset: None,
    };
    Some(match (op, left, right) {
        (Binary::Add, Value::DateTime(when), Value::Delta(delta))
        | (Binary::Add, Value::Delta(delta), Value::DateTime(when)) => when.plus(*delta).map(Value::DateTime),
        (Binary::Sub, Value::DateTime(when), Value::Delta(delta)) => {
            delta.negated().and_then(|delta| when.plus(delta)).map(Value::DateTime)
        }
        (Binary::Add, Value::Date(date), Value::Delta(delta))
        | (Binary::Add, Value::Delta(delta), Value::Date(date)) => at(*date)
            .plus(whole_days(*delta))
            .map(|when| Value::Date(when.civil.date())),
        (Binary::Sub, Value::Date(date), Value::Delta(delta)) => whole_days(*delta)
            .negated()
            .and_then(|delta| at(*date).plus(delta))
            .map(|when| Value::Date(when.civil.date())),
        (Binary::Sub, Value::DateTime(left), Value::DateTime(right))
            if left.offset.is_some() == right.offset.is_some() =>
        {
            between(*left, *right)
        }
        (Binary::Sub, Value::Date(left), Value::Date(right)) => between(at(*left), at(*right)),
        (Binary::Add | Binary::Sub, Value::Delta(left), Value::Delta(right)) => {
            let right = if op == Binary::Sub { right.negated()? } else { *right };
            let sum = || {
                Some(Delta {
                    months: left.months.checked_add(right.months)?,
                    micros: left.micros.checked_add(right.micros)?,
                })
            };
            sum().map(Value::Delta)
        }
        (Binary::Mul, Value::Delta(delta), count) | (Binary::Mul, count, Value::Delta(delta)) => {
            let count = i64::try_from(int(count)?).ok()?;
            let product = || {
                Some(Delta {
                    months: delta.months.checked_mul(count)?,
                    micros: delta.micros.checked_mul(count)?,
                })
            };
            product().map(Value::Delta)
        }
        (Binary::Div, Value::Delta(left), Value::Delta(right)) if right.micros != 0 => {
            #[expect(clippy::cast_precision_loss, reason = "Python divides to a float as well")]
            let ratio = left.micros as f64 / right.micros as f64;
            Some(Value::Float(ratio))
        }
        _ => return None,
    })
}

/// Dates move by whole days only.
fn whole_days(delta: Delta) -> Delta {
    Delta {
        months: delta.months,
        micros: delta.parts().0.saturating_mul(super::super::datetime::MICROS_PER_DAY),
    }
}

fn int(value: &Value<'_>) -> Option<i128> {
    match value {
        Value::Int(value) => Some(*value),
        Value::Bool(value) => Some(i128::from(*value)),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "Python converts to a float as well")]
fn float(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Float(value) => Some(*value),
        other => int(other).map(|value| value as f64),
    }
}

fn ints<'a>(op: Binary, left: i128, right: i128) -> Result<Value<'a>, Error> {
    let zero = || Error::Failed("a division by zero".to_owned());
    let floor = |left: i128, right: i128| left.div_euclid(right) - i128::from(right < 0 && left.rem_euclid(right) != 0);
    let value = match op {
        Binary::Add => left.checked_add(right),
        Binary::Sub => left.checked_sub(right),
        Binary::Mul => left.checked_mul(right),
        Binary::FloorDiv | Binary::Rem if right == 0 => return Err(zero()),
        Binary::FloorDiv => Some(floor(left, right)),
        Binary::Rem => Some(left - floor(left, right) * right),
        Binary::Pow if right >= 0 => u32::try_from(right).ok().and_then(|power| left.checked_pow(power)),
        Binary::Div | Binary::Pow => {
            let (left, right) = (float(&Value::Int(left)), float(&Value::Int(right)));
            return floats(op, left.unwrap_or_default(), right.unwrap_or_default()).map(Value::Float);
        }
    };
    value
        .map(Value::Int)
        .ok_or_else(|| Error::Failed("a number grows beyond 127 bits".to_owned()))
}

fn floats(op: Binary, left: f64, right: f64) -> Result<f64, Error> {
    if right == 0.0 && matches!(op, Binary::Div | Binary::FloorDiv | Binary::Rem) {
        return Err(Error::Failed("a division by zero".to_owned()));
    }
    Ok(match op {
        Binary::Add => left + right,
        Binary::Sub => left - right,
        Binary::Mul => left * right,
        Binary::Div => left / right,
        Binary::FloorDiv => (left / right).floor(),
        Binary::Rem => left - (left / right).floor() * right,
        Binary::Pow => left.powf(right),
    })
}

/// `'%s of %d' % (a, b)`, for `%s`, `%d` and `%%`.
fn percent<'a>(text: &str, value: &Value<'a>) -> Result<Value<'a>, Error> {
    let mut values = match value {
        Value::Tuple(items) => items.as_ref().clone(),
        one => vec![one.clone()],
    }
    .into_iter();
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('%') => out.push('%'),
            Some('s' | 'd' | 'i') => values
                .next()
                .ok_or_else(|| Error::Type("there are fewer values than `%` in the text".to_owned()))?
                .print(&mut out),
            other => {
                let c = other.map(String::from).unwrap_or_default();
                return Err(Error::Failed(format!("`%{c}` is not supported in a text")));
            }
        }
    }
    Ok(Value::str(out))
}

/// `-value`.
pub(super) fn negate<'a>(value: &Value<'a>) -> Result<Value<'a>, Error> {
    match value {
        Value::Undefined(what) => Err(Error::undefined(what)),
        Value::Float(value) => Ok(Value::Float(-value)),
        Value::Delta(delta) => delta
            .negated()
            .map(Value::Delta)
            .ok_or_else(|| Error::Failed("a span leaves the range of dates".to_owned())),
        other => int(other)
            .map(|value| Value::Int(-value))
            .ok_or_else(|| Error::Type(format!("`-` does not work on `{}`", other.kind()))),
    }
}

/// `left op right` for comparisons and `in`.
pub(super) fn compare<'a>(op: Compare, left: &Value<'a>, right: &Value<'a>) -> Result<bool, Error> {
    let order = |wanted: &[Ordering]| Ok(left.order(right)?.is_some_and(|found| wanted.contains(&found)));
    match op {
        Compare::Eq => Ok(left.equals(right)),
        Compare::Ne => Ok(!left.equals(right)),
        Compare::Lt => order(&[Ordering::Less]),
        Compare::Le => order(&[Ordering::Less, Ordering::Equal]),
        Compare::Gt => order(&[Ordering::Greater]),
        Compare::Ge => order(&[Ordering::Greater, Ordering::Equal]),
        Compare::In => contains(right, left),
        Compare::NotIn => Ok(!contains(right, left)?),
    }
}

/// Whether `of` contains `what`.
fn contains<'a>(of: &Value<'a>, what: &Value<'a>) -> Result<bool, Error> {
    match (of, what) {
        (Value::Str(text), Value::Str(part)) => Ok(text.contains(part.as_ref())),
        (Value::Str(_), other) => Err(Error::Type(format!("`{}` can't be in a text", other.kind()))),
        (Value::Object(_) | Value::Headers(_) | Value::Dict(_), key) => Ok(of.item(key).is_some()),
        _ => Ok(of.iterate()?.iter().any(|item| item.equals(what))),
    }
}

/// A bound of a slice: a whole number or none.
pub(super) fn bound(value: &Value<'_>) -> Result<Option<i128>, Error> {
    match value {
        Value::None => Ok(None),
        Value::Undefined(what) => Err(Error::undefined(what)),
        other => int(other)
            .map(Some)
            .ok_or_else(|| Error::Type(format!("`{}` can't bound a slice", other.kind()))),
    }
}

/// `of[start:stop:step]`.
pub(super) fn slice<'a>(of: &Value<'a>, [from, to, step]: [Option<i128>; 3]) -> Result<Value<'a>, Error> {
    if let Value::Undefined(what) = of {
        return Err(Error::undefined(what));
    }
    let items = match of {
        Value::Str(_) => of.iterate()?,
        other => other
            .items()
            .ok_or_else(|| Error::Type(format!("`{}` can't be sliced", other.kind())))?,
    };
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(Error::Failed("the step of a slice is zero".to_owned()));
    }
    let length = i128::try_from(items.len()).unwrap_or(0);
    let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let place = |bound: Option<i128>, default: i128| match bound {
        None => default,
        Some(bound) if bound < 0 => (bound + length).clamp(low, high),
        Some(bound) => bound.clamp(low, high),
    };
    let (mut at, end) = if step > 0 {
        (place(from, 0), place(to, length))
    } else {
        (place(from, length - 1), place(to, -1))
    };
    let mut kept = Vec::new();
    while (step > 0 && at < end) || (step < 0 && at > end) {
        kept.extend(usize::try_from(at).ok().and_then(|at| items.get(at).cloned()));
        at = at.saturating_add(step);
    }
    Ok(match of {
        Value::Str(_) => {
            let mut text = String::new();
            for c in &kept {
                c.print(&mut text);
            }
            Value::str(text)
        }
        Value::Tuple(_) => Value::Tuple(Arc::new(kept)),
        _ => Value::list(kept),
    })
}

/// `of is name(args)`.
pub(super) fn test<'a>(of: &Value<'a>, name: &str, args: &[Value<'a>]) -> Result<bool, Error> {
    let first = || {
        args.first()
            .ok_or_else(|| Error::Type(format!("`is {name}` needs a value to compare with")))
    };
    let whole = || int(of).ok_or_else(|| Error::Type(format!("`is {name}` does not work on `{}`", of.kind())));
    Ok(match name {
        "defined" => !matches!(of, Value::Undefined(_)),
        "undefined" => matches!(of, Value::Undefined(_)),
        "none" | "None" => matches!(of, Value::None),
        "true" => matches!(of, Value::Bool(true)),
        "false" => matches!(of, Value::Bool(false)),
        "boolean" => matches!(of, Value::Bool(_)),
        "integer" => matches!(of, Value::Int(_)),
        "float" => matches!(of, Value::Float(_)),
        "number" => float(of).is_some(),
        "string" => matches!(of, Value::Str(_)),
        "mapping" => of.pairs().is_some(),
        "sequence" => of.length().is_ok(),
        "iterable" => of.iterate().is_ok(),
        "odd" => whole()?.rem_euclid(2) == 1,
        "even" => whole()?.rem_euclid(2) == 0,
        "divisibleby" => match int(first()?) {
            Some(0) | None => {
                return Err(Error::Failed(
                    "`is divisibleby` needs a number other than zero".to_owned(),
                ));
            }
            Some(divisor) => whole()?.rem_euclid(divisor.abs()) == 0,
        },
        "in" => contains(first()?, of)?,
        "eq" | "equalto" | "sameas" => of.equals(first()?),
        "ne" => !of.equals(first()?),
        "lt" | "lessthan" => compare(Compare::Lt, of, first()?)?,
        "le" => compare(Compare::Le, of, first()?)?,
        "gt" | "greaterthan" => compare(Compare::Gt, of, first()?)?,
        "ge" => compare(Compare::Ge, of, first()?)?,
        "lower" => of.to_text() == of.to_text().to_lowercase(),
        "upper" => of.to_text() == of.to_text().to_uppercase(),
        other => return Err(Error::Failed(format!("the test `is {other}` is not supported"))),
    })
}
