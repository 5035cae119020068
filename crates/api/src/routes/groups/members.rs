//! `PUT` and `DELETE /api/v1/groups/{id}/members/{kind}/{member}`.

use axum::extract::State;
use axum::http::StatusCode;
use model::{GroupId, UserId};
use store::Member;

use crate::caller::Administrator;
use crate::extract::Named;
use crate::parts::Api;
use crate::problem::{Problem, Refusal};

fn member(kind: &str, id: i64) -> Result<Member, Problem> {
    match kind {
        "user" => Ok(Member::User(UserId(id))),
        "group" => Ok(Member::Group(GroupId(id))),
        other => Err(Problem::not_found("kind of member", other)),
    }
}

/// Adds a user or a group to a group.
///
/// One that belongs to it already is no error; a group that would contain itself is refused.
#[utoipa::path(put, path = "/api/v1/groups/{id}/members/{kind}/{member}", tag = "people", operation_id = "add_member",
    params(("id" = i64, Path, description = "The group."), ("kind" = String, Path, description = "`user` or `group`."),
        ("member" = i64, Path, description = "The user or group.")),
    responses((status = 204, description = "Belongs to the group."), Refusal))]
pub(super) async fn add_member(
    State(api): State<Api>,
    _: Administrator,
    Named((group, kind, id)): Named<(i64, String, i64)>,
) -> Result<StatusCode, Problem> {
    let member = member(&kind, id)?;
    api.store.write(move |tx| tx.add_member(GroupId(group), member)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a user or a group from a group; what was shared with them through it no longer is, at once.
#[utoipa::path(delete, path = "/api/v1/groups/{id}/members/{kind}/{member}", tag = "people",
    operation_id = "remove_member",
    params(("id" = i64, Path, description = "The group."), ("kind" = String, Path, description = "`user` or `group`."),
        ("member" = i64, Path, description = "The user or group.")),
    responses((status = 204, description = "Does not belong to the group."), Refusal))]
pub(super) async fn remove_member(
    State(api): State<Api>,
    _: Administrator,
    Named((group, kind, id)): Named<(i64, String, i64)>,
) -> Result<StatusCode, Problem> {
    let member = member(&kind, id)?;
    api.store
        .write(move |tx| tx.remove_member(GroupId(group), member))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
