//! `POST /api/v1/reindex` has the index built anew beside the live one.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::task::INDEX;
use serde::Serialize;
use utoipa::ToSchema;

use super::System;
use crate::caller::Administrator;
use crate::problem::{Problem, Refusal};

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
    let now = system.api.clock.now();
    system.api.store.write(move |tx| tx.ask_rebuild(INDEX, now)).await?;
    let index = system.index.clone();
    let stats = tokio::task::spawn_blocking(move || index.stats());
    let answer = Reindexing {
        documents: stats.await.map_err(Problem::bug)??.documents,
    };
    Ok((StatusCode::ACCEPTED, Json(answer)))
}
