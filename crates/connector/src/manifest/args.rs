//! What a slice and a read position hold. Both are stored and read again by later versions: fields are only added.

use std::collections::BTreeMap;

use model::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::Error;

/// A stretch of time, both ends included, in microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Window {
    pub(super) start: i64,
    pub(super) end: i64,
}

/// One thing that a stream is read for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Partition {
    /// What templates see, the parent's own partition as `parent_slice` included.
    pub(super) fields: Map<String, Json>,
    /// What the parent's record lends besides.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) extra: Map<String, Json>,
    /// The partition's cursor, in microseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<i64>,
}

impl Partition {
    /// What tells the partition from others of its stream.
    pub(super) fn hash(&self) -> String {
        let text = super::records::canonical(&Json::Object(self.fields.clone()));
        blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
    }
}

/// What one slice reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct SliceArgs {
    /// The way from the stream to the ancestor that is read, as router and parent numbers; empty: the stream itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) via: Vec<(usize, usize)>,
    pub(super) partitions: Vec<Partition>,
    /// The windows of the one partition, drawn up when the sync was planned; none: drawn up per partition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) windows: Option<Vec<Window>>,
    /// Where the stream goes on behind the last of `windows`; none: there is nothing behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) then: Option<i64>,
    /// The `now` of everything that is planned.
    pub(super) planned_at: Timestamp,
    /// Partitions of streams on the way that a further router of theirs is still to complete, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) bases: Vec<Base>,
    /// Cursors of partitions that are yet to be found, by their hash.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) cursors: BTreeMap<String, i64>,
    /// The stream could not be planned with the others: reading the slice plans it, or says why it can't.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_unplanned: bool,
}

/// What one router of a stream has found while another is still to be asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Base {
    /// How many steps of the way lead to that stream.
    pub(super) at: usize,
    pub(super) partitions: Vec<Partition>,
}

impl SliceArgs {
    /// A slice that reads partitions of the stream itself.
    pub(super) fn new(partitions: Vec<Partition>, planned_at: Timestamp) -> Self {
        Self {
            via: Vec::new(),
            partitions,
            windows: None,
            then: None,
            planned_at,
            bases: Vec::new(),
            cursors: BTreeMap::new(),
            is_unplanned: false,
        }
    }

    pub(super) fn from_json(json: &Json) -> Result<Self, Error> {
        serde_json::from_value(json.clone()).map_err(|error| {
            Error::FixConfiguration(format!(
                "a slice was planned by another version, start a new sync: {error}"
            ))
        })
    }

    pub(super) fn to_json(&self) -> Json {
        serde_json::to_value(self).unwrap_or(Json::Null)
    }

    /// What every page of the slice keeps of it: not the partitions and cursors of all the others.
    pub(super) fn for_pages(&self) -> Json {
        let kept = Self {
            via: self.via.clone(),
            ..Self::new(Vec::new(), self.planned_at)
        };
        kept.to_json()
    }
}

/// How far the reading of a slice is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Position {
    /// Number of the partition.
    pub(super) partition: usize,
    /// Number of the window within the partition.
    pub(super) window: usize,
    /// All pages of this window are read; its checkpoint may not have been sent.
    #[serde(default)]
    pub(super) is_done: bool,
    /// The highest cursor seen in this window, in microseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) highest: Option<i64>,
    #[serde(default)]
    pub(super) chain: Chain,
}

impl Position {
    pub(super) fn from_json(json: &Json) -> Result<Self, Error> {
        serde_json::from_value(json.clone())
            .map_err(|error| Error::PositionRefused(format!("the read position can't be read: {error}")))
    }

    pub(super) fn to_json(&self) -> Json {
        serde_json::to_value(self).unwrap_or(Json::Null)
    }
}

/// How far a chain of pages is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Chain {
    /// What asks for the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) token: Option<Json>,
    /// Pages read.
    pub(super) pages: u64,
    /// Hash of the last page's body, where it held records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<String>,
    /// Hash of the token and its page's records that later ones are compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) anchor: Option<String>,
    /// Pages until the anchor moves on. It doubles, so that a cycle of any length is met in the end.
    #[serde(default)]
    pub(super) lap: u64,
    #[serde(default)]
    pub(super) step: u64,
}

impl Chain {
    /// Goes on to the next page. `Err` names what repeats itself.
    pub(super) fn advance(&mut self, token: Json, body: Option<String>) -> Result<(), &'static str> {
        // Some providers go on under one token: it repeats itself when what came with it does.
        let step = format!("{token} {}", body.as_deref().unwrap_or_default());
        let hash = blake3::hash(step.as_bytes()).to_hex()[..16].to_owned();
        if self.anchor.as_ref() == Some(&hash) {
            return Err("the same page token comes back, with the same records or none");
        }
        if body.is_some() && self.body == body {
            return Err("the same page comes back under another token");
        }
        if self.step >= self.lap {
            self.anchor = Some(hash);
            self.lap = (self.lap * 2).max(1);
            self.step = 0;
        } else {
            self.step += 1;
        }
        self.pages += 1;
        self.token = Some(token);
        self.body = body;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Chain;

    #[test]
    fn a_cycle_of_any_length_is_noticed() {
        for length in [1, 2, 3, 7, 100] {
            let mut chain = Chain::default();
            let turn = (0..10_000).find(|page| chain.advance(json!(page % length), None).is_err());
            assert!(turn.is_some_and(|turn| turn <= 4 * length + 4), "{length}: {turn:?}");
        }
        let mut chain = Chain::default();
        assert!((0..10_000).all(|page| chain.advance(json!(page), None).is_ok()));
    }

    #[test]
    fn one_token_for_ever_new_records_is_no_cycle() {
        let mut chain = Chain::default();
        assert!((0..10_000).all(|page| chain.advance(json!("scroll"), Some(page.to_string())).is_ok()));
        assert!((0..20_000).any(|_| chain.advance(json!("scroll"), None).is_err()));
    }

    #[test]
    fn the_same_body_under_another_token_is_noticed() {
        let mut chain = Chain::default();
        chain.advance(json!(1), Some("a".to_owned())).unwrap();
        chain.advance(json!(2), None).unwrap();
        chain.advance(json!(3), Some("a".to_owned())).unwrap();
        assert!(chain.advance(json!(4), Some("a".to_owned())).is_err());
    }
}
