//! What looks like a mistake in a manifest although everything works: nothing is where records or dates were to be.

use serde_json::Value as Json;

use super::Source;
use super::fetch::Fetched;
use super::ir::Stream;
use super::records::{Found, get};
use crate::suggest::hint;

/// How many names of an answer a text may list.
const NAMES_MAX: usize = 20;

impl Source {
    /// What is doubtful about the first page of a stream, each in words for a person.
    pub(super) fn doubts(&self, stream: &Stream, fetched: &Fetched, found: &Found) -> Vec<String> {
        // What an error says has neither records nor dates.
        if fetched.answer.status >= 400 || fetched.is_ignored {
            return Vec::new();
        }
        let doubts = [
            self.missing_records(stream, fetched, found),
            self.missing_dates(stream, fetched, found),
        ];
        doubts.into_iter().flatten().collect()
    }

    /// The `field_path` leads nowhere. An empty list is there and says that there are none.
    fn missing_records(&self, stream: &Stream, fetched: &Fetched, found: &Found) -> Option<String> {
        let scope = self.scope(fetched.at);
        let path: Vec<String> = stream
            .selector
            .path
            .iter()
            .map(|part| part.text(&scope))
            .collect::<Result<_, _>>()
            .ok()?;
        if found.selected > 0 || path.iter().any(|part| part == "*" || part == "**") {
            return None;
        }
        // Of a list the path is that of each item.
        let body = match &fetched.body {
            Json::Array(items) => items.first()?,
            body => body,
        };
        let missing = (1..=path.len()).find(|length| get(body, &path[..*length]).is_none())?;
        let (whole, name) = (path.join("."), &path[missing - 1]);
        let way_out = known(get(body, &path[..missing - 1])?, name);
        Some(format!(
            "stream `{}`: its records are to be at `{whole}` (`field_path`), and the answer has no `{name}`{way_out}",
            stream.name
        ))
    }

    /// No record has a date that can be read where the cursor looks for it.
    fn missing_dates(&self, stream: &Stream, fetched: &Fetched, found: &Found) -> Option<String> {
        let field = stream.cursor.as_ref()?.field.text(&self.scope(fetched.at)).ok()?;
        let mut records = found.records.iter().filter_map(|record| record.as_ref().ok());
        let first = records.clone().next()?;
        if records.any(|record| self.cursor_of(stream, record, fetched.at).is_some()) {
            return None;
        }
        let way_out = match get(first, &[field.as_str()]) {
            Some(_) => "; see to `cursor_datetime_formats`".to_owned(),
            None => known(first, &field),
        };
        Some(format!(
            "stream `{}`: no record of the first page has a date that can be read in `{field}` (`cursor_field`), so that \
             each sync reads everything{way_out}",
            stream.name
        ))
    }
}

/// The end of a text about a name that an object does not have.
fn known(object: &Json, name: &str) -> String {
    let Json::Object(map) = object else {
        return String::new();
    };
    let names: Vec<&str> = map.keys().map(String::as_str).take(NAMES_MAX).collect();
    if names.is_empty() {
        return String::new();
    }
    format!("; {}", hint(name, &names))
}
