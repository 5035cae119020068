//! Methods and attributes of Python's own types.

use super::Error;
use super::eval::Values;
use super::value::Value;
use crate::manifest::datetime::{self, DateTime};

/// An attribute of a date or a span: `at.year`, `delta.days`.
pub(super) fn part<'a>(of: &Value<'a>, name: &str) -> Option<Value<'a>> {
    let int = |value: i64| Some(Value::Int(i128::from(value)));
    let date = match of {
        Value::DateTime(at) => {
            let time = at.civil.time();
            match name {
                "hour" => return int(time.hour().into()),
                "minute" => return int(time.minute().into()),
                "second" => return int(time.second().into()),
                "microsecond" => return int((time.subsec_nanosecond() / 1000).into()),
                _ => at.civil.date(),
            }
        }
        Value::Date(date) => *date,
        Value::Delta(delta) => {
            let (days, seconds, micros) = delta.parts();
            return match name {
                "days" => int(days),
                "seconds" => int(seconds),
                "microseconds" => int(micros),
                _ => None,
            };
        }
        _ => return None,
    };
    match name {
        "year" => int(date.year().into()),
        "month" => int(date.month().into()),
        "day" => int(date.day().into()),
        _ => None,
    }
}

/// Calls a method.
pub(super) fn call<'a>(of: &Value<'a>, name: &str, args: &Values<'a>) -> Result<Value<'a>, Error> {
    let found = match of {
        Value::Undefined(what) => return Err(Error::undefined(what)),
        Value::Str(text) => text_method(text, name, args)?,
        Value::Object(_) | Value::Headers(_) | Value::Dict(_) => dict_method(of, name, args)?,
        Value::List(_) | Value::Array(_) | Value::Tuple(_) => list_method(of, name, args)?,
        Value::DateTime(at) => datetime_method(*at, name, args)?,
        Value::Date(date) => {
            let at = DateTime {
                civil: jiff::civil::DateTime::from_parts(*date, jiff::civil::Time::midnight()),
                offset: None,
            };
            match name {
                "isoformat" => Some(Value::str(date.to_string())),
                "replace" => replace(at, args)?.map(|at| Value::Date(at.civil.date())),
                "strftime" | "weekday" | "isoweekday" | "toordinal" => datetime_method(at, name, args)?,
                _ => None,
            }
        }
        Value::Delta(delta) if name == "total_seconds" => Some(Value::Float(datetime::seconds(delta.micros))),
        _ => None,
    };
    found.ok_or_else(|| match of {
        Value::None => Error::Undefined(format!("`None` has no `{name}`")),
        _ => Error::Undefined(format!("`{}` has no method `{name}`", of.kind())),
    })
}

fn dict_method<'a>(of: &Value<'a>, name: &str, args: &Values<'a>) -> Result<Option<Value<'a>>, Error> {
    let pairs = || of.pairs().unwrap_or_default().into_iter();
    Ok(Some(match name {
        "get" => {
            let found = of.item(args.need(0, "key")?);
            found.or_else(|| args.get(1, "default").cloned()).unwrap_or(Value::None)
        }
        "keys" => Value::list(pairs().map(|(key, _)| key).collect()),
        "values" => Value::list(pairs().map(|(_, value)| value).collect()),
        "items" => Value::list(
            pairs()
                .map(|(key, value)| Value::Tuple(std::sync::Arc::new(vec![key, value])))
                .collect(),
        ),
        "copy" => of.clone(),
        _ => return Ok(None),
    }))
}

fn list_method<'a>(of: &Value<'a>, name: &str, args: &Values<'a>) -> Result<Option<Value<'a>>, Error> {
    let items = of.items().unwrap_or_default();
    let int = |value: usize| Value::Int(i128::try_from(value).unwrap_or(0));
    Ok(Some(match name {
        "index" => {
            let wanted = args.need(0, "value")?;
            let place = items.iter().position(|item| item.equals(wanted));
            int(place.ok_or_else(|| Error::Failed("the value is not in the list".to_owned()))?)
        }
        "count" => {
            let wanted = args.need(0, "value")?;
            int(items.iter().filter(|item| item.equals(wanted)).count())
        }
        "copy" => of.clone(),
        _ => return Ok(None),
    }))
}

