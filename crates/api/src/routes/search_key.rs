//! `GET /api/v1/search-key` gives the caller a short-lived key for the search dialect.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::algolia::{APPLICATION_ID, INDEX_NAME, KeyHolder, Search, mint};
use crate::caller::Searcher;
use crate::network::Client;
use crate::problem::{Code, Problem, Refusal};

/// The endpoint.
pub(crate) fn router() -> OpenApiRouter<Search> {
    OpenApiRouter::new().routes(routes!(show_search_key))
}

/// What a search client is made of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchKey {
    /// The application id.
    application_id: &'static str,
    /// The key: search only, for the caller alone.
    key: String,
    /// The index.
    index: &'static str,
    /// When the key ends, in UTC milliseconds; ask for another before.
    expires_at: i64,
    /// Where to send searches.
    hosts: Vec<String>,
}

/// Gives the caller a key for the search dialect.
///
/// It searches with the rights that the caller has at each moment, for an hour, and ends with the session or API key
/// that it was asked for with.
#[utoipa::path(get, path = "/api/v1/search-key", tag = "search", operation_id = "show_search_key",
    responses((status = 200, body = SearchKey), Refusal))]
async fn show_search_key(
    State(search): State<Search>,
    client: Client,
    Searcher(caller): Searcher,
) -> Result<Json<SearchKey>, Problem> {
    let holder = KeyHolder::of(&caller).ok_or_else(|| {
        Problem::new(
            Code::NotAllowed,
            "the operator needs no search key: on the local socket `/1/…` answers without one",
        )
    })?;
    let (key, expires_at) = mint(&search, holder).await?;
    Ok(Json(SearchKey {
        application_id: APPLICATION_ID,
        key,
        index: INDEX_NAME,
        expires_at: expires_at.0,
        hosts: vec![client.origin(&search.api.settings)],
    }))
}
