//! `GET /healthz`: the process answers. `GET /readyz`: it can do its work.

use axum::extract::State;

use crate::parts::Api;
use crate::problem::{Problem, Refusal};

/// Answers as long as the process does.
#[utoipa::path(get, path = "/healthz", tag = "system", operation_id = "healthz",
    responses((status = 200, body = String, description = "`ok`", content_type = "text/plain"), Refusal))]
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Answers once the database does.
#[utoipa::path(get, path = "/readyz", tag = "system", operation_id = "readyz",
    responses((status = 200, body = String, description = "`ready`", content_type = "text/plain"), Refusal))]
pub(super) async fn readyz(State(api): State<Api>) -> Result<&'static str, Problem> {
    api.store.read(|tx| tx.find_organization().map(drop)).await?;
    Ok("ready\n")
}