fn datetime_method<'a>(at: DateTime, name: &str, args: &Values<'a>) -> Result<Option<Value<'a>>, Error> {
    Ok(Some(match name {
        "strftime" => Value::str(datetime::strftime(at, &args.need(0, "format")?.to_text())),
        "isoformat" => {
            let separator = args.text(0, "sep")?.and_then(|text| text.chars().next()).unwrap_or('T');
            Value::str(match args.text(1, "timespec")?.as_deref() {
                Some("seconds") => at.iso_seconds(separator),
                Some("auto") | None => at.iso(separator),
                Some(other) => return Err(Error::Failed(format!("the precision `{other}` is not supported"))),
            })
        }
        "timestamp" => Value::Float(datetime::seconds(at.to_micros())),
        "date" => Value::Date(at.civil.date()),
        "weekday" => Value::Int(at.civil.date().weekday().to_monday_zero_offset().into()),
        "toordinal" => {
            let since = at.civil.date().since(jiff::civil::date(1, 1, 1));
            Value::Int(since.map_or(1, |span| i128::from(span.get_days()) + 1))
        }
        "isoweekday" => Value::Int(at.civil.date().weekday().to_monday_one_offset().into()),
        "replace" => match replace(at, args)? {
            Some(at) => Value::DateTime(at),
            None => return Ok(None),
        },
        _ => return Ok(None),
    }))
}

fn replace(at: DateTime, args: &Values<'_>) -> Result<Option<DateTime>, Error> {
    let field = |place: usize, name: &str, present: i64| -> Result<i64, Error> {
        let given = args.int(place, name)?;
        Ok(given.and_then(|value| i64::try_from(value).ok()).unwrap_or(present))
    };
    let (date, time) = (at.civil.date(), at.civil.time());
    let year = field(0, "year", date.year().into())?;
    let month = field(1, "month", date.month().into())?;
    let day = field(2, "day", date.day().into())?;
    let hour = field(3, "hour", time.hour().into())?;
    let minute = field(4, "minute", time.minute().into())?;
    let second = field(5, "second", time.second().into())?;
    let micros = field(6, "microsecond", i64::from(time.subsec_nanosecond() / 1000))?;
    let build = || {
        let small = |value: i64| i8::try_from(value).ok();
        jiff::civil::DateTime::new(
            i16::try_from(year).ok()?,
            small(month)?,
            small(day)?,
            small(hour)?,
            small(minute)?,
            small(second)?,
            i32::try_from(micros.checked_mul(1000)?).ok()?,
        )
        .ok()
    };
    let civil = build().ok_or_else(|| Error::Failed("`replace` leaves the range of dates".to_owned()))?;
    Ok(Some(DateTime {
        civil,
        offset: at.offset,
    }))
}

#[expect(clippy::too_many_lines, reason = "a table of methods")]
fn text_method<'a>(text: &str, name: &str, args: &Values<'a>) -> Result<Option<Value<'a>>, Error> {
    let own = |text: &str| Value::str(text.to_owned());
    let int = |value: Option<usize>| Value::Int(value.and_then(|value| i128::try_from(value).ok()).unwrap_or(-1));
    let needle = |place: usize, name: &str| -> Result<String, Error> {
        args.text(place, name)?
            .map(std::borrow::Cow::into_owned)
            .ok_or_else(|| Error::Type(format!("the argument `{name}` is missing")))
    };
    Ok(Some(match name {
        "lower" | "casefold" => Value::str(text.to_lowercase()),
        "upper" => Value::str(text.to_uppercase()),
        "title" => Value::str(title(text)),
        "capitalize" => Value::str(capitalize(text)),
        "strip" | "lstrip" | "rstrip" => {
            let chars = args.text(0, "chars")?;
            let cuts = |c: char| chars.as_ref().map_or(c.is_whitespace(), |chars| chars.contains(c));
            let text = if name == "rstrip" {
                text
            } else {
                text.trim_start_matches(cuts)
            };
            own(if name == "lstrip" {
                text
            } else {
                text.trim_end_matches(cuts)
            })
        }
        "split" | "rsplit" => Value::list(
            split(
                text,
                args.text(0, "sep")?.as_deref(),
                args.int(1, "maxsplit")?,
                name == "rsplit",
            )?
            .into_iter()
            .map(own)
            .collect(),
        ),
        "splitlines" => Value::list(text.lines().map(own).collect()),
        "partition" => {
            let sep = needle(0, "sep")?;
            let (before, after) = text.split_once(sep.as_str()).unwrap_or((text, ""));
            let found = if text.contains(&sep) { sep } else { String::new() };
            Value::Tuple(std::sync::Arc::new(vec![own(before), Value::str(found), own(after)]))
        }
        "join" => {
            let items = args.need(0, "iterable")?.iterate()?;
            if let Some(other) = items.iter().find(|item| !matches!(item, Value::Str(_))) {
                return Err(Error::Type(format!("`{}` can't be joined to a text", other.kind())));
            }
            Value::str(join(&items, text))
        }
        "format" => Value::str(format(text, args)?),
        "replace" => {
            let (old, new) = (needle(0, "old")?, needle(1, "new")?);
            match args.int(2, "count")? {
                Some(count) if count >= 0 => Value::str(text.replacen(&old, &new, usize::try_from(count).unwrap_or(0))),
                _ => Value::str(text.replace(&old, &new)),
            }
        }
        "startswith" => Value::Bool(any_of(args, |part| text.starts_with(part))?),
        "endswith" => Value::Bool(any_of(args, |part| text.ends_with(part))?),
        "removeprefix" => own(text.strip_prefix(needle(0, "prefix")?.as_str()).unwrap_or(text)),
        "removesuffix" => own(text.strip_suffix(needle(0, "suffix")?.as_str()).unwrap_or(text)),
        "find" => {
            let part = needle(0, "sub")?;
            int(text.find(&part).map(|at| text[..at].chars().count()))
        }
        "rfind" => {
            let part = needle(0, "sub")?;
            int(text.rfind(&part).map(|at| text[..at].chars().count()))
        }
        "count" => int(Some(text.matches(needle(0, "sub")?.as_str()).count())),
        "isdigit" | "isnumeric" | "isdecimal" => Value::Bool(!text.is_empty() && text.chars().all(char::is_numeric)),
        "isalpha" => Value::Bool(!text.is_empty() && text.chars().all(char::is_alphabetic)),
        "isalnum" => Value::Bool(!text.is_empty() && text.chars().all(char::is_alphanumeric)),
        "islower" => Value::Bool(text.chars().any(char::is_lowercase) && !text.chars().any(char::is_uppercase)),
        "isupper" => Value::Bool(text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase)),
        "zfill" => {
            let width = args
                .int(0, "width")?
                .and_then(|width| usize::try_from(width).ok())
                .unwrap_or(0);
            let (sign, digits) = match text.strip_prefix(['-', '+']) {
                Some(digits) => (&text[..1], digits),
                None => ("", text),
            };
            Value::str(format!(
                "{sign}{digits:0>width$}",
                width = width.min(1000).saturating_sub(sign.len())
            ))
        }
        _ => return Ok(None),
    }))
}

