//! Records: landing what pages yield, reading them back; in `moves`, what moved; and in `sweep`, sweeping what pages no
//! longer hold.
//!
//! **Numbers decide who wins.** A lower number never writes. Landing always advances a record's number, even when the
//! record is unchanged; a change of its hash writes body, revision and change log. An equal number is a replay: it
//! writes, and removes what that page wrote before and no longer yields.
//!
//! A page that holds a record but can't tell what it is has *seen* it: that keeps sweeps away and decides nothing else,
//! so it has a number of its own. Both numbers are kept of what is not live, too: pages land in any order.

pub(crate) mod moves;
pub(crate) mod sweep;

use std::collections::{HashMap, HashSet};

use model::record::{Body, Content, FileDigest};
use model::{Acl, Number, RecordId, RecordKey, Revision, SourceId, StreamId, Timestamp};
use serde_json::Value as Json;

use crate::statement::statements;
use crate::value::{Row, clean, params};
use crate::{Error, Tx, packed};

pub use moves::Alike;
pub use sweep::{Spared, Sweep, SweepPlace};

statements! {
    ENSURE = "record_ensure", postgres;
    LOCK = "record_lock_by_keys", postgres;
    TOUCH = "record_touch", postgres;
    SEE = "record_see", postgres;
    CHANGE = "record_change";
    BURY = "record_bury", postgres;
    PUT_BODY = "record_body_put";
    DROP_BODIES = "record_body_drop", postgres;
    LIST_OF_NUMBER = "record_list_of_number", postgres;
    DETAIL = "record_detail";
    FIND_ACL = "record_find_acl";
    COUNT_BY_STREAM = "record_count_by_stream";
    LIST_OF_SOURCE = "record_list_of_source", postgres;
    FORGET = "record_forget", postgres;
    FIND_KEY = "record_find_key";
    LIST_NEWER = "record_list_newer", postgres;
    BODIES = "record_list_bodies_by_keys", postgres;
}

const LIVE: i64 = 0;
const GONE: i64 = 2;

/// A record on its way into the store, packed and hashed: all CPU work is done before the transaction.
#[derive(Debug, Clone)]
pub struct ToLand {
    key: String,
    hash: Vec<u8>,
    body: Option<PackedBody>,
    digest: Option<FileDigest>,
    moved_from: Option<String>,
}

#[derive(Debug, Clone)]
struct PackedBody {
    data: Vec<u8>,
    text: Vec<u8>,
    acl: String,
    changed_at: Option<Timestamp>,
}

impl ToLand {
    /// Packs and hashes what a page says about a record. `parser_version` is part of the hash, so that a better parser
    /// writes what it would change.
    pub fn new(key: &RecordKey, content: &Content, parser_version: u32) -> Self {
        let key = clean(&key.0);
        let Content::Present(body) = content else {
            return Self {
                key,
                hash: Vec::new(),
                body: None,
                digest: None,
                moved_from: None,
            };
        };
        let Body {
            data,
            text,
            acl,
            changed_at,
        } = body.as_ref();
        let data = data.to_string();
        let acl = serde_json::to_string(acl).unwrap_or_else(|_never| "[[]]".to_owned());
        let mut hasher = blake3::Hasher::new();
        hasher.update(&parser_version.to_le_bytes());
        for part in [data.as_bytes(), text.as_bytes(), acl.as_bytes()] {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        hasher.update(&changed_at.map_or(i64::MIN, |at| at.0).to_le_bytes());
        let hash = hasher.finalize().as_bytes()[..16].to_vec();
        let body = PackedBody {
            data: packed::pack(data.as_bytes()),
            text: packed::pack(text.as_bytes()),
            acl,
            changed_at: *changed_at,
        };
        Self {
            key,
            hash,
            body: Some(body),
            digest: None,
            moved_from: None,
        }
    }

    /// With what is in the record's file.
    #[must_use]
    pub fn of_file(mut self, digest: Option<FileDigest>) -> Self {
        self.digest = digest;
        self
    }

    /// As the record that was under this key until now, of which this says that it is gone.
    #[must_use]
    pub fn moved_from(mut self, key: &str) -> Self {
        self.moved_from = Some(clean(key));
        self
    }

    /// Roughly how many bytes landing this writes.
    pub fn bytes(&self) -> usize {
        self.key.len()
            + self
                .body
                .as_ref()
                .map_or(0, |body| body.data.len() + body.text.len() + body.acl.len())
    }

    /// The key as stored.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The keys of which this says something.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.key.as_str()).chain(self.moved_from.as_deref())
    }
}

