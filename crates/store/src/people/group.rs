//! Groups: sets of users and of other groups.

use std::collections::BTreeSet;

use model::{GroupId, OrganizationId, Timestamp, UserId};

use crate::statement::statements;
use crate::value::{Row, params};
use crate::{Error, Tx};

statements! {
    INSERT = "group_insert";
    FIND = "group_find";
    LIST = "group_list";
    RENAME = "group_rename";
    DELETE = "group_delete";
    LEAVE_GROUPS = "group_leave_groups";
    MEMBER_PUT = "group_member_put";
    MEMBER_DROP = "group_member_drop";
    MEMBERS = "group_member_list";
    WITHIN = "group_list_within";
}

/// A group's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    /// The group.
    pub id: GroupId,
    /// What it is called, unique within the organization.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Who belongs to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Member {
    /// A user.
    User(UserId),
    /// A group, and with it everyone who belongs to it.
    Group(GroupId),
}

impl Member {
    /// `user` or `group`.
    pub fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Group(_) => "group",
        }
    }

    /// The id of the user or group.
    pub fn id(self) -> i64 {
        match self {
            Self::User(id) => id.0,
            Self::Group(id) => id.0,
        }
    }
}

/// A member with their name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// Who.
    pub member: Member,
    /// What they are called; a user without a name shows their address.
    pub name: String,
}

impl Tx<'_> {
    /// Makes a group. A name that is taken is a [`Error::Conflict`].
    pub fn insert_group(&mut self, organization: OrganizationId, name: &str, now: Timestamp) -> Result<GroupId, Error> {
        self.query_opt(&INSERT, params![organization, name, now])?
            .ok_or_else(|| Error::Conflict(format!("there is a group `{name}` already")))?
            .get(0)
    }

    /// A group.
    pub fn group(&mut self, id: GroupId) -> Result<GroupRow, Error> {
        let row = self
            .query_opt(&FIND, params![id])?
            .ok_or_else(|| Error::not_found("group", id))?;
        group_row(&row)
    }

    /// Groups after an id, by id.
    pub fn list_groups(&mut self, after: GroupId, limit: u32) -> Result<Vec<GroupRow>, Error> {
        self.query(&LIST, params![after, i64::from(limit)])?
            .iter()
            .map(group_row)
            .collect()
    }

    /// Renames a group. A name that another one has is a [`Error::Conflict`].
    pub fn rename_group(&mut self, id: GroupId, name: &str) -> Result<(), Error> {
        self.group(id)?;
        if self.execute(&RENAME, params![id, name])? == 1 {
            Ok(())
        } else {
            Err(Error::Conflict(format!("there is a group `{name}` already")))
        }
    }

    /// Deletes a group; what was shared with it no longer is.
    pub fn delete_group(&mut self, id: GroupId) -> Result<(), Error> {
        self.execute(&LEAVE_GROUPS, params![id])?;
        self.execute_one(&DELETE, params![id], || Error::not_found("group", id))
    }

    /// Adds a member; one that is there is no error. A group that would contain itself is a [`Error::Conflict`].
    pub fn add_member(&mut self, group: GroupId, member: Member) -> Result<(), Error> {
        self.group(group)?;
        match member {
            Member::User(user) => drop(self.user(user)?),
            Member::Group(inner) => {
                self.group(inner)?;
                if inner == group || self.groups_within(inner)?.contains(&group) {
                    return Err(Error::Conflict(format!(
                        "group `{inner}` can't be a member of group `{group}`: it would contain itself"
                    )));
                }
            }
        }
        self.execute(&MEMBER_PUT, params![group, member.kind(), member.id()])
            .map(drop)
    }

    /// Removes a member; one that is not there is no error.
    pub fn remove_member(&mut self, group: GroupId, member: Member) -> Result<(), Error> {
        self.group(group)?;
        self.execute(&MEMBER_DROP, params![group, member.kind(), member.id()])
            .map(drop)
    }

    /// The direct members of a group, by name.
    pub fn list_members(&mut self, group: GroupId) -> Result<Vec<MemberRow>, Error> {
        self.query(&MEMBERS, params![group])?
            .iter()
            .map(|row| {
                let id: i64 = row.get(1)?;
                Ok(MemberRow {
                    member: match row.get::<String>(0)?.as_str() {
                        "user" => Member::User(UserId(id)),
                        _ => Member::Group(GroupId(id)),
                    },
                    name: row.get(2)?,
                })
            })
            .collect()
    }

    /// The groups that belong to a group, directly or through others.
    fn groups_within(&mut self, group: GroupId) -> Result<BTreeSet<GroupId>, Error> {
        self.query(&WITHIN, params![group])?
            .iter()
            .map(|row| row.get(0))
            .collect()
    }
}

fn group_row(row: &Row) -> Result<GroupRow, Error> {
    Ok(GroupRow {
        id: row.get(0)?,
        name: row.get(1)?,
        created_at: row.get(2)?,
    })
}
