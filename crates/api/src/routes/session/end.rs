//! `DELETE /api/v1/session` signs out.

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};

use crate::caller::Caller;
use crate::network::Client;
use crate::parts::Api;
use crate::problem::{Problem, Refusal};
use crate::session::no_cookie;

/// Signs out: the session ends, and with it the search keys that it was given.
///
/// Nobody being signed in is no error.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", operation_id = "end_session",
    security((), ("session" = [])),
    responses((status = 204, description = "Signed out."), Refusal))]
pub(crate) async fn end_session(
    State(api): State<Api>,
    client: Client,
    caller: Caller,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1]), Problem> {
    if let Caller::User { session, .. } = caller {
        api.store.write(move |tx| tx.drop_session(session)).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, no_cookie(&client)?)]))
}
