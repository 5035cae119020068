//! Python's `datetime`, `date` and `timedelta`, as far as manifests use them, and the date formats of manifests.

mod format;
mod iso;
mod parse;

use std::fmt;
use std::fmt::Write as _;

use jiff::civil;
use jiff::tz::Offset;

pub(crate) use format::strftime;
pub(crate) use iso::{duration, isoparse};
pub(crate) use parse::strptime;

pub(crate) const MICROS_PER_DAY: i64 = 86_400_000_000;

/// A date and time, with or without an offset from UTC. Its precision is microseconds, as in Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DateTime {
    pub(crate) civil: civil::DateTime,
    pub(crate) offset: Option<Offset>,
}

impl DateTime {
    /// The instant in UTC, in microseconds since 1970. `None` outside the years −9999 to 9999.
    pub(crate) fn from_micros(micros: i64) -> Option<Self> {
        let instant = jiff::Timestamp::from_microsecond(micros).ok()?;
        Some(Self {
            civil: Offset::UTC.to_datetime(instant),
            offset: Some(Offset::UTC),
        })
    }

    /// Microseconds since 1970; without an offset, UTC is assumed.
    pub(crate) fn to_micros(self) -> i64 {
        let offset = self.offset.unwrap_or(Offset::UTC);
        let days = i64::from(
            self.civil
                .date()
                .since(civil::date(1970, 1, 1))
                .map_or(0, |span| span.get_days()),
        );
        let time = self.civil.time();
        let seconds =
            days * 86_400 + i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second())
                - i64::from(offset.seconds());
        seconds * 1_000_000 + i64::from(time.subsec_nanosecond() / 1000)
    }

    /// The same instant in another offset; without an own offset, UTC is assumed.
    pub(crate) fn with_offset(self, offset: Offset) -> Option<Self> {
        let moved = Self::from_micros(self.to_micros().checked_add(i64::from(offset.seconds()) * 1_000_000)?)?;
        Some(Self {
            civil: moved.civil,
            offset: Some(offset),
        })
    }

    /// This plus a span; months are clipped to the end of the month.
    pub(crate) fn plus(self, delta: Delta) -> Option<Self> {
        let mut civil = self.civil;
        if delta.months != 0 {
            civil = civil
                .checked_add(jiff::Span::new().try_months(delta.months).ok()?)
                .ok()?;
        }
        let naive = Self { civil, offset: None };
        let moved = Self::from_micros(naive.to_micros().checked_add(delta.micros)?)?;
        Some(Self {
            civil: moved.civil,
            offset: self.offset,
        })
    }

    /// `2024-01-31T10:00:00.000001+00:00`, with `separator` in the place of `T`.
    pub(crate) fn iso(self, separator: char) -> String {
        let micros = self.civil.time().subsec_nanosecond() / 1000;
        let fraction = if micros == 0 {
            String::new()
        } else {
            format!(".{micros:06}")
        };
        self.iso_with(separator, &fraction)
    }

    /// The same, cut to whole seconds.
    pub(crate) fn iso_seconds(self, separator: char) -> String {
        self.iso_with(separator, "")
    }

    fn iso_with(self, separator: char, fraction: &str) -> String {
        let (date, time) = (self.civil.date(), self.civil.time());
        let offset = self.offset.map(|offset| offset_text(offset, ":")).unwrap_or_default();
        format!(
            "{:04}-{:02}-{:02}{separator}{:02}:{:02}:{:02}{fraction}{offset}",
            date.year(),
            date.month(),
            date.day(),
            time.hour(),
            time.minute(),
            time.second()
        )
    }
}

/// `+01:30`, with `separator` between hours and minutes.
fn offset_text(offset: Offset, separator: &str) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.abs();
    let mut text = format!("{sign}{:02}{separator}{:02}", seconds / 3600, seconds / 60 % 60);
    if seconds % 60 != 0 {
        write!(text, "{separator}{:02}", seconds % 60).expect("a `String` takes everything");
    }
    text
}

/// A span of time: whole months, which differ in length, and microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Delta {
    pub(crate) months: i64,
    pub(crate) micros: i64,
}

impl Delta {
    pub(crate) fn from_micros(micros: i64) -> Self {
        Self { months: 0, micros }
    }

    pub(crate) fn from_days(days: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            reason = "a cast from float holds at the ends of the range"
        )]
        Self::from_micros((days * MICROS_PER_DAY as f64).round() as i64)
    }

    pub(crate) fn negated(self) -> Option<Self> {
        Some(Self {
            months: self.months.checked_neg()?,
            micros: self.micros.checked_neg()?,
        })
    }

    pub(crate) fn is_zero(self) -> bool {
        self == Self::default()
    }

    /// Days, seconds of a day and microseconds, as Python keeps them: only the days are negative.
    pub(crate) fn parts(self) -> (i64, i64, i64) {
        let days = self.micros.div_euclid(MICROS_PER_DAY);
        let rest = self.micros.rem_euclid(MICROS_PER_DAY);
        (days, rest / 1_000_000, rest % 1_000_000)
    }
}

impl fmt::Display for Delta {
    /// As Python prints a `timedelta`: `1 day, 2:03:04.000005`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.months != 0 {
            write!(f, "{} months, ", self.months)?;
        }
        let (days, seconds, micros) = self.parts();
        if days != 0 {
            write!(f, "{days} day{}, ", if days.abs() == 1 { "" } else { "s" })?;
        }
        write!(f, "{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        if micros != 0 {
            write!(f, ".{micros:06}")?;
        }
        Ok(())
    }
}

/// Formats an instant in a manifest's date format: Python's `strftime` and `%s`, `%s_as_float`, `%ms`, `%_ms` and
/// `%epoch_microseconds`.
pub(crate) fn format_as(at: DateTime, format: &str) -> String {
    let micros = at.to_micros();
    match format {
        // Python cuts towards zero.
        "%s" => (micros / 1_000_000).to_string(),
        "%s_as_float" => super::jinja::float_text(seconds(micros)),
        "%epoch_microseconds" => micros.to_string(),
        "%ms" => (micros / 1000).to_string(),
        _ if format.contains("%_ms") => {
            let millis = format!("{:03}", at.civil.time().subsec_nanosecond() / 1_000_000);
            strftime(at, &format.replace("%_ms", &millis))
        }
        _ => strftime(at, format),
    }
}

/// Reads a text in a manifest's date format. Without an offset, UTC is assumed.
pub(crate) fn parse_as(text: &str, format: &str) -> Option<DateTime> {
    let whole = |factor: i64| DateTime::from_micros(text.trim().parse::<i64>().ok()?.checked_mul(factor)?);
    let parsed = match format {
        "%s" => return whole(1_000_000),
        "%s_as_float" => {
            let seconds: f64 = text.trim().parse().ok()?;
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a cast from float holds at the ends of the range"
            )]
            return DateTime::from_micros((seconds * 1_000_000.0).round() as i64);
        }
        "%epoch_microseconds" => return whole(1),
        "%ms" => return whole(1000),
        _ if format.contains("%_ms") => strptime(text, &format.replace("%_ms", "%f"))?,
        _ => strptime(text, format)?,
    };
    Some(DateTime {
        offset: Some(parsed.offset.unwrap_or(Offset::UTC)),
        ..parsed
    })
}

/// Microseconds as seconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "instants have fewer than 53 bits of microseconds until 2255"
)]
pub(crate) fn seconds(micros: i64) -> f64 {
    micros as f64 / 1_000_000.0
}

#[cfg(test)]
mod tests;
