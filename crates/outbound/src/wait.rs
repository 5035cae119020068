//! What an answer means for a retry: how long the other side wants to be left alone.

use model::Timestamp;

use crate::request::header;

/// Longest wait that is believed, in milliseconds: a week. More is a clock gone wrong.
pub const WAIT_MS_MAX: i64 = 7 * 24 * 3600 * 1000;

/// What the status and headers of an answer ask of whoever sent the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// 2xx and 3xx: nothing to do.
    Fine,
    /// 429 and 5xx: again later; not before the instant, where one was named.
    Again(Option<Timestamp>),
    /// 401 and 403: the credential is not good enough.
    Denied,
    /// Any other 4xx: the same request will be refused again.
    Refused,
}

/// Judges an answer. `headers` has its names in lower case.
pub fn meaning(status: u16, headers: &[(String, String)], now: Timestamp) -> Meaning {
    match status {
        // Some providers say 403 when an hourly allowance is used up.
        403 if is_used_up(headers) => Meaning::Again(retry_at(headers, now)),
        401 | 403 => Meaning::Denied,
        408 | 425 | 429 | 500.. => Meaning::Again(retry_at(headers, now)),
        400..=499 => Meaning::Refused,
        _ => Meaning::Fine,
    }
}

/// When the other side wants to be asked again: from `retry-after`, else from the reset of its rate limit.
/// `None` when it does not say; never before `now`, at most a week after.
pub fn retry_at(headers: &[(String, String)], now: Timestamp) -> Option<Timestamp> {
    let held = |at: Timestamp| Timestamp(at.0.clamp(now.0, now.0.saturating_add(WAIT_MS_MAX)));
    if let Some(ms) = number(headers, "retry-after-ms") {
        return Some(held(plus_seconds(now, ms / 1000.0)));
    }
    if let Some(at) = header(headers, "retry-after").and_then(|text| seconds_or_date(text, now)) {
        return Some(held(at));
    }
    reset_at(headers, now).map(held)
}

/// When the provider's allowance is full again, by whichever of the usual headers is there.
pub fn reset_at(headers: &[(String, String)], now: Timestamp) -> Option<Timestamp> {
    if let Some(seconds) = number(headers, "x-ratelimit-reset-after") {
        return Some(plus_seconds(now, seconds));
    }
    for name in ["x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset"] {
        if let Some(at) = header(headers, name).and_then(|text| seconds_or_date(text, now)) {
            return Some(at);
        }
    }
    None
}

/// How many requests the provider still allows until the reset, where it says so.
pub fn remaining(headers: &[(String, String)]) -> Option<u64> {
    ["x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining"]
        .into_iter()
        .find_map(|name| header(headers, name)?.trim().parse().ok())
}

/// Reads `120`, `1700000000` (seconds since 1970), `1700000000000` (milliseconds) or a date as an instant.
///
/// Small numbers count from `now`; numbers that would be more than a year count from 1970.
pub fn seconds_or_date(text: &str, now: Timestamp) -> Option<Timestamp> {
    const YEAR_S: f64 = 366.0 * 24.0 * 3600.0;
    let text = text.trim();
    let Ok(number) = text.parse::<f64>() else {
        let date = jiff::fmt::rfc2822::parse(text).ok().map(|date| date.timestamp());
        return date.or_else(|| text.parse().ok()).map(Timestamp::from);
    };
    if !number.is_finite() || number < 0.0 {
        return None;
    }
    Some(if number < YEAR_S {
        plus_seconds(now, number)
    } else if number < 100_000_000_000.0 {
        plus_seconds(Timestamp(0), number)
    } else {
        plus_seconds(Timestamp(0), number / 1000.0)
    })
}

fn is_used_up(headers: &[(String, String)]) -> bool {
    remaining(headers) == Some(0) || header(headers, "retry-after").is_some()
}

fn number(headers: &[(String, String)], name: &str) -> Option<f64> {
    let number: f64 = header(headers, name)?.trim().parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number)
}

fn plus_seconds(from: Timestamp, seconds: f64) -> Timestamp {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast from float holds at the ends of the range"
    )]
    let ms = (seconds * 1000.0).ceil() as i64;
    from.plus_ms(ms)
}

#[cfg(test)]
mod tests;
