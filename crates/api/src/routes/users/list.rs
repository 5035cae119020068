//! `GET /api/v1/users` and `GET /api/v1/users/{id}`.

use axum::Json;
use axum::extract::State;
use model::UserId;

use super::UserView;
use crate::caller::Administrator;
use crate::extract::{List, Named, Paging, Params};
use crate::parts::Api;
use crate::problem::{Problem, Refusal};

/// Lists all users.
#[utoipa::path(get, path = "/api/v1/users", tag = "people", operation_id = "list_users", params(Paging),
    responses((status = 200, body = List<UserView>), Refusal))]
pub(super) async fn list_users(
    State(api): State<Api>,
    _: Administrator,
    Params(paging): Params<Paging>,
) -> Result<Json<List<UserView>>, Problem> {
    let limit = paging.limit();
    let rows = api
        .store
        .read(move |tx| tx.list_users(UserId(paging.after()), limit))
        .await?;
    let views = rows.into_iter().map(UserView::from).collect();
    Ok(Json(List::page(views, limit, |view| view.id)))
}

/// Shows one user.
#[utoipa::path(get, path = "/api/v1/users/{id}", tag = "people", operation_id = "show_user",
    params(("id" = i64, Path, description = "The user.")),
    responses((status = 200, body = UserView), Refusal))]
pub(super) async fn show_user(
    State(api): State<Api>,
    _: Administrator,
    Named(id): Named<i64>,
) -> Result<Json<UserView>, Problem> {
    let row = api.store.read(move |tx| tx.user(UserId(id))).await?;
    Ok(Json(row.into()))
}
