//! Windows of time: what an incremental read asks for.

use serde_json::{Value as Json, json};

use super::args::Window;
use super::datetime::{self, DateTime, Delta};
use super::ir::{Cursor, Moment};
use super::jinja::Scope;
use crate::Error;

/// How many windows one partition may have.
const WINDOWS_MAX: usize = 100_000;

/// The windows from a cursor (or the configured start) to the configured end or now, oldest first. Empty when the start is in the future.
pub(super) fn windows(
    stream: &str,
    cursor: &Cursor,
    from: Option<i64>,
    scope: &Scope<'_>,
    now_micros: i64,
) -> Result<Vec<Window>, Error> {
    let wrong = |what: String| Error::FixConfiguration(format!("stream `{stream}`: {what}"));
    let start = moment(&cursor.start, cursor, scope).map_err(|why| wrong(format!("the start date {why}")))?;
    let end = match &cursor.end {
        // An end in the future is meant: what is planned is dated there.
        Some(end) => moment(end, cursor, scope).map_err(|why| wrong(format!("the end date {why}")))?,
        None => now_micros,
    };
    let start = match from {
        Some(from) => {
            let lookback =
                span(cursor.lookback.as_ref(), scope).map_err(|why| wrong(format!("`lookback_window` {why}")))?;
            let back = lookback.and_then(|delta| shift(from, delta.negated()?)).unwrap_or(from);
            back.max(start)
        }
        None => start,
    };
    if start > end {
        return Ok(Vec::new());
    }
    let Some(step) = span(cursor.step.as_ref(), scope).map_err(|why| wrong(format!("`step` {why}")))? else {
        return Ok(vec![Window { start, end }]);
    };
    let gap = cursor.granularity.and_then(Delta::negated).unwrap_or_default();
    let mut windows = Vec::new();
    let mut at = start;
    loop {
        let next = shift(at, step)
            .filter(|next| *next > at)
            .ok_or_else(|| wrong("`step` does not lead on".to_owned()))?;
        if next >= end {
            windows.push(Window { start: at, end });
            return Ok(windows);
        }
        let last = shift(next, gap).unwrap_or(next).max(at);
        windows.push(Window { start: at, end: last });
        if windows.len() > WINDOWS_MAX {
            return Err(wrong(format!(
                "`step` cuts the time into more than {WINDOWS_MAX} windows"
            )));
        }
        at = next;
    }
}

/// An instant in microseconds since 1970. The error goes on from "the start date …".
fn moment(moment: &Moment, cursor: &Cursor, scope: &Scope<'_>) -> Result<i64, String> {
    let format = moment.format.as_deref().unwrap_or(&cursor.format);
    let read = |template: &super::jinja::Template| {
        let text = template
            .text(scope)
            .map_err(|error| format!("can't be worked out: {error}"))?;
        let at = datetime::parse_as(&text, format).or_else(|| datetime::isoparse(&text));
        at.map(DateTime::to_micros)
            .ok_or_else(|| format!("is `{text}`, which does not fit the format `{format}`"))
    };
    let mut at = read(&moment.value)?;
    if let Some(min) = &moment.min
        && !min.text(scope).unwrap_or_default().is_empty()
    {
        at = at.max(read(min)?);
    }
    if let Some(max) = &moment.max
        && !max.text(scope).unwrap_or_default().is_empty()
    {
        at = at.min(read(max)?);
    }
    Ok(at)
}

fn span(template: Option<&super::jinja::Template>, scope: &Scope<'_>) -> Result<Option<Delta>, String> {
    let Some(template) = template else { return Ok(None) };
    let text = template
        .text(scope)
        .map_err(|error| format!("can't be worked out: {error}"))?;
    if text.is_empty() {
        return Ok(None);
    }
    datetime::duration(&text)
        .map(Some)
        .ok_or_else(|| format!("is `{text}`, which is no duration such as `P30D`"))
}

fn shift(micros: i64, delta: Delta) -> Option<i64> {
    DateTime::from_micros(micros)?.plus(delta).map(DateTime::to_micros)
}

/// An instant in the cursor's own format.
pub(super) fn written(cursor: &Cursor, micros: i64) -> String {
    DateTime::from_micros(micros).map_or_else(|| micros.to_string(), |at| datetime::format_as(at, &cursor.format))
}

/// The value that a record or a stored cursor has, in microseconds since 1970.
pub(super) fn read_value(cursor: &Cursor, value: &Json) -> Option<i64> {
    let text = match value {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        _ => return None,
    };
    let parsed = cursor
        .record_formats
        .iter()
        .find_map(|format| datetime::parse_as(&text, format));
    parsed.or_else(|| datetime::isoparse(&text)).map(DateTime::to_micros)
}

/// A cursor as it is stored: the field and its value, as other runners of the format keep it.
pub(super) fn stored(cursor: &Cursor, field: &str, micros: i64) -> Json {
    json!({ field: written(cursor, micros) })
}
