//! Documents: what people find.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Acl, RecordId, Revision, SourceId, Timestamp};

/// The searchable unit. A pure function of a record and its connector's `search.yaml`; never stored, only indexed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The record that it shows.
    pub record: RecordId,
    /// That record's revision, so that an engine can refuse an older one.
    pub revision: Revision,
    /// The source that the record belongs to.
    pub source: SourceId,
    /// The stream's name.
    pub stream: String,
    /// What it is, for the facet and the icon: `pdf`, `issue`, `card`.
    pub kind: String,
    /// One line.
    pub title: String,
    /// Everything else that is searched, as plain text.
    pub body: String,
    /// Where the provider shows it; `None` for what only our own viewer shows.
    pub url: Option<String>,
    /// Where it lives: a folder's path, a board and a list. Segments are parted by `/`.
    pub path: Option<String>,
    /// Names of people: authors, owners, assignees; the most important first.
    pub people: Vec<String>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it last changed; orders hits that are otherwise equal, newest first.
    pub changed_at: Option<Timestamp>,
    /// Further facets: name to values.
    pub facets: BTreeMap<String, Vec<String>>,
    /// Who may see it, besides holding the source.
    pub acl: Acl,
}
