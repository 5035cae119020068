//! `POST /api/v1/users/{id}/reset-link` makes a link with which somebody chooses a new password.

use axum::Json;
use axum::extract::State;
use model::{LinkKind, UserId, UserState};
use store::Token;

use crate::caller::Administrator;
use crate::extract::Named;
use crate::network::Client;
use crate::parts::Api;
use crate::people::{LinkToPass, insert};
use crate::problem::{Code, Problem, Refusal};

/// Makes a link with which somebody chooses a new password, or accepts their invitation after all.
///
/// It works once and ends the links that they had before.
#[utoipa::path(post, path = "/api/v1/users/{id}/reset-link", tag = "people", operation_id = "make_reset_link",
    params(("id" = i64, Path, description = "The user.")),
    responses((status = 200, body = LinkToPass), Refusal))]
pub(super) async fn make_reset_link(
    State(api): State<Api>,
    client: Client,
    _: Administrator,
    Named(id): Named<i64>,
) -> Result<Json<LinkToPass>, Problem> {
    let (token, now) = (Token::fresh(""), api.clock.now());
    let kept = token.clone();
    let made = api.store.write::<_, Problem, _>(move |tx| {
        let user = tx.user(UserId(id))?;
        let kind = match user.state {
            UserState::Active => LinkKind::Reset,
            UserState::Invited => LinkKind::Invitation,
            UserState::Disabled => {
                return Err(Problem::new(Code::Conflict, "the account is disabled: enable it first"));
            }
        };
        Ok((kind, insert(tx, &kept, kind, Some(user.id), now)?))
    });
    let (kind, until) = made.await?;
    Ok(Json(LinkToPass::new(kind, &token, until, &client, &api.settings)))
}
