//! `/api/v1/session`: signing in and out, and who is signed in.

mod end;
mod show;
mod start;

use serde::Serialize;
use store::Tx;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::{Caller, Person};
use crate::parts::Api;

/// The endpoints about sessions.
pub(crate) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(show::show_session, start::start_session, end::end_session))
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Session {
    /// Whether somebody is.
    signed_in: bool,
    /// What state-changing calls by cookie send as `x-fossick-csrf`; empty while nobody is signed in.
    csrf: String,
    /// Who.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<SessionUser>,
    /// Whether there is no administrator yet: the set-up link makes the first.
    setup_needed: bool,
    /// The server's version.
    version: String,
}

/// Somebody who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionUser {
    /// Their id.
    id: i64,
    /// What they are called.
    name: String,
    /// Their address.
    email: String,
    /// What they may do.
    #[schema(schema_with = crate::schema::role)]
    role: model::Role,
}

impl Session {
    /// The session of somebody who has just signed in.
    pub(crate) fn begun(person: Person, csrf: &str, version: &str) -> Self {
        Self {
            signed_in: true,
            csrf: csrf.to_owned(),
            user: Some(person.into()),
            setup_needed: false,
            version: version.to_owned(),
        }
    }

    /// The caller's session.
    pub(crate) fn of(caller: &Caller, tx: &mut Tx<'_>, version: &str) -> Result<Self, store::Error> {
        let csrf = match caller {
            Caller::User { csrf, .. } => csrf.clone(),
            _ => String::new(),
        };
        Ok(Self {
            signed_in: caller.person().is_some(),
            csrf,
            user: caller.person().cloned().map(Into::into),
            setup_needed: tx.count_administrators()? == 0,
            version: version.to_owned(),
        })
    }
}

impl From<Person> for SessionUser {
    fn from(person: Person) -> Self {
        Self {
            id: person.id.0,
            name: person.name,
            email: person.email,
            role: person.role,
        }
    }
}
