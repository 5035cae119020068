//! The functions that every template may call.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::tz::{Offset, TimeZone};

use super::Error;
use super::eval::{Evaluator, Values};
use super::value::Value;
use crate::manifest::datetime::{self, DateTime, Delta};

const NAMES: [&str; 13] = [
    "now_utc",
    "today_utc",
    "today_with_timezone",
    "timestamp",
    "str_to_datetime",
    "format_datetime",
    "day_delta",
    "duration",
    "max",
    "min",
    "sanitize_url",
    "camel_case_to_snake_case",
    "dict",
];

/// Whether there is a function of that name.
pub(super) fn is_known(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Calls a function.
pub(super) fn call<'a>(evaluator: &Evaluator<'_, 'a>, name: &str, args: &Values<'a>) -> Result<Value<'a>, Error> {
    match name {
        "now_utc" => Ok(Value::DateTime(evaluator.now())),
        "today_utc" => Ok(Value::Date(evaluator.now().civil.date())),
        "today_with_timezone" => {
            let zone = args.need(0, "timezone")?.to_text();
            let zone = TimeZone::get(&zone).map_err(|_unknown| Error::Failed(format!("`{zone}` is no time zone")))?;
            let now = jiff::Timestamp::from_microsecond(evaluator.now().to_micros())
                .map_err(|_range| Error::Failed("the time is out of range".to_owned()))?;
            Ok(Value::Date(now.to_zoned(zone).date()))
        }
        "timestamp" => timestamp(args.need(0, "dt")?),
        "str_to_datetime" => {
            let text = args.need(0, "s")?;
            Ok(Value::DateTime(str_to_datetime(text)?))
        }
        "format_datetime" => format_datetime(args),
        "day_delta" => {
            #[expect(clippy::cast_precision_loss, reason = "days fit into a float")]
            let days = match args.need(0, "num_days")? {
                Value::Float(days) => *days,
                _ => args.int(0, "num_days")?.unwrap_or(0) as f64,
            };
            let format = args.text(1, "format")?;
            let at = evaluator
                .now()
                .plus(Delta::from_days(days))
                .ok_or_else(|| Error::Failed("`day_delta` leaves the range of dates".to_owned()))?;
            let format = format.as_deref().unwrap_or("%Y-%m-%dT%H:%M:%S.%f%z");
            Ok(Value::str(datetime::strftime(at, format)))
        }
        "duration" => {
            let text = args.need(0, "datestring")?.to_text();
            datetime::duration(&text)
                .map(Value::Delta)
                .ok_or_else(|| Error::Failed(format!("`{text}` is no duration such as `P1D`")))
        }
        "max" => extreme(args, Ordering::Greater),
        "min" => extreme(args, Ordering::Less),
        "sanitize_url" => match args.need(0, "value")? {
            Value::Str(text) => Ok(Value::str(quote_plus(text))),
            other => Err(Error::Type(format!("`{}` is not text", other.kind()))),
        },
        "camel_case_to_snake_case" => Ok(Value::str(snake_case(&args.need(0, "value")?.to_text()))),
        "dict" => Ok(Value::Dict(Arc::new(
            args.named
                .iter()
                .map(|(key, value)| (Value::str(*key), value.clone()))
                .collect(),
        ))),
        other => Err(Error::Failed(format!("the function `{other}` is not supported"))),
    }
}

fn timestamp<'a>(value: &Value<'a>) -> Result<Value<'a>, Error> {
    match value {
        Value::Int(_) => Ok(value.clone()),
        Value::Bool(value) => Ok(Value::Int(i128::from(*value))),
        #[expect(clippy::cast_possible_truncation, reason = "Python cuts towards zero as well")]
        Value::Float(value) => Ok(Value::Int(*value as i128)),
        text => Ok(Value::Float(datetime::seconds(str_to_datetime(text)?.to_micros()))),
    }
}

/// A text in ISO 8601 as an instant in UTC.
fn str_to_datetime(value: &Value<'_>) -> Result<DateTime, Error> {
    let text = match value {
        Value::Str(text) => text,
        Value::Undefined(what) => return Err(Error::undefined(what)),
        // Python finds a list too short for a date, and anything else no text at all.
        Value::List(_) | Value::Array(_) => return Err(Error::Failed("a list is not a date as text".to_owned())),
        other => return Err(Error::Type(format!("`{}` is not a date as text", other.kind()))),
    };
    datetime::isoparse(text)
        .and_then(|at| at.with_offset(Offset::UTC))
        .ok_or_else(|| Error::Failed(format!("`{text}` is not a date such as `2024-01-31T10:00:00Z`")))
}

fn format_datetime<'a>(args: &Values<'a>) -> Result<Value<'a>, Error> {
    let format = args.need(1, "format")?.to_text();
    let input_format = args.text(2, "input_format")?;
    let value = args.need(0, "dt")?;
    let at = match (value, input_format.as_deref()) {
        (Value::DateTime(at), _) => return Ok(Value::str(datetime::strftime(*at, &format))),
        (Value::Int(_), input) => {
            let (text, input) = (value.to_text(), input.unwrap_or("%s"));
            datetime::parse_as(&text, input).ok_or_else(|| misfit(&text, input))?
        }
        (Value::Str(text), Some(input)) => {
            let parsed = datetime::parse_as(text, input).ok_or_else(|| misfit(text, input))?;
            DateTime {
                offset: Some(parsed.offset.unwrap_or(Offset::UTC)),
                ..parsed
            }
        }
        (value, _) => str_to_datetime(value)?,
    };
    Ok(Value::str(datetime::format_as(at, &format)))
}

fn misfit(text: &str, format: &str) -> Error {
    Error::Failed(format!("`{text}` does not fit the date format `{format}`"))
}

/// The largest or smallest of the arguments, or of the one argument's items.
fn extreme<'a>(args: &Values<'a>, wanted: Ordering) -> Result<Value<'a>, Error> {
    let items = match args.positional.as_slice() {
        [one] => one.iterate()?,
        many => many.to_vec(),
    };
    best(items, wanted)?.ok_or_else(|| Error::Failed("`max` and `min` need at least one value".to_owned()))
}

/// The largest (or smallest) item; of equal ones the first.
pub(super) fn best<'a>(items: Vec<Value<'a>>, wanted: Ordering) -> Result<Option<Value<'a>>, Error> {
    let mut best: Option<Value<'a>> = None;
    for item in items {
        let is_better = match &best {
            Some(best) => item.order(best)? == Some(wanted),
            None => true,
        };
        if is_better {
            best = Some(item);
        }
    }
    Ok(best)
}

/// Percent-encoding with `+` for a blank.
fn quote_plus(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => out.push(char::from(byte)),
            _ => write!(out, "%{byte:02X}").expect("a `String` takes everything"),
        }
    }
    out
}

fn snake_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    for (at, c) in text.char_indices() {
        if at > 0 && c.is_ascii_uppercase() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}
