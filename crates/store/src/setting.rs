//! Facts about the whole store, by name.

use crate::statement::statements;
use crate::value::params;
use crate::{Error, Tx};

statements! {
    PUT = "setting_put";
    FIND = "setting_find";
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
}
