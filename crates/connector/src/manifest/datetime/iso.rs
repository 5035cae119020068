//! ISO 8601: dates as `dateutil` reads them and durations as `isodate` does.

use jiff::civil;
use jiff::tz::Offset;

use super::parse::digits;
use super::{DateTime, Delta, MICROS_PER_DAY};

/// Reads `2024-01-31`, `20240131`, `2024-01`, `2024-W05-3`, each with an optional time and offset.
pub(crate) fn isoparse(text: &str) -> Option<DateTime> {
    let (date, rest) = date(text)?;
    if rest.is_empty() {
        return Some(DateTime {
            civil: civil::DateTime::from_parts(date, civil::Time::midnight()),
            offset: None,
        });
    }
    // Any one character may stand between date and time.
    let separator = rest.chars().next()?;
    time(date, &rest[separator.len_utf8()..])
}

fn date(text: &str) -> Option<(civil::Date, &str)> {
    let (year, rest) = digits(text, 4, 4)?;
    let year = i16::try_from(year).ok()?;
    let has_dash = rest.starts_with('-');
    let after = rest.strip_prefix('-').unwrap_or(rest);
    if let Some(week) = after.strip_prefix('W') {
        let (week, rest) = digits(week, 2, 2)?;
        let rest = rest.strip_prefix('-').unwrap_or(rest);
        let (day, rest) = digits(rest, 1, 1).unwrap_or((1, rest));
        let weekday = civil::Weekday::from_monday_one_offset(i8::try_from(day).ok()?).ok()?;
        let date = civil::ISOWeekDate::new(year, i8::try_from(week).ok()?, weekday).ok()?;
        return Some((date.date(), rest));
    }
    let Some((month, rest)) = digits(after, 2, 2) else {
        return after.is_empty().then_some((civil::Date::new(year, 1, 1).ok()?, ""));
    };
    let month = i8::try_from(month).ok()?;
    let after = if has_dash { rest.strip_prefix('-') } else { Some(rest) };
    let day = after.and_then(|after| digits(after, 2, 2));
    let Some((day, rest)) = day else {
        let is_month = has_dash && rest.is_empty();
        return is_month.then_some((civil::Date::new(year, month, 1).ok()?, ""));
    };
    Some((civil::Date::new(year, month, i8::try_from(day).ok()?).ok()?, rest))
}

fn time(date: civil::Date, text: &str) -> Option<DateTime> {
    let (clock, offset) = match text.find(['Z', 'z', '+', '-']) {
        Some(at) => (&text[..at], Some(zone(&text[at..])?)),
        None => (text, None),
    };
    let (hour, mut rest) = digits(clock, 2, 2)?;
    let has_colon = rest.starts_with(':');
    let mut values = [0, 0];
    for value in &mut values {
        if has_colon {
            let Some(after) = rest.strip_prefix(':') else { break };
            rest = after;
        }
        let Some((read, after)) = digits(rest, 2, 2) else { break };
        (*value, rest) = (read, after);
    }
    let mut micros = 0;
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let count = fraction.bytes().take_while(u8::is_ascii_digit).count();
        let (read, _) = digits(fraction, 1, 6)?;
        micros = read * 10_i64.pow(u32::try_from(6 - count.min(6)).ok()?);
        rest = &fraction[count..];
    }
    if !rest.is_empty() {
        return None;
    }
    let [minute, second] = values;
    let is_midnight_of_next = hour == 24 && minute == 0 && second == 0 && micros == 0;
    let hour = if is_midnight_of_next { 0 } else { hour };
    let time = civil::Time::new(
        i8::try_from(hour).ok()?,
        i8::try_from(minute).ok()?,
        i8::try_from(second).ok()?,
        i32::try_from(micros * 1000).ok()?,
    )
    .ok()?;
    let date = if is_midnight_of_next {
        date.tomorrow().ok()?
    } else {
        date
    };
    Some(DateTime {
        civil: civil::DateTime::from_parts(date, time),
        offset,
    })
}

fn zone(text: &str) -> Option<Offset> {
    if matches!(text, "Z" | "z") {
        return Some(Offset::UTC);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, rest) = digits(&text[1..], 2, 2)?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let (minutes, rest) = digits(rest, 2, 2).unwrap_or((0, rest));
    if !rest.is_empty() {
        return None;
    }
    Offset::from_seconds(sign * i32::try_from(hours * 3600 + minutes * 60).ok()?).ok()
}

/// Reads `P1Y2M3DT4H5M6.7S`, `P2W` and their negatives.
pub(crate) fn duration(text: &str) -> Option<Delta> {
    let (text, sign) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (rest, if text.starts_with('-') { -1 } else { 1 }),
        None => (text, 1),
    };
    let mut rest = text.strip_prefix('P')?;
    let mut delta = Delta::default();
    let mut is_time = false;
    let mut is_empty = true;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T') {
            if is_time {
                return None;
            }
            is_time = true;
            rest = after;
            continue;
        }
        let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let count: f64 = rest[..end].replace(',', ".").parse().ok()?;
        let unit = rest[end..].chars().next()?;
        rest = &rest[end + 1..];
        is_empty = false;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "a cast from float holds at the ends of the range"
        )]
        match (unit, is_time) {
            ('Y', false) => delta.months = delta.months.checked_add((count * 12.0) as i64)?,
            ('M', false) => delta.months = delta.months.checked_add(count as i64)?,
            _ => {
                let micros = match (unit, is_time) {
                    ('W', false) => MICROS_PER_DAY * 7,
                    ('D', false) => MICROS_PER_DAY,
                    ('H', true) => 3_600_000_000,
                    ('M', true) => 60_000_000,
                    ('S', true) => 1_000_000,
                    _ => return None,
                };
                delta.micros = delta.micros.checked_add((count * micros as f64).round() as i64)?;
            }
        }
    }
    if is_empty {
        return None;
    }
    if sign < 0 { delta.negated() } else { Some(delta) }
}
