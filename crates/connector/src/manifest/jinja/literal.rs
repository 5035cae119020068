//! Python's `ast.literal_eval`: text that looks like a literal becomes the value.

use std::sync::Arc;

use super::lexer::{Token, string};
use super::value::Value;

/// How deep brackets may nest.
const DEPTH_MAX: u32 = 64;

/// The value of `text` when the whole of it is a Python literal; `None` when it stays text.
///
/// Complex numbers, bytes and sets stay text as well: nothing in a manifest can use them.
pub(super) fn literal(text: &str) -> Option<Value<'static>> {
    let text = first_line(text)?;
    // Most text is not a literal, and its first character tells.
    let first = text.bytes().next()?;
    if !matches!(
        first,
        b'0'..=b'9'
            | b'\''
            | b'"'
            | b'('
            | b'['
            | b'{'
            | b'-'
            | b'+'
            | b'.'
            | b'N'
            | b'T'
            | b'F'
            | b'r'
            | b'R'
            | b'u'
            | b'U'
    ) {
        return None;
    }
    let mut reader = Reader { rest: text, depth: 0 };
    let value = reader.tuple()?;
    // Behind the value only blanks, line ends and a comment may follow.
    let mut rest = reader.rest;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{c}']);
        match rest.strip_prefix('#') {
            Some(comment) => rest = comment.split_once('\n').map_or("", |(_, rest)| rest),
            None => return rest.is_empty().then_some(value),
        }
    }
}

/// The text from its first line that is not empty; `None` where that line is indented, which is no expression.
fn first_line(text: &str) -> Option<&str> {
    let mut rest = text.trim_start_matches([' ', '\t']);
    let mut is_first = true;
    loop {
        let line = rest.trim_start_matches([' ', '\t', '\r', '\u{c}']);
        match line.strip_prefix('\n') {
            Some(next) => {
                rest = next;
                is_first = false;
            }
            None => return (is_first || line.len() == rest.len()).then_some(line),
        }
    }
}

struct Reader<'t> {
    rest: &'t str,
    /// How many brackets are open: inside of them, line ends are blanks.
    depth: u32,
}

