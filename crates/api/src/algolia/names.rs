//! Sources by name: the index knows them by id, people by name.

use std::collections::BTreeMap;

use model::{Asker, SourceId};
use store::Tx;

/// The names of the sources that an asker holds, and of no other.
#[derive(Debug, Clone, Default)]
pub(crate) struct SourceNames {
    names: BTreeMap<SourceId, String>,
}

impl SourceNames {
    /// Reads the names of what the asker holds.
    pub(crate) fn of(tx: &mut Tx<'_>, asker: &Asker) -> Result<Self, store::Error> {
        let mut names = BTreeMap::new();
        for (id, name) in tx.list_source_names()? {
            if asker.sources.contains(&id) {
                names.insert(id, name);
            }
        }
        Ok(Self { names })
    }

    #[cfg(test)]
    pub(crate) fn from_pairs(pairs: &[(i64, &str)]) -> Self {
        let names = pairs.iter().map(|(id, name)| (SourceId(*id), (*name).to_owned()));
        Self { names: names.collect() }
    }

    /// What a source is called; empty for one that the asker does not hold.
    pub(crate) fn name(&self, id: SourceId) -> &str {
        self.names.get(&id).map_or("", String::as_str)
    }

    /// The sources of that name, upper and lower case being the same. Names are not unique.
    pub(crate) fn ids(&self, name: &str) -> Vec<SourceId> {
        let name = name.to_lowercase();
        let same = self.names.iter().filter(|(_, own)| own.to_lowercase() == name);
        same.map(|(id, _)| *id).collect()
    }

    /// The name of a source that the index names by its id as text.
    pub(crate) fn name_of_text(&self, id: &str) -> Option<&str> {
        let id = id.parse().ok()?;
        self.names.get(&id).map(String::as_str)
    }
}
