//! Which files of a page have moved, so that their records stay the same ones.

use std::collections::{HashMap, HashSet};

use connector::{Connector, Parsed};
use model::StreamId;
use model::record::Content;
use store::Store;

/// Of the records of a page that no record of the store has the key of, those whose file was elsewhere until now: where
/// from, by their key. Blocks.
///
/// A file has moved where the store has a record with the same content at whose key there is nothing any more. Without an
/// answer of the store nothing has moved: the old record goes, and a new one comes.
pub(crate) fn find(
    store: &Store,
    stream: StreamId,
    connector: &dyn Connector,
    parsed: &Parsed,
) -> HashMap<String, String> {
    let present = parsed
        .landings
        .iter()
        .filter(|one| matches!(one.content, Content::Present(_)));
    let files: Vec<_> = present
        .filter_map(|one| Some((one.key.0.clone(), one.digest?)))
        .collect();
    if files.is_empty() {
        return HashMap::new();
    }
    let looked_up = store.read_blocking(move |tx| tx.find_alike(stream, &files));
    let alike = looked_up.unwrap_or_else(|error: store::Error| {
        tracing::debug!("what moved can't be looked up: {error}");
        HashMap::new()
    });
    let candidates: HashSet<String> = alike.values().flatten().cloned().collect();
    if candidates.is_empty() {
        return HashMap::new();
    }
    let mut free = connector.list_gone(&candidates.into_iter().collect::<Vec<_>>());
    let mut moves = HashMap::new();
    for landing in &parsed.landings {
        let to = &landing.key.0;
        let from: Vec<&String> = alike
            .get(to)
            .into_iter()
            .flatten()
            .filter(|key| free.contains(*key))
            .collect();
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
