//! Organizations: what owns sources, groups and keys. A new installation has exactly one.

use model::{OrganizationId, Timestamp};

use crate::statement::statements;
use crate::value::params;
use crate::{Error, Tx};

statements! {
    FIRST = "organization_first";
    INSERT = "organization_insert";
    LOCK = "organization_lock", postgres;
}

/// What the first organization is called until somebody renames it.
const FIRST_NAME: &str = "Fossick";

impl Tx<'_> {
    /// The first organization; `None` before anything was set up.
    pub fn find_organization(&mut self) -> Result<Option<OrganizationId>, Error> {
        self.query_opt(&FIRST, &[])?.map(|row| row.get(0)).transpose()
    }

    /// Has everything that makes or unmakes administrators take turns until this transaction ends: two of them could
    /// otherwise unmake each other.
    pub fn lock_administrators(&mut self) -> Result<(), Error> {
        self.query_opt(&LOCK, &[]).map(drop)
    }

    /// Has everything that names a source take turns until this transaction ends: two of them could otherwise both find a
    /// name free. What was read before may have changed meanwhile.
    pub fn lock_source_names(&mut self) -> Result<(), Error> {
        self.query_opt(&LOCK, &[]).map(drop)
    }

    /// The first organization, made where there is none yet.
    pub fn ensure_organization(&mut self, now: Timestamp) -> Result<OrganizationId, Error> {
        // Two processes that start at once meet in the first id, which both name.
        self.execute(&INSERT, params![FIRST_NAME, now])?;
        self.query_one(&FIRST, &[])?.get(0)
    }
}