fn any_of(args: &Values<'_>, fits: impl Fn(&str) -> bool) -> Result<bool, Error> {
    match args.need(0, "prefix")? {
        Value::Str(part) => Ok(fits(part)),
        Value::Tuple(parts) => Ok(parts.iter().any(|part| fits(&part.to_text()))),
        other => Err(Error::Type(format!("`{}` is not text", other.kind()))),
    }
}

fn split<'t>(text: &'t str, sep: Option<&str>, max: Option<i128>, from_right: bool) -> Result<Vec<&'t str>, Error> {
    let max = max.and_then(|max| usize::try_from(max).ok());
    let Some(sep) = sep else {
        let words: Vec<&str> = text.split_whitespace().collect();
        return match max {
            Some(max) if words.len() > max && !from_right => {
                let mut kept: Vec<&str> = words[..max].to_vec();
                let mut rest = text.trim_start();
                for word in &kept {
                    rest = rest[word.len()..].trim_start();
                }
                kept.push(rest);
                Ok(kept)
            }
            _ => Ok(words),
        };
    };
    if sep.is_empty() {
        return Err(Error::Failed("a text can't be split at nothing".to_owned()));
    }
    Ok(match (max, from_right) {
        (None, _) => text.split(sep).collect(),
        (Some(max), false) => text.splitn(max.saturating_add(1), sep).collect(),
        (Some(max), true) => {
            let mut parts: Vec<&str> = text.rsplitn(max.saturating_add(1), sep).collect();
            parts.reverse();
            parts
        }
    })
}

/// `'{} of {1} and {name}'.format(…)`, without widths and conversions.
fn format(text: &str, args: &Values<'_>) -> Result<String, Error> {
    let mut out = String::new();
    let mut next = 0;
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let (mark, after) = rest[at..].split_at(1);
        if let Some(after) = after.strip_prefix(mark) {
            out.push_str(mark);
            rest = after;
            continue;
        }
        let field = after.split_once('}').filter(|_| mark == "{");
        let (field, after) = field.ok_or_else(|| Error::Failed("a `{` is never closed in a text".to_owned()))?;
        let value = if field.is_empty() {
            next += 1;
            args.positional.get(next - 1)
        } else {
            let by_place = || args.positional.get(field.parse::<usize>().ok()?);
            args.named
                .iter()
                .find(|(name, _)| *name == field)
                .map(|(_, value)| value)
                .or_else(by_place)
        };
        value
            .ok_or_else(|| Error::Failed(format!("`{{{field}}}` has no value")))?
            .print(&mut out);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// Items as text, with `sep` between them.
pub(super) fn join(items: &[Value<'_>], sep: &str) -> String {
    let mut out = String::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(sep);
        }
        item.print(&mut out);
    }
    out
}

/// The first letter large, the rest small.
pub(super) fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    first + &chars.as_str().to_lowercase()
}

/// The first letter of every word large.
pub(super) fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_inside = false;
    for c in text.chars() {
        if is_inside {
            out.extend(c.to_lowercase());
        } else {
            out.extend(c.to_uppercase());
        }
        is_inside = c.is_alphabetic();
    }
    out
}