/// The key of a record that a page held but that was rejected: seen, so that no sweep deletes it.
#[derive(Debug, Clone)]
pub struct ToReject(String);

impl ToReject {
    /// The record of this key was seen.
    pub fn new(key: &RecordKey) -> Self {
        Self(clean(&key.0))
    }
}

/// What landing did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LandedCounts {
    /// New or changed records.
    pub changed: u64,
    /// Records that looked the same.
    pub unchanged: u64,
    /// Records that are now gone.
    pub deleted: u64,
    /// Records of which the store knew something newer.
    pub older: u64,
}

/// A record as people may look at it, once they were found to be allowed to.
#[derive(Debug, Clone)]
pub struct RecordDetail {
    /// The record.
    pub id: RecordId,
    /// Its source.
    pub source: SourceId,
    /// Its stream's name.
    pub stream: String,
    /// Its key in the stream.
    pub key: String,
    /// How often it has changed.
    pub revision: Revision,
    /// The number of the page or write that told last what it is.
    pub number: Number,
    /// Its content.
    pub body: Body,
}

/// Where a page's or write's records go.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The source.
    pub source: SourceId,
    /// The stream.
    pub stream: StreamId,
    /// The number of the page or write.
    pub number: Number,
}

struct Known {
    id: RecordId,
    number: Number,
    state: i64,
    hash: Option<Vec<u8>>,
    /// The newest page that has seen it without telling what it is.
    seen: Option<Number>,
}

/// What the store knows of the records of a page, by key.
type Rows = HashMap<String, Known>;

