//! `GET /api/v1/status`: the server at a glance.

use axum::Json;
use axum::extract::State;
use index::{Payload, Stats};
use model::Position;
use model::task::INDEX;
use serde::Serialize;
use store::{Tx, WorkerRow};
use utoipa::ToSchema;

use super::System;
use crate::caller::Administrator;
use crate::problem::{Problem, Refusal};
use crate::routes::queues::{QueueView, views};

/// The server at a glance.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Status {
    /// Its version.
    version: String,
    /// `sqlite` or `postgres`.
    store: &'static str,
    /// The search index.
    index: IndexStatus,
    /// What waits and runs.
    queues: Vec<QueueView>,
    /// Who runs it: this process and every other one on the same database, by name.
    workers: Vec<WorkerView>,
    /// What the search index takes on disk, in bytes.
    data_bytes: u64,
    /// When the process started, in UTC milliseconds.
    started_at: i64,
}

/// The search index.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(super) struct IndexStatus {
    /// Documents that it holds.
    pub(super) documents: u64,
    /// The position of the change log that it has reached.
    position: i64,
    /// Changes that it has not seen yet; while it is built anew, all there are.
    pub(super) behind: u64,
}

/// A process that runs tasks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Worker)]
pub(super) struct WorkerView {
    /// What it calls itself.
    name: String,
    /// The queues that it claims from.
    queues: Vec<String>,
    /// How many tasks it runs.
    running: i64,
    /// When it started, in UTC milliseconds.
    started_at: i64,
    /// When it was last heard of; a minute ago or more, and it is gone.
    seen_at: i64,
}

impl From<WorkerRow> for WorkerView {
    fn from(row: WorkerRow) -> Self {
        Self {
            name: row.name,
            queues: row.queues.split(',').map(str::to_owned).collect(),
            running: row.running,
            started_at: row.started_at.0,
            seen_at: row.seen_at.0,
        }
    }
}

/// How far the index is behind the store.
pub(super) fn index_status(
    tx: &mut Tx<'_>,
    payload: Option<&Payload>,
    stats: Stats,
) -> Result<IndexStatus, store::Error> {
    let last = tx.last_change()?.position;
    let asked = tx.rebuilds_asked(INDEX)?;
    let (position, behind) = match payload {
        Some(payload) if payload.rebuild != asked || payload.built_through.is_some() => {
            (payload.position, stats.documents.max(1))
        }
        Some(payload) => (payload.position, tx.count_behind(Position(payload.position))?),
        None => (0, u64::try_from(last.0).unwrap_or(0)),
    };
    Ok(IndexStatus {
        documents: stats.documents,
        position,
        behind,
    })
}

/// Shows the server at a glance.
#[utoipa::path(get, path = "/api/v1/status", tag = "system", operation_id = "show_status",
    responses((status = 200, body = Status), Refusal))]
pub(super) async fn show_status(State(system): State<System>, _: Administrator) -> Result<Json<Status>, Problem> {
    let index = system.index.clone();
    let looked = tokio::task::spawn_blocking(move || Ok::<_, index::Error>((index.payload()?, index.stats()?)));
    let (payload, stats) = looked.await.map_err(Problem::bug)??;
    let (limits, now) = (system.limits.clone(), system.api.clock.now());
    let store = &system.api.store;
    let read = store.read::<_, store::Error, _>(move |tx| {
        let index = index_status(tx, payload.as_ref(), stats)?;
        Ok((index, views(tx, &limits, now)?, tx.list_workers()?))
    });
    let (index, queues, workers) = read.await?;
    Ok(Json(Status {
        version: system.api.settings.version.clone(),
        store: if store.is_shared() { "postgres" } else { "sqlite" },
        index,
        queues,
        workers: workers.into_iter().map(WorkerView::from).collect(),
        data_bytes: stats.bytes,
        started_at: system.api.settings.started_at.0,
    }))
}
