//! Search keys: what signs the short-lived keys of search clients. Sealed, and found by application id.

use model::Timestamp;

use crate::statement::statements;
use crate::value::params;
use crate::{Error, Tx};

statements! {
    INSERT = "search_key_insert";
    FIND = "search_key_find";
}

impl Tx<'_> {
    /// The sealed key of an application (`Sealer`, place `search_key/<application id>`).
    pub fn find_search_key(&mut self, application_id: &str) -> Result<Option<Vec<u8>>, Error> {
        self.query_opt(&FIND, params![application_id])?
            .map(|row| row.get(0))
            .transpose()
    }

    /// Keeps the sealed key of an application that has none yet, and answers the one that it has now.
    pub fn ensure_search_key(&mut self, application_id: &str, sealed: &[u8], now: Timestamp) -> Result<Vec<u8>, Error> {
        self.execute(&INSERT, params![application_id, sealed, now])?;
        self.query_one(&FIND, params![application_id])?.get(0)
    }
}
