//! Cuts a template into text, tokens of expressions and tokens of statements.

use super::Error;

/// One token inside `{{ }}` or `{% %}`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(String),
    Str(String),
    Int(i128),
    Float(f64),
    Op(&'static str),
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Text(String),
    Print(Vec<Token>),
    Statement(Vec<Token>),
}

/// Operators, longer ones first.
const OPERATORS: [&str; 29] = [
    "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", "(", ")", "[", "]", "{", "}", ".",
    ",", ":", "|", ";", "!", "&", "^",
];

/// Cuts `source` into its parts. One newline at the very end is dropped, as Jinja does.
pub(super) fn parts(source: &str) -> Result<Vec<Part>, Error> {
    let source = source.strip_suffix('\n').unwrap_or(source);
    let mut found = Vec::new();
    let mut rest = source;
    let mut trims_left = false;
    loop {
        let Some((at, kind)) = next_opening(rest) else {
            push_text(&mut found, rest, trims_left, false);
            return Ok(found);
        };
        let inside = &rest[at + 2..];
        let (inside, trims_before) = match inside.strip_prefix('-') {
            Some(inside) => (inside, true),
            None => (inside.strip_prefix('+').unwrap_or(inside), false),
        };
        push_text(&mut found, &rest[..at], trims_left, trims_before);
        if kind == '#' {
            let end = inside
                .find("#}")
                .ok_or_else(|| Error::Syntax("`{#` is never closed with `#}`".to_owned()))?;
            trims_left = inside[..end].ends_with('-');
            rest = &inside[end + 2..];
            continue;
        }
        let close = if kind == '{' { "}}" } else { "%}" };
        let (tokens, after, trims_after) = tokens(inside, close)?;
        found.push(if kind == '{' {
            Part::Print(tokens)
        } else {
            Part::Statement(tokens)
        });
        trims_left = trims_after;
        rest = after;
    }
}

fn next_opening(text: &str) -> Option<(usize, char)> {
    text.char_indices().find_map(|(at, c)| {
        let next = text[at..].chars().nth(1)?;
        (c == '{' && matches!(next, '{' | '%' | '#')).then_some((at, next))
    })
}

fn push_text(found: &mut Vec<Part>, text: &str, trims_left: bool, trims_right: bool) {
    let text = if trims_left { text.trim_start() } else { text };
    let text = if trims_right { text.trim_end() } else { text };
    if !text.is_empty() {
        found.push(Part::Text(text.to_owned()));
    }
}

/// The tokens up to `close`, what follows it, and whether it trims the text behind it.
fn tokens<'a>(mut rest: &'a str, close: &str) -> Result<(Vec<Token>, &'a str, bool), Error> {
    let mut found = Vec::new();
    let mut depth = 0_u32;
    loop {
        rest = rest.trim_start();
        if depth == 0 {
            if let Some(after) = rest.strip_prefix(close) {
                return Ok((found, after, false));
            }
            if let Some(after) = rest.strip_prefix('-').and_then(|rest| rest.strip_prefix(close)) {
                return Ok((found, after, true));
            }
        }
        let Some(first) = rest.chars().next() else {
            return Err(Error::Syntax(format!("an expression is never closed with `{close}`")));
        };
        let (token, after) = match first {
            '\'' | '"' => string(rest, first)?,
            '0'..='9' => number(rest)?,
            _ if first.is_alphabetic() || first == '_' => {
                let end = rest
                    .find(|c: char| !c.is_alphanumeric() && c != '_')
                    .unwrap_or(rest.len());
                (Token::Name(rest[..end].to_owned()), &rest[end..])
            }
            _ => {
                let op = OPERATORS
                    .iter()
                    .find(|op| rest.starts_with(**op))
                    .ok_or_else(|| Error::Syntax(format!("`{first}` does not belong into an expression")))?;
                match *op {
                    "(" | "[" | "{" => depth += 1,
                    ")" | "]" | "}" => depth = depth.saturating_sub(1),
                    _ => {}
                }
                (Token::Op(op), &rest[op.len()..])
            }
        };
        found.push(token);
        rest = after;
    }
}

/// A string literal with Python's escapes. Its value and what follows it.
pub(super) fn string(text: &str, quote: char) -> Result<(Token, &str), Error> {
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return Ok((Token::Str(value), &text[at + c.len_utf8()..]));
        }
        if c != '\\' {
            value.push(c);
            continue;
        }
        let Some((_, escaped)) = chars.next() else { break };
        match escaped {
            'n' => value.push('\n'),
            't' => value.push('\t'),
            'r' => value.push('\r'),
            'a' => value.push('\u{7}'),
            'b' => value.push('\u{8}'),
            'f' => value.push('\u{c}'),
            'v' => value.push('\u{b}'),
            '0'..='7' => {
                let mut code = escaped.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    let Some(digit) = chars.clone().next().and_then(|(_, c)| c.to_digit(8)) else {
                        break;
                    };
                    code = code * 8 + digit;
                    chars.next();
                }
                value.push(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
            '\n' => {}
            '\\' | '\'' | '"' => value.push(escaped),
            'x' | 'u' | 'U' => {
                let count = match escaped {
                    'x' => 2,
                    'u' => 4,
                    _ => 8,
                };
                let digits: String = chars.by_ref().take(count).map(|(_, c)| c).collect();
                let decoded = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                value.push(decoded.ok_or_else(|| Error::Syntax(format!("`\\{escaped}{digits}` is not a character")))?);
            }
            other => {
                value.push('\\');
                value.push(other);
            }
        }
    }
    Err(Error::Syntax(format!("a string is never closed with `{quote}`")))
}

fn number(text: &str) -> Result<(Token, &str), Error> {
    let digits = |from: usize| {
        text[from..]
            .find(|c: char| !c.is_ascii_digit() && c != '_')
            .map_or(text.len(), |count| from + count)
    };
    let mut end = digits(0);
    let mut is_float = false;
    let mut ahead = text[end..].chars();
    if ahead.next() == Some('.') && ahead.next().is_some_and(|c| c.is_ascii_digit()) {
        is_float = true;
        end = digits(end + 1);
    }
    if text[end..].starts_with(['e', 'E']) {
        let sign = usize::from(text[end + 1..].starts_with(['+', '-']));
        let after = digits(end + 1 + sign);
        if after > end + 1 + sign {
            is_float = true;
            end = after;
        }
    }
    let plain = text[..end].replace('_', "");
    let token = if is_float {
        plain.parse().ok().map(Token::Float)
    } else {
        plain.parse().ok().map(Token::Int)
    };
    token
        .map(|token| (token, &text[end..]))
        .ok_or_else(|| Error::Syntax(format!("`{plain}` is not a number that can be held")))
}
