//! Times as providers write them.

use jiff::civil;
use jiff::tz::TimeZone;
use model::Timestamp;
use serde_json::Value;

/// The earliest and latest instant that is believed: the years 1 to 9999, in UTC milliseconds.
const BELIEVED: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

/// The instant that a value says; `None` when it says none. Times without a zone count as UTC.
pub(super) fn instant(value: &Value) -> Option<Timestamp> {
    let ms = match value {
        Value::Number(number) => epoch(number.as_f64()?)?,
        Value::String(text) => text_ms(text.trim())?,
        _ => return None,
    };
    BELIEVED.contains(&ms).then_some(Timestamp(ms))
}

fn text_ms(text: &str) -> Option<i64> {
    if text.len() > 64 {
        return None;
    }
    if text.len() >= 8
        && let Ok(number) = text.parse::<f64>()
    {
        // Eight digits are a date such as 20260131, not a second in 1970.
        return match civil::Date::strptime("%Y%m%d", text) {
            Ok(date) if text.len() == 8 => utc(date.at(0, 0, 0, 0)),
            _ => epoch(number),
        };
    }
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(instant.as_millisecond());
    }
    if let Ok(time) = text.parse::<civil::DateTime>() {
        return utc(time);
    }
    if let Ok(zoned) = jiff::fmt::rfc2822::parse(text) {
        return Some(zoned.timestamp().as_millisecond());
    }
    if let Some(instant) = ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f %z"]
        .iter()
        .find_map(|format| jiff::Timestamp::strptime(format, text).ok())
    {
        return Some(instant.as_millisecond());
    }
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    [
        "%Y-%m-%d %H:%M:%S",
        "%Y/%m/%d %H:%M:%S",
        "%d.%m.%Y %H:%M",
        "%Y-%m-%d %H:%M",
    ]
    .iter()
    .find_map(|format| civil::DateTime::strptime(format, text).ok())
    .or_else(|| {
        civil::Date::strptime("%d.%m.%Y", text)
            .ok()
            .map(|date| date.at(0, 0, 0, 0))
    })
    .and_then(utc)
}

fn utc(time: civil::DateTime) -> Option<i64> {
    let zoned = time.to_zoned(TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_millisecond())
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size. Small numbers are counts,
/// not times.
fn epoch(number: f64) -> Option<i64> {
    let ms = match number.abs() {
        size if size < 1e8 => return None,
        size if size < 1e11 => number * 1e3,
        size if size < 1e14 => number,
        size if size < 1e17 => number / 1e3,
        size if size < 1e20 => number / 1e6,
        _ => return None,
    };
    #[expect(clippy::cast_possible_truncation, reason = "at most 1e14, as the arms above hold it")]
    let ms = ms.trunc() as i64;
    Some(ms)
}

#[cfg(test)]
mod tests {
    //! Spellings.

    use serde_json::{Value, json};

    use super::instant;

    #[test]
    fn the_usual_spellings_are_the_same_instant() {
        for value in [
            json!("2026-01-31T12:00:00Z"),
            json!("2026-01-31T13:00:00+01:00"),
            json!("2026-01-31T13:00:00.000+0100"),
            json!("2026-01-31T12:00:00"),
            json!("2026-01-31 12:00:00"),
            json!("2026-01-31 12:00:00 UTC"),
            json!("Sat, 31 Jan 2026 12:00:00 +0000"),
            json!(1_769_860_800),
            json!(1_769_860_800.0),
            json!(1_769_860_800_000_i64),
            json!("1769860800"),
            json!("1769860800000"),
        ] {
            assert_eq!(instant(&value).map(|at| at.0), Some(1_769_860_800_000), "{value}");
        }
        assert_eq!(
            instant(&json!("2026-01-31")).unwrap().to_string(),
            "2026-01-31T00:00:00Z"
        );
        assert_eq!(instant(&json!("20260131")).unwrap().to_string(), "2026-01-31T00:00:00Z");
        assert_eq!(
            instant(&json!("31.01.2026")).unwrap().to_string(),
            "2026-01-31T00:00:00Z"
        );
    }

    #[test]
    fn what_is_no_time_is_none() {
        for value in [
            json!("soon"),
            json!(""),
            json!(42),
            json!(-1),
            json!(true),
            json!(1e300),
            json!([1]),
            Value::Null,
        ] {
            assert_eq!(instant(&value), None, "{value}");
        }
    }
}
