//! `GET /api/v1/tasks/{id}/log`: the lines of a task.

use axum::Json;
use axum::extract::State;
use model::TaskId;
use store::LinesOf;

use super::may_know;
use crate::access::read;
use crate::caller::SignedIn;
use crate::extract::{List, Named, Params};
use crate::parts::Api;
use crate::problem::{Problem, Refusal};
use crate::view::line::{LineView, LinesAsked, may_read};

/// Lists the lines of a task's log.
///
/// For those who may see the content of its source and look after it; of a task without one, for administrators.
#[utoipa::path(get, path = "/api/v1/tasks/{id}/log", tag = "tasks", operation_id = "list_lines_of_task",
    params(("id" = i64, Path, description = "The task."), LinesAsked),
    responses((status = 200, body = List<LineView>), Refusal))]
pub(super) async fn list_lines_of_task(
    State(api): State<Api>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
    Params(asked): Params<LinesAsked>,
) -> Result<Json<List<LineView>>, Problem> {
    let page = read(&api, caller, move |tx, reach| {
        let row = tx.task(TaskId(id)).map_err(|_missing| Problem::not_found("task", id))?;
        let is_theirs = match row.source {
            Some(source) => may_read(tx, reach, source)?,
            None => true,
        };
        if !may_know(reach, &row) || !is_theirs {
            return Err(Problem::not_found("log of task", id));
        }
        asked.page(tx, LinesOf::Task(row.id))
    });
    page.await
}