impl Tx<'_> {
    /// Lands records of one page or write. Of two with one key the last counts. At most 1,000 at a time.
    pub fn land(
        &mut self,
        place: Place,
        records: &[ToLand],
        seen: &[ToReject],
        now: Timestamp,
    ) -> Result<LandedCounts, Error> {
        let mut last: HashMap<&str, Option<&ToLand>> = HashMap::new();
        for one in seen {
            last.insert(&one.0, None);
        }
        for one in records {
            last.insert(&one.key, Some(one));
        }
        if last.is_empty() {
            return Ok(LandedCounts::default());
        }
        let gone = ToLand::new(&RecordKey(String::new()), &Content::Gone, 0);
        for from in records.iter().filter_map(|one| one.moved_from.as_deref()) {
            last.entry(from).or_insert(Some(&gone));
        }
        let mut counts = LandedCounts::default();
        let (mut touched, mut buried, mut changed, mut met) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (key, known) in self.meet(place, &last, records, now)? {
            let landing = last.get(key.as_str()).copied().flatten();
            if landing.is_some() && known.number > place.number {
                counts.older += 1;
                continue;
            }
            match landing {
                None => met.push(known.id.0),
                Some(ToLand { body: None, .. }) if known.state == GONE => touched.push(known.id.0),
                Some(ToLand { body: None, .. }) => buried.push(known.id.0),
                Some(ToLand {
                    hash, body: Some(_), ..
                }) if known.state == LIVE && known.hash.as_ref() == Some(hash) => {
                    counts.unchanged += 1;
                    touched.push(known.id.0);
                }
                Some(ToLand {
                    hash,
                    body: Some(body),
                    digest,
                    ..
                }) => {
                    let digest = digest.map(|digest| digest.0);
                    self.execute(&CHANGE, params![known.id, place.number, hash.as_slice(), now, digest])?;
                    let PackedBody {
                        data,
                        text,
                        acl,
                        changed_at,
                    } = body;
                    self.execute(
                        &PUT_BODY,
                        params![known.id, data.as_slice(), text.as_slice(), acl, *changed_at],
                    )?;
                    changed.push(known.id.0);
                }
            }
        }
        counts.changed = changed.len() as u64;
        counts.deleted = buried.len() as u64;
        if !touched.is_empty() {
            self.execute(&TOUCH, params![place.number, Json::from(touched).to_string()])?;
        }
        if !met.is_empty() {
            self.execute(&SEE, params![place.number, Json::from(met).to_string()])?;
        }
        self.bury(place.number, &buried, now)?;
        self.log_changes(&changed, now)?;
        Ok(counts)
    }

    /// Of these keys, those of which the store knows something newer than the page of this number.
    pub(crate) fn list_newer(
        &mut self,
        stream: StreamId,
        number: Number,
        keys: &[&str],
    ) -> Result<HashSet<String>, Error> {
        if keys.is_empty() {
            return Ok(HashSet::new());
        }
        let keys: Vec<String> = keys.iter().map(|key| clean(key)).collect();
        let rows = self.query(&LIST_NEWER, params![stream, number, Json::from(keys).to_string()])?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// What the store knows of the keys of a page, each with a row that is locked, in id order; what moved has done so.
    fn meet(
        &mut self,
        place: Place,
        last: &HashMap<&str, Option<&ToLand>>,
        records: &[ToLand],
        now: Timestamp,
    ) -> Result<Vec<(String, Known)>, Error> {
        let mut keys: Vec<&str> = last.keys().copied().collect();
        keys.sort_unstable();
        let keys = Json::from(keys).to_string();
        self.execute(&ENSURE, params![place.source, place.stream, keys.as_str(), now])?;
        let mut rows = Rows::new();
        for row in self.query(&LOCK, params![place.stream, keys])? {
            rows.insert(row.get(1)?, known(&row)?);
        }
        if rows.len() < last.len() {
            // A page that moved one of them was waited for: what has the key now is seen by a new transaction only.
            return Err(self.again());
        }
        for one in records {
            let Some(from) = one.moved_from.as_deref() else {
                continue;
            };
            let is_gone = |last: &ToLand| last.body.is_none();
            if last.get(from).copied().flatten().is_some_and(is_gone) {
                self.carry_over(place, &mut rows, from, &one.key)?;
            }
        }
        let mut rows: Vec<(String, Known)> = rows.into_iter().collect();
        rows.sort_unstable_by_key(|(_, known)| known.id);
        Ok(rows)
    }

    /// After a replay: removes what the page of this number wrote before and no longer yields.
    pub fn land_absent(&mut self, place: Place, yielded: &HashSet<String>, now: Timestamp) -> Result<u64, Error> {
        let cleaned: HashSet<String> = yielded
            .iter()
            .filter(|key| key.contains('\0'))
            .map(|key| clean(key))
            .collect();
        let mut gone = Vec::new();
        for row in self.query(&LIST_OF_NUMBER, params![place.stream, place.number])? {
            let key: String = row.get(1)?;
            if !yielded.contains(&key) && !cleaned.contains(&key) {
                gone.push(row.get::<i64>(0)?);
            }
        }
        self.bury(place.number, &gone, now)?;
        Ok(gone.len() as u64)
    }

    /// Turns records into tombstones of this number, in id order, and logs the change.
    fn bury(&mut self, number: Number, ids: &[i64], now: Timestamp) -> Result<(), Error> {
        if ids.is_empty() {
            return Ok(());
        }
        let list = Json::from(ids).to_string();
        self.execute(&BURY, params![number, list.as_str(), now])?;
        self.execute(&DROP_BODIES, params![list])?;
        self.log_changes(ids, now)
    }

    /// A live record with everything it holds. The caller checks who asks: compare `source` and `body.acl`.
    pub fn find_record(&mut self, id: RecordId) -> Result<Option<RecordDetail>, Error> {
        self.query_opt(&DETAIL, params![id])?
            .map(|row| detail(&row))
            .transpose()
    }

    /// Whose a live record is and who may see it, without what it holds.
    pub fn find_record_acl(&mut self, id: RecordId) -> Result<Option<(SourceId, Acl)>, Error> {
        self.query_opt(&FIND_ACL, params![id])?
            .map(|row| Ok((row.get(0)?, row.json(1)?)))
            .transpose()
    }

    /// Live records per stream of a source.
    pub fn count_records(&mut self, source: SourceId) -> Result<HashMap<StreamId, u64>, Error> {
        self.query(&COUNT_BY_STREAM, params![source])?
            .iter()
            .map(|row| Ok((row.get(0)?, count(row, 1)?)))
            .collect()
    }

    /// The id of the live record with this key.
    pub fn find_record_by_key(&mut self, stream: StreamId, key: &str) -> Result<Option<RecordId>, Error> {
        self.query_opt(&FIND_KEY, params![stream, key])?
            .map(|row| row.get(0))
            .transpose()
    }

    /// The present bodies of live records with these keys, by key. At most as many as a page holds.
    pub fn find_bodies(&mut self, stream: StreamId, keys: &[String]) -> Result<HashMap<String, Body>, Error> {
        let keys = Json::from(keys).to_string();
        let rows = self.query(&BODIES, params![stream, keys])?;
        rows.iter().map(|row| Ok((row.get(0)?, body(row, 1)?))).collect()
    }

    /// Turns up to `limit` live records of a deleted source into tombstones; answers how many.
    pub fn bury_source(&mut self, source: SourceId, limit: u32, now: Timestamp) -> Result<u64, Error> {
        let rows = self.query(&LIST_OF_SOURCE, params![source, i64::from(limit)])?;
        let ids = rows
            .iter()
            .map(|row| row.get::<i64>(0))
            .collect::<Result<Vec<_>, _>>()?;
        let number = self.next_number()?;
        self.bury(number, &ids, now)?;
        Ok(ids.len() as u64)
    }

    /// Removes up to `limit` tombstones of a deleted source for good; answers how many.
    pub fn forget_source_records(&mut self, source: SourceId, limit: u32) -> Result<u64, Error> {
        self.execute(&FORGET, params![source, i64::from(limit)])
    }
}

