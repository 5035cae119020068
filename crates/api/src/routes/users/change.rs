//! `PATCH` and `DELETE /api/v1/users/{id}`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::{Role, UserId, UserState};
use serde::Deserialize;
use store::Tx;
use utoipa::ToSchema;

use super::UserView;
use crate::caller::Administrator;
use crate::extract::{Body, Named};
use crate::parts::Api;
use crate::people::check_name;
use crate::problem::{Code, Problem, Refusal};

/// What changes; what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UserChange {
    /// What they are called.
    name: Option<String>,
    /// What they may do.
    #[schema(schema_with = crate::schema::role)]
    role: Option<Role>,
    /// `active` or `disabled`: somebody who is disabled can't sign in, and their keys and sessions end.
    #[schema(schema_with = crate::schema::user_state)]
    state: Option<UserState>,
}

/// Changes name, role or state of a user.
///
/// The last administrator can neither be disabled nor made a member.
#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "people", operation_id = "change_user",
    params(("id" = i64, Path, description = "The user.")),
    request_body = UserChange, responses((status = 200, body = UserView), Refusal))]
pub(super) async fn change_user(
    State(api): State<Api>,
    _: Administrator,
    Named(id): Named<i64>,
    Body(change): Body<UserChange>,
) -> Result<Json<UserView>, Problem> {
    if let Some(name) = &change.name {
        check_name(name)?;
    }
    let row = api.store.write::<_, Problem, _>(move |tx| {
        let mut row = tx.user(UserId(id))?;
        if let Some(name) = &change.name {
            name.trim().clone_into(&mut row.name);
        }
        row.role = change.role.unwrap_or(row.role);
        match change.state {
            None => {}
            Some(UserState::Disabled) => row.state = UserState::Disabled,
            // Somebody without a password is still only invited.
            Some(UserState::Active) if row.password_hash.is_some() => row.state = UserState::Active,
            Some(UserState::Active | UserState::Invited) if row.password_hash.is_none() => {
                row.state = UserState::Invited;
            }
            Some(_) => return Err(Problem::field("state", "is `active` or `disabled`")),
        }
        tx.update_user(&row)?;
        if row.state == UserState::Disabled {
            tx.drop_sessions_of_user(row.id)?;
            tx.drop_links_of_user(row.id)?;
        }
        keep_an_administrator(tx)?;
        Ok(row)
    });
    Ok(Json(row.await?.into()))
}

/// Removes a user with their sessions, keys and memberships.
///
/// Somebody who owns sources can't be removed: delete those first, or disable the account.
#[utoipa::path(delete, path = "/api/v1/users/{id}", tag = "people", operation_id = "delete_user",
    params(("id" = i64, Path, description = "The user.")),
    responses((status = 204, description = "Removed."), Refusal))]
pub(super) async fn delete_user(
    State(api): State<Api>,
    _: Administrator,
    Named(id): Named<i64>,
) -> Result<StatusCode, Problem> {
    let deleted = api.store.write::<_, Problem, _>(move |tx| {
        tx.user(UserId(id))?;
        tx.delete_user(UserId(id))?;
        keep_an_administrator(tx)
    });
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Refuses what would leave nobody who could undo it.
fn keep_an_administrator(tx: &mut Tx<'_>) -> Result<(), Problem> {
    if tx.count_administrators()? > 0 {
        return Ok(());
    }
    Err(Problem::new(
        Code::Conflict,
        "no administrator who can sign in would be left: make somebody else one first",
    ))
}
