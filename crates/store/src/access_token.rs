//! Access tokens that workers share: sealed, and obtained by one worker at a time.
//!
//! A worker that wants a new token is lent the row for a while, with a fence. What it then keeps is kept even if its time
//! has run out meanwhile: a refresh token that replaces the one before may be the only one that still works.

use model::{SourceId, Timestamp};

use crate::statement::statements;
use crate::value::params;
use crate::{Error, Tx};

statements! {
    ENSURE = "access_token_ensure";
    LOCK = "access_token_lock", postgres;
    LEND = "access_token_lend";
    KEEP = "access_token_keep";
    GIVE_BACK = "access_token_give_back";
    DROP_OF_SOURCE = "access_token_drop_of_source";
}

/// A token's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessTokenRow {
    /// The token, sealed for the place `access_token/<source>/<key>`; `None` before the first.
    pub sealed: Option<Vec<u8>>,
    /// Until when somebody is obtaining a new one.
    pub lease_until: Option<Timestamp>,
    /// How often it was lent.
    pub fence: i64,
}

impl Tx<'_> {
    /// The token of a source that was asked for with `key`. Its row stays locked until the transaction ends.
    pub fn lock_access_token(&mut self, source: SourceId, key: &str) -> Result<AccessTokenRow, Error> {
        let found = self.query_opt(&LOCK, params![source, key])?;
        let row = if let Some(row) = found {
            row
        } else {
            self.execute(&ENSURE, params![source, key])?;
            self.query_one(&LOCK, params![source, key])?
        };
        Ok(AccessTokenRow {
            sealed: row.get(0)?,
            lease_until: row.get(1)?,
            fence: row.get(2)?,
        })
    }

    /// Makes it the caller's turn to obtain a token, until `until`. Answers the fence to keep it under.
    pub fn lend_access_token(&mut self, source: SourceId, key: &str, until: Timestamp) -> Result<i64, Error> {
        self.query_one(&LEND, params![source, key, until])?.get(0)
    }

    /// Keeps a token that was obtained under `fence`, unless a later one is kept already; answers whether it was kept.
    pub fn keep_access_token(&mut self, source: SourceId, key: &str, fence: i64, sealed: &[u8]) -> Result<bool, Error> {
        Ok(self.execute(&KEEP, params![source, key, fence, sealed])? == 1)
    }

    /// Ends a turn in which no token was obtained.
    pub fn give_back_access_token(&mut self, source: SourceId, key: &str, fence: i64) -> Result<(), Error> {
        self.execute(&GIVE_BACK, params![source, key, fence]).map(drop)
    }

    /// Forgets the tokens of a source.
    pub fn drop_access_tokens(&mut self, source: SourceId) -> Result<(), Error> {
        self.execute(&DROP_OF_SOURCE, params![source]).map(drop)
    }
}
