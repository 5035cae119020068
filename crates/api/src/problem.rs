//! Problem documents (RFC 9457): the one shape in which the API says no.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

pub use crate::codes::Code;

/// Where the codes are explained.
const DOCS: &str = "/redoc#section/Errors";

/// Why a call was refused. Turns into `application/problem+json`.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The stable code; gives status and title.
    pub code: Code,
    /// What happened, with the thing, the place and the way out.
    pub detail: String,
    /// The fields of the request that need another look.
    pub fields: Vec<FieldProblem>,
    /// After how many seconds it makes sense to try again.
    pub retry_after_s: Option<u64>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldProblem {
    /// The field, as the request names it; nested ones parted by dots.
    pub name: String,
    /// What is wrong with it.
    pub message: String,
}

/// A problem document.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Document {
    /// Names the kind of problem: `urn:fossick:problem:` and the code.
    r#type: String,
    /// The kind of problem in words; the same for every problem with this code.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// The stable code.
    code: &'static str,
    /// What happened this time, and the way out.
    detail: String,
    /// The fields of the request that need another look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldProblem>,
    /// Where the codes are explained.
    docs: &'static str,
}

impl Problem {
    /// A problem with this code and these words.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            fields: Vec::new(),
            retry_after_s: None,
        }
    }

    /// There is no such thing, or the caller may not see it: both look the same.
    pub fn not_found(noun: &str, id: impl std::fmt::Display) -> Self {
        Self::new(Code::NotFound, format!("there is no {noun} `{id}` that you may see"))
    }

    /// One field needs another look.
    pub fn field(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Code::Invalid, "some fields need another look").and_field(name, message)
    }

    /// The same, with a further field that needs another look.
    #[must_use]
    pub fn and_field(mut self, name: impl Into<String>, message: impl Into<String>) -> Self {
        self.fields.push(FieldProblem {
            name: name.into(),
            message: message.into(),
        });
        self
    }

    /// A fault of ours: logged here, once; the caller learns no more than that.
    pub fn bug(what: impl std::fmt::Display) -> Self {
        tracing::error!("a request failed by a fault in Fossick: {what}");
        Self::new(
            Code::Bug,
            "a fault in Fossick; the server's log says more, under this answer's `x-request-id`",
        )
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound { noun, id } => Self::not_found(noun, id),
            store::Error::Conflict(text) => Self::new(Code::Conflict, text),
            store::Error::LostLease { .. } => Self::new(Code::Conflict, error.to_string()),
            store::Error::DiskFull => Self::new(Code::DiskFull, error.to_string()),
            store::Error::Unavailable(_) | store::Error::Unknown(_) => {
                tracing::warn!(%error, "the store did not answer: {error}");
                let mut problem = Self::new(
                    Code::StoreUnavailable,
                    "the database does not answer; what was asked for may be asked again",
                );
                problem.retry_after_s = Some(2);
                problem
            }
            store::Error::Setup(_) | store::Error::Bug(_) | store::Error::Again => Self::bug(error),
        }
    }
}

impl From<index::Error> for Problem {
    fn from(error: index::Error) -> Self {
        match error {
            index::Error::InvalidRequest(text) => Self::new(Code::Invalid, text),
            other => {
                tracing::warn!(error = %other, "the search index did not answer: {other}");
                let mut problem = Self::new(Code::IndexUnavailable, "the search index does not answer; try again");
                problem.retry_after_s = Some(2);
                problem
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, title) = self.code.row();
        let document = Document {
            r#type: format!("urn:fossick:problem:{code}"),
            title,
            status,
            code,
            detail: self.detail,
            fields: self.fields,
            docs: DOCS,
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(document)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// What every endpoint may answer besides what it says: a problem document.
pub(crate) struct Refusal;

impl utoipa::IntoResponses for Refusal {
    fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
        use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Problem")))
            .build();
        let response = ResponseBuilder::new()
            .description("Refused: a problem document with a stable `code`.")
            .content("application/problem+json", content)
            .build();
        std::collections::BTreeMap::from([("default".to_owned(), response.into())])
    }
}
