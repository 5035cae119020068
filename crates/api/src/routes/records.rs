//! `/api/v1/records/{id}`: what was found. Each endpoint asks [`crate::access::Reach::record`] first.

mod access;
mod file;
mod marks;
mod preview;
mod show;

use std::sync::Arc;

use connector::registry::Environment;
use index::Index;
use tokio::sync::Semaphore;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::parts::Api;

/// What the endpoints about records need.
#[derive(Debug, Clone)]
pub(crate) struct Records {
    pub(crate) api: Api,
    pub(crate) index: Index,
    pub(crate) environment: Environment,
    /// How many look into the index at a time; shared with the searches.
    pub(crate) slots: Arc<Semaphore>,
}

/// The endpoints about records.
pub(crate) fn router() -> OpenApiRouter<Records> {
    OpenApiRouter::new()
        .routes(routes!(show::show_record))
        .routes(routes!(preview::preview_record))
        .routes(routes!(access::explain_access))
        .routes(routes!(file::download_record))
}
