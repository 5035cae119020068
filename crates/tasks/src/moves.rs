//! Which files of a page have moved, so that their records stay the same ones.

use std::collections::{HashMap, HashSet};

use connector::{Connector, Parsed};
use model::record::Content;

use crate::files::{Entry, Files};

/// Of the records of a page that no record of the store has the key of, those whose file was elsewhere until now: where
/// from, by their key. Blocks.
///
/// A file has moved where the store has a record with the same content at whose key there is nothing any more. Without an
/// answer of the store nothing has moved: the old record goes, and a new one comes.
pub(crate) fn find(files: &mut Files, connector: &dyn Connector, parsed: &Parsed) -> HashMap<String, String> {
    let present = parsed
        .landings
        .iter()
        .filter(|one| matches!(one.content, Content::Present(_)));
    let entries: Vec<Entry> = present
        .filter_map(|one| Some((one.key.0.clone(), one.digest?)))
        .collect();
    files.look_up(entries.clone());
    let candidates: HashSet<String> = entries
        .iter()
        .flat_map(|entry| files.alike_to(entry))
        .cloned()
        .collect();
    if candidates.is_empty() {
        return HashMap::new();
    }
    let mut free = connector.list_gone(&candidates.into_iter().collect::<Vec<_>>());
    let mut moves = HashMap::new();
    for entry in &entries {
        let to = &entry.0;
        let from: Vec<&String> = files.alike_to(entry).iter().filter(|key| free.contains(*key)).collect();
        // Of several with the same content, the one with the same name.
        let same = from
            .iter()
            .find(|key| name(key) == name(to))
            .or(from.first())
            .map(|key| (*key).clone());
        if let Some(from) = same
            && !moves.contains_key(to)
        {
            free.remove(&from);
            moves.insert(to.clone(), from);
        }
    }
    moves
}

/// What comes after the last `/`.
fn name(key: &str) -> &str {
    key.rsplit_once('/').map_or(key, |(_, name)| name)
}
