//! `/api/v1/groups`: sets of users and of other groups.

mod change;
mod list;
mod members;

use serde::Serialize;
use store::{GroupRow, MemberRow};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::parts::Api;

/// The endpoints about groups.
pub(crate) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list::list_groups, change::add_group))
        .routes(routes!(list::show_group, change::rename_group, change::delete_group))
        .routes(routes!(members::add_member, members::remove_member))
}

/// A group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Group)]
pub(crate) struct GroupView {
    /// Its id.
    id: i64,
    /// What it is called.
    name: String,
    /// Who belongs to it directly. Empty for those who are no administrators.
    members: Vec<MemberView>,
}

/// A member of a group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberView {
    /// `user` or `group`.
    kind: &'static str,
    /// The id of the user or group.
    id: i64,
    /// What they are called.
    name: String,
}

impl GroupView {
    fn new(row: GroupRow, members: Vec<MemberRow>) -> Self {
        let members = members.into_iter().map(|one| MemberView {
            kind: one.member.kind(),
            id: one.member.id(),
            name: one.name,
        });
        Self {
            id: row.id.0,
            name: row.name,
            members: members.collect(),
        }
    }
}
