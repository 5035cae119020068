//! What goes in: changes, the payload that a commit carries, and documents that were refused.

use model::{Document, RecordId};
use serde::{Deserialize, Serialize};

/// The version of what this room keeps on disk. A generation of another version is never searched.
pub const SCHEMA_VERSION: u32 = 2;

/// One change of the index. Within a batch the last one about a record wins.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The record looks like this now; replaces whatever the index holds of it.
    Upsert(Box<Document>),
    /// The record is gone. Deleting what isn't there is fine.
    Delete(RecordId),
}

impl Change {
    /// The record that changes.
    pub fn record(&self) -> RecordId {
        match self {
            Self::Upsert(document) => document.record,
            Self::Delete(record) => *record,
        }
    }
}

/// What a commit says about itself, kept inside the engine's own commit, so that it can't disagree with the contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payload {
    /// The change log's position up to which the contents are complete.
    pub position: i64,
    /// The random id of the change at that position: another one at the same place is another history.
    pub change_token: i64,
    /// [`SCHEMA_VERSION`] of the program that wrote it.
    pub schema_version: u32,
    /// What mapped records to documents. Another one means rebuild.
    pub mapping_version: String,
    /// The newest request to build the index anew that it answers: a greater one in the store means rebuild.
    #[serde(default)]
    pub rebuild: i64,
    /// Of an index that is still being built: the last record that is in it. Records are read in their order.
    #[serde(default)]
    pub built_through: Option<RecordId>,
}

/// A document that the engine would not take. Whatever it held of the record before is removed, because it would
/// show an old content under old permissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The record that the document shows.
    pub record: RecordId,
    /// The class of the failure, the same words for the same cause: `field too large`.
    pub reason: String,
    /// What happened, with the field and the limit.
    pub detail: String,
}
