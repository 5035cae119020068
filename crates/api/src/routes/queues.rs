//! `/api/v1/queues`: what waits and runs. For administrators; the counts say nothing of anybody's content.

mod change;
mod list;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::parts::Api;

pub(crate) use list::{QueueView, views};

/// What the endpoints about queues need.
#[derive(Debug, Clone)]
pub(crate) struct Queues {
    pub(crate) api: Api,
    /// How many tasks of each queue run at most in this process.
    pub(crate) limits: Vec<(String, u32)>,
}

/// The endpoints about queues.
pub(crate) fn router() -> OpenApiRouter<Queues> {
    OpenApiRouter::new()
        .routes(routes!(list::list_queues))
        .routes(routes!(change::pause_queue))
        .routes(routes!(change::resume_queue))
}
