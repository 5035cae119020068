//! Bodies, queries and paths that refuse with problem documents.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request;
use serde::de::DeserializeOwned;

use crate::problem::{Code, Problem};

/// A JSON body.
#[derive(Debug, Clone)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let read = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await;
        let read = match read {
            Ok(bytes) if has_nul(&bytes) => return Err(nul("the body")),
            Ok(bytes) => Json::<T>::from_request(Request::from_parts(parts, bytes.into()), state).await,
            Err(rejection) => Err(JsonRejection::BytesRejection(rejection)),
        };
        match read {
            Ok(Json(body)) => Ok(Self(body)),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Problem::new(
                Code::NotJson,
                "send the body as JSON, with `content-type: application/json`",
            )),
            Err(JsonRejection::BytesRejection(rejection)) => Err(match rejection.status().as_u16() {
                413 => Problem::new(Code::TooLarge, "the body is larger than this endpoint takes"),
                _ => Problem::new(Code::Invalid, "the body ended early"),
            }),
            Err(rejection) => Err(Problem::new(Code::Invalid, plain(&rejection.body_text()))),
        }
    }
}

/// The query of the address.
#[derive(Debug, Clone)]
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut request::Parts, state: &S) -> Result<Self, Problem> {
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(nul("the query"));
        }
        let query: Result<Query<T>, QueryRejection> = Query::from_request_parts(parts, state).await;
        match query {
            Ok(Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(Problem::new(Code::Invalid, plain(&rejection.body_text()))),
        }
    }
}

/// What the address names. An id that is none names nothing.
#[derive(Debug, Clone)]
pub(crate) struct Named<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut request::Parts, state: &S) -> Result<Self, Problem> {
        let path: Result<Path<T>, PathRejection> = Path::from_request_parts(parts, state).await;
        match path {
            Ok(Path(path)) => Ok(Self(path)),
            Err(_rejection) => Err(Problem::not_found("thing at", parts.uri.path())),
        }
    }
}

/// Whether a JSON text holds the character NUL, which PostgreSQL keeps in no text. It can only stand there escaped.
fn has_nul(json: &[u8]) -> bool {
    let mut rest = json;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        if rest[at + 1..].starts_with(b"u0000") {
            return true;
        }
        // The escaped character may be a backslash itself.
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    false
}

fn nul(place: &str) -> Problem {
    Problem::new(
        Code::Invalid,
        format!("{place} holds the character NUL, which is no text: leave it out"),
    )
}

/// A library's message in our form: lower case, no full stop, without its preamble.
fn plain(text: &str) -> String {
    let text = text
        .trim_start_matches("Failed to deserialize the JSON body into the target type: ")
        .trim_start_matches("Failed to parse the request body as JSON: ")
        .trim_start_matches("Failed to deserialize query string: ");
    text.trim_end_matches('.').to_owned()
}

/// How much of a list is asked for.
#[derive(Debug, Clone, Copy, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// How many items, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200)]
    pub(crate) limit: Option<u32>,
    /// The `next` of the page before.
    pub(crate) after: Option<i64>,
}

impl Paging {
    /// The limit, within its bounds.
    pub(crate) fn limit(self) -> u32 {
        self.limit.unwrap_or(50).clamp(1, 200)
    }

    /// Where the page starts.
    pub(crate) fn after(self) -> i64 {
        self.after.unwrap_or(0)
    }
}

/// One page of a list.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct List<T> {
    /// The items.
    pub(crate) items: Vec<T>,
    /// What to send as `after` for the next page; missing on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

impl<T> List<T> {
    /// A whole list.
    pub(crate) fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }

    /// A page of at most `limit` items, which ends at the item that `id` names.
    pub(crate) fn page(items: Vec<T>, limit: u32, id: impl Fn(&T) -> i64) -> Self {
        let is_full = items.len() >= limit as usize;
        let next = items.last().filter(|_| is_full).map(|last| id(last).to_string());
        Self { items, next }
    }
}

#[cfg(test)]
mod tests {
    //! What is no text.

    use super::has_nul;

    #[test]
    fn an_escaped_nul_is_found_and_an_escaped_backslash_is_none() {
        for bad in [r#""\u0000""#, r#""a\\\u0000""#, r#"["\n\u0000b"]"#] {
            assert!(has_nul(bad.as_bytes()), "{bad}");
        }
        for good in [r#""\\u0000""#, r#""u0000""#, r#""\u0001""#, r#""\"#, ""] {
            assert!(!has_nul(good.as_bytes()), "{good}");
        }
    }
}
