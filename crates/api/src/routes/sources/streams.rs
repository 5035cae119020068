//! `GET /api/v1/sources/{id}/streams` and `PATCH …/streams/{stream}`.

use axum::Json;
use axum::extract::State;
use model::{SourceId, StreamId};
use serde::{Deserialize, Serialize};
use serde_json::Value as JsonValue;
use store::Tx;
use utoipa::ToSchema;

use super::Sources;
use crate::access::{Reach, read, write};
use crate::caller::SignedIn;
use crate::extract::{Body, List, Named};
use crate::problem::{Problem, Refusal};

/// One collection of records inside a source.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Stream)]
pub(super) struct StreamView {
    /// Its id.
    id: i64,
    /// Its name.
    name: String,
    /// Whether syncs read it.
    enabled: bool,
    /// Live records.
    records: u64,
    /// Things that went wrong in it and still are.
    failures: u64,
    /// Where the next incremental sync starts, as the connector wrote it; for those who manage the source.
    cursor: Option<String>,
    /// When something of it landed last, in UTC milliseconds.
    last_landed_at: Option<i64>,
}

fn views(tx: &mut Tx<'_>, reach: &Reach, id: SourceId) -> Result<Vec<StreamView>, Problem> {
    let source = reach.known(tx, id)?;
    let (records, failures) = (tx.count_records(id)?, tx.count_failures_by_stream(id)?);
    let landed = tx.last_landed_by_stream(id)?;
    let cursors = if reach.may_manage(&source) {
        tx.list_cursors(id)?
    } else {
        Vec::new()
    };
    let views = tx.list_streams(id)?.into_iter().map(|stream| {
        let cursor = cursors.iter().find(|cursor| cursor.key == stream.name);
        StreamView {
            id: stream.id.0,
            enabled: stream.is_enabled,
            records: records.get(&stream.id).copied().unwrap_or(0),
            failures: failures.get(&stream.id).copied().unwrap_or(0),
            cursor: cursor.map(|cursor| match &cursor.value {
                JsonValue::String(text) => text.clone(),
                other => other.to_string(),
            }),
            last_landed_at: landed.get(&stream.id).map(|at| at.0),
            name: stream.name,
        }
    });
    Ok(views.collect())
}

/// Lists a source's streams.
#[utoipa::path(get, path = "/api/v1/sources/{id}/streams", tag = "sources", operation_id = "list_streams",
    params(("id" = i64, Path, description = "The source.")),
    responses((status = 200, body = List<StreamView>), Refusal))]
pub(super) async fn list_streams(
    State(sources): State<Sources>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
) -> Result<Json<List<StreamView>>, Problem> {
    let items = read(&sources.api, caller, move |tx, reach| views(tx, reach, SourceId(id)));
    Ok(Json(List::whole(items.await?)))
}

/// What changes about a stream.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StreamChange {
    /// Whether syncs read it.
    enabled: bool,
}

/// Says whether syncs read a stream.
#[utoipa::path(patch, path = "/api/v1/sources/{id}/streams/{stream}", tag = "sources", operation_id = "change_stream",
    params(("id" = i64, Path, description = "The source."), ("stream" = i64, Path, description = "The stream.")),
    request_body = StreamChange, responses((status = 200, body = List<StreamView>), Refusal))]
pub(super) async fn change_stream(
    State(sources): State<Sources>,
    SignedIn(caller): SignedIn,
    Named((id, stream)): Named<(i64, i64)>,
    Body(change): Body<StreamChange>,
) -> Result<Json<List<StreamView>>, Problem> {
    let (id, stream) = (SourceId(id), StreamId(stream));
    let items = write(&sources.api, caller, move |tx, reach, _now| {
        reach.managed(tx, id)?;
        if !tx.list_streams(id)?.iter().any(|one| one.id == stream) {
            return Err(Problem::not_found("stream", stream));
        }
        tx.enable_stream(stream, change.enabled)?;
        views(tx, reach, id)
    });
    Ok(Json(List::whole(items.await?)))
}
