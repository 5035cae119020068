//! `POST /api/v1/groups`, `PATCH` and `DELETE /api/v1/groups/{id}`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::GroupId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::GroupView;
use crate::caller::Administrator;
use crate::extract::{Body, Named};
use crate::parts::Api;
use crate::people::check_name;
use crate::problem::{Problem, Refusal};

/// A group's name.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupName {
    /// What it is called; unique.
    name: String,
}

/// A name that is taken is a field's problem.
fn taken(error: store::Error) -> Problem {
    match error {
        store::Error::Conflict(_) => Problem::field("name", "is the name of another group"),
        other => other.into(),
    }
}

/// Makes a group.
#[utoipa::path(post, path = "/api/v1/groups", tag = "people", operation_id = "add_group",
    request_body = GroupName, responses((status = 201, body = GroupView), Refusal))]
pub(super) async fn add_group(
    State(api): State<Api>,
    _: Administrator,
    Body(group): Body<GroupName>,
) -> Result<(StatusCode, Json<GroupView>), Problem> {
    check_name(&group.name)?;
    let now = api.clock.now();
    let row = api.store.write::<_, Problem, _>(move |tx| {
        let organization = tx.ensure_organization(now)?;
        let id = tx.insert_group(organization, group.name.trim(), now).map_err(taken)?;
        Ok(tx.group(id)?)
    });
    Ok((StatusCode::CREATED, Json(GroupView::new(row.await?, Vec::new()))))
}

/// Renames a group.
#[utoipa::path(patch, path = "/api/v1/groups/{id}", tag = "people", operation_id = "rename_group",
    params(("id" = i64, Path, description = "The group.")),
    request_body = GroupName, responses((status = 200, body = GroupView), Refusal))]
pub(super) async fn rename_group(
    State(api): State<Api>,
    _: Administrator,
    Named(id): Named<i64>,
    Body(group): Body<GroupName>,
) -> Result<Json<GroupView>, Problem> {
    check_name(&group.name)?;
    let view = api.store.write::<_, Problem, _>(move |tx| {
        tx.rename_group(GroupId(id), group.name.trim()).map_err(taken)?;
        Ok(GroupView::new(tx.group(GroupId(id))?, tx.list_members(GroupId(id))?))
    });
    Ok(Json(view.await?))
}

/// Deletes a group; what was shared with it no longer is, at once.
#[utoipa::path(delete, path = "/api/v1/groups/{id}", tag = "people", operation_id = "delete_group",
    params(("id" = i64, Path, description = "The group.")),
    responses((status = 204, description = "Deleted."), Refusal))]
pub(super) async fn delete_group(
    State(api): State<Api>,
    _: Administrator,
    Named(id): Named<i64>,
) -> Result<StatusCode, Problem> {
    api.store.write(move |tx| tx.delete_group(GroupId(id))).await?;
    Ok(StatusCode::NO_CONTENT)
}
