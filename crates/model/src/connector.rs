//! What a connector and the rest of Fossick exchange: descriptions of streams, slices and raw pages.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Number, SyncMode, Timestamp};

/// One collection of records that a source offers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StreamInfo {
    /// The stream's name, unique within the source.
    pub name: String,
    /// Whether the stream can be read from a cursor.
    pub incremental: bool,
    /// Whether a full listing is exact: what is not in it is gone, without a second opinion.
    pub exact_listing: bool,
    /// The fields that identify a record; empty when none are declared.
    pub primary_key: Vec<String>,
    /// The JSON Schema of a record, as far as the connector knows it.
    pub schema: Value,
}

/// What one fetch task is to read. Opaque to everyone but the connector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SliceSpec {
    /// The stream's name.
    pub stream: String,
    /// Full or incremental.
    pub mode: SyncMode,
    /// Partition, window, starting cursor: whatever the connector wrote when it planned the slice.
    pub args: Value,
    /// The key whose cursor the slice's end moves; slices with the same key move it in the order of their planning.
    pub checkpoint_key: Option<String>,
}

/// One raw answer and everything that parsing it reads. What is stored is this, so that parse is a pure function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RawPage {
    /// The stream's name.
    pub stream: String,
    /// The slice that it was read in.
    pub slice: SliceSpec,
    /// Drawn before the request was first sent.
    pub number: Number,
    /// When the answer came: the `now` of every expression that is evaluated over it.
    pub answered_at: Timestamp,
    /// Where the answer came from, without secrets; empty where that means nothing.
    pub url: String,
    /// HTTP status; 0 where there is none.
    pub status: u16,
    /// Response headers that parsing may read, names in lower case.
    pub headers: Vec<(String, String)>,
    /// What else the connector wants back when it parses.
    pub extra: Value,
    /// The answer's bytes. Kept apart from the rest when staged.
    #[serde(skip)]
    pub body: Vec<u8>,
}

/// One cursor of a source: where the next sync of its stream or partition starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    /// The stream, a partition of it, or the empty text for the whole source.
    pub key: String,
    /// Opaque to everyone but the connector.
    pub value: Value,
}
