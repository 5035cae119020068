//! `POST /api/v1/users` invites somebody.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::{LinkKind, Role, UserState};
use serde::{Deserialize, Serialize};
use store::{NewUser, Token};
use utoipa::ToSchema;

use super::UserView;
use crate::caller::Administrator;
use crate::extract::Body;
use crate::network::Client;
use crate::parts::Api;
use crate::people::{LinkToPass, check_email, check_name, insert};
use crate::problem::{Problem, Refusal};

/// Who is invited.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Invited {
    /// Their address.
    email: String,
    /// What they are called; they can say themselves when they accept.
    #[serde(default)]
    name: String,
    /// What they may do.
    #[schema(schema_with = crate::schema::role)]
    role: Role,
}

/// Somebody who was invited, and the link to pass on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Invitation {
    user: UserView,
    invitation: LinkToPass,
}

/// Invites somebody and answers the link to pass on.
///
/// The link works once, for seven days. An address that is taken is refused.
#[utoipa::path(post, path = "/api/v1/users", tag = "people", operation_id = "add_user",
    request_body = Invited, responses((status = 201, body = Invitation), Refusal))]
pub(super) async fn add_user(
    State(api): State<Api>,
    client: Client,
    _: Administrator,
    Body(invited): Body<Invited>,
) -> Result<(StatusCode, Json<Invitation>), Problem> {
    check_email(&invited.email)?;
    if !invited.name.trim().is_empty() {
        check_name(&invited.name)?;
    }
    let (token, now) = (Token::fresh(""), api.clock.now());
    let kept = token.clone();
    let added = api.store.write::<_, Problem, _>(move |tx| {
        let organization = tx.ensure_organization(now)?;
        let new = NewUser {
            organization,
            email: invited.email.clone(),
            name: invited.name.trim().to_owned(),
            role: invited.role,
            state: UserState::Invited,
        };
        let id = tx.insert_user(&new, now).map_err(|error| match error {
            store::Error::Conflict(_) => Problem::field("email", "has an account already"),
            other => other.into(),
        })?;
        let until = insert(tx, &kept, LinkKind::Invitation, Some(id), now)?;
        Ok((tx.user(id)?, until))
    });
    let (user, until) = added.await?;
    let invitation = LinkToPass::new(LinkKind::Invitation, &token, until, &client, &api.settings);
    let answer = Invitation {
        user: user.into(),
        invitation,
    };
    Ok((StatusCode::CREATED, Json(answer)))
}
