//! How Python prints values: `str()` and `repr()`.

use super::value::Value;
use std::fmt::Write as _;

impl Value<'_> {
    /// `str(value)`.
    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        self.print(&mut text);
        text
    }

    /// Appends `str(value)`.
    pub(super) fn print(&self, out: &mut String) {
        match self {
            Self::Undefined(_) => {}
            Self::Str(text) => out.push_str(text),
            Self::DateTime(at) => out.push_str(&at.iso(' ')),
            Self::Date(date) => out.push_str(&date.to_string()),
            Self::Delta(delta) => out.push_str(&delta.to_string()),
            other => other.repr(out),
        }
    }

    /// Appends `repr(value)`.
    fn repr(&self, out: &mut String) {
        match self {
            Self::Undefined(_) => out.push_str("Undefined"),
            Self::None => out.push_str("None"),
            Self::Bool(value) => out.push_str(if *value { "True" } else { "False" }),
            Self::Int(value) => {
                out.push_str(&value.to_string());
            }
            Self::Float(value) => out.push_str(&float_text(*value)),
            Self::Str(text) => quote(text, out),
            Self::List(_) | Self::Array(_) => {
                out.push('[');
                self.repr_items(out);
                out.push(']');
            }
            Self::Tuple(items) => {
                out.push('(');
                self.repr_items(out);
                if items.len() == 1 {
                    out.push(',');
                }
                out.push(')');
            }
            Self::Dict(_) | Self::Object(_) | Self::Headers(_) => {
                out.push('{');
                for (index, (key, value)) in self.pairs().unwrap_or_default().iter().enumerate() {
                    if index > 0 {
                        out.push_str(", ");
                    }
                    key.repr(out);
                    out.push_str(": ");
                    value.repr(out);
                }
                out.push('}');
            }
            Self::DateTime(at) => {
                write!(out, "datetime.datetime({})", at.iso(' ')).expect("a `String` takes everything");
            }
            Self::Date(date) => write!(out, "datetime.date({}, {}, {})", date.year(), date.month(), date.day())
                .expect("a `String` takes everything"),
            Self::Delta(delta) => write!(out, "datetime.timedelta({delta})").expect("a `String` takes everything"),
        }
    }

    fn repr_items(&self, out: &mut String) {
        for (index, item) in self.items().unwrap_or_default().iter().enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            item.repr(out);
        }
    }
}

fn quote(text: &str, out: &mut String) {
    let mark = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(mark);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == mark => {
                out.push('\\');
                out.push(c);
            }
            c if u32::from(c) < 0x20 || u32::from(c) == 0x7f => {
                write!(out, "\\x{:02x}", u32::from(c)).expect("a `String` takes everything");
            }
            c => out.push(c),
        }
    }
    out.push(mark);
}

/// A float as Python prints it: the shortest digits that read back as the same number.
pub(crate) fn float_text(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let text = value.to_string();
        return if text.contains('.') { text } else { format!("{text}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}
