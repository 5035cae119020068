//! `GET /api/v1/sources/{id}/log`: the lines of a source, its syncs and its tasks.

use axum::Json;
use axum::extract::State;
use model::SourceId;
use store::LinesOf;

use super::Sources;
use crate::access::read;
use crate::caller::SignedIn;
use crate::extract::{List, Named, Params};
use crate::problem::{Problem, Refusal};
use crate::view::line::{LineView, LinesAsked};

/// Lists the lines of a source's log, those of its syncs and tasks included.
///
/// For those who may see its content and look after it, since lines can name files.
#[utoipa::path(get, path = "/api/v1/sources/{id}/log", tag = "sources", operation_id = "list_lines_of_source",
    params(("id" = i64, Path, description = "The source."), LinesAsked),
    responses((status = 200, body = List<LineView>), Refusal))]
pub(super) async fn list_lines_of_source(
    State(sources): State<Sources>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
    Params(asked): Params<LinesAsked>,
) -> Result<Json<List<LineView>>, Problem> {
    let id = SourceId(id);
    let page = read(&sources.api, caller, move |tx, reach| {
        reach.held(tx, id)?;
        reach.managed(tx, id)?;
        asked.page(tx, LinesOf::Source(id))
    });
    page.await
}
