//! What rate governors have learned, shared by all workers.

use model::Timestamp;
use serde_json::Value as Json;

use crate::statement::statements;
use crate::value::params;
use crate::{Error, Tx};

statements! {
    PUT = "governor_put";
    FIND = "governor_find";
    LOCK = "governor_lock", postgres;
}

impl Tx<'_> {
    /// The state of the governor of one provider and credential. In a write on PostgreSQL its row stays locked.
    pub fn find_governor(&mut self, key: &str) -> Result<Option<Json>, Error> {
        let statement = if self.is_read { &FIND } else { &LOCK };
        self.query_opt(statement, params![key])?
            .map(|row| row.json(0))
            .transpose()
    }

    /// Keeps a governor's state.
    pub fn put_governor(&mut self, key: &str, state: &Json, now: Timestamp) -> Result<(), Error> {
        self.execute(&PUT, params![key, state, now]).map(drop)
    }
}
