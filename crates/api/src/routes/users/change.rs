//! `PATCH` and `DELETE /api/v1/users/{id}`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::{LinkKind, Role, UserId, UserState};
use serde::Deserialize;
use store::Tx;
use utoipa::ToSchema;

use super::UserView;
use crate::caller::Administrator;
use crate::extract::{Body, Named, Params};
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
        tx.lock_administrators()?;
        let administrators = tx.count_administrators()?;
        let mut row = tx.lock_user(UserId(id))?;
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
            tx.drop_api_keys_of_user(row.id)?;
            tx.drop_links_of_user(row.id)?;
        }
        end_setup(tx)?;
        keep_an_administrator(tx, administrators)?;
        Ok(row)
    });
    Ok(Json(row.await?.into()))
}

/// What becomes of what somebody owns who is removed.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Leaving {
    /// The user who gets their sources.
    sources_to: Option<i64>,
}

/// Removes a user with their sessions, keys and memberships.
///
/// Somebody who owns sources can't be removed: give those to somebody else with `sources_to`, delete them, or disable
/// the account.
#[utoipa::path(delete, path = "/api/v1/users/{id}", tag = "people", operation_id = "delete_user",
    params(("id" = i64, Path, description = "The user."), Leaving),
    responses((status = 204, description = "Removed."), Refusal))]
pub(super) async fn delete_user(
    State(api): State<Api>,
    _: Administrator,
    Named(id): Named<i64>,
    Params(leaving): Params<Leaving>,
) -> Result<StatusCode, Problem> {
    let deleted = api.store.write::<_, Problem, _>(move |tx| {
        tx.lock_administrators()?;
        let administrators = tx.count_administrators()?;
        tx.lock_user(UserId(id))?;
        if let Some(heir) = leaving.sources_to {
            if heir == id {
                return Err(Problem::field(
                    "sources_to",
                    "is the user who is to be removed: name somebody else",
                ));
            }
            let heir = owner(tx, "sources_to", heir)?;
            tx.give_sources(UserId(id), heir)?;
        }
        tx.delete_user(UserId(id))?;
        keep_an_administrator(tx, administrators)
    });
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Somebody to whom sources can be given.
pub(crate) fn owner(tx: &mut Tx<'_>, field: &str, id: i64) -> Result<UserId, Problem> {
    let row = tx.find_user(UserId(id))?;
    let row = row.ok_or_else(|| Problem::field(field, format!("there is no user `{id}`")))?;
    if row.state == UserState::Disabled {
        return Err(Problem::field(
            field,
            format!("user `{id}` is disabled: name somebody who can sign in"),
        ));
    }
    Ok(row.id)
}

/// Ends the links that make the first administrator, once there is one.
pub(crate) fn end_setup(tx: &mut Tx<'_>) -> Result<(), store::Error> {
    if tx.count_administrators()? > 0 {
        tx.drop_links(LinkKind::Setup)?;
    }
    Ok(())
}

/// Refuses what would take away the last of those who could undo it. Before there is one, nothing is taken away.
fn keep_an_administrator(tx: &mut Tx<'_>, before: u64) -> Result<(), Problem> {
    if before == 0 || tx.count_administrators()? > 0 {
        return Ok(());
    }
    Err(Problem::new(
        Code::Conflict,
        "no administrator who can sign in would be left: make somebody else one first",
    ))
}
