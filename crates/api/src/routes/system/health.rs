//! `GET /healthz`: the process answers. `GET /readyz`: it can do its work.

use axum::extract::State;

use super::System;
use crate::problem::{Problem, Refusal};

/// A disk with fewer bytes free is full.
const FREE_BYTES_MIN: u64 = 1 << 20;

/// Answers as long as the process does.
#[utoipa::path(get, path = "/healthz", tag = "system", operation_id = "healthz", security(()),
    responses((status = 200, body = String, description = "`ok`", content_type = "text/plain"), Refusal))]
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Answers once the database and the search index do.
#[utoipa::path(get, path = "/readyz", tag = "system", operation_id = "readyz", security(()),
    responses((status = 200, body = String, description = "`ready`", content_type = "text/plain"), Refusal))]
pub(super) async fn readyz(State(system): State<System>) -> Result<&'static str, Problem> {
    system.api.store.read(|tx| tx.find_organization().map(drop)).await?;
    let (index, store) = (system.index.clone(), system.api.store.clone());
    let looked = tokio::task::spawn_blocking(move || -> Result<u64, Problem> {
        index.stats()?;
        Ok(store.staging().free_bytes()?)
    });
    let free = looked.await.map_err(Problem::bug)??;
    // Searches are answered, but nothing new can be kept.
    if free < FREE_BYTES_MIN || system.api.store.signals().is_full() {
        return Err(store::Error::DiskFull.into());
    }
    Ok("ready\n")
}