impl Reader<'_> {
    fn skip(&mut self) {
        loop {
            self.rest = if self.depth > 0 {
                self.rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{c}'])
            } else {
                self.rest.trim_start_matches([' ', '\t', '\u{c}'])
            };
            if self.depth == 0 || !self.rest.starts_with('#') {
                return;
            }
            self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
        }
    }

    fn take(&mut self, c: char) -> bool {
        self.skip();
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// A value, or several with commas between them.
    fn tuple(&mut self) -> Option<Value<'static>> {
        let first = self.value()?;
        if !self.take(',') {
            return Some(first);
        }
        let mut items = vec![first];
        loop {
            self.skip();
            if self.rest.is_empty() || self.rest.starts_with([')', '#', '\n']) {
                break;
            }
            items.push(self.value()?);
            if !self.take(',') {
                break;
            }
        }
        Some(Value::Tuple(Arc::new(items)))
    }

    fn value(&mut self) -> Option<Value<'static>> {
        self.skip();
        match self.rest.chars().next()? {
            '(' => self.inside(|reader| {
                if reader.take(')') {
                    return Some(Value::Tuple(Arc::new(Vec::new())));
                }
                let value = reader.tuple()?;
                reader.take(')').then_some(value)
            }),
            '[' => self.inside(|reader| {
                let mut items = Vec::new();
                while !reader.take(']') {
                    items.push(reader.value()?);
                    if !reader.take(',') {
                        return reader.take(']').then(|| Value::list(items));
                    }
                }
                Some(Value::list(items))
            }),
            '{' => self.inside(Self::dict),
            '-' | '+' => self.signed(),
            '0'..='9' | '.' => self.number(),
            '\'' | '"' | 'r' | 'R' | 'u' | 'U' => self.strings(),
            _ => self.word(),
        }
    }

    fn inside(&mut self, read: impl FnOnce(&mut Self) -> Option<Value<'static>>) -> Option<Value<'static>> {
        self.rest = &self.rest[1..];
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn dict(&mut self) -> Option<Value<'static>> {
        let mut items: Vec<(Value<'static>, Value<'static>)> = Vec::new();
        while !self.take('}') {
            let key = self.value()?;
            if matches!(key, Value::List(_) | Value::Dict(_)) || !self.take(':') {
                return None;
            }
            let value = self.value()?;
            match items.iter_mut().find(|(found, _)| found.equals(&key)) {
                Some((_, old)) => *old = value,
                None => items.push((key, value)),
            }
            if !self.take(',') {
                return self.take('}').then(|| Value::Dict(Arc::new(items)));
            }
        }
        Some(Value::Dict(Arc::new(items)))
    }

    fn signed(&mut self) -> Option<Value<'static>> {
        let mut is_negative = false;
        let mut signs = 0;
        loop {
            self.skip();
            match self.rest.bytes().next()? {
                b'-' => is_negative = !is_negative,
                b'+' => {}
                _ => break,
            }
            self.rest = &self.rest[1..];
            signs += 1;
            // `ast.literal_eval` takes one sign before a number, not `--1`.
            if signs > 1 {
                return None;
            }
        }
        match self.number()? {
            Value::Int(value) if is_negative => Some(Value::Int(-value)),
            Value::Float(value) if is_negative => Some(Value::Float(-value)),
            value => Some(value),
        }
    }

    fn number(&mut self) -> Option<Value<'static>> {
        let bytes = self.rest.as_bytes();
        let radix = match (bytes.first(), bytes.get(1)) {
            (Some(b'0'), Some(b'x' | b'X')) => Some(16),
            (Some(b'0'), Some(b'o' | b'O')) => Some(8),
            (Some(b'0'), Some(b'b' | b'B')) => Some(2),
            _ => None,
        };
        if let Some(radix) = radix {
            let end = self.word_end(2);
            let digits = clean(self.rest[2..end].strip_prefix('_').unwrap_or(&self.rest[2..end]))?;
            self.rest = &self.rest[end..];
            return i128::from_str_radix(&digits, radix).ok().map(Value::Int);
        }
        let mut end = 0;
        let mut is_float = false;
        while let Some(byte) = bytes.get(end) {
            match byte {
                b'0'..=b'9' | b'_' => {}
                b'.' if !is_float => is_float = true,
                b'e' | b'E' if end > 0 => {
                    is_float = true;
                    end += usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
                    end = self.digits_end(end + 1);
                    break;
                }
                _ => break,
            }
            end += 1;
        }
        // `12ab`, `1j`, `1.2.3` are no numbers.
        if self.rest[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.') {
            return None;
        }
        let text = &self.rest[..end];
        let plain = clean_number(text)?;
        self.rest = &self.rest[end..];
        if is_float {
            return plain.parse().ok().map(Value::Float);
        }
        let is_padded = plain.len() > 1 && plain.starts_with('0') && plain.bytes().any(|digit| digit != b'0');
        if is_padded {
            None
        } else {
            plain.parse().ok().map(Value::Int)
        }
    }

    fn digits_end(&self, from: usize) -> usize {
        let digits = self
            .rest
            .bytes()
            .skip(from)
            .take_while(|byte| byte.is_ascii_digit() || *byte == b'_');
        from + digits.count()
    }

    fn word_end(&self, from: usize) -> usize {
        self.rest[from..]
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .map_or(self.rest.len(), |count| from + count)
    }

    fn word(&mut self) -> Option<Value<'static>> {
        let end = self.word_end(0);
        let value = match &self.rest[..end] {
            "None" => Value::None,
            "True" => Value::Bool(true),
            "False" => Value::Bool(false),
            _ => return None,
        };
        self.rest = &self.rest[end..];
        Some(value)
    }

    /// One or more strings beside each other.
    fn strings(&mut self) -> Option<Value<'static>> {
        let mut joined = self.string()?;
        loop {
            self.skip();
            if !self.rest.starts_with(['\'', '"']) {
                return Some(Value::str(joined));
            }
            joined.push_str(&self.string()?);
        }
    }

    fn string(&mut self) -> Option<String> {
        let is_raw = self.rest.starts_with(['r', 'R']);
        if self.rest.starts_with(['r', 'R', 'u', 'U']) {
            self.rest = &self.rest[1..];
        }
        let quote = self.rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let triple = quote.to_string().repeat(3);
        if let Some(inside) = self.rest.strip_prefix(&triple) {
            let (text, rest) = inside.split_once(&triple)?;
            self.rest = rest;
            if is_raw || !text.contains('\\') {
                return Some(text.to_owned());
            }
            // The escapes are the same between one quote and three.
            let other = if quote == '"' { '\'' } else { '"' };
            let guarded = format!("{other}{}{other}", text.replace(other, &format!("\\{other}")));
            return match string(&guarded, other) {
                Ok((Token::Str(text), _)) => Some(text),
                _ => None,
            };
        }
        if is_raw {
            let (text, rest) = self.rest[1..].split_once(quote)?;
            self.rest = rest;
            return Some(text.to_owned());
        }
        let (token, rest) = string(self.rest, quote).ok()?;
        let Token::Str(text) = token else { return None };
        let written = &self.rest[..self.rest.len() - rest.len()];
        if written.contains('\n') && !written.contains("\\\n") {
            return None;
        }
        self.rest = rest;
        Some(text)
    }
}

/// Digits without the underscores that Python allows between them.
fn clean(digits: &str) -> Option<String> {
    let is_wrong = digits.is_empty() || digits.starts_with('_') || digits.ends_with('_') || digits.contains("__");
    (!is_wrong).then(|| digits.replace('_', ""))
}

fn clean_number(text: &str) -> Option<String> {
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    let parts = text.split(['.', 'e', 'E', '+', '-']);
    let is_fine = parts.into_iter().all(|part| part.is_empty() || clean(part).is_some());
    (has_digit && is_fine).then(|| text.replace('_', ""))
}
