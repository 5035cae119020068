//! Who may see what: the asker, expanded from a user's groups and from what is shared.

use std::collections::{BTreeSet, HashSet};

use model::{Asker, GroupId, Principal, SourceId, UserId};

use crate::statement::statements;
use crate::value::params;
use crate::{Error, Tx};

statements! {
    GROUPS_OF_USER = "access_groups_of_user";
    SOURCES_OF_USER = "access_sources_of_user";
    SOURCES_OF_EVERYONE = "access_sources_of_everyone";
    SOURCES_ALL = "access_sources_all";
    OWNER_ROLE = "access_role_of_owner";
}

impl Tx<'_> {
    /// Everything that a user holds at this moment: nested groups, and the sources that are theirs or shared with them.
    pub fn asker_for_user(&mut self, user: UserId) -> Result<Asker, Error> {
        let mut principals = HashSet::from([Principal::everyone(), Principal::user(user)]);
        for row in self.query(&GROUPS_OF_USER, params![user])? {
            principals.insert(Principal::group(row.get::<GroupId>(0)?));
        }
        let sources = self.source_ids(&SOURCES_OF_USER, params![user])?;
        Ok(Asker { principals, sources })
    }

    /// What everyone with an account holds.
    pub fn asker_for_everyone(&mut self) -> Result<Asker, Error> {
        let sources = self.source_ids(&SOURCES_OF_EVERYONE, &[])?;
        Ok(Asker {
            principals: HashSet::from([Principal::everyone()]),
            sources,
        })
    }

    /// The operator of the machine, who can read the database anyway: every source, and documents without sets of
    /// their own.
    pub fn asker_for_operator(&mut self) -> Result<Asker, Error> {
        let sources = self.source_ids(&SOURCES_ALL, &[])?;
        Ok(Asker {
            principals: HashSet::from([Principal::everyone()]),
            sources,
        })
    }

    /// Whether a source may read what only administrators may name: it belongs to one, or to the installation.
    pub fn is_owned_by_administrator(&mut self, source: SourceId) -> Result<bool, Error> {
        let role = self
            .query_opt(&OWNER_ROLE, params![source])?
            .map(|row| row.get::<String>(0))
            .transpose()?;
        Ok(role.is_none_or(|role| role == "administrator"))
    }

    fn source_ids(
        &mut self,
        statement: &'static crate::statement::Statement,
        params: &[crate::value::Value],
    ) -> Result<BTreeSet<SourceId>, Error> {
        self.query(statement, params)?.iter().map(|row| row.get(0)).collect()
    }
}
