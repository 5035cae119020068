//! The state of the server: health, readiness, status, figures.

mod health;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::parts::Api;

/// What anybody may ask, without signing in.
pub(crate) fn open_router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
}
