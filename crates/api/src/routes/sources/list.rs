//! `GET /api/v1/sources` and `GET /api/v1/sources/{id}`: the sources that the caller may know of.

use axum::Json;
use axum::extract::State;
use model::SourceId;
use store::{SourceRow, Tx};

use super::Sources;
use crate::access::{Reach, read};
use crate::caller::SignedIn;
use crate::extract::{List, Named, Paging, Params};
use crate::problem::{Problem, Refusal};
use crate::view::source::SourceView;

/// How many rows are read at a time while looking for those that the caller may know of.
const CHUNK: u32 = 200;

/// Lists the sources that the caller owns, that are shared with them, or that they manage.
#[utoipa::path(get, path = "/api/v1/sources", tag = "sources", operation_id = "list_sources", params(Paging),
    responses((status = 200, body = List<SourceView>), Refusal))]
pub(crate) async fn list_sources(
    State(sources): State<Sources>,
    SignedIn(caller): SignedIn,
    Params(paging): Params<Paging>,
) -> Result<Json<List<SourceView>>, Problem> {
    let now = sources.api.clock.now();
    let page = read(&sources.api, caller, move |tx, reach| {
        let rows = known_after(tx, reach, SourceId(paging.after()), paging.limit() as usize)?;
        let views = rows
            .iter()
            .map(|row| SourceView::new(tx, reach, row, now))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(List::page(views, paging.limit(), |view| view.id))
    });
    Ok(Json(page.await?))
}

/// Shows one source.
#[utoipa::path(get, path = "/api/v1/sources/{id}", tag = "sources", operation_id = "show_source",
    params(("id" = i64, Path, description = "The source.")),
    responses((status = 200, body = SourceView), Refusal))]
pub(crate) async fn show_source(
    State(sources): State<Sources>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
) -> Result<Json<SourceView>, Problem> {
    let now = sources.api.clock.now();
    let view = read(&sources.api, caller, move |tx, reach| {
        let row = reach.known(tx, SourceId(id))?;
        SourceView::new(tx, reach, &row, now)
    });
    Ok(Json(view.await?))
}

/// The next sources that the caller may know of.
fn known_after(tx: &mut Tx<'_>, reach: &Reach, after: SourceId, limit: usize) -> Result<Vec<SourceRow>, Problem> {
    let mut known = Vec::new();
    let mut after = after;
    loop {
        let rows = tx.list_sources(after, CHUNK)?;
        let is_last = rows.len() < CHUNK as usize;
        if let Some(last) = rows.last() {
            after = last.id;
        }
        known.extend(rows.into_iter().filter(|row| reach.may_know(row)));
        if is_last || known.len() >= limit {
            known.truncate(limit);
            return Ok(known);
        }
    }
}
