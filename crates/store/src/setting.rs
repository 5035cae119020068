//! Facts about the whole store, by name.

use crate::statement::statements;
use crate::value::params;
use crate::{Error, Tx};

statements! {
    PUT = "setting_put";
    FIND = "setting_find";
    IS_ENCRYPTED = "setting_is_encrypted", postgres;
    DATABASE_BYTES = "setting_database_bytes", postgres;
}

impl Tx<'_> {
    /// Keeps a fact.
    pub fn put_setting(&mut self, name: &str, value: &str) -> Result<(), Error> {
        self.execute(&PUT, params![name, value]).map(drop)
    }

    /// A fact.
    pub fn find_setting(&mut self, name: &str) -> Result<Option<String>, Error> {
        self.query_opt(&FIND, params![name])?.map(|row| row.get(0)).transpose()
    }

    /// Whether the connection to the database is encrypted; a file's is not.
    pub fn is_encrypted(&mut self) -> Result<bool, Error> {
        self.query_one(&IS_ENCRYPTED, &[])?.get(0)
    }

    /// How large the database is, in bytes.
    pub fn database_bytes(&mut self) -> Result<u64, Error> {
        crate::record::count(&self.query_one(&DATABASE_BYTES, &[])?, 0)
    }
}
