//! `strptime` as Python does it, in the C locale.

use jiff::civil;
use jiff::tz::Offset;

use super::DateTime;
use super::format::find_name;

#[derive(Default)]
struct Found {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    day_of_year: Option<i16>,
    hour: i8,
    hour_12: Option<i8>,
    is_afternoon: bool,
    minute: i8,
    second: i8,
    micros: i32,
    offset: Option<Offset>,
}

/// Reads `text` by Python's directives; the whole of it must fit.
pub(crate) fn strptime(text: &str, format: &str) -> Option<DateTime> {
    let mut found = Found::default();
    let rest = read(text, format, &mut found)?;
    if rest.is_empty() { assemble(&found) } else { None }
}

fn read<'t>(mut rest: &'t str, format: &str, found: &mut Found) -> Option<&'t str> {
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c.is_whitespace() {
            let trimmed = rest.trim_start();
            if trimmed.len() == rest.len() {
                return None;
            }
            rest = trimmed;
            continue;
        }
        if c != '%' {
            let first = rest.chars().next()?;
            if !first.to_lowercase().eq(c.to_lowercase()) {
                return None;
            }
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let mut directive = chars.next()?;
        if directive == '-' {
            directive = chars.next()?;
        }
        rest = field(rest, directive, found)?;
    }
    Some(rest)
}

fn field<'t>(rest: &'t str, directive: char, found: &mut Found) -> Option<&'t str> {
    match directive {
        'Y' => {
            let (year, rest) = digits(rest, 4, 4)?;
            found.year = i16::try_from(year).ok();
            Some(rest)
        }
        'y' => {
            let (year, rest) = digits(rest, 2, 2)?;
            let century = if year < 69 { 2000 } else { 1900 };
            found.year = i16::try_from(century + year).ok();
            Some(rest)
        }
        'm' => number(rest, 2, 1, 12, |value| found.month = Some(value)),
        'd' | 'e' => number(rest.strip_prefix(' ').unwrap_or(rest), 2, 1, 31, |value| {
            found.day = Some(value);
        }),
        'H' => number(rest, 2, 0, 23, |value| found.hour = value),
        'I' => number(rest, 2, 1, 12, |value| found.hour_12 = Some(value)),
        'M' => number(rest, 2, 0, 59, |value| found.minute = value),
        'S' => number(rest, 2, 0, 61, |value| found.second = value.min(59)),
        'j' => {
            let (day, rest) = digits(rest, 1, 3)?;
            found.day_of_year = i16::try_from(day).ok();
            Some(rest)
        }
        'f' => {
            let (value, after) = digits(rest, 1, 6)?;
            let missing = 6 - u32::try_from(rest.len() - after.len()).ok()?;
            found.micros = i32::try_from(value * 10_i64.pow(missing)).ok()?;
            Some(after)
        }
        'b' | 'h' | 'B' => {
            let (index, length) = find_name(rest, true, directive == 'B')?;
            found.month = i8::try_from(index + 1).ok();
            Some(&rest[length..])
        }
        'a' | 'A' => find_name(rest, false, directive == 'A').map(|(_, length)| &rest[length..]),
        'p' => {
            let head = rest.get(..2)?;
            found.is_afternoon = head.eq_ignore_ascii_case("pm");
            (found.is_afternoon || head.eq_ignore_ascii_case("am")).then(|| &rest[2..])
        }
        'z' => offset(rest, found),
        'Z' => {
            let name = ["UTC", "GMT"]
                .into_iter()
                .find(|name| rest.get(..3).is_some_and(|head| head.eq_ignore_ascii_case(name)))?;
            Some(&rest[name.len()..])
        }
        'F' => read(rest, "%Y-%m-%d", found),
        'T' | 'X' => read(rest, "%H:%M:%S", found),
        'R' => read(rest, "%H:%M", found),
        'D' | 'x' => read(rest, "%m/%d/%y", found),
        '%' => rest.strip_prefix('%'),
        _ => None,
    }
}

/// Between `least` and `most` digits, as many as there are.
pub(super) fn digits(text: &str, least: usize, most: usize) -> Option<(i64, &str)> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if count < least {
        return None;
    }
    Some((text[..count].parse().ok()?, &text[count..]))
}

fn number(text: &str, most: usize, low: i64, high: i64, keep: impl FnOnce(i8)) -> Option<&str> {
    // `%d` on `311` reads `31`; on `45` it reads `4`, as Python's pattern does.
    for length in (1..=most).rev() {
        let Some((value, rest)) = digits(text, length, length) else {
            continue;
        };
        if (low..=high).contains(&value) {
            keep(i8::try_from(value).ok()?);
            return Some(rest);
        }
    }
    None
}

fn offset<'t>(text: &'t str, found: &mut Found) -> Option<&'t str> {
    if let Some(rest) = text.strip_prefix(['Z', 'z']) {
        found.offset = Some(Offset::UTC);
        return Some(rest);
    }
    let sign = match text.bytes().next()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, rest) = digits(&text[1..], 2, 2)?;
    let (minutes, mut rest) = digits(rest.strip_prefix(':').unwrap_or(rest), 2, 2)?;
    let mut seconds = 0;
    if let Some((value, after)) = digits(rest.strip_prefix(':').unwrap_or(rest), 2, 2) {
        (seconds, rest) = (value, after);
    }
    let total = i32::try_from(hours * 3600 + minutes * 60 + seconds).ok()?;
    found.offset = Some(Offset::from_seconds(sign * total).ok()?);
    Some(rest)
}

fn assemble(found: &Found) -> Option<DateTime> {
    let year = found.year.unwrap_or(1900);
    let mut date = civil::Date::new(year, found.month.unwrap_or(1), found.day.unwrap_or(1)).ok()?;
    if let (Some(day), None) = (found.day_of_year, found.day) {
        let first = civil::Date::new(year, 1, 1).ok()?;
        date = first
            .checked_add(jiff::Span::new().try_days(i64::from(day) - 1).ok()?)
            .ok()?;
    }
    let hour = match found.hour_12 {
        Some(hour) => hour % 12 + if found.is_afternoon { 12 } else { 0 },
        None => found.hour,
    };
    let time = civil::Time::new(hour, found.minute, found.second, found.micros * 1000).ok()?;
    Some(DateTime {
        civil: civil::DateTime::from_parts(date, time),
        offset: found.offset,
    })
}
