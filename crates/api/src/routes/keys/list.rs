//! `GET /api/v1/keys`.

use axum::Json;
use axum::extract::State;
use model::KeyId;

use super::KeyView;
use crate::caller::SignedIn;
use crate::extract::{List, Paging, Params};
use crate::parts::Api;
use crate::problem::{Problem, Refusal};

/// Lists the caller's own keys; the operator sees everybody's.
#[utoipa::path(get, path = "/api/v1/keys", tag = "people", operation_id = "list_keys", params(Paging),
    responses((status = 200, body = List<KeyView>), Refusal))]
pub(super) async fn list_keys(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    Params(paging): Params<Paging>,
) -> Result<Json<List<KeyView>>, Problem> {
    let limit = paging.limit();
    let views = api.store.read::<_, Problem, _>(move |tx| {
        let rows = tx.list_api_keys(caller.user(), KeyId(paging.after()), limit)?;
        let views = rows.into_iter().map(|row| KeyView::new(tx, row));
        Ok(views.collect::<Result<Vec<_>, _>>()?)
    });
    Ok(Json(List::page(views.await?, limit, |view| view.id)))
}
