//! What rate governors have learned, shared by all workers.

use model::Timestamp;
use serde_json::Value as Json;

use crate::statement::statements;
use crate::value::params;
use crate::{Error, Tx};

statements! {
    ENSURE = "governor_ensure";
    PUT = "governor_put";
    FIND = "governor_find";
    LOCK = "governor_lock", postgres;
    PRUNE = "governor_prune";
}

impl Tx<'_> {
    /// The state of the governor of one provider and credential.
    pub fn find_governor(&mut self, key: &str) -> Result<Option<Json>, Error> {
        self.query_opt(&FIND, params![key])?.map(|row| row.json(0)).transpose()
    }

    /// The same for whoever changes it: its row, an empty object at first, stays locked until the transaction ends.
    pub fn lock_governor(&mut self, key: &str, now: Timestamp) -> Result<Json, Error> {
        if let Some(row) = self.query_opt(&LOCK, params![key])? {
            return row.json(0);
        }
        self.execute(&ENSURE, params![key, now])?;
        self.query_one(&LOCK, params![key])?.json(0)
    }

    /// Keeps a governor's state.
    pub fn put_governor(&mut self, key: &str, state: &Json, now: Timestamp) -> Result<(), Error> {
        self.execute(&PUT, params![key, state, now]).map(drop)
    }

    /// Forgets what was last learned before `before`.
    pub fn prune_governors(&mut self, before: Timestamp) -> Result<u64, Error> {
        self.execute(&PRUNE, params![before])
    }
}
