//! Syncs: starting, listing, cancelling, confirming; pausing and resuming a source.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::{SourceId, SyncId, SyncMode};
use serde::{Deserialize, Serialize};
use store::{SourceRow, SyncRow, Tx};
use utoipa::ToSchema;

use super::Sources;
use crate::access::{Reach, read, write};
use crate::caller::{Caller, SignedIn};
use crate::extract::{Body, List, Named, Paging, Params};
use crate::problem::{Code, Problem, Refusal};
use crate::view::source::SourceView;
use crate::view::sync::SyncView;

/// How many slices and tasks of a cancelled sync end in one transaction.
const CHUNK: u32 = 500;

/// What to read.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SyncAsked {
    /// Everything, or what changed; what changed when left out.
    #[schema(schema_with = crate::schema::sync_mode)]
    mode: Option<SyncMode>,
}

/// A sync that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SyncStarted {
    sync: SyncView,
    /// Whether it began with this call; one that had not ended is answered as it is.
    started: bool,
    /// Whether a full sync follows it: one was asked for, and the one that had not ended reads only what changed.
    followed: bool,
}

/// Starts a sync now. One that has not ended is answered, not doubled; a full one follows it where it is not full itself.
#[utoipa::path(post, path = "/api/v1/sources/{id}/sync", tag = "sources", operation_id = "start_sync",
    params(("id" = i64, Path, description = "The source.")),
    request_body = SyncAsked, responses((status = 202, body = SyncStarted), Refusal))]
pub(super) async fn start_sync(
    State(sources): State<Sources>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
    Body(asked): Body<SyncAsked>,
) -> Result<(StatusCode, Json<SyncStarted>), Problem> {
    let mode = asked.mode.unwrap_or(SyncMode::Incremental);
    let started = write(&sources.api, caller, move |tx, reach, now| {
        let source = reach.managed(tx, SourceId(id))?;
        if source.is_paused {
            return Err(Problem::new(Code::Conflict, "the source is paused: resume it first"));
        }
        let (sync, started) = tx.start_sync(source.id, mode, now)?;
        if started {
            // Somebody acted on what needed them; if it still does, the sync will say so again.
            tx.attend_source(source.id, None)?;
        }
        let row = tx.sync(sync)?;
        let followed = mode == SyncMode::Full && row.mode != SyncMode::Full;
        if followed {
            tx.queue_full_sync(source.id, now)?;
        }
        let sync = SyncView::new(&row, reach.holds(source.id), now);
        Ok(SyncStarted {
            sync,
            started,
            followed,
        })
    });
    Ok((StatusCode::ACCEPTED, Json(started.await?)))
}

/// Lists a source's syncs, newest first.
#[utoipa::path(get, path = "/api/v1/sources/{id}/syncs", tag = "sources", operation_id = "list_syncs",
    params(("id" = i64, Path, description = "The source."), Paging),
    responses((status = 200, body = List<SyncView>), Refusal))]
pub(super) async fn list_syncs(
    State(sources): State<Sources>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
    Params(paging): Params<Paging>,
) -> Result<Json<List<SyncView>>, Problem> {
    let (now, limit) = (sources.api.clock.now(), paging.limit());
    let views = read(&sources.api, caller, move |tx, reach| {
        let source = reach.known(tx, SourceId(id))?;
        let rows = tx.list_syncs(source.id, paging.after.map(SyncId), limit)?;
        let with_message = reach.holds(source.id);
        Ok(rows.iter().map(|row| SyncView::new(row, with_message, now)).collect())
    });
    Ok(Json(List::page(views.await?, limit, |view: &SyncView| view.id)))
}

/// A sync of a source that the caller manages.
fn managed(tx: &mut Tx<'_>, reach: &Reach, id: i64) -> Result<(SyncRow, SourceRow), Problem> {
    let sync = tx.sync(SyncId(id)).map_err(|_missing| Problem::not_found("sync", id))?;
    let source = reach
        .known(tx, sync.source)
        .map_err(|_hidden| Problem::not_found("sync", id))?;
    let source = reach.managed(tx, source.id)?;
    Ok((sync, source))
}

/// Ends a sync. What has landed stays.
#[utoipa::path(post, path = "/api/v1/syncs/{id}/cancel", tag = "sources", operation_id = "cancel_sync",
    params(("id" = i64, Path, description = "The sync.")),
    responses((status = 200, body = SyncView), Refusal))]
pub(super) async fn cancel_sync(
    State(sources): State<Sources>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
) -> Result<Json<SyncView>, Problem> {
    let view = write(&sources.api, caller.clone(), move |tx, reach, now| {
        let (sync, source) = managed(tx, reach, id)?;
        tx.cancel_sync(sync.id, now)?;
        Ok(SyncView::new(&tx.sync(sync.id)?, reach.holds(source.id), now))
    });
    let view = view.await?;
    // It has ended; what is left only waits to find that out by itself.
    let clear = || {
        write(&sources.api, caller.clone(), move |tx, _, now| {
            Ok(tx.clear_cancelled_sync(SyncId(id), CHUNK, now)?)
        })
    };
    while clear().await? > 0 {}
    Ok(Json(view))
}

/// Lets a sweep delete more than half of a stream.
#[utoipa::path(post, path = "/api/v1/syncs/{id}/confirm-sweep", tag = "sources", operation_id = "confirm_sweep",
    params(("id" = i64, Path, description = "The sync.")),
    responses((status = 200, body = SyncView), Refusal))]
pub(super) async fn confirm_sweep(
    State(sources): State<Sources>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
) -> Result<Json<SyncView>, Problem> {
    let view = write(&sources.api, caller, move |tx, reach, now| {
        let (sync, source) = managed(tx, reach, id)?;
        tx.confirm_sweep(sync.id, now)?;
        tx.attend_source(source.id, None)?;
        Ok(SyncView::new(&tx.sync(sync.id)?, reach.holds(source.id), now))
    });
    Ok(Json(view.await?))
}

/// Pauses a source: nothing more is read until somebody resumes it.
#[utoipa::path(post, path = "/api/v1/sources/{id}/pause", tag = "sources", operation_id = "pause_source",
    params(("id" = i64, Path, description = "The source.")),
    responses((status = 200, body = SourceView), Refusal))]
pub(super) async fn pause_source(
    State(sources): State<Sources>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
) -> Result<Json<SourceView>, Problem> {
    set_paused(&sources, caller, SourceId(id), true).await
}

/// Lets a paused source go on.
#[utoipa::path(post, path = "/api/v1/sources/{id}/resume", tag = "sources", operation_id = "resume_source",
    params(("id" = i64, Path, description = "The source.")),
    responses((status = 200, body = SourceView), Refusal))]
pub(super) async fn resume_source(
    State(sources): State<Sources>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
) -> Result<Json<SourceView>, Problem> {
    set_paused(&sources, caller, SourceId(id), false).await
}

async fn set_paused(
    sources: &Sources,
    caller: Caller,
    id: SourceId,
    is_paused: bool,
) -> Result<Json<SourceView>, Problem> {
    let view = write(&sources.api, caller, move |tx, reach, now| {
        reach.managed(tx, id)?;
        tx.pause_source(id, is_paused)?;
        let row = tx.source(id)?;
        SourceView::new(tx, reach, &row, now)
    });
    Ok(Json(view.await?))
}
