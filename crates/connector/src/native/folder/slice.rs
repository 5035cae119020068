//! What one fetch task of a folder reads, and where it stands.

use std::path::PathBuf;

use model::connector::{Cursor, SliceSpec};
use model::{SyncMode, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::STREAM;
use super::name::path_of;
use crate::{Error, suggest};

/// How many changed paths one slice holds.
const CHANGED_MAX: usize = 1_000;

/// How much earlier than the last listing a change may be dated, in milliseconds: clocks of file servers differ, and
/// some file systems keep times to two seconds only.
const CLOCKS_DIFFER_MS: i64 = 120_000;

/// How many unreadable places a position names; beyond them, that there are more is enough.
const PLACES_MAX: usize = 20;

/// A slice's arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Work {
    /// Every file; with `since`, only those that changed since then (UTC milliseconds).
    List {
        /// When the slice was planned: what the next incremental listing starts from.
        planned_at: i64,
        /// Leave out what has not changed since then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<i64>,
    },
    /// These keys, present or gone.
    Changed {
        /// Record keys.
        keys: Vec<String>,
    },
}

impl Work {
    /// The arguments of a slice.
    pub(super) fn of(slice: &SliceSpec) -> Result<Self, Error> {
        serde_json::from_value(slice.args.clone()).map_err(|error| {
            Error::FixConfiguration(format!(
                "the slice of stream `{}` can't be understood: {error}; sync again",
                slice.stream
            ))
        })
    }

    /// The cursor that the slice's end leaves behind.
    pub(super) fn cursor(&self) -> Option<Value> {
        match self {
            Self::List { planned_at, .. } => Some(serde_json::json!({"since": planned_at - CLOCKS_DIFFER_MS})),
            Self::Changed { .. } => None,
        }
    }
}

/// Draws up the slices of a sync.
pub(super) fn plan(
    streams: &[String],
    mode: SyncMode,
    cursors: &[Cursor],
    now: Timestamp,
) -> Result<Vec<SliceSpec>, Error> {
    if let Some(unknown) = streams.iter().find(|name| *name != STREAM) {
        return Err(Error::FixConfiguration(format!(
            "a folder has no stream `{unknown}`; {}",
            suggest::hint(unknown, &[STREAM])
        )));
    }
    if streams.is_empty() {
        return Ok(Vec::new());
    }
    let since = match mode {
        SyncMode::Full => None,
        SyncMode::Incremental => cursors
            .iter()
            .find(|cursor| cursor.key == STREAM)
            .and_then(|cursor| cursor.value.get("since"))
            .and_then(Value::as_i64),
    };
    let work = Work::List {
        planned_at: now.0,
        since,
    };
    Ok(vec![spec(mode, &work, Some(STREAM))])
}

/// The slices that read just these keys.
pub(super) fn changed(keys: &[String]) -> Vec<SliceSpec> {
    keys.chunks(CHANGED_MAX)
        .map(|keys| spec(SyncMode::Incremental, &Work::Changed { keys: keys.to_vec() }, None))
        .collect()
}

fn spec(mode: SyncMode, work: &Work, checkpoint_key: Option<&str>) -> SliceSpec {
    SliceSpec {
        stream: STREAM.to_owned(),
        mode,
        args: serde_json::to_value(work).unwrap_or_default(),
        checkpoint_key: checkpoint_key.map(str::to_owned),
    }
}

/// Where a listing stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The key of the last file that was staged; empty at the beginning.
    pub after: String,
    /// Places that could not be read on the way, with the reason, as people read them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<String>,
    /// How many there were.
    #[serde(default)]
    pub unreadable_count: u64,
}

impl Place {
    /// The place that a read position stands for. What can't be understood is the beginning: reading twice is harmless.
    pub(super) fn of(position: Option<Value>) -> Self {
        position
            .and_then(|value| serde_json::from_value(value).ok())
            .unwrap_or_default()
    }

    /// The path after which the walk goes on.
    pub(super) fn path(&self) -> PathBuf {
        path_of(&self.after).unwrap_or_default()
    }

    /// Notes a place that can't be read.
    pub(super) fn note_unreadable(&mut self, place: &str, why: &str) {
        self.unreadable_count += 1;
        if self.unreadable.len() < PLACES_MAX {
            self.unreadable.push(format!("`{place}` ({why})"));
        }
    }

    /// What the end of the listing means: an error when something could not be read.
    pub(super) fn verdict(&self) -> Result<(), Error> {
        if self.unreadable_count == 0 {
            return Ok(());
        }
        let more = self.unreadable_count.saturating_sub(self.unreadable.len() as u64);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        Err(Error::Incomplete(format!(
            "could not be read: {}{more}; what is below was kept as it was, everything else was read. Allow the server's \
             user to read it, or leave it out with `exclude`, then sync again",
            self.unreadable.join(", ")
        )))
    }
}
