//! The three wire styles: flat keys, urlencoded `params`, and both at once; keys in headers, query or body.

use axum::http::{HeaderMap, Uri};
use serde_json::{Map, Value as Json};

/// What the dialect says no with: `{"message", "status"}`. Clients take a 4xx as final.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The HTTP status.
    pub(crate) status: u16,
    /// For whoever debugs the client.
    pub(crate) message: String,
}

impl Refused {
    /// Something in the request can't be used.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self {
            status: 400,
            message: message.into(),
        }
    }

    /// Application or key is not valid.
    pub(crate) fn key() -> Self {
        Self {
            status: 403,
            message: "Invalid Application-ID or API key".to_owned(),
        }
    }
}

/// The parameters of one search, from whichever style.
pub(crate) type Params = Map<String, Json>;

/// Reads a body as a JSON object; an empty one is an empty object.
pub(crate) fn object(body: &[u8]) -> Result<Params, Refused> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Params::new());
    }
    match serde_json::from_slice(body) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_) => Err(Refused::bad("the body has to be a JSON object")),
        Err(error) => Err(Refused::bad(format!("the body is not JSON: {error}"))),
    }
}

/// Merges urlencoded `params` under the flat keys, which win.
pub(crate) fn merged(mut object: Params) -> Result<Params, Refused> {
    let text = match object.remove("params") {
        None | Some(Json::Null) => return Ok(object),
        Some(Json::String(text)) => text,
        Some(_) => return Err(Refused::bad("`params` has to be an urlencoded text")),
    };
    for (name, value) in url::form_urlencoded::parse(text.trim_start_matches('?').as_bytes()) {
        if !object.contains_key(name.as_ref()) {
            object.insert(name.into_owned(), decoded(&value));
        }
    }
    Ok(object)
}

/// A value of an urlencoded text: lists are JSON text, the rest is what it says.
fn decoded(value: &str) -> Json {
    let looks_like_json = value.starts_with('[') || value.starts_with('{');
    if looks_like_json && let Ok(json) = serde_json::from_str(value) {
        return json;
    }
    Json::String(value.to_owned())
}

/// The merged parameters, urlencoded again, as the answer repeats them.
pub(crate) fn encoded(params: &Params) -> String {
    let mut out = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in params {
        if matches!(name.as_str(), "indexName" | "type" | "apiKey") {
            continue;
        }
        match value {
            Json::String(text) => out.append_pair(name, text),
            other => out.append_pair(name, &other.to_string()),
        };
    }
    out.finish()
}

/// Application and key, from headers, the query, or (long keys of old clients) the body.
pub(crate) fn credentials(headers: &HeaderMap, uri: &Uri, body: &Params) -> (String, String) {
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let query = |name: &str| {
        let pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        pairs
            .into_iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.into_owned())
    };
    let body = |name: &str| body.get(name).and_then(Json::as_str).map(str::to_owned);
    let find = |name: &str| header(name).or_else(|| query(name));
    let application = find("x-algolia-application-id").unwrap_or_default();
    let key = find("x-algolia-api-key").or_else(|| body("apiKey")).unwrap_or_default();
    (application, key)
}

/// A list that may come as a list, as JSON text, as a comma list or as one bare text.
pub(crate) fn texts(value: &Json) -> Option<Vec<String>> {
    match value {
        Json::Null => Some(Vec::new()),
        Json::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        Json::String(text) => match decoded(text) {
            Json::String(text) => Some(
                text.split(',')
                    .map(str::trim)
                    .filter(|part| !part.is_empty())
                    .map(str::to_owned)
                    .collect(),
            ),
            other => texts(&other),
        },
        _ => None,
    }
}

/// A whole number that may come as text.
pub(crate) fn number(params: &Params, name: &str) -> Result<Option<usize>, Refused> {
    let refused = || Refused::bad(format!("`{name}` has to be a whole number from 0"));
    match params.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Number(number)) => {
            let number = number.as_u64().and_then(|number| usize::try_from(number).ok());
            number.map(Some).ok_or_else(refused)
        }
        Some(Json::String(text)) => text.trim().parse().map(Some).map_err(|_unreadable| refused()),
        Some(_) => Err(refused()),
    }
}

