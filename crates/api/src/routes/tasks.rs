//! `/api/v1/tasks`: background work. Administrators see all of it, others what works for sources that they hold.

mod change;
mod list;
mod log;

use store::{TaskRow, Tx};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::Reach;
use crate::parts::Api;
use crate::view::task::TaskView;

/// The endpoints about tasks.
pub(crate) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list::list_tasks))
        .routes(routes!(list::show_task))
        .routes(routes!(log::list_lines_of_task))
        .routes(routes!(change::retry_task))
        .routes(routes!(change::cancel_task))
}

/// Whether the caller may know of a task.
pub(crate) fn may_know(reach: &Reach, row: &TaskRow) -> bool {
    reach.caller.is_administrator() || row.source.is_some_and(|source| reach.holds(source))
}

/// The view with what the caller may know of it: words of failures are content of the source.
pub(crate) fn view(tx: &mut Tx<'_>, reach: &Reach, row: TaskRow) -> Result<TaskView, store::Error> {
    let with_words = match row.source {
        None => true,
        // What is deleted is gone for everyone.
        Some(source) => reach.holds(source) && tx.find_source(source)?.is_some_and(|source| reach.may_manage(&source)),
    };
    Ok(TaskView::new(row, with_words))
}
