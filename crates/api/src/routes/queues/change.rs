//! `POST /api/v1/queues/{name}/pause` and `…/resume`.

use axum::Json;
use axum::extract::State;

use super::Queues;
use super::list::{QueueView, views};
use crate::caller::Administrator;
use crate::extract::Named;
use crate::problem::{Problem, Refusal};

/// Pauses a queue: nothing more is begun from it, what runs goes on.
#[utoipa::path(post, path = "/api/v1/queues/{name}/pause", tag = "tasks", operation_id = "pause_queue",
    params(("name" = String, Path, description = "The queue.")),
    responses((status = 200, body = QueueView), Refusal))]
pub(super) async fn pause_queue(
    State(queues): State<Queues>,
    _: Administrator,
    Named(name): Named<String>,
) -> Result<Json<QueueView>, Problem> {
    set_paused(&queues, name, true).await
}

/// Lets a paused queue go on.
#[utoipa::path(post, path = "/api/v1/queues/{name}/resume", tag = "tasks", operation_id = "resume_queue",
    params(("name" = String, Path, description = "The queue.")),
    responses((status = 200, body = QueueView), Refusal))]
pub(super) async fn resume_queue(
    State(queues): State<Queues>,
    _: Administrator,
    Named(name): Named<String>,
) -> Result<Json<QueueView>, Problem> {
    set_paused(&queues, name, false).await
}

async fn set_paused(queues: &Queues, name: String, is_paused: bool) -> Result<Json<QueueView>, Problem> {
    let (limits, now) = (queues.limits.clone(), queues.api.clock.now());
    let view = queues.api.store.write::<_, Problem, _>(move |tx| {
        let find = |tx: &mut store::Tx<'_>| -> Result<QueueView, Problem> {
            let found = views(tx, &limits, now)?.into_iter().find(|view| view.name == name);
            found.ok_or_else(|| Problem::not_found("queue", &name))
        };
        find(tx)?;
        if is_paused {
            tx.pause_queue(&name, now)?;
        } else {
            tx.resume_queue(&name)?;
        }
        find(tx)
    });
    Ok(Json(view.await?))
}
