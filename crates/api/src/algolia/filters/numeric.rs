//! Comparisons: of times, of sources by id, and of records by `objectID`.

use index::{Filter, Time};
use model::{RecordId, Timestamp};

use super::Atom;
use crate::algolia::wire::Refused;

/// One comparison: `changed_at>=1700000000000`, `objectID=7`, `changed_at:1 TO 5`.
pub(super) fn condition(text: &str) -> Result<Atom, Refused> {
    if let Some((name, value)) = text.split_once(':')
        && let Some(range) = range(name.trim(), value.trim())
    {
        return range.map_err(|why| Refused::bad(format!("numericFilters: {why}, in `{text}`")));
    }
    let refused = |why: &str| Refused::bad(format!("numericFilters: {why}, in `{text}`"));
    let at = text
        .find(['<', '>', '=', '!'])
        .ok_or_else(|| refused("there is no comparison"))?;
    let (name, rest) = text.split_at(at);
    let operator_end = rest.find(|c| !matches!(c, '<' | '>' | '=' | '!')).unwrap_or(rest.len());
    let (operator, value) = rest.split_at(operator_end);
    let value = number(value).ok_or_else(|| refused("the right side is not a number"))?;
    let name = name.trim();
    if let Some(time) = Time::find(name) {
        return comparison(time, operator, value).ok_or_else(|| refused("that is not a comparison"));
    }
    let is_equal = match operator {
        "=" => true,
        "!=" => false,
        _ => return Err(refused(&format!("`{name}` can only be compared with `=` and `!=`"))),
    };
    let filter = match name {
        "objectID" => Filter::records(vec![RecordId(value)]),
        "source_id" => Filter::facet("source", value.to_string()),
        other => Filter::facet(other, value.to_string()),
    };
    Ok(Atom::Ready(if is_equal { filter } else { filter.not() }))
}

/// `1 TO 5`, if the value is a range; an error where the attribute has no order.
pub(super) fn range(name: &str, value: &str) -> Option<Result<Atom, String>> {
    let (from, to) = value.split_once(" TO ")?;
    let (from, to) = (number(from)?, number(to)?);
    let Some(time) = Time::find(name) else {
        return Some(Err(format!(
            "`{name}` has no range; `created_at` and `changed_at` have"
        )));
    };
    Some(Ok(Atom::Ready(Filter::time(
        time,
        Some(Timestamp(from)),
        Some(Timestamp(to)),
    ))))
}

/// `changed_at:5`, if the attribute is a time; an error where the value is no number.
pub(super) fn instant(name: &str, value: &str) -> Option<Result<Atom, String>> {
    let time = Time::find(name)?;
    let atom = number(value).and_then(|value| comparison(time, "=", value));
    Some(atom.ok_or_else(|| format!("`{name}` is a number of milliseconds, or a range `1 TO 5`")))
}

fn comparison(time: Time, operator: &str, value: i64) -> Option<Atom> {
    let at = Timestamp(value);
    let filter = match operator {
        "<" => Filter::time(time, None, Some(at.plus_ms(-1))),
        "<=" => Filter::time(time, None, Some(at)),
        ">" => Filter::time(time, Some(at.plus_ms(1)), None),
        ">=" => Filter::time(time, Some(at), None),
        "=" => Filter::time(time, Some(at), Some(at)),
        "!=" => Filter::time(time, Some(at), Some(at)).not(),
        _ => return None,
    };
    Some(Atom::Ready(filter))
}

/// A whole number; a fraction is cut off towards zero.
fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite())?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the cast holds at the ends, which is what is wanted"
    )]
    let whole = number as i64;
    Some(whole)
}
