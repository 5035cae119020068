//! Records: what a page yields, on its way into the store.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Acl, Timestamp};

/// What identifies a record within its stream: the declared primary key, or partition and content hash without one.
///
/// Canonical text: a lone string key as it is, anything else as compact JSON.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordKey(pub String);

impl RecordKey {
    /// The key made of the values of a declared primary key, in its order.
    ///
    /// `None` when all values are null or there is none: such a record can't be told from others.
    pub fn from_values(values: &[Value]) -> Option<Self> {
        if values.iter().all(Value::is_null) {
            return None;
        }
        match values {
            [Value::String(text)] => Some(Self(text.clone())),
            [one] => Some(Self(one.to_string())),
            many => Some(Self(Value::Array(many.to_vec()).to_string())),
        }
    }
}

/// What one page says about one record.
#[derive(Debug, Clone, PartialEq)]
pub struct Landing {
    /// The stream's name.
    pub stream: String,
    /// Which record.
    pub key: RecordKey,
    /// Its present content, or that it is gone.
    pub content: Content,
    /// What is in the file that the record stands for; `None` where it stands for none, or for one that was not read.
    pub digest: Option<FileDigest>,
}

/// The first eight bytes of the BLAKE3 of a file's content: enough to find files that may be alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileDigest(pub i64);

impl FileDigest {
    /// Of a whole BLAKE3 in hexadecimal; `None` for anything else.
    pub fn of_hex(hash: &str) -> Option<Self> {
        let first = hash.get(..16)?;
        u64::from_str_radix(first, 16).ok().map(|bits| Self(bits.cast_signed()))
    }
}

/// The content of a record as a page gave it.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// The record exists and looks like this.
    Present(Box<Body>),
    /// The provider said that the record is gone.
    Gone,
}

/// Everything that is kept of a record. A change of any part is a new revision.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Body {
    /// The record's fields, as the connector decoded them.
    pub data: Value,
    /// Text extracted from a file that belongs to the record; empty when there is none.
    pub text: String,
    /// Who may see it, besides holding the source.
    pub acl: Acl,
    /// When the provider says it last changed.
    pub changed_at: Option<Timestamp>,
}

/// A record that a page held but that could not be decoded or extracted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// The stream's name.
    pub stream: String,
    /// Which record, where that much could be read. Such a record is still *seen*: a sweep does not delete it.
    pub key: Option<RecordKey>,
    /// The class of the failure, the same words for the same cause, for grouping: `password protected`.
    pub reason: String,
    /// What happened, with the thing, the place and the way out.
    pub detail: String,
}