fn known(row: &Row) -> Result<Known, Error> {
    Ok(Known {
        id: row.get(0)?,
        number: row.get(2)?,
        state: row.get(3)?,
        hash: row.get(4)?,
        seen: row.get(5)?,
    })
}

fn detail(row: &Row) -> Result<RecordDetail, Error> {
    Ok(RecordDetail {
        id: row.get(0)?,
        source: row.get(1)?,
        stream: row.get(2)?,
        key: row.get(3)?,
        revision: row.get(4)?,
        number: row.get(5)?,
        body: body(row, 6)?,
    })
}

/// Reads data, text, acl and `changed_at` from the column at `at` on.
pub(crate) fn body(row: &Row, at: usize) -> Result<Body, Error> {
    let data = packed::unpack(&row.get::<Vec<u8>>(at)?)?;
    let data =
        serde_json::from_slice(&data).map_err(|error| Error::Bug(format!("a record's data is damaged: {error}")))?;
    let acl: Acl = row.json(at + 2)?;
    Ok(Body {
        data,
        text: packed::unpack_text(&row.get::<Vec<u8>>(at + 1)?)?,
        acl,
        changed_at: row.get(at + 3)?,
    })
}

pub(crate) fn count(row: &Row, at: usize) -> Result<u64, Error> {
    Ok(row.get::<Option<i64>>(at)?.unwrap_or(0).try_into().unwrap_or(0))
}
