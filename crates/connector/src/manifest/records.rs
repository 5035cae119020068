//! From an answer's body to records: the same pure function when a slice is read and when its pages are parsed.

use serde_json::{Map, Value as Json};

use super::ir::{AddedField, Nested, Selector, Transform};
use super::jinja::{Error, Kind, Scope, Template};

/// How many records one page may hold.
const RECORDS_MAX: usize = 1_000_000;

/// What was found in one page.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Records before filtering.
    pub(super) selected: usize,
    /// What is left after filtering, and what could not be worked out with the record it was to come from.
    pub(super) records: Vec<Result<Json, (Json, String)>>,
}

/// The records in `body`. `scope` holds the slice and the page's token.
pub(super) fn records(selector: &Selector, body: &Json, scope: &Scope<'_>) -> Result<Found, Error> {
    let mut path = Vec::with_capacity(selector.path.len());
    for part in &selector.path {
        path.push(part.text(scope)?);
    }
    let raw = select(body, &path);
    if raw.len() > RECORDS_MAX {
        return Err(Error::Failed(format!("a page holds more than {RECORDS_MAX} records")));
    }
    let mut found = Found {
        selected: raw.len(),
        records: Vec::with_capacity(raw.len()),
    };
    for record in raw {
        match shape(selector, record.clone(), scope) {
            Ok(Some(shaped)) => found.records.push(Ok(shaped)),
            Ok(None) => {}
            Err(error) => found.records.push(Err((record.clone(), error.to_string()))),
        }
    }
    Ok(found)
}

/// The values at a path; `*` stands for every item or key, `**` for any depth. Of a list, a name means that of each
/// item.
fn select<'b>(body: &'b Json, path: &[String]) -> Vec<&'b Json> {
    if let (Json::Array(items), Some(first)) = (body, path.first())
        && !matches!(first.as_str(), "*" | "**")
        && first.parse::<i64>().is_err()
    {
        return items.iter().flat_map(|item| select_in(item, path)).collect();
    }
    select_in(body, path)
}

fn select_in<'b>(body: &'b Json, path: &[String]) -> Vec<&'b Json> {
    let has_wildcard = path.iter().any(|part| part == "*" || part == "**");
    if has_wildcard {
        let mut found = Vec::new();
        walk(body, path, &mut found);
        // One list of records is a list of records, as without wildcards.
        return match found.as_slice() {
            [Json::Array(items)] => items.iter().collect(),
            _ => found,
        };
    }
    match get(body, path) {
        None | Some(Json::Null | Json::Bool(false)) => Vec::new(),
        Some(Json::Array(items)) => items.iter().collect(),
        Some(Json::Object(map)) if map.is_empty() => Vec::new(),
        Some(Json::String(text)) if text.is_empty() => Vec::new(),
        Some(one) => vec![one],
    }
}

/// The value at a path without wildcards.
pub(super) fn get<'b, S: AsRef<str>>(mut value: &'b Json, path: &[S]) -> Option<&'b Json> {
    for part in path {
        let part = part.as_ref();
        value = match value {
            Json::Object(map) => map.get(part)?,
            Json::Array(items) => {
                let index: i64 = part.parse().ok()?;
                let index = if index < 0 {
                    index.checked_add_unsigned(items.len() as u64)?
                } else {
                    index
                };
                items.get(usize::try_from(index).ok()?)?
            }
            _ => return None,
        };
    }
    Some(value)
}

fn walk<'b>(value: &'b Json, path: &[String], found: &mut Vec<&'b Json>) {
    let Some((head, rest)) = path.split_first() else {
        found.push(value);
        return;
    };
    let children: Vec<&Json> = match value {
        Json::Array(items) => items.iter().collect(),
        Json::Object(map) => map.values().collect(),
        _ => Vec::new(),
    };
    match head.as_str() {
        "*" => {
            for child in children {
                walk(child, rest, found);
            }
        }
        "**" => {
            walk(value, rest, found);
            for child in children {
                walk(child, path, found);
            }
        }
        _ => {
            if let Some(next) = get(value, std::slice::from_ref(head)) {
                walk(next, rest, found);
            }
        }
    }
}

/// Filters and transforms one record; `None` when the filter drops it.
fn shape(selector: &Selector, mut record: Json, scope: &Scope<'_>) -> Result<Option<Json>, Error> {
    if selector.transforms_first {
        transform(selector, &mut record, scope)?;
    }
    if let Some(filter) = &selector.filter
        && !filter.truth(&with_record(scope, &record))?
    {
        return Ok(None);
    }
    if !selector.transforms_first {
        transform(selector, &mut record, scope)?;
    }
    Ok(Some(record))
}

fn with_record<'a>(scope: &Scope<'a>, record: &'a Json) -> Scope<'a> {
    let mut scope = scope.clone();
    scope.set("record", record);
    scope
}

fn transform(selector: &Selector, record: &mut Json, scope: &Scope<'_>) -> Result<(), Error> {
    for transform in &selector.transforms {
        match transform {
            Transform::Add { fields, condition } => {
                for field in fields {
                    add(field, condition.as_ref(), record, scope)?;
                }
            }
            Transform::Remove { pointers, condition } => {
                for pointer in pointers {
                    remove(record, pointer, condition.as_ref(), scope)?;
                }
            }
            Transform::KeysToLower => rename(record, &|key| key.to_lowercase()),
            Transform::KeysToSnakeCase => rename(record, &snake_case),
        }
    }
    Ok(())
}

