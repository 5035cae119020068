//! `strftime` as glibc and Python do it, in the C locale.

use super::{DateTime, offset_text};

const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Formats with Python's directives. What is not a directive stays as it is.
pub(crate) fn strftime(at: DateTime, format: &str) -> String {
    let mut text = String::with_capacity(format.len() + 16);
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        let Some(mut directive) = chars.next() else {
            text.push('%');
            break;
        };
        let pads = directive != '-';
        if !pads {
            if let Some(next) = chars.next() {
                directive = next;
            } else {
                text.push_str("%-");
                break;
            }
        }
        match expand(at, directive) {
            Some(part) if pads || part.len() < 2 => text.push_str(&part),
            Some(part) => {
                let cut = part.trim_start_matches(['0', ' ']);
                text.push_str(if cut.is_empty() { "0" } else { cut });
            }
            None => {
                text.push('%');
                if !pads {
                    text.push('-');
                }
                text.push(directive);
            }
        }
    }
    text
}

fn expand(at: DateTime, directive: char) -> Option<String> {
    let (date, time) = (at.civil.date(), at.civil.time());
    let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).ok()?;
    let month = usize::try_from(date.month() - 1).ok()?;
    let hour_12 = (time.hour() + 11) % 12 + 1;
    Some(match directive {
        'Y' => date.year().to_string(),
        'C' => format!("{:02}", date.year() / 100),
        'y' => format!("{:02}", date.year().rem_euclid(100)),
        'm' => format!("{:02}", date.month()),
        'd' => format!("{:02}", date.day()),
        'e' => format!("{:2}", date.day()),
        'H' => format!("{:02}", time.hour()),
        'k' => format!("{:2}", time.hour()),
        'I' => format!("{hour_12:02}"),
        'l' => format!("{hour_12:2}"),
        'M' => format!("{:02}", time.minute()),
        'S' => format!("{:02}", time.second()),
        'f' => format!("{:06}", time.subsec_nanosecond() / 1000),
        'p' => (if time.hour() < 12 { "AM" } else { "PM" }).to_owned(),
        'P' => (if time.hour() < 12 { "am" } else { "pm" }).to_owned(),
        'j' => format!("{:03}", date.day_of_year()),
        'a' => DAYS[weekday][..3].to_owned(),
        'A' => DAYS[weekday].to_owned(),
        'b' | 'h' => MONTHS[month][..3].to_owned(),
        'B' => MONTHS[month].to_owned(),
        'w' => date.weekday().to_sunday_zero_offset().to_string(),
        'u' => date.weekday().to_monday_one_offset().to_string(),
        'U' => format!("{:02}", week_of_year(date, date.weekday().to_sunday_zero_offset())),
        'W' => format!("{:02}", week_of_year(date, date.weekday().to_monday_zero_offset())),
        'V' => format!("{:02}", date.iso_week_date().week()),
        'G' => date.iso_week_date().year().to_string(),
        'g' => format!("{:02}", date.iso_week_date().year().rem_euclid(100)),
        's' => at.to_micros().div_euclid(1_000_000).to_string(),
        'z' => at.offset.map(|offset| offset_text(offset, "")).unwrap_or_default(),
        'Z' => at.offset.map(zone_name).unwrap_or_default(),
        'n' => "\n".to_owned(),
        't' => "\t".to_owned(),
        '%' => "%".to_owned(),
        'F' => strftime(at, "%Y-%m-%d"),
        'T' | 'X' => strftime(at, "%H:%M:%S"),
        'R' => strftime(at, "%H:%M"),
        'r' => strftime(at, "%I:%M:%S %p"),
        'D' | 'x' => strftime(at, "%m/%d/%y"),
        'c' => strftime(at, "%a %b %e %H:%M:%S %Y"),
        _ => return None,
    })
}

/// The week of the year, counted from its first day of the week; `weekday` is counted from that day.
fn week_of_year(date: jiff::civil::Date, weekday: i8) -> i16 {
    (date.day_of_year() + 6 - i16::from(weekday)) / 7
}

/// The name of an offset as Python's `timezone` gives it.
fn zone_name(offset: jiff::tz::Offset) -> String {
    if offset == jiff::tz::Offset::UTC {
        "UTC".to_owned()
    } else {
        format!("UTC{}", offset_text(offset, ":"))
    }
}

/// The month or day whose full or short name `text` starts with, ignoring case: its index and the name's length.
pub(super) fn find_name(text: &str, is_month: bool, is_full: bool) -> Option<(usize, usize)> {
    let names: &[&str] = if is_month { &MONTHS } else { &DAYS };
    names.iter().enumerate().find_map(|(index, name)| {
        let name = if is_full { name } else { &name[..3] };
        let head = text.get(..name.len())?;
        head.eq_ignore_ascii_case(name).then_some((index, name.len()))
    })
}
