//! One-time links: setting up, invitations, new passwords. They end when they are used or their time is over.

use model::{LinkKind, Timestamp, UserId};

use crate::statement::statements;
use crate::value::params;
use crate::{Error, Tx};

statements! {
    INSERT = "link_insert";
    FIND = "link_find";
    USE = "link_use";
    DROP_OF_USER = "link_drop_of_user";
    DROP_OF_KIND = "link_drop_of_kind";
    PRUNE = "link_prune";
}

/// A link to be handed out.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// [`crate::Token::hash`] of what is in the link.
    pub token_hash: Vec<u8>,
    /// What it is for.
    pub kind: LinkKind,
    /// For whom; `None` for the first administrator, who isn't known yet.
    pub user: Option<UserId>,
    /// When it ends, used or not.
    pub expires_at: Timestamp,
}

/// A link that can still be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// Its row.
    pub id: i64,
    /// What it is for.
    pub kind: LinkKind,
    /// For whom.
    pub user: Option<UserId>,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Tx<'_> {
    /// Keeps a link and ends those of the same kind that it replaces: the same person's, or all set-up links.
    pub fn insert_link(&mut self, new: &NewLink, now: Timestamp) -> Result<(), Error> {
        match new.user {
            Some(user) => self.execute(&DROP_OF_USER, params![user])?,
            None => self.execute(&DROP_OF_KIND, params![new.kind.as_str()])?,
        };
        self.execute(
            &INSERT,
            params![
                new.token_hash.as_slice(),
                new.kind.as_str(),
                new.user,
                now,
                new.expires_at
            ],
        )
        .map(drop)
    }

    /// The link with this token's hash, if it can still be used.
    pub fn find_link(&mut self, token_hash: &[u8], now: Timestamp) -> Result<Option<LinkRow>, Error> {
        self.query_opt(&FIND, params![token_hash, now])?
            .map(|row| {
                Ok(LinkRow {
                    id: row.get(0)?,
                    kind: row.parse(1)?,
                    user: row.get(2)?,
                    expires_at: row.get(3)?,
                })
            })
            .transpose()
    }

    /// Uses a link up: of two that try, one succeeds and the other is told that there is no such link.
    pub fn use_link(&mut self, link: &LinkRow, now: Timestamp) -> Result<(), Error> {
        self.execute_one(&USE, params![link.id, now], || Error::not_found("link", "…"))
    }

    /// Ends every link of a kind that belongs to nobody: once there is an administrator, no set-up link is left.
    pub fn drop_links(&mut self, kind: LinkKind) -> Result<(), Error> {
        self.execute(&DROP_OF_KIND, params![kind.as_str()]).map(drop)
    }

    /// Ends every link that was made for a user.
    pub fn drop_links_of_user(&mut self, user: UserId) -> Result<(), Error> {
        self.execute(&DROP_OF_USER, params![user]).map(drop)
    }

    /// Removes links that ended before.
    pub fn prune_links(&mut self, before: Timestamp) -> Result<u64, Error> {
        self.execute(&PRUNE, params![before])
    }
}