fn add(field: &AddedField, condition: Option<&Template>, record: &mut Json, scope: &Scope<'_>) -> Result<(), Error> {
    let (path, value) = {
        let scope = with_record(scope, record);
        let mut path = Vec::with_capacity(field.path.len());
        for part in &field.path {
            path.push(part.text(&scope)?);
        }
        let value = match &field.value {
            Nested::Template(template) => template.value(&scope, field.kind)?.unwrap_or(Json::Null),
            other => nested(other, &scope)?,
        };
        if let Some(condition) = condition {
            let place = Json::from(path.clone());
            let mut scope = scope.clone();
            scope.set("value", &value);
            scope.set("path", &place);
            if !condition.truth(&scope)? {
                return Ok(());
            }
        }
        (path, value)
    };
    insert(record, &path, value);
    Ok(())
}

/// Puts a value at a path, with objects on the way where there is nothing.
pub(super) fn insert(target: &mut Json, path: &[String], value: Json) {
    let Some((head, rest)) = path.split_first() else {
        *target = value;
        return;
    };
    if let (Json::Array(items), Ok(index)) = (&mut *target, head.parse::<usize>()) {
        if let Some(item) = items.get_mut(index) {
            insert(item, rest, value);
        }
        return;
    }
    if !target.is_object() {
        *target = Json::Object(Map::new());
    }
    if let Json::Object(map) = target {
        insert(map.entry(head.clone()).or_insert(Json::Null), rest, value);
    }
}

fn remove(value: &mut Json, pointer: &[String], condition: Option<&Template>, scope: &Scope<'_>) -> Result<(), Error> {
    let Some((head, rest)) = pointer.split_first() else {
        return Ok(());
    };
    let drops = |property: &Json| match condition {
        None => Ok(true),
        Some(condition) => {
            let mut scope = scope.clone();
            scope.set("property", property);
            condition.truth(&scope)
        }
    };
    match value {
        Json::Object(map) => {
            let keys: Vec<String> = map.keys().filter(|key| matches(head, key)).cloned().collect();
            for key in keys {
                if rest.is_empty() {
                    if drops(map.get(&key).unwrap_or(&Json::Null))? {
                        map.shift_remove(&key);
                    }
                } else if let Some(next) = map.get_mut(&key) {
                    remove(next, rest, condition, scope)?;
                }
            }
            // `**` also stands for no level at all.
            if head == "**" && !rest.is_empty() {
                remove(value, rest, condition, scope)?;
            }
        }
        Json::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                if matches(head, &index.to_string()) && !rest.is_empty() {
                    remove(item, rest, condition, scope)?;
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// Whether a key fits a part of a pointer, in which `*` stands for anything.
fn matches(pattern: &str, key: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == key,
        Some((head, tail)) => {
            let tail = tail.trim_start_matches('*');
            key.len() >= head.len() + tail.len() && key.starts_with(head) && key.ends_with(tail)
        }
    }
}

fn rename(value: &mut Json, by: &dyn Fn(&str) -> String) {
    match value {
        Json::Object(map) => {
            let old = std::mem::take(map);
            for (key, mut value) in old {
                rename(&mut value, by);
                map.insert(by(&key), value);
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| rename(item, by)),
        _ => {}
    }
}

fn snake_case(key: &str) -> String {
    let mut out = String::with_capacity(key.len() + 4);
    let mut was_small = false;
    for c in key.chars() {
        if c.is_alphanumeric() {
            if c.is_uppercase() && was_small {
                out.push('_');
            }
            out.extend(c.to_lowercase());
            was_small = c.is_lowercase() || c.is_numeric();
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
            was_small = false;
        }
    }
    out.trim_end_matches('_').to_owned()
}

/// A value with templates inside, worked out. Keys of maps whose value is nothing are left out.
pub(super) fn nested(value: &Nested, scope: &Scope<'_>) -> Result<Json, Error> {
    Ok(match value {
        Nested::Template(template) => template.value(scope, Kind::Any)?.unwrap_or(Json::Null),
        Nested::Fixed(value) => value.clone(),
        Nested::List(items) => {
            let items: Result<_, _> = items.iter().map(|item| nested(item, scope)).collect();
            Json::Array(items?)
        }
        Nested::Map(entries) => {
            let mut map = Map::with_capacity(entries.len());
            for (key, value) in entries {
                let value = nested(value, scope)?;
                if !value.is_null() {
                    map.insert(key.text(scope)?, value);
                }
            }
            Json::Object(map)
        }
    })
}

/// JSON with sorted keys: the same text for the same content.
pub(super) fn canonical(value: &Json) -> String {
    fn write(value: &Json, out: &mut String) {
        match value {
            Json::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write(item, out);
                }
                out.push(']');
            }
            Json::Object(map) => {
                let mut keys: Vec<&String> = map.keys().collect();
                keys.sort_unstable();
                out.push('{');
                for (index, key) in keys.into_iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    out.push_str(&Json::String(key.clone()).to_string());
                    out.push(':');
                    write(&map[key.as_str()], out);
                }
                out.push('}');
            }
            other => out.push_str(&other.to_string()),
        }
    }
    let mut out = String::new();
    write(value, &mut out);
    out
}
