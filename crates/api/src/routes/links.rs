//! `/api/v1/links/{token}`: one-time links for setting up, accepting an invitation and choosing a new password.

mod show;
mod spend;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::parts::Api;
use crate::problem::{Code, Problem};

/// The endpoints about links.
pub(crate) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(show::show_link, spend::use_link))
}

/// Used, ended, replaced or never there: all look the same.
fn expired() -> Problem {
    Problem::new(
        Code::LinkExpired,
        "links work once and for a limited time; ask an administrator for a new one, or make one at the machine with `fossick user reset-link`",
    )
}
