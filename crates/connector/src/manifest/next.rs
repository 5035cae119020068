//! The next page: whether there is one, and what asks for it.

use serde_json::{Map, Value as Json, json};

use super::ir::{Paginator, Strategy};
use super::jinja::{Error, Kind, Scope, Template};

/// What a page says about the one behind it.
pub(super) struct PageFacts<'p> {
    pub(super) body: &'p Json,
    /// Names in lower case; `link` is taken apart.
    pub(super) headers: &'p Map<String, Json>,
    /// The last record after filtering.
    pub(super) last_record: &'p Json,
    /// Records before filtering.
    pub(super) selected: usize,
    /// Records after filtering.
    pub(super) kept: usize,
    /// What this page was asked for with.
    pub(super) token: Option<&'p Json>,
}

/// The token of the first page; `None` where the first request carries none.
pub(super) fn first(paginator: Option<&Paginator>) -> Option<Json> {
    match &paginator?.strategy {
        Strategy::Page {
            start, on_first: true, ..
        } => Some(json!(start)),
        Strategy::Offset { on_first: true, .. } => Some(json!(0)),
        _ => None,
    }
}

/// The token of the next page; `None` behind the last.
pub(super) fn next(paginator: &Paginator, facts: &PageFacts<'_>, scope: &Scope<'_>) -> Result<Option<Json>, Error> {
    let is_last = |size: &Option<Template>| -> Result<bool, Error> {
        let count = facts.selected as u64;
        if count == 0 {
            return Ok(true);
        }
        let mut scope = scope.clone();
        scope.set("response", facts.body);
        Ok(page_size(size.as_ref(), &scope)?.is_some_and(|size| count < size))
    };
    let number = facts.token.and_then(Json::as_i64);
    match &paginator.strategy {
        Strategy::Page { size, start, .. } => {
            if is_last(size)? {
                return Ok(None);
            }
            Ok(Some(json!(number.unwrap_or(*start).saturating_add(1))))
        }
        Strategy::Offset { size, .. } => {
            if is_last(size)? {
                return Ok(None);
            }
            let count = i64::try_from(facts.selected).unwrap_or(i64::MAX);
            Ok(Some(json!(number.unwrap_or(0).saturating_add(count))))
        }
        Strategy::Cursor { value, stop, .. } => {
            let size = json!(facts.kept);
            let mut scope = scope.clone().with_headers(facts.headers);
            scope.set("response", facts.body);
            scope.set("last_record", facts.last_record);
            scope.set("last_page_size", &size);
            let token = facts.token.cloned().unwrap_or(Json::Null);
            scope.set("last_page_token_value", &token);
            if let Some(stop) = stop
                && stop.truth(&scope)?
            {
                return Ok(None);
            }
            Ok(value.value(&scope, Kind::Any)?.filter(is_token))
        }
    }
}

/// Nothing, zero and what is empty ask for no page.
fn is_token(value: &Json) -> bool {
    match value {
        Json::Null | Json::Bool(false) => false,
        Json::Bool(true) => true,
        Json::Number(number) => number.as_f64() != Some(0.0),
        Json::String(text) => !text.is_empty(),
        Json::Array(items) => !items.is_empty(),
        Json::Object(map) => !map.is_empty(),
    }
}

/// How many records a page is to hold.
pub(super) fn page_size(size: Option<&Template>, scope: &Scope<'_>) -> Result<Option<u64>, Error> {
    let Some(size) = size else { return Ok(None) };
    match size.value(scope, Kind::Int)? {
        None => Ok(None),
        Some(Json::Number(number)) => Ok(number.as_u64()),
        Some(other) => Err(Error::Failed(format!("`page_size` is `{other}`, not a whole number"))),
    }
}

impl Paginator {
    /// The page size that the strategy names.
    pub(super) fn size(&self) -> Option<&Template> {
        match &self.strategy {
            Strategy::Page { size, .. } | Strategy::Offset { size, .. } | Strategy::Cursor { size, .. } => {
                size.as_ref()
            }
        }
    }
}

/// Headers as templates see them: names in lower case, `link` as a map of its relations.
pub(super) fn headers(pairs: &[(String, String)]) -> Map<String, Json> {
    let mut map = Map::with_capacity(pairs.len() + 1);
    let mut links = Map::new();
    for (name, value) in pairs {
        if name == "link" {
            links.extend(link(value));
        } else if let Some(Json::String(old)) = map.get_mut(name.as_str()) {
            old.push_str(", ");
            old.push_str(value);
        } else {
            map.insert(name.clone(), Json::String(value.clone()));
        }
    }
    map.insert("link".to_owned(), Json::Object(links));
    map
}

/// `<https://…>; rel="next"` by relation.
fn link(value: &str) -> Map<String, Json> {
    let mut links = Map::new();
    let mut rest = value;
    while let Some(start) = rest.find('<') {
        let Some(length) = rest[start..].find('>') else { break };
        let url = &rest[start + 1..start + length];
        rest = &rest[start + length + 1..];
        // Up to the comma in front of the next `<`.
        let end = rest.find(",<").or_else(|| rest.find(", <")).unwrap_or(rest.len());
        let mut about = Map::new();
        about.insert("url".to_owned(), json!(url));
        for parameter in rest[..end].split(';') {
            if let Some((name, value)) = parameter.split_once('=') {
                let value = value.trim().trim_matches(['"', '\'']);
                about.insert(name.trim().to_ascii_lowercase(), json!(value));
            }
        }
        let relation = about.get("rel").and_then(Json::as_str).unwrap_or(url).to_owned();
        links.insert(relation, Json::Object(about));
        rest = &rest[end..];
    }
    links
}
