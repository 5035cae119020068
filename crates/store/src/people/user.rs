//! Users: people who can sign in.

use model::{OrganizationId, Role, Timestamp, UserId, UserState};

use crate::record::count;
use crate::statement::statements;
use crate::value::{Row, params};
use crate::{Error, Tx};

statements! {
    INSERT = "user_insert";
    FIND = "user_find";
    FIND_BY_EMAIL = "user_find_by_email";
    LIST = "user_list";
    LOCK = "user_lock", postgres;
    UPDATE = "user_update";
    RENAME = "user_rename";
    SET_PASSWORD = "user_set_password";
    SEE = "user_see";
    DELETE = "user_delete";
    LEAVE_GROUPS = "user_leave_groups";
    COUNT_ADMINISTRATORS = "user_count_administrators";
    COUNT_SOURCES = "user_count_sources";
    GIVE_SOURCES = "user_give_sources";
    DISOWN_PURGED = "user_disown_deleted_sources";
}

/// Somebody to be made known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// The organization that they belong to.
    pub organization: OrganizationId,
    /// Their address, as they write it.
    pub email: String,
    /// What they are called; may be empty until they say.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they can sign in.
    pub state: UserState,
}

/// A user's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// The user.
    pub id: UserId,
    /// The organization that they belong to.
    pub organization: OrganizationId,
    /// Their address, as they write it.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they can sign in.
    pub state: UserState,
    /// The hash of their password; `None` before they chose one.
    pub password_hash: Option<String>,
    /// When they were made known.
    pub created_at: Timestamp,
    /// When they were last seen, to the minute.
    pub last_seen_at: Option<Timestamp>,
}

/// The form in which addresses are compared.
fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

impl Tx<'_> {
    /// Makes somebody known. An address that is taken is a [`Error::Conflict`].
    pub fn insert_user(&mut self, new: &NewUser, now: Timestamp) -> Result<UserId, Error> {
        let row = self.query_opt(
            &INSERT,
            params![
                new.organization,
                new.email.trim(),
                email_key(&new.email),
                new.name.as_str(),
                new.role.as_str(),
                new.state.as_str(),
                now,
            ],
        )?;
        row.ok_or_else(|| Error::Conflict(format!("`{}` has an account already", new.email.trim())))?
            .get(0)
    }

    /// A user.
    pub fn user(&mut self, id: UserId) -> Result<UserRow, Error> {
        self.find_user(id)?.ok_or_else(|| Error::not_found("user", id))
    }

    /// A user, who is not changed by others until this transaction ends.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub fn lock_user(&mut self, id: UserId) -> Result<UserRow, Error> {
        self.query_opt(&LOCK, params![id])?
            .ok_or_else(|| Error::not_found("user", id))?;
        self.user(id)
    }

    /// A user, if there is one.
    pub fn find_user(&mut self, id: UserId) -> Result<Option<UserRow>, Error> {
        self.query_opt(&FIND, params![id])?
            .map(|row| user_row(&row))
            .transpose()
    }

    /// The user with this address, upper and lower case being the same.
    pub fn find_user_by_email(&mut self, email: &str) -> Result<Option<UserRow>, Error> {
        self.query_opt(&FIND_BY_EMAIL, params![email_key(email)])?
            .map(|row| user_row(&row))
            .transpose()
    }

    /// Users after an id, by id.
    pub fn list_users(&mut self, after: UserId, limit: u32) -> Result<Vec<UserRow>, Error> {
        self.query(&LIST, params![after, i64::from(limit)])?
            .iter()
            .map(user_row)
            .collect()
    }

    /// Changes name, role and state, all of them: call it with what [`Tx::lock_user`] answered.
    pub fn update_user(&mut self, row: &UserRow) -> Result<(), Error> {
        self.execute_one(
            &UPDATE,
            params![row.id, row.name.as_str(), row.role.as_str(), row.state.as_str()],
            || Error::not_found("user", row.id),
        )
    }

    /// Changes what somebody is called.
    pub fn rename_user(&mut self, id: UserId, name: &str) -> Result<(), Error> {
        self.execute_one(&RENAME, params![id, name], || Error::not_found("user", id))
    }

    /// Keeps the hash of a new password. Ending the sessions of before is the caller's part.
    pub fn set_password(&mut self, id: UserId, hash: &str) -> Result<(), Error> {
        self.execute_one(&SET_PASSWORD, params![id, hash], || Error::not_found("user", id))
    }

    /// Notes that somebody was seen.
    pub fn see_user(&mut self, id: UserId, now: Timestamp) -> Result<(), Error> {
        self.execute(&SEE, params![id, now]).map(drop)
    }

    /// Forgets a user with their sessions, keys, links and memberships.
    ///
    /// Somebody who owns sources is a [`Error::Conflict`]: what happens to those is for a person to say first.
    pub fn delete_user(&mut self, id: UserId) -> Result<(), Error> {
        let sources = count(&self.query_one(&COUNT_SOURCES, params![id])?, 0)?;
        if sources > 0 {
            return Err(Error::Conflict(format!(
                "user `{id}` owns {sources} sources: give them to somebody else (`sources_to`, on the command line \
                 `--sources-to`), delete them, or disable the account and keep them"
            )));
        }
        self.execute(&DISOWN_PURGED, params![id])?;
        self.execute(&LEAVE_GROUPS, params![id])?;
        self.execute_one(&DELETE, params![id], || Error::not_found("user", id))
    }

    /// Makes somebody else the owner of everything that a user owns; answers how many sources that are.
    pub fn give_sources(&mut self, from: UserId, to: UserId) -> Result<u64, Error> {
        self.execute(&GIVE_SOURCES, params![from, to])
    }

    /// How many administrators can sign in.
    pub fn count_administrators(&mut self) -> Result<u64, Error> {
        count(&self.query_one(&COUNT_ADMINISTRATORS, &[])?, 0)
    }
}

fn user_row(row: &Row) -> Result<UserRow, Error> {
    user_row_at(row, 0)
}

/// Reads the nine columns of a user from the column at `at` on.
pub(super) fn user_row_at(row: &Row, at: usize) -> Result<UserRow, Error> {
    Ok(UserRow {
        id: row.get(at)?,
        organization: row.get(at + 1)?,
        email: row.get(at + 2)?,
        name: row.get(at + 3)?,
        role: row.parse(at + 4)?,
        state: row.parse(at + 5)?,
        password_hash: row.get(at + 6)?,
        created_at: row.get(at + 7)?,
        last_seen_at: row.get(at + 8)?,
    })
}
