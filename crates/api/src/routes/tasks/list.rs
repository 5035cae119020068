//! `GET /api/v1/tasks` and `GET /api/v1/tasks/{id}`.

use axum::Json;
use axum::extract::State;
use model::{SourceId, TaskId, TaskState};
use serde::Deserialize;
use store::TaskFilter;

use super::{may_know, view};
use crate::access::read;
use crate::caller::SignedIn;
use crate::extract::{List, Named, Params};
use crate::parts::Api;
use crate::problem::{Problem, Refusal};
use crate::view::task::TaskView;

/// How many rows are read at a time, and how often, while looking for those that the caller may know of.
const CHUNK: u32 = 200;
const CHUNKS_MAX: usize = 25;

/// Which tasks to list.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TasksAsked {
    /// Of this state.
    #[param(schema_with = crate::schema::task_state)]
    state: Option<TaskState>,
    /// Of this queue.
    queue: Option<String>,
    /// Of this kind.
    kind: Option<String>,
    /// For this source.
    source: Option<i64>,
    /// How many, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<i64>,
}

/// Lists tasks, newest first.
#[utoipa::path(get, path = "/api/v1/tasks", tag = "tasks", operation_id = "list_tasks", params(TasksAsked),
    responses((status = 200, body = List<TaskView>), Refusal))]
pub(super) async fn list_tasks(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    Params(asked): Params<TasksAsked>,
) -> Result<Json<List<TaskView>>, Problem> {
    let limit = asked.limit.unwrap_or(50).clamp(1, 200) as usize;
    let page = read(&api, caller, move |tx, reach| {
        let mut filter = TaskFilter {
            state: asked.state,
            queue: asked.queue.clone(),
            kind: asked.kind.clone(),
            source: asked.source.map(SourceId),
            before: asked.after.map(TaskId),
        };
        let mut items = Vec::new();
        for _ in 0..CHUNKS_MAX {
            let rows = tx.list_tasks(&filter, CHUNK)?;
            let is_last = rows.len() < CHUNK as usize;
            for row in rows {
                filter.before = Some(row.id);
                if may_know(reach, &row) {
                    items.push(view(tx, reach, row)?);
                }
                if items.len() >= limit {
                    return Ok(List {
                        next: filter.before.map(|id| id.to_string()),
                        items,
                    });
                }
            }
            if is_last {
                return Ok(List::whole(items));
            }
        }
        // Much that the caller may not know of lies in between: the next page goes on from here.
        Ok(List {
            next: filter.before.map(|id| id.to_string()),
            items,
        })
    });
    Ok(Json(page.await?))
}

/// Shows one task.
#[utoipa::path(get, path = "/api/v1/tasks/{id}", tag = "tasks", operation_id = "show_task",
    params(("id" = i64, Path, description = "The task.")),
    responses((status = 200, body = TaskView), Refusal))]
pub(super) async fn show_task(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
) -> Result<Json<TaskView>, Problem> {
    let task = read(&api, caller, move |tx, reach| {
        let row = tx.task(TaskId(id)).map_err(|_missing| Problem::not_found("task", id))?;
        if !may_know(reach, &row) {
            return Err(Problem::not_found("task", id));
        }
        Ok(view(tx, reach, row)?)
    });
    Ok(Json(task.await?))
}
