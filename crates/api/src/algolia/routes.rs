//! The addresses of the dialect.

use axum::body::Bytes;
use axum::extract::{OriginalUri, Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json as Body};
use serde_json::{Value as Json, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::schema::{
    FacetHits, FacetSearch, SearchParameters, SearchRefused, SearchRequests, SearchResult, SearchResults,
};
use super::search::{Who, answer_all};
use super::wire::{Refused, credentials, merged, object, text};
use super::{INDEX_NAME, Search};
use crate::caller::Operator;
use crate::network::header_text;

/// The endpoints, open to pages of any origin: without a key they answer nothing, and cookies they never read.
pub(super) fn router() -> OpenApiRouter<Search> {
    OpenApiRouter::new()
        .routes(routes!(search_many))
        .routes(routes!(search_one))
        .routes(routes!(search_facet))
        .layer(from_fn(any_origin))
}

/// Several searches at once.
#[utoipa::path(post, path = "/1/indexes/{index}/queries", tag = "search", operation_id = "search_many",
    description = "Algolia's `search` call: `{\"requests\": [{\"indexName\": \"fossick\", \"query\": …}]}`. The key goes into the headers `x-algolia-application-id` and `x-algolia-api-key` or into the query; `GET /api/v1/search-key` gives one. The body is JSON whatever its content type.",
    params(
        ("index" = String, Path, description = "`*`: each search names its own index.", example = "*"),
    ),
    request_body = SearchRequests,
    security(("search_application" = [], "search_key" = []), ("search_application_query" = [], "search_key_query" = [])),
    responses((status = 200, body = SearchResults, description = "The results, in the order of the requests."),
        (status = "default", body = SearchRefused, description = "Refused.")))]
async fn search_many(
    State(search): State<Search>,
    operator: Option<Extension<Operator>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Body<Json>, Refused> {
    let mut body = object(&body)?;
    let who = who(operator.is_some(), &headers, credentials(&headers, &uri, &body))?;
    if text(&body, "strategy")?.is_some_and(|strategy| strategy != "none") {
        return Err(Refused::bad("`strategy` is not supported here: leave it out"));
    }
    let Some(Json::Array(requests)) = body.remove("requests") else {
        return Err(Refused::bad("`requests` is missing: expected a list of searches"));
    };
    let requests = requests.into_iter().map(|request| match request {
        Json::Object(request) => merged(request),
        _ => Err(Refused::bad("each of `requests` has to be an object")),
    });
    let results = answer_all(&search, who, requests.collect::<Result<_, _>>()?).await?;
    Ok(Body(json!({ "results": results })))
}

/// One search.
#[utoipa::path(post, path = "/1/indexes/{index}/query", tag = "search", operation_id = "search_one",
    description = "Algolia's `searchSingleIndex` call. Parameters are flat, or urlencoded in `params`, or both.",
    params(("index" = String, Path, description = "The index: `fossick`.")),
    request_body = SearchParameters,
    security(("search_application" = [], "search_key" = []), ("search_application_query" = [], "search_key_query" = [])),
    responses((status = 200, body = SearchResult, description = "The result."),
        (status = "default", body = SearchRefused, description = "Refused.")))]
async fn search_one(
    State(search): State<Search>,
    operator: Option<Extension<Operator>>,
    OriginalUri(uri): OriginalUri,
    Path(index): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Body<Json>, Refused> {
    let body = object(&body)?;
    let who = who(operator.is_some(), &headers, credentials(&headers, &uri, &body))?;
    let mut params = merged(body)?;
    params.insert("indexName".to_owned(), index.into());
    Ok(first(answer_all(&search, who, vec![params]).await?))
}

/// A search in the values of one facet.
#[utoipa::path(post, path = "/1/indexes/{index}/facets/{facet}/query", tag = "search", operation_id = "search_facet",
    description = "Algolia's `searchForFacetValues` call.",
    params(("index" = String, Path, description = "The index: `fossick`."),
        ("facet" = String, Path, description = "The facet: `source`, `kind`, `people`, `stream`, or one of the documents' own.")),
    request_body = FacetSearch,
    security(("search_application" = [], "search_key" = []), ("search_application_query" = [], "search_key_query" = [])),
    responses((status = 200, body = FacetHits, description = "The values."),
        (status = "default", body = SearchRefused, description = "Refused.")))]
async fn search_facet(
    State(search): State<Search>,
    operator: Option<Extension<Operator>>,
    OriginalUri(uri): OriginalUri,
    Path((index, facet)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Body<Json>, Refused> {
    let body = object(&body)?;
    let who = who(operator.is_some(), &headers, credentials(&headers, &uri, &body))?;
    let mut params = merged(body)?;
    params.insert("indexName".to_owned(), index.into());
    params.insert("facet".to_owned(), facet.into());
    params.insert("type".to_owned(), "facet".into());
    Ok(first(answer_all(&search, who, vec![params]).await?))
}

fn first(results: Vec<Json>) -> Body<Json> {
    Body(results.into_iter().next().unwrap_or_default())
}

/// On the local socket no key is needed, and `x-fossick-as` says as whom to search; a key that is given counts.
fn who(is_operator: bool, headers: &HeaderMap, (application, key): (String, String)) -> Result<Who, Refused> {
    if !is_operator || !key.is_empty() {
        return Ok(Who::Bearer { application, key });
    }
    header_text(headers, HeaderName::from_static("x-fossick-as"))
        .parse()
        .map(Who::Operator)
}

/// The answer to what we don't speak; a preflight is answered whatever it is for.
pub(crate) fn unknown(method: &Method, path: &str) -> Response {
    if method == Method::OPTIONS {
        return open_to_all(StatusCode::NO_CONTENT.into_response());
    }
    let refused = Refused {
        status: 404,
        message: format!(
            "`{method} {path}` is not part of Algolia's API that this server speaks: search with `POST /1/indexes/*/queries` or `POST /1/indexes/{INDEX_NAME}/query`"
        ),
    };
    open_to_all(refused.into_response())
}

/// Lets pages of any origin call.
async fn any_origin(request: Request, next: Next) -> Response {
    open_to_all(next.run(request).await)
}

fn open_to_all(mut response: Response) -> Response {
    let allow: [(HeaderName, &str); 4] = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "content-type, x-algolia-api-key, x-algolia-application-id, x-algolia-agent, x-algolia-request-id, x-algolia-usertoken",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    for (name, value) in allow {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    // Answers are for one key's bearer.
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Body(json!({ "message": self.message, "status": self.status }))).into_response()
    }
}
