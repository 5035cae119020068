//! What sources are called, for those who search.

use model::SourceId;

use crate::statement::statements;
use crate::{Error, Tx};

statements! {
    SOURCES = "source_list_names";
}

impl Tx<'_> {
    /// The name of every source that is not deleted. The caller picks those that the asker holds.
    pub fn list_source_names(&mut self) -> Result<Vec<(SourceId, String)>, Error> {
        self.query(&SOURCES, &[])?
            .iter()
            .map(|row| Ok((row.get(0)?, row.get(1)?)))
            .collect()
    }
}
