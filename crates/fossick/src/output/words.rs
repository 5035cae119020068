//! Numbers, times and foreign texts in words for people.

use model::Timestamp;

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// How far away an instant is: `just now`, `3 min ago`, `in 2 h`; beyond a month, its date.
pub(crate) fn when(at: Timestamp, now: Timestamp) -> String {
    let ms = now.since_ms(at);
    if ms.saturating_abs() < 5 * SECOND_MS {
        return "just now".to_owned();
    }
    if ms.saturating_abs() > 30 * DAY_MS {
        return at.to_string().get(..10).unwrap_or_default().to_owned();
    }
    if ms > 0 {
        return format!("{} ago", duration(ms));
    }
    // What is due in an hour should not be said to be due in 59 minutes a moment later.
    let unit_ms = match -ms {
        ..MINUTE_MS => SECOND_MS,
        MINUTE_MS..HOUR_MS => MINUTE_MS,
        HOUR_MS..DAY_MS => HOUR_MS,
        _ => DAY_MS,
    };
    format!("in {}", duration(-ms + unit_ms / 2))
}

/// A time of day, with its date where that is another day: `14:05 UTC`.
pub(crate) fn clock(at: Timestamp, now: Timestamp) -> String {
    let (text, today) = (at.to_string(), now.to_string());
    let parts = text.get(..10).zip(text.get(11..16));
    match parts {
        Some((date, time)) if today.starts_with(date) => format!("{time} UTC"),
        Some((date, time)) => format!("{date} {time} UTC"),
        None => text,
    }
}

/// A length of time in its largest unit: `420 ms`, `42 s`, `3 min`, `2 h`, `5 days`.
pub(crate) fn duration(ms: i64) -> String {
    match ms {
        ..SECOND_MS => format!("{ms} ms"),
        SECOND_MS..MINUTE_MS => format!("{} s", ms / SECOND_MS),
        MINUTE_MS..HOUR_MS => format!("{} min", ms / MINUTE_MS),
        HOUR_MS..DAY_MS => format!("{} h", ms / HOUR_MS),
        _ => count(ms / DAY_MS, "day"),
    }
}

/// A number of things: `1 page`, `1,204 pages`.
pub(crate) fn count(number: i64, noun: &str) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = if number < 0 { "-".to_owned() } else { String::new() };
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if noun.is_empty() {
        return text;
    }
    let ending = if number == 1 { "" } else { "s" };
    format!("{text} {noun}{ending}")
}

/// A number of bytes: `512 B`, `1.5 MiB`.
pub(crate) fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if number < 1024 {
        return format!("{number} B");
    }
    // Tenths of a unit, in whole numbers.
    let mut tenths = u128::from(number) * 10 / 1024;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

/// A foreign text on one line, without control characters: what is found in files must not steer a terminal.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' | '\r' => out.push(' '),
            // Direction marks can make a name look like another one.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            other if other.is_control() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}
