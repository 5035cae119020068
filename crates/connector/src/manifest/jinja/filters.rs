//! Filters: `value | name(args)`.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Digest;

use super::ast::{Args, Filter};
use super::eval::{Values, attribute};
use super::functions::best;
use super::methods::{capitalize, join, title};
use super::names::test_named;
use super::value::Value;
use super::{Error, md5, ops};

/// What `urlencode` encodes: all but letters, digits and these.
const URL_KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Applies one filter.
pub(super) fn apply<'a>(of: &Value<'a>, filter: &Filter, args: &Values<'a>) -> Result<Value<'a>, Error> {
    let text = || of.to_text();
    Ok(match &*filter.name {
        "default" | "d" => {
            let replaces_false = args.get(1, "boolean").is_some_and(Value::is_true);
            if matches!(of, Value::Undefined(_)) || (replaces_false && !of.is_true()) {
                args.get(0, "default_value").cloned().unwrap_or_else(|| Value::str(""))
            } else {
                of.clone()
            }
        }
        "length" | "count" => Value::Int(i128::try_from(of.length()?).unwrap_or(0)),
        "string" => match of {
            Value::Str(_) => of.clone(),
            Value::Undefined(what) => return Err(Error::Type(format!("`{what}` is not there"))),
            // Quoted three times, so that reading it as a literal gives the text back.
            other => Value::str(format!("\"\"\"{}\"\"\"", json_text(other, true))),
        },
        "tojson" => Value::str(json_text(of, true)),
        "int" | "float" if matches!(of, Value::Undefined(_)) => return Err(Error::undefined(of.name())),
        "int" => to_int(of, args),
        "float" => to_float(of, args),
        "bool" => Value::Bool(of.is_true()),
        "abs" => match of {
            Value::Int(value) => Value::Int(value.abs()),
            Value::Float(value) => Value::Float(value.abs()),
            other => return Err(Error::Type(format!("`abs` does not work on `{}`", other.kind()))),
        },
        "round" => round(of, args)?,
        "lower" => Value::str(text().to_lowercase()),
        "upper" => Value::str(text().to_uppercase()),
        "title" => Value::str(title(&text())),
        "capitalize" => Value::str(capitalize(&text())),
        "trim" => Value::str(text().trim().to_owned()),
        "safe" | "e" | "escape" => of.clone(),
        "replace" => {
            let (old, new) = (args.need(0, "old")?.to_text(), args.need(1, "new")?.to_text());
            match args.int(2, "count")?.and_then(|count| usize::try_from(count).ok()) {
                Some(count) => Value::str(text().replacen(&old, &new, count)),
                None => Value::str(text().replace(&old, &new)),
            }
        }
        "urlencode" => Value::str(utf8_percent_encode(&text(), URL_KEPT).to_string()),
        "hash" | "hmac" | "base64encode" | "base64decode" | "base64binascii_decode" => encode(of, filter, args)?,
        "regex_search" | "regex_replace" => regex(of, filter, args)?,
        _ => list(of, &filter.name, args)?,
    })
}

/// Filters of lists.
fn list<'a>(of: &Value<'a>, name: &str, args: &Values<'a>) -> Result<Value<'a>, Error> {
    let items = || of.iterate();
    let missing = || Value::undefined(name.to_owned());
    Ok(match name {
        "list" => Value::list(items()?),
        "first" => items()?.into_iter().next().unwrap_or_else(missing),
        "last" => items()?.into_iter().next_back().unwrap_or_else(missing),
        "reverse" => {
            let mut items = items()?;
            items.reverse();
            match of {
                Value::Str(_) => Value::str(join(&items, "")),
                _ => Value::list(items),
            }
        }
        "join" => {
            let sep = args.text(0, "d")?.unwrap_or_default();
            let by = args.text(1, "attribute")?;
            let mut items = items()?;
            if let Some(by) = by {
                for item in &mut items {
                    *item = path(item, &by)?;
                }
            }
            Value::str(join(&items, &sep))
        }
        "sum" => {
            let by = args.text(0, "attribute")?;
            let mut total = args.get(1, "start").cloned().unwrap_or(Value::Int(0));
            for item in items()? {
                let item = match &by {
                    Some(by) => path(&item, by)?,
                    None => item,
                };
                total = ops::binary(super::ast::Binary::Add, &total, &item)?;
            }
            total
        }
        "max" => best(items()?, Ordering::Greater)?.unwrap_or_else(missing),
        "min" => best(items()?, Ordering::Less)?.unwrap_or_else(missing),
        "sort" => sort(items()?, args)?,
        "unique" => {
            let mut kept: Vec<Value<'a>> = Vec::new();
            for item in items()? {
                if !kept.iter().any(|found| found.equals(&item)) {
                    kept.push(item);
                }
            }
            Value::list(kept)
        }
        "items" => Value::list(
            of.pairs()
                .ok_or_else(|| Error::Type(format!("`items` does not work on `{}`", of.kind())))?
                .into_iter()
                .map(|(key, value)| Value::Tuple(Arc::new(vec![key, value])))
                .collect(),
        ),
        "map" => map(items()?, args)?,
        "selectattr" | "rejectattr" | "select" | "reject" => select(items()?, name, args)?,
        other => return Err(Error::Failed(format!("the filter `{other}` is not supported"))),
    })
}

