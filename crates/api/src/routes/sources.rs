//! `/api/v1/sources`: configured instances of connectors.

mod list;

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

/// The endpoints about sources.
pub(crate) fn router() -> OpenApiRouter<Sources> {
    OpenApiRouter::new()
        .routes(routes!(list::list_sources))
        .routes(routes!(list::show_source))
}
