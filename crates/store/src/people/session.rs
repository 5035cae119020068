//! Sessions: browsers that are signed in.

use model::{SessionId, Timestamp, UserId};

use super::user::{UserRow, user_row_at};
use crate::statement::statements;
use crate::value::params;
use crate::{Error, Tx};

statements! {
    INSERT = "session_insert";
    FIND = "session_find";
    FIND_USER = "session_find_user";
    EXTEND = "session_extend";
    DROP = "session_drop";
    DROP_OF_USER = "session_drop_of_user";
    PRUNE = "session_prune";
}

/// A session to be kept.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Whose.
    pub user: UserId,
    /// [`crate::Token::hash`] of what is in the cookie.
    pub token_hash: Vec<u8>,
    /// What state-changing calls must repeat in a header.
    pub csrf: String,
    /// When it ends unless it is used.
    pub expires_at: Timestamp,
}

/// A session that has not ended, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// The session.
    pub id: SessionId,
    /// What state-changing calls must repeat in a header.
    pub csrf: String,
    /// When somebody signed in.
    pub created_at: Timestamp,
    /// When it ends unless it is used.
    pub expires_at: Timestamp,
    /// Whose; always somebody who can sign in.
    pub user: UserRow,
}

impl Tx<'_> {
    /// Keeps a session.
    pub fn insert_session(&mut self, new: &NewSession, now: Timestamp) -> Result<SessionId, Error> {
        self.query_one(
            &INSERT,
            params![
                new.user,
                new.token_hash.as_slice(),
                new.csrf.as_str(),
                now,
                new.expires_at
            ],
        )?
        .get(0)
    }

    /// The session with this token's hash, if it has not ended and its user is active.
    pub fn find_session(&mut self, token_hash: &[u8], now: Timestamp) -> Result<Option<SessionRow>, Error> {
        self.query_opt(&FIND, params![token_hash, now])?
            .map(|row| {
                Ok(SessionRow {
                    id: row.get(0)?,
                    csrf: row.get(1)?,
                    created_at: row.get(2)?,
                    expires_at: row.get(3)?,
                    user: user_row_at(&row, 4)?,
                })
            })
            .transpose()
    }

    /// Whose session this is, if it has not ended and they are active.
    pub fn find_user_of_session(&mut self, id: SessionId, now: Timestamp) -> Result<Option<UserId>, Error> {
        self.query_opt(&FIND_USER, params![id, now])?
            .map(|row| row.get(0))
            .transpose()
    }

    /// Lets a session that is being used last longer.
    pub fn extend_session(&mut self, id: SessionId, expires_at: Timestamp) -> Result<(), Error> {
        self.execute(&EXTEND, params![id, expires_at]).map(drop)
    }

    /// Ends a session; one that has ended is no error.
    pub fn drop_session(&mut self, id: SessionId) -> Result<(), Error> {
        self.execute(&DROP, params![id]).map(drop)
    }

    /// Ends all sessions of a user.
    pub fn drop_sessions_of_user(&mut self, user: UserId) -> Result<(), Error> {
        self.execute(&DROP_OF_USER, params![user]).map(drop)
    }

    /// Removes sessions that ended before.
    pub fn prune_sessions(&mut self, before: Timestamp) -> Result<u64, Error> {
        self.execute(&PRUNE, params![before])
    }
}
