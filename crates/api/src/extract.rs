//! Bodies, queries and paths that refuse with problem documents.

use axum::Json;
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
        match Json::<T>::from_request(request, state).await {
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
