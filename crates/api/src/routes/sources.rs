//! `/api/v1/sources`: configured instances of connectors.

mod add;
mod change;
mod connectors;
mod draft;
mod dry_run;
mod failures;
mod list;
mod log;
mod replay;
mod sample;
mod streams;
mod sync;

use connector::registry::Environment;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::parts::Api;

/// What the endpoints about sources need.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    pub(crate) api: Api,
    pub(crate) environment: Environment,
}

/// The endpoints about sources and their syncs.
pub(crate) fn router() -> OpenApiRouter<Sources> {
    OpenApiRouter::new()
        .routes(routes!(connectors::list_connectors))
        .routes(routes!(list::list_sources, add::add_source))
        .routes(routes!(dry_run::check_source))
        .routes(routes!(dry_run::discover_source))
        .routes(routes!(dry_run::estimate_source))
        .routes(routes!(list::show_source, change::change_source, change::delete_source))
        .routes(routes!(sync::start_sync))
        .routes(routes!(sync::pause_source))
        .routes(routes!(sync::resume_source))
        .routes(routes!(sync::list_syncs))
        .routes(routes!(sync::cancel_sync))
        .routes(routes!(sync::confirm_sweep))
        .routes(routes!(replay::replay_source))
        .routes(routes!(streams::list_streams))
        .routes(routes!(streams::change_stream))
        .routes(routes!(log::list_lines_of_source))
        .routes(routes!(failures::list_failures))
        .routes(routes!(failures::retry_failures))
}
