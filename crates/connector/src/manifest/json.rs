//! Answers as JSON, also where a provider writes a little else.

use serde_json::Value as Json;

/// From how many bytes on an answer is read on a thread of its own.
const LARGE: usize = 1 << 20;

/// Reads an answer's body; an empty one is nothing. The error says why it is no JSON.
///
/// Half a surrogate pair and a byte that is no UTF-8 become the replacement character, `NaN` and `Infinity` nothing,
/// and a number that is too large for any machine its own text: one of them should not cost a whole page. So does a whole
/// number of more than 64 bits, most often an id, which would lose its last digits.
pub(super) fn decode(body: &[u8]) -> Result<Json, String> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Json::Null);
    }
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if has_many_digits(body)
        && let Ok(exact) = serde_json::from_slice(&mend(body))
    {
        return Ok(exact);
    }
    serde_json::from_slice(body)
        .or_else(|error| serde_json::from_slice(&mend(body)).map_err(|_still_broken| error.to_string()))
}

/// Whether something may be a whole number of more than 64 bits: the shortest has 19 digits.
fn has_many_digits(body: &[u8]) -> bool {
    let mut digits = 0;
    body.iter().any(|byte| {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        digits >= 19
    })
}

/// The same where others wait for the thread.
pub(super) async fn decode_apart(body: &outbound::Bytes) -> Result<Json, String> {
    if body.len() < LARGE {
        return decode(body);
    }
    let body = body.clone();
    tokio::task::spawn_blocking(move || decode(&body))
        .await
        .map_err(|error| format!("reading it broke off: {error}"))?
}

/// Rewrites what JSON does not know; everything else stays as it is.
fn mend(body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(body);
    let mut rest = text.as_ref();
    let mut mended = String::with_capacity(rest.len());
    let mut is_inside = false;
    while let Some(first) = rest.chars().next() {
        let (length, instead) = match first {
            '"' => {
                is_inside = !is_inside;
                (1, None)
            }
            '\\' if is_inside => escape(rest),
            _ if is_inside => (first.len_utf8(), None),
            _ => bare(rest, first),
        };
        let (token, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        mended.push_str(instead.as_deref().unwrap_or(token));
        rest = behind;
    }
    mended.into_bytes()
}

/// How long an escape is, and what stands in its place.
fn escape(text: &str) -> (usize, Option<String>) {
    let lone = Some("\\ufffd".to_owned());
    match unit(text) {
        Some(0xd800..=0xdbff) => match text.get(6..).and_then(unit) {
            Some(0xdc00..=0xdfff) => (12, None),
            _ => (6, lone),
        },
        Some(0xdc00..=0xdfff) => (6, lone),
        Some(_) => (6, None),
        None => (1 + text[1..].chars().next().map_or(0, char::len_utf8), None),
    }
}

/// The code unit of an escape at the beginning, such as `\ud83d`.
fn unit(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

/// How long what begins outside of a string is, and what stands in its place.
fn bare(text: &str, first: char) -> (usize, Option<String>) {
    if let Some(name) = ["NaN", "Infinity", "-Infinity"]
        .iter()
        .find(|name| text.starts_with(**name))
    {
        return (name.len(), Some("null".to_owned()));
    }
    if first != '-' && !first.is_ascii_digit() {
        return (first.len_utf8(), None);
    }
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    let length = text.find(|c| !is_number(c)).unwrap_or(text.len());
    let number = &text[..length];
    let is_too_large = number.parse::<f64>().is_ok_and(|value| !value.is_finite());
    let is_whole = number.bytes().skip(1).all(|byte| byte.is_ascii_digit());
    let is_too_long = is_whole && length > 18 && number.parse::<i64>().is_err() && number.parse::<u64>().is_err();
    (length, (is_too_large || is_too_long).then(|| format!("\"{number}\"")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::{decode, mend};

    #[test]
    fn one_odd_character_or_number_costs_no_page() {
        let body = br#"[{"a": "\ud83d\ude00 \ud83d \ude00x\\ud83d", "\udead": NaN}, -Infinity, Infinity, 1e999, -1E+999, 1e-999, 3]"#;
        let expected = json!([
            {"a": "\u{1f600} \u{fffd} \u{fffd}x\\ud83d", "\u{fffd}": null}, null, null, "1e999", "-1E+999", 0.0, 3
        ]);
        assert_eq!(decode(body).unwrap(), expected);
        assert_eq!(
            decode(b"{\"a\": \"M\xfcller NaN 1e999\"}").unwrap(),
            json!({"a": "M\u{fffd}ller NaN 1e999"})
        );
        assert_eq!(decode(b"\xef\xbb\xbf [1]").unwrap(), json!([1]));
        assert_eq!(decode(b" \n").unwrap(), json!(null));
    }

    #[test]
    fn a_whole_number_that_no_machine_holds_keeps_its_digits() {
        let body = br#"[18446744073709551615, 18446744073709551616, -9223372036854775808, -9223372036854775809,
            123456789012345678901234567890, 1234567890123456789.5, 1e20, "123456789012345678901234567890"]"#;
        let expected = json!([
            18_446_744_073_709_551_615_u64,
            "18446744073709551616",
            i64::MIN,
            "-9223372036854775809",
            "123456789012345678901234567890",
            1_234_567_890_123_456_789.5,
            1e20,
            "123456789012345678901234567890"
        ]);
        assert_eq!(decode(body).unwrap(), expected);
        let broken = b"[18446744073709551616, ";
        assert!(decode(broken).unwrap_err().contains("line 1"));
    }

    #[test]
    fn what_is_no_json_says_why() {
        assert_eq!(decode(b"<html>").unwrap_err(), "expected value at line 1 column 1");
        assert!(decode(br#"{"a": "\u12"#).unwrap_err().contains("line 1"));
        assert!(decode(&b"[".repeat(1_000)).unwrap_err().contains("recursion limit"));
    }

    proptest! {
        #[test]
        fn json_is_left_as_it_is(text in any::<String>(), number in any::<f64>(), large in any::<u64>()) {
            let body = json!({ text: [number, large, {"a": null}] }).to_string();
            prop_assert_eq!(mend(body.as_bytes()), body.into_bytes());
        }

        #[test]
        fn nothing_is_too_odd(body in any::<Vec<u8>>(), text in "[\\\\u\"d8cNaInfity0-9eE.\\-\\[\\]{}:, ]*") {
            decode(&body).ok();
            decode(text.as_bytes()).ok();
        }
    }
}
