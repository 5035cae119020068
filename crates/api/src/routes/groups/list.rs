//! `GET /api/v1/groups` and `GET /api/v1/groups/{id}`.

use axum::Json;
use axum::extract::State;
use model::GroupId;

use super::GroupView;
use crate::caller::SignedIn;
use crate::extract::{List, Named, Paging, Params};
use crate::parts::Api;
use crate::problem::{Problem, Refusal};

/// Lists all groups: everybody can share with them. Who belongs to them is for administrators.
#[utoipa::path(get, path = "/api/v1/groups", tag = "people", operation_id = "list_groups", params(Paging),
    responses((status = 200, body = List<GroupView>), Refusal))]
pub(super) async fn list_groups(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    Params(paging): Params<Paging>,
) -> Result<Json<List<GroupView>>, Problem> {
    let (limit, with_members) = (paging.limit(), caller.is_administrator());
    let views = api.store.read::<_, Problem, _>(move |tx| {
        let mut views = Vec::new();
        for row in tx.list_groups(GroupId(paging.after()), limit)? {
            let members = if with_members {
                tx.list_members(row.id)?
            } else {
                Vec::new()
            };
            views.push(GroupView::new(row, members));
        }
        Ok(views)
    });
    Ok(Json(List::page(views.await?, limit, |view| view.id)))
}

/// Shows one group.
#[utoipa::path(get, path = "/api/v1/groups/{id}", tag = "people", operation_id = "show_group",
    params(("id" = i64, Path, description = "The group.")),
    responses((status = 200, body = GroupView), Refusal))]
pub(super) async fn show_group(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
) -> Result<Json<GroupView>, Problem> {
    let with_members = caller.is_administrator();
    let view = api.store.read::<_, Problem, _>(move |tx| {
        let row = tx.group(GroupId(id))?;
        let members = if with_members {
            tx.list_members(row.id)?
        } else {
            Vec::new()
        };
        Ok(GroupView::new(row, members))
    });
    Ok(Json(view.await?))
}
