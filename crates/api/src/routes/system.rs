//! The state of the server: health, readiness, status, figures, and what the operator does with the whole of it.

mod figures;
mod health;
mod reindex;
mod status;

use index::Index;
use metrics_exporter_prometheus::PrometheusHandle;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::parts::Api;

/// What the endpoints about the server need.
#[derive(Clone)]
pub(crate) struct System {
    pub(crate) api: Api,
    pub(crate) index: Index,
    pub(crate) limits: Vec<(String, u32)>,
    pub(crate) metrics: Option<PrometheusHandle>,
}

/// What anybody may ask, without signing in.
pub(crate) fn open_router() -> OpenApiRouter<System> {
    OpenApiRouter::new()
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
}

/// What is asked with an identity.
pub(crate) fn router() -> OpenApiRouter<System> {
    OpenApiRouter::new()
        .routes(routes!(figures::metrics))
        .routes(routes!(status::show_status))
        .routes(routes!(reindex::reindex))
}
