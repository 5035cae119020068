//! `POST /api/v1/reindex` has the index built anew beside the live one.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use index::{Payload, SCHEMA_VERSION};
use serde::Serialize;
use utoipa::ToSchema;

use super::System;
use crate::caller::Administrator;
use crate::problem::{Problem, Refusal};

/// Stands in the index's payload in the place of the mapping's version: whoever uploads next sees that it is not
/// theirs, and rebuilds. Searches go on with what is there until the new index is swapped in.
pub(super) const ASKED_FOR: &str = "rebuild asked for";

/// What is built.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Reindexing {
    /// Documents of the index as it is now.
    documents: u64,
}

/// Has the search index built anew from the store; searches go on meanwhile.
#[utoipa::path(post, path = "/api/v1/reindex", tag = "system", operation_id = "reindex",
    responses((status = 202, body = Reindexing), Refusal))]
pub(super) async fn reindex(
    State(system): State<System>,
    _: Administrator,
) -> Result<(StatusCode, Json<Reindexing>), Problem> {
    let index = system.index.clone();
    let marked = tokio::task::spawn_blocking(move || {
        let position = index.payload()?.map_or(0, |payload| payload.position);
        index.commit(&Payload {
            position,
            change_token: 0,
            schema_version: SCHEMA_VERSION,
            mapping_version: ASKED_FOR.to_owned(),
        })?;
        index.stats()
    });
    let stats = marked.await.map_err(Problem::bug)??;
    let now = system.api.clock.now();
    system.api.store.write(move |tx| tx.enqueue_uploads(now)).await?;
    let answer = Reindexing {
        documents: stats.documents,
    };
    Ok((StatusCode::ACCEPTED, Json(answer)))
}
