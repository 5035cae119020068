//! `GET /api/v1/links/{token}` says what a link is for.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use store::Token;
use utoipa::ToSchema;

use super::expired;
use crate::extract::Named;
use crate::parts::Api;
use crate::problem::{Problem, Refusal};

/// A link that can still be used.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkView {
    /// What it is for.
    #[schema(schema_with = crate::schema::link_kind)]
    kind: model::LinkKind,
    /// For whom; missing on a set-up link.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// When it ends, used or not, in UTC milliseconds.
    expires_at: i64,
}

/// Says what a link is for, without using it up.
#[utoipa::path(get, path = "/api/v1/links/{token}", tag = "session", operation_id = "show_link",
    security(()),
    params(("token" = String, Path, description = "The last part of the link.")),
    responses((status = 200, body = LinkView), Refusal))]
pub(crate) async fn show_link(State(api): State<Api>, Named(token): Named<String>) -> Result<Json<LinkView>, Problem> {
    let (hash, now) = (Token::hash_of(&token), api.clock.now());
    let view = api.store.read::<_, Problem, _>(move |tx| {
        let link = tx.find_link(&hash, now)?.ok_or_else(expired)?;
        let email = match link.user {
            Some(user) => Some(tx.user(user)?.email),
            None => None,
        };
        Ok(LinkView {
            kind: link.kind,
            email,
            expires_at: link.expires_at.0,
        })
    });
    Ok(Json(view.await?))
}
