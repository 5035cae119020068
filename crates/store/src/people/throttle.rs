//! The sign-in throttle: how often somebody failed lately, by account and by address. What follows from it is for the
//! caller to say.

use model::Timestamp;

use crate::record::count;
use crate::statement::statements;
use crate::value::params;
use crate::{Error, Tx};

statements! {
    FIND = "throttle_find";
    COUNT = "throttle_count";
    UNCOUNT = "throttle_uncount";
    CLEAR = "throttle_clear";
    PRUNE = "throttle_prune";
}

impl Tx<'_> {
    /// How many attempts of a subject failed, as of the last one, and when that was.
    pub fn find_throttle(&mut self, subject: &str) -> Result<Option<(u64, Timestamp)>, Error> {
        self.query_opt(&FIND, params![subject])?
            .map(|row| Ok((count(&row, 0)?, row.get(1)?)))
            .transpose()
    }

    /// Counts an attempt, and forgives one for every `forgiven_ms` since the last.
    pub fn count_attempt(&mut self, subject: &str, forgiven_ms: i64, now: Timestamp) -> Result<(), Error> {
        self.execute(&COUNT, params![subject, forgiven_ms, now]).map(drop)
    }

    /// Takes one attempt back: it was a right one.
    pub fn uncount_attempt(&mut self, subject: &str) -> Result<(), Error> {
        self.execute(&UNCOUNT, params![subject]).map(drop)
    }

    /// Forgets the failures of a subject.
    pub fn clear_throttle(&mut self, subject: &str) -> Result<(), Error> {
        self.execute(&CLEAR, params![subject]).map(drop)
    }

    /// Removes what is too old to matter.
    pub fn prune_throttle(&mut self, before: Timestamp) -> Result<u64, Error> {
        self.execute(&PRUNE, params![before])
    }
}
