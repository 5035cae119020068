//! API keys: what programs sign in with. They act as the person they belong to, within their scopes.

use model::{KeyId, Scope, Timestamp, UserId};

use super::user::{UserRow, user_row_at};
use crate::statement::statements;
use crate::value::{Row, params};
use crate::{Error, Tx};

statements! {
    INSERT = "api_key_insert";
    FIND = "api_key_find";
    FIND_USER = "api_key_find_user";
    FIND_OWNED = "api_key_find_owned";
    LIST = "api_key_list";
    SEE = "api_key_see";
    DROP = "api_key_drop";
    DROP_OF_USER = "api_key_drop_of_user";
}

/// A key to be kept.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// Whose.
    pub user: UserId,
    /// What it is called.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// [`crate::Token::hash`] of the key.
    pub token_hash: Vec<u8>,
    /// When it ends; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// The key that made it and with which it ends; `None` for one that a person made.
    pub parent: Option<KeyId>,
}

/// A key's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRow {
    /// The key.
    pub id: KeyId,
    /// Whose.
    pub user: UserId,
    /// What it is called.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl Tx<'_> {
    /// Keeps a key.
    pub fn insert_api_key(&mut self, new: &NewApiKey, now: Timestamp) -> Result<KeyId, Error> {
        let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.as_str()).collect();
        self.query_one(
            &INSERT,
            params![
                new.user,
                new.name.as_str(),
                scopes.join(" "),
                new.token_hash.as_slice(),
                now,
                new.expires_at,
                new.parent,
            ],
        )?
        .get(0)
    }

    /// The key with this hash and whose it is, if it has not ended and they are active.
    pub fn find_api_key(&mut self, token_hash: &[u8], now: Timestamp) -> Result<Option<(ApiKeyRow, UserRow)>, Error> {
        self.query_opt(&FIND, params![token_hash, now])?
            .map(|row| Ok((key_row(&row)?, user_row_at(&row, 7)?)))
            .transpose()
    }

    /// Whose key this is, if it has not ended and they are active.
    pub fn find_user_of_api_key(&mut self, id: KeyId, now: Timestamp) -> Result<Option<UserId>, Error> {
        self.query_opt(&FIND_USER, params![id, now])?
            .map(|row| row.get(0))
            .transpose()
    }

    /// A key, ended or not.
    pub fn api_key(&mut self, id: KeyId) -> Result<ApiKeyRow, Error> {
        let row = self
            .query_opt(&FIND_OWNED, params![id])?
            .ok_or_else(|| Error::not_found("key", id))?;
        key_row(&row)
    }

    /// Keys after an id, by id; those of one person when they are given.
    pub fn list_api_keys(&mut self, user: Option<UserId>, after: KeyId, limit: u32) -> Result<Vec<ApiKeyRow>, Error> {
        self.query(&LIST, params![user, after, i64::from(limit)])?
            .iter()
            .map(key_row)
            .collect()
    }

    /// Notes that a key was used.
    pub fn see_api_key(&mut self, id: KeyId, now: Timestamp) -> Result<(), Error> {
        self.execute(&SEE, params![id, now]).map(drop)
    }

    /// Ends a key for good, and the keys that were made with it.
    pub fn drop_api_key(&mut self, id: KeyId) -> Result<(), Error> {
        self.execute_one(&DROP, params![id], || Error::not_found("key", id))
    }

    /// Ends all keys of a user for good.
    pub fn drop_api_keys_of_user(&mut self, user: UserId) -> Result<(), Error> {
        self.execute(&DROP_OF_USER, params![user]).map(drop)
    }
}

fn key_row(row: &Row) -> Result<ApiKeyRow, Error> {
    let scopes: String = row.get(3)?;
    Ok(ApiKeyRow {
        id: row.get(0)?,
        user: row.get(1)?,
        name: row.get(2)?,
        scopes: scopes
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, String>>()
            .map_err(Error::Bug)?,
        created_at: row.get(4)?,
        expires_at: row.get(5)?,
        last_used_at: row.get(6)?,
    })
}
