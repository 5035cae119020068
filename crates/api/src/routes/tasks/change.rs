//! `POST /api/v1/tasks/{id}/retry` and `…/cancel`.

use axum::Json;
use axum::extract::State;
use model::TaskId;
use store::Tx;

use super::{may_know, view};
use crate::access::{Reach, write};
use crate::caller::SignedIn;
use crate::extract::Named;
use crate::parts::Api;
use crate::problem::{Code, Problem, Refusal};
use crate::view::task::TaskView;

/// A task that the caller may retry and cancel.
fn managed(tx: &mut Tx<'_>, reach: &Reach, id: i64) -> Result<TaskId, Problem> {
    let row = tx.task(TaskId(id)).map_err(|_missing| Problem::not_found("task", id))?;
    if !may_know(reach, &row) {
        return Err(Problem::not_found("task", id));
    }
    if !reach.caller.is_administrator() {
        let source = row.source.ok_or_else(|| Problem::not_found("task", id))?;
        reach.managed(tx, source)?;
    }
    Ok(row.id)
}

/// Refuses a task of a deleted source, whose rows it would look for in vain. What removes them is not one of its tasks.
fn check_source_stands(tx: &mut Tx<'_>, task: TaskId) -> Result<(), Problem> {
    let Some(source) = tx.task(task)?.source else {
        return Ok(());
    };
    if tx.find_source(source)?.is_some_and(|row| row.deleted_at.is_none()) {
        return Ok(());
    }
    let why = format!("task `{task}` has nothing left to do: its source was deleted");
    Err(Problem::new(Code::Conflict, why))
}

/// Lets a task run at once: one that waits for its next attempt, or one that ended.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/retry", tag = "tasks", operation_id = "retry_task",
    params(("id" = i64, Path, description = "The task.")),
    responses((status = 200, body = TaskView), Refusal))]
pub(super) async fn retry_task(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
) -> Result<Json<TaskView>, Problem> {
    let task = write(&api, caller, move |tx, reach, now| {
        let task = managed(tx, reach, id)?;
        check_source_stands(tx, task)?;
        tx.retry_task(task, now)?;
        let row = tx.task(task)?;
        Ok(view(tx, reach, row)?)
    });
    Ok(Json(task.await?))
}

/// Cancels a task; one that runs is asked to stop.
#[utoipa::path(post, path = "/api/v1/tasks/{id}/cancel", tag = "tasks", operation_id = "cancel_task",
    params(("id" = i64, Path, description = "The task.")),
    responses((status = 200, body = TaskView), Refusal))]
pub(super) async fn cancel_task(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
) -> Result<Json<TaskView>, Problem> {
    let task = write(&api, caller, move |tx, reach, now| {
        let task = managed(tx, reach, id)?;
        if tx.task(task)?.state.is_final() {
            return Err(Problem::new(Code::Conflict, format!("task `{id}` has ended already")));
        }
        tx.cancel_task(task, now)?;
        let row = tx.task(task)?;
        Ok(view(tx, reach, row)?)
    });
    Ok(Json(task.await?))
}
