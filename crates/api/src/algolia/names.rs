//! Sources by name: the index knows them by id, people by name.

use std::collections::BTreeMap;

use model::{Asker, SourceId};
use store::Tx;

/// The names of the sources that an asker holds, and of no other.
#[derive(Debug, Clone, Default)]
pub(crate) struct SourceNames {
    names: BTreeMap<SourceId, String>,
    /// The ids under each name in lower case.
    ids: BTreeMap<String, Vec<SourceId>>,
}

impl SourceNames {
    /// Reads the names of what the asker holds.
    pub(crate) fn of(tx: &mut Tx<'_>, asker: &Asker) -> Result<Self, store::Error> {
        let names = tx.list_source_names()?.into_iter();
        Ok(Self::new(names.filter(|(id, _)| asker.sources.contains(id))))
    }

    fn new(pairs: impl Iterator<Item = (SourceId, String)>) -> Self {
        let mut all = Self::default();
        for (id, name) in pairs {
            all.ids.entry(name.to_lowercase()).or_default().push(id);
            all.names.insert(id, name);
        }
        all
    }

    #[cfg(test)]
    pub(crate) fn from_pairs(pairs: &[(i64, &str)]) -> Self {
        Self::new(pairs.iter().map(|(id, name)| (SourceId(*id), (*name).to_owned())))
    }

    /// What a source is called; empty for one that the asker does not hold.
    pub(crate) fn name(&self, id: SourceId) -> &str {
        self.names.get(&id).map_or("", String::as_str)
    }

    /// The sources of that name, upper and lower case being the same. Names are not unique.
    pub(crate) fn ids(&self, name: &str) -> Vec<SourceId> {
        self.ids.get(&name.to_lowercase()).cloned().unwrap_or_default()
    }

    /// The name of a source that the index names by its id as text.
    pub(crate) fn name_of_text(&self, id: &str) -> Option<&str> {
        let id = id.parse().ok()?;
        self.names.get(&id).map(String::as_str)
    }
}
