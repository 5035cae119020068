//! People and what lets them in: organizations, users, groups, one-time links, sessions, keys, the sign-in throttle.
//!
//! Tokens are drawn outside of transactions ([`Token::fresh`]); the store keeps their hashes alone. The one exception
//! is the search key that signs: it is sealed, because a signature can't be checked with a hash.

mod api_key;
mod group;
mod link;
mod look;
mod organization;
mod search_key;
mod session;
mod throttle;
mod token;
mod user;

pub use api_key::{ApiKeyRow, NewApiKey};
pub use group::{GroupRow, Member, MemberRow};
pub use link::{LinkRow, NewLink};
pub use session::{NewSession, SessionRow};
pub use token::Token;
pub use user::{NewUser, UserRow};

/// Every statement about people.
#[cfg(test)]
pub(crate) static ALL_STATEMENTS: &[&[&crate::statement::Statement]] = &[
    api_key::STATEMENTS,
    group::STATEMENTS,
    link::STATEMENTS,
    look::STATEMENTS,
    organization::STATEMENTS,
    search_key::STATEMENTS,
    session::STATEMENTS,
    throttle::STATEMENTS,
    user::STATEMENTS,
];

#[cfg(test)]
mod tests;
