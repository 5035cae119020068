//! `/api/v1/keys`: what programs sign in with, on somebody's behalf.

mod change;
mod list;

use serde::Serialize;
use store::{ApiKeyRow, Tx};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::parts::Api;

/// The endpoints about keys.
pub(crate) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list::list_keys, change::add_key))
        .routes(routes!(change::delete_key))
}

/// An API key, without the key itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Key)]
pub(crate) struct KeyView {
    /// Its id.
    id: i64,
    /// What it is called.
    name: String,
    /// What it may be used for.
    scopes: Vec<ScopeWord>,
    /// When it ends, in UTC milliseconds; null for never.
    expires_at: Option<i64>,
    /// When it was last used, to the minute.
    last_used_at: Option<i64>,
    /// When it was made.
    created_at: i64,
    /// Whose it is.
    user: KeyOwner,
}

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Scope)]
pub(crate) enum ScopeWord {
    /// Searching.
    Search,
    /// Searching and reading.
    Read,
    /// Everything that the person may do.
    Manage,
}

/// Whose a key is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyOwner {
    id: i64,
    name: String,
}

impl From<model::Scope> for ScopeWord {
    fn from(scope: model::Scope) -> Self {
        match scope {
            model::Scope::Search => Self::Search,
            model::Scope::Read => Self::Read,
            model::Scope::Manage => Self::Manage,
        }
    }
}

impl From<ScopeWord> for model::Scope {
    fn from(word: ScopeWord) -> Self {
        match word {
            ScopeWord::Search => Self::Search,
            ScopeWord::Read => Self::Read,
            ScopeWord::Manage => Self::Manage,
        }
    }
}

impl KeyView {
    fn new(tx: &mut Tx<'_>, row: ApiKeyRow) -> Result<Self, store::Error> {
        let user = tx.user(row.user)?;
        Ok(Self {
            id: row.id.0,
            name: row.name,
            scopes: row.scopes.into_iter().map(Into::into).collect(),
            expires_at: row.expires_at.map(|at| at.0),
            last_used_at: row.last_used_at.map(|at| at.0),
            created_at: row.created_at.0,
            user: KeyOwner {
                id: user.id.0,
                name: if user.name.is_empty() { user.email } else { user.name },
            },
        })
    }
}