/// The value at a path with dots.
fn path<'a>(of: &Value<'a>, path: &str) -> Result<Value<'a>, Error> {
    let mut value = of.clone();
    for part in path.split('.') {
        value = match part.parse() {
            Ok(index) => value
                .item(&Value::Int(index))
                .unwrap_or_else(|| Value::undefined(part.to_owned())),
            Err(_name) => attribute(&value, part)?,
        };
    }
    Ok(value)
}

fn sort<'a>(mut items: Vec<Value<'a>>, args: &Values<'a>) -> Result<Value<'a>, Error> {
    let is_reverse = args.get(0, "reverse").is_some_and(Value::is_true);
    let by = args.text(2, "attribute")?;
    let mut failure = None;
    items.sort_by(|left, right| {
        let key = |item: &Value<'a>| match &by {
            Some(by) => path(item, by),
            None => Ok(match item {
                // Jinja ignores case when it sorts.
                Value::Str(text) => Value::str(text.to_lowercase()),
                other => other.clone(),
            }),
        };
        let order = key(left).and_then(|left| left.order(&key(right)?));
        let order = order.unwrap_or_else(|error| {
            failure = Some(error);
            None
        });
        order.unwrap_or(Ordering::Equal)
    });
    if let Some(error) = failure {
        return Err(error);
    }
    if is_reverse {
        items.reverse();
    }
    Ok(Value::list(items))
}

fn map<'a>(items: Vec<Value<'a>>, args: &Values<'a>) -> Result<Value<'a>, Error> {
    let attribute = args
        .named
        .iter()
        .find(|(name, _)| *name == "attribute")
        .map(|(_, value)| value.to_text());
    let default = args
        .named
        .iter()
        .find(|(name, _)| *name == "default")
        .map(|(_, value)| value);
    let mut mapped = Vec::with_capacity(items.len());
    for item in items {
        mapped.push(match (&attribute, args.positional.first()) {
            (Some(by), _) => match (path(&item, by)?, default) {
                (Value::Undefined(_), Some(default)) => default.clone(),
                (value, _) => value,
            },
            (None, Some(name)) => {
                let filter = Filter {
                    name: name.to_text().into(),
                    args: Args::default(),
                    regex: None,
                };
                let rest = Values {
                    positional: args.positional[1..].to_vec(),
                    named: Vec::new(),
                };
                apply(&item, &filter, &rest)?
            }
            (None, None) => return Err(Error::Failed("`map` needs a filter or `attribute`".to_owned())),
        });
    }
    Ok(Value::list(mapped))
}

fn select<'a>(items: Vec<Value<'a>>, name: &str, args: &Values<'a>) -> Result<Value<'a>, Error> {
    let keeps = name.starts_with("select");
    let by_attribute = name.ends_with("attr");
    let mut kept = Vec::new();
    for item in items {
        let (value, test) = if by_attribute {
            (path(&item, &args.need(0, "attribute")?.to_text())?, 1)
        } else {
            (item.clone(), 0)
        };
        let passes = match args.positional.get(test) {
            Some(test_name) => {
                let rest = args.positional.get(test + 1..).unwrap_or_default();
                let name = test_name.to_text();
                ops::test(&value, test_named(&name), rest)?
            }
            None => value.is_true(),
        };
        if passes == keeps {
            kept.push(item);
        }
    }
    Ok(Value::list(kept))
}

fn to_int<'a>(of: &Value<'a>, args: &Values<'a>) -> Value<'a> {
    #[expect(clippy::cast_possible_truncation, reason = "Python cuts towards zero as well")]
    let number = match of {
        Value::Int(value) => Some(*value),
        Value::Bool(value) => Some(i128::from(*value)),
        Value::Float(value) if value.is_finite() => Some(*value as i128),
        Value::Str(text) => {
            let text = text.trim().replace('_', "");
            let radix = args
                .int(1, "base")
                .ok()
                .flatten()
                .and_then(|base| u32::try_from(base).ok());
            let whole = i128::from_str_radix(&text, radix.filter(|base| (2..=36).contains(base)).unwrap_or(10));
            whole.ok().or_else(|| {
                text.parse::<f64>()
                    .ok()
                    .filter(|value| value.is_finite())
                    .map(|value| value as i128)
            })
        }
        _ => None,
    };
    number
        .map(Value::Int)
        .or_else(|| args.get(0, "default").cloned())
        .unwrap_or(Value::Int(0))
}