/// A text; numbers and flags count as what they look like.
pub(crate) fn text(params: &Params, name: &str) -> Result<Option<String>, Refused> {
    match params.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.clone())),
        Some(Json::Number(number)) => Ok(Some(number.to_string())),
        Some(Json::Bool(flag)) => Ok(Some(flag.to_string())),
        Some(Json::Array(_) | Json::Object(_)) => Err(Refused::bad(format!("`{name}` has to be a text"))),
    }
}

#[cfg(test)]
mod tests {
    //! What comes out of each style.

    use axum::http::{HeaderMap, Uri};
    use serde_json::{Value as Json, json};

    use super::{Params, credentials, encoded, merged, number, object, texts};

    fn params(value: Json) -> Params {
        match value {
            Json::Object(object) => object,
            _ => Params::new(),
        }
    }

    #[test]
    fn flat_keys_win_over_urlencoded_ones() {
        let merged = merged(params(json!({
            "query": "flat",
            "params": "query=urlencoded&hitsPerPage=3&facets=%5B%22a%22%2C%22b%22%5D&facetFilters=brand",
        })));
        let expected = json!({"query": "flat", "hitsPerPage": "3", "facets": ["a", "b"], "facetFilters": "brand"});
        assert_eq!(Json::Object(merged.unwrap()), expected);
    }

    #[test]
    fn lists_come_in_four_shapes() {
        for value in [json!(["a", "b"]), json!("[\"a\",\"b\"]"), json!("a,b"), json!("a, b")] {
            assert_eq!(texts(&value), Some(vec!["a".to_owned(), "b".to_owned()]), "{value}");
        }
        assert_eq!(texts(&json!("brand")), Some(vec!["brand".to_owned()]));
        assert_eq!(texts(&json!(null)), Some(Vec::new()));
        assert_eq!(texts(&json!([1])), None);
        assert_eq!(texts(&json!(1)), None);
    }

    #[test]
    fn numbers_come_as_numbers_or_text() {
        let params = params(json!({"a": 3, "b": "3", "c": -1, "d": "x", "e": 1.5, "f": null, "g": []}));
        for name in ["a", "b"] {
            assert_eq!(number(&params, name), Ok(Some(3)));
        }
        for name in ["f", "missing"] {
            assert_eq!(number(&params, name), Ok(None));
        }
        for name in ["c", "d", "e", "g"] {
            assert!(number(&params, name).is_err(), "{name}");
        }
    }

    #[test]
    fn bodies_that_are_no_object_are_refused() {
        assert_eq!(object(b" \n").unwrap(), Params::new());
        for bad in [&b"[]"[..], b"{", b"\xff", b"query=a"] {
            assert_eq!(object(bad).unwrap_err().status, 400);
        }
    }

    #[test]
    fn keys_are_found_in_headers_query_and_body() {
        let mut headers = HeaderMap::new();
        let plain: Uri = "/1/indexes/a/query".parse().unwrap();
        let query: Uri = "/1/x?x-algolia-api-key=q%3D&X-Algolia-Application-Id=app"
            .parse()
            .unwrap();
        let body = params(json!({"apiKey": "b"}));
        assert_eq!(credentials(&headers, &plain, &body), (String::new(), "b".to_owned()));
        assert_eq!(
            credentials(&headers, &query, &body),
            ("app".to_owned(), "q=".to_owned())
        );
        headers.insert("x-algolia-api-key", "h".parse().unwrap());
        assert_eq!(credentials(&headers, &query, &body).1, "h");
    }

    #[test]
    fn the_answer_repeats_the_parameters_but_not_the_key() {
        let params = params(json!({"indexName": "i", "query": "a b", "facets": ["x"], "apiKey": "secret"}));
        assert_eq!(encoded(&params), "query=a+b&facets=%5B%22x%22%5D");
    }
}
