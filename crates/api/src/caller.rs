//! Who calls, and what they may ask for. Handlers name what they require by the type they take.

use axum::extract::FromRequestParts;
use axum::http::{Method, request};
use model::{Asker, KeyId, Role, Scope, SessionId, Timestamp, UserId};
use store::Tx;

use crate::problem::{Code, Problem};

/// Marks requests of the machine's operator. The binary puts it into the extensions of everything that comes in
/// through the local socket, which only the owner of the data folder can open.
#[derive(Debug, Clone, Copy)]
pub struct Operator;

/// The same interface for the local socket, where everybody is the operator.
pub fn for_operator(router: axum::Router) -> axum::Router {
    router.layer(axum::Extension(Operator))
}

/// Somebody who has an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// What they are called.
    pub name: String,
    /// Their address.
    pub email: String,
    /// What they may do.
    pub role: Role,
}

impl From<store::UserRow> for Person {
    fn from(row: store::UserRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            email: row.email,
            role: row.role,
        }
    }
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Nobody that we know.
    Anonymous,
    /// Somebody in a browser.
    User {
        /// Who.
        person: Person,
        /// Their session.
        session: SessionId,
        /// What their pages repeat in a header.
        csrf: String,
    },
    /// A program, on somebody's behalf.
    Key {
        /// Whose key it is.
        person: Person,
        /// The key.
        key: KeyId,
        /// What it may be used for.
        scopes: Vec<Scope>,
    },
    /// The operator, at the machine itself: manages everything.
    Operator,
}

impl Caller {
    /// Whose account it is; `None` for nobody and for the operator.
    pub fn person(&self) -> Option<&Person> {
        match self {
            Self::User { person, .. } | Self::Key { person, .. } => Some(person),
            Self::Anonymous | Self::Operator => None,
        }
    }

    /// The account's id.
    pub fn user(&self) -> Option<UserId> {
        self.person().map(|person| person.id)
    }

    /// Whether they may manage people, sources and queues.
    pub fn is_administrator(&self) -> bool {
        match self {
            Self::Operator => true,
            _ => self.person().is_some_and(|person| person.role == Role::Administrator),
        }
    }

    /// Refuses those whom we don't know and keys that lack the scope.
    fn require(&self, scope: Scope) -> Result<(), Problem> {
        match self {
            Self::Anonymous => Err(Problem::new(
                Code::NotSignedIn,
                "sign in, or send an API key as `Authorization: Bearer fsk_…`",
            )),
            Self::User { .. } | Self::Operator => Ok(()),
            Self::Key { scopes, .. } => {
                if is_within(scopes, scope) {
                    return Ok(());
                }
                Err(Problem::new(
                    Code::MissingScope,
                    format!("this API key lacks the scope `{scope}`; make one that has it"),
                ))
            }
        }
    }

    /// The same caller as they are at this moment, for what goes on after their request; `None` once their session or
    /// key has ended, or they may no longer sign in.
    pub(crate) fn anew(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<Option<Self>, store::Error> {
        let user = match self {
            Self::Anonymous => None,
            Self::Operator => return Ok(Some(Self::Operator)),
            Self::User { session, .. } => tx.find_user_of_session(*session, now)?,
            Self::Key { key, .. } => tx.find_user_of_api_key(*key, now)?,
        };
        let Some(user) = user else { return Ok(None) };
        let (now_is, mut caller) = (Person::from(tx.user(user)?), self.clone());
        if let Self::User { person, .. } | Self::Key { person, .. } = &mut caller {
            *person = now_is;
        }
        Ok(Some(caller))
    }

    /// Everything that the caller holds at this moment.
    pub(crate) fn asker(&self, tx: &mut Tx<'_>) -> Result<Asker, store::Error> {
        match self {
            Self::Anonymous => Ok(Asker::default()),
            Self::Operator => tx.asker_for_operator(),
            Self::User { person, .. } | Self::Key { person, .. } => tx.asker_for_user(person.id),
        }
    }
}

/// Whether a scope is one of these or below one of them: who may change may read, who may read may search.
pub(crate) fn is_within(scopes: &[Scope], scope: Scope) -> bool {
    match scope {
        Scope::Manage => scopes.contains(&Scope::Manage),
        Scope::Read => scopes.iter().any(|one| matches!(one, Scope::Read | Scope::Manage)),
        Scope::Search => !scopes.is_empty(),
    }
}

/// The caller as `identify` found them.
fn caller(parts: &request::Parts) -> Caller {
    parts.extensions.get::<Caller>().cloned().unwrap_or(Caller::Anonymous)
}

/// Reading needs the scope to read, everything else the one to change.
fn scope_of(method: &Method) -> Scope {
    if method.is_safe() { Scope::Read } else { Scope::Manage }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(caller(parts))
    }
}

/// Somebody with an account, or the operator; a key with the scope that the method needs.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn(pub(crate) Caller);

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Problem> {
        let caller = caller(parts);
        caller.require(scope_of(&parts.method))?;
        Ok(Self(caller))
    }
}

/// An administrator or the operator; a key with the scope that the method needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Administrator;

impl<S: Sync> FromRequestParts<S> for Administrator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Problem> {
        let caller = caller(parts);
        caller.require(scope_of(&parts.method))?;
        if !caller.is_administrator() {
            return Err(Problem::new(
                Code::NotAllowed,
                "this is for administrators; ask one of them",
            ));
        }
        Ok(Self)
    }
}

/// Somebody who searches; a key of any scope.
#[derive(Debug, Clone)]
pub(crate) struct Searcher(pub(crate) Caller);

impl<S: Sync> FromRequestParts<S> for Searcher {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Problem> {
        let caller = caller(parts);
        caller.require(Scope::Search)?;
        Ok(Self(caller))
    }
}
