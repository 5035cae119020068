//! `GET /api/v1/session` says who is signed in.

use axum::Json;
use axum::extract::State;

use super::Session;
use crate::caller::Caller;
use crate::parts::Api;
use crate::problem::{Problem, Refusal};

/// Says who is signed in.
///
/// Answers everyone; `signed_in` is false where nobody is.
#[utoipa::path(get, path = "/api/v1/session", tag = "session", operation_id = "show_session",
    security((), ("session" = []), ("key" = [])),
    responses((status = 200, body = Session), Refusal))]
pub(crate) async fn show_session(State(api): State<Api>, caller: Caller) -> Result<Json<Session>, Problem> {
    let version = api.settings.version.clone();
    let session = api.store.read(move |tx| Session::of(&caller, tx, &version)).await?;
    Ok(Json(session))
}
