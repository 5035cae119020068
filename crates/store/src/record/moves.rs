//! Moves: a file that is met under a new key, with the content of one whose key leads nowhere any more, keeps its record.

use std::collections::{HashMap, HashSet};

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

/// How many keys are answered for one digest, besides one for each file that has it: some of them are copies that have
/// not moved.
const COPIES_MAX: u32 = 20;

impl Tx<'_> {
    /// For files that no live record of the stream has the key of: the keys of live records with the same digest, those
    /// that were not told of for longest first. At most as many files as a page holds.
    ///
    /// Of many copies not all are answered.
    pub fn find_alike(
        &mut self,
        stream: StreamId,
        files: &[(String, FileDigest)],
    ) -> Result<HashMap<String, Vec<String>>, Error> {
        let keys: Vec<&str> = files.iter().map(|(key, _)| key.as_str()).collect();
        let rows = self.query(&LIST_LIVE, params![stream, Json::from(keys).to_string()])?;
        let live: HashSet<String> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        let mut wanted: HashMap<i64, u32> = HashMap::new();
        for (_, digest) in files.iter().filter(|(key, _)| !live.contains(key)) {
            *wanted.entry(digest.0).or_default() += 1;
        }
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        let digests: Vec<i64> = wanted.keys().copied().collect();
        let mut alike: HashMap<i64, Vec<String>> = HashMap::new();
        for row in self.query(&LIST_DIGESTS, params![stream, Json::from(digests).to_string()])? {
            let digest: i64 = row.get(0)?;
            let limit = COPIES_MAX + wanted.get(&digest).copied().unwrap_or_default();
            let rows = self.query(&LIST_KEYS, params![stream, digest, i64::from(limit)])?;
            let keys = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
            alike.insert(digest, keys);
        }
        let found = files.iter().filter(|(key, _)| !live.contains(key));
        Ok(found
            .filter_map(|(key, digest)| Some((key.clone(), alike.get(&digest.0)?.clone())))
            .collect())
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
        for (id, key) in [(new.id, aside.as_str()), (old.id, to), (new.id, from)] {
            self.execute(&PUT_KEY, params![id, key])?;
        }
        if let (Some(old), Some(new)) = (rows.remove(from), rows.remove(to)) {
            rows.insert(from.to_owned(), new);
            rows.insert(to.to_owned(), old);
        }
        Ok(())
    }
}
