//! `POST /api/v1/sources/{id}/replay` runs part of the road again, without asking the provider.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::SourceId;
use model::task::Replay;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Sources;
use crate::access::write;
use crate::caller::SignedIn;
use crate::extract::{Body, Named};
use crate::problem::{Problem, Refusal};

/// What to run again.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplayAsked {
    what: ReplayPart,
}

/// Part of the road.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ReplayPart {
    /// Every staged page is parsed again.
    Parse,
    /// Pages that could not be parsed are parsed again.
    Quarantined,
    /// Every record is uploaded again.
    Upload,
}

/// What is run again.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReplayStarted {
    /// How many pages are parsed again; for an upload, how many records are uploaded again.
    pages: u64,
}

/// Parses staged pages or uploads records again.
#[utoipa::path(post, path = "/api/v1/sources/{id}/replay", tag = "sources", operation_id = "replay_source",
    params(("id" = i64, Path, description = "The source.")),
    request_body = ReplayAsked, responses((status = 202, body = ReplayStarted), Refusal))]
pub(super) async fn replay_source(
    State(sources): State<Sources>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
    Body(asked): Body<ReplayAsked>,
) -> Result<(StatusCode, Json<ReplayStarted>), Problem> {
    let started = write(&sources.api, caller, move |tx, reach, now| {
        let source = reach.managed(tx, SourceId(id))?.id;
        let (what, pages) = match asked.what {
            ReplayPart::Parse => (Replay::Parse, tx.count_pages_for_replay(source, false)?),
            ReplayPart::Quarantined => (Replay::Quarantined, tx.count_pages_for_replay(source, true)?),
            ReplayPart::Upload => (Replay::Upload, tx.count_records(source)?.values().sum()),
        };
        tx.enqueue_replay(source, what, now)?;
        Ok(ReplayStarted { pages })
    });
    Ok((StatusCode::ACCEPTED, Json(started.await?)))
}
