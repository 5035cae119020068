//! `/api/v1/users`: people who can sign in. For administrators.

mod add;
pub(crate) mod change;
mod link;
mod list;

use serde::Serialize;
use store::UserRow;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::parts::Api;

/// The endpoints about users.
pub(crate) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list::list_users, add::add_user))
        .routes(routes!(list::show_user, change::change_user, change::delete_user))
        .routes(routes!(link::make_reset_link))
}

/// Somebody who has an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserView {
    /// Their id.
    id: i64,
    /// What they are called; empty until they say.
    name: String,
    /// Their address.
    email: String,
    /// What they may do.
    #[schema(schema_with = crate::schema::role)]
    role: model::Role,
    /// Whether they can sign in.
    #[schema(schema_with = crate::schema::user_state)]
    state: model::UserState,
    /// When they were made known, in UTC milliseconds.
    created_at: i64,
    /// When they were last seen.
    last_seen_at: Option<i64>,
}

impl From<UserRow> for UserView {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id.0,
            name: row.name,
            email: row.email,
            role: row.role,
            state: row.state,
            created_at: row.created_at.0,
            last_seen_at: row.last_seen_at.map(|at| at.0),
        }
    }
}