fn to_float<'a>(of: &Value<'a>, args: &Values<'a>) -> Value<'a> {
    #[expect(clippy::cast_precision_loss, reason = "Python converts to a float as well")]
    let number = match of {
        Value::Int(value) => Some(*value as f64),
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        Value::Float(value) => Some(*value),
        Value::Str(text) => text.trim().parse().ok(),
        _ => None,
    };
    number
        .map(Value::Float)
        .or_else(|| args.get(0, "default").cloned())
        .unwrap_or(Value::Float(0.0))
}

fn round<'a>(of: &Value<'a>, args: &Values<'a>) -> Result<Value<'a>, Error> {
    let Value::Float(value) = to_float(of, args) else {
        return Err(Error::Type(format!("`round` does not work on `{}`", of.kind())));
    };
    let digits = args
        .int(0, "precision")?
        .and_then(|digits| i32::try_from(digits).ok())
        .unwrap_or(0);
    let factor = 10_f64.powi(digits);
    let rounded = match args.text(1, "method")?.as_deref() {
        Some("ceil") => (value * factor).ceil(),
        Some("floor") => (value * factor).floor(),
        _ => (value * factor).round_ties_even(),
    };
    Ok(Value::Float(rounded / factor))
}

fn encode<'a>(of: &Value<'a>, filter: &Filter, args: &Values<'a>) -> Result<Value<'a>, Error> {
    let text = of.to_text();
    Ok(Value::str(match &*filter.name {
        "base64encode" | "base64binascii_decode" => STANDARD.encode(text),
        "base64decode" => {
            let bytes = STANDARD.decode(text.trim()).ok();
            bytes
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .ok_or_else(|| Error::Failed("what `base64decode` is given is not text in base64".to_owned()))?
        }
        "hmac" => {
            let key = args.need(0, "key")?.to_text();
            let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes())
                .map_err(|_length| Error::Failed("the key of `hmac` can't be used".to_owned()))?;
            mac.update(text.as_bytes());
            hex(&mac.finalize().into_bytes())
        }
        _ => {
            let salted = text + &args.text(1, "salt")?.unwrap_or_default();
            match args.text(0, "hash_type")?.as_deref().unwrap_or("md5") {
                "md5" => hex(&md5::digest(salted.as_bytes())),
                "sha256" => hex(&sha2::Sha256::digest(salted)),
                "sha512" => hex(&sha2::Sha512::digest(salted)),
                other => return Err(Error::Failed(format!("the hash `{other}` is not supported"))),
            }
        }
    }))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |text, byte| {
        text + &format!("{byte:02x}")
    })
}

fn regex<'a>(of: &Value<'a>, filter: &Filter, args: &Values<'a>) -> Result<Value<'a>, Error> {
    let Value::Str(text) = of else {
        return Err(Error::Type(format!("`{}` can't be searched", of.kind())));
    };
    let built;
    let regex = if let Some(regex) = &filter.regex {
        regex
    } else {
        let pattern = args.need(0, "regex")?.to_text();
        built = regex::Regex::new(&pattern)
            .map_err(|error| Error::Failed(format!("the pattern `{pattern}` can't be read: {error}")))?;
        &built
    };
    if &*filter.name == "regex_search" {
        let group = regex.captures(text).and_then(|found| found.get(1));
        return Ok(Value::str(
            group.map(|group| group.as_str().to_owned()).unwrap_or_default(),
        ));
    }
    // Python names groups `\1`, the library here `${1}`.
    let replacement = args.need(1, "replacement")?.to_text().replace('$', "$$");
    let mut rewritten = String::new();
    let mut chars = replacement.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek().copied()) {
            ('\\', Some(digit)) if digit.is_ascii_digit() => {
                chars.next();
                write!(rewritten, "${{{digit}}}").expect("a `String` takes everything");
            }
            _ => rewritten.push(c),
        }
    }
    Ok(Value::str(regex.replace_all(text, rewritten).into_owned()))
}

/// JSON as Python's `json.dumps` prints it: blanks behind `,` and `:`, nothing but ASCII.
fn json_text(of: &Value<'_>, is_ascii: bool) -> String {
    let mut out = String::new();
    dump(&of.to_json(), is_ascii, &mut out);
    out
}

fn dump(json: &serde_json::Value, is_ascii: bool, out: &mut String) {
    match json {
        serde_json::Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                dump(item, is_ascii, out);
            }
            out.push(']');
        }
        serde_json::Value::Object(map) => {
            out.push('{');
            for (index, (key, value)) in map.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                dump(&serde_json::Value::String(key.clone()), is_ascii, out);
                out.push_str(": ");
                dump(value, is_ascii, out);
            }
            out.push('}');
        }
        other => {
            for c in other.to_string().chars() {
                if c.is_ascii() || !is_ascii {
                    out.push(c);
                } else {
                    let mut units = [0; 2];
                    for unit in c.encode_utf16(&mut units) {
                        write!(out, "\\u{unit:04x}").expect("a `String` takes everything");
                    }
                }
            }
        }
    }
}
