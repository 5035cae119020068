//! Moves: a file that is met under a new key, with the content of one whose key leads nowhere any more, keeps its record.

use std::collections::{BTreeSet, HashMap, HashSet};

use model::StreamId;
use model::record::FileDigest;
use serde_json::Value as Json;

use super::{LIVE, Place, Rows};
use crate::statement::statements;
use crate::value::params;
use crate::{Error, Tx};

statements! {
    LIST_LIVE = "record_list_live_keys", postgres;
    LIST_DIGESTS = "record_list_digests", postgres;
    LIST_KEYS = "record_list_keys_of_digest";
    PUT_KEY = "record_put_key";
}

/// How many keys are answered for one digest at most.
const COPIES_MAX: u32 = 200;

/// Live records with the same content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alike {
    /// Their keys.
    pub keys: Vec<String>,
    /// There are more of them.
    pub is_cut: bool,
}

impl Tx<'_> {
    /// For files that no live record of the stream has the key of: the live records with the same digest. At most as many
    /// files as a page holds; of very many copies not all are answered.
    pub fn find_alike(
        &mut self,
        stream: StreamId,
        files: &[(String, FileDigest)],
    ) -> Result<HashMap<String, Alike>, Error> {
        let keys: Vec<&str> = files.iter().map(|(key, _)| key.as_str()).collect();
        let rows = self.query(&LIST_LIVE, params![stream, Json::from(keys).to_string()])?;
        let live: HashSet<String> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        let wanted: Vec<_> = files.iter().filter(|(key, _)| !live.contains(key)).collect();
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        let digests: BTreeSet<i64> = wanted.iter().map(|(_, digest)| digest.0).collect();
        let digests = Json::from_iter(digests).to_string();
        let mut alike: HashMap<i64, Alike> = HashMap::new();
        for row in self.query(&LIST_DIGESTS, params![stream, digests])? {
            let digest: i64 = row.get(0)?;
            let rows = self.query(&LIST_KEYS, params![stream, digest, i64::from(COPIES_MAX) + 1])?;
            let mut keys = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<_>, _>>()?;
            let is_cut = keys.len() > COPIES_MAX as usize;
            keys.truncate(COPIES_MAX as usize);
            alike.insert(digest, Alike { keys, is_cut });
        }
        let found = wanted
            .into_iter()
            .filter_map(|(key, digest)| Some((key.clone(), alike.get(&digest.0)?.clone())));
        Ok(found.collect())
    }

    /// Gives the record of one key the other: the row that had the new key, of nothing live, takes the old one. Only where
    /// the store knows nothing newer of either.
    pub(super) fn carry_over(&mut self, place: Place, rows: &mut Rows, from: &str, to: &str) -> Result<(), Error> {
        let (Some(old), Some(new)) = (rows.get(from), rows.get(to)) else {
            return Ok(());
        };
        let is_known = old.number > place.number || new.number > place.number;
        if is_known || old.state != LIVE || new.state == LIVE {
            return Ok(());
        }
        // Keys are unique at every moment, so one row steps aside, to a key that nothing has.
        let aside = format!("\u{10FFFF}{}", new.id);
        // That a page has seen it is said of a key, and stays with it.
        let steps = [
            (new.id, aside.as_str(), new.seen),
            (old.id, to, new.seen),
            (new.id, from, old.seen),
        ];
        for (id, key, seen) in steps {
            self.execute_one(&PUT_KEY, params![id, key, seen], || Error::not_found("record", id))?;
        }
        if let (Some(mut old), Some(mut new)) = (rows.remove(from), rows.remove(to)) {
            std::mem::swap(&mut old.seen, &mut new.seen);
            rows.insert(from.to_owned(), new);
            rows.insert(to.to_owned(), old);
        }
        Ok(())
    }
}
