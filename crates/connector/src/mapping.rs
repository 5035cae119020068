//! Record → document: what `search.yaml` says, and what is guessed where it says nothing.
//!
//! ```yaml
//! version: 1
//! streams:
//!   cards:
//!     kind: card                                  # plain text, as it is
//!     title: /name                                # a field, by its JSON pointer
//!     body: [/desc, "/checklists/*/name"]         # several fields; `*` is every element
//!     path: "{board.name}/{list.name}"            # text with fields in it
//!     url: [/shortUrl, /url]                      # the first that has a value
//!     people: /members
//!     changed_at: /dateLastActivity
//!     facets: { label: "/labels/*/name" }
//!     acl: [["trello/member/{members.*.id}", "trello/board/{board.id}"]]   # every inner list must be met by any one
//!     skip: [{ field: /closed, is: true }]
//! ```
//!
//! There is no code in it: fields, text with fields in it, and a few conditions. Keys that are left out are guessed
//! from the names of fields; an empty list (`people: []`) says that there is none. `@text` is the text of the record's
//! file, `@changed_at` the time that the connector gave, `@stream` the stream's name.
//!
//! [`Mapping::document`] is pure: it runs at upload, and its result is never stored.

mod document;
mod guess;
mod html;
mod instant;
mod read;
mod tree;
mod value;
mod write;

use std::collections::BTreeMap;

use model::connector::StreamInfo;
use model::record::Body;
use model::{Acl, Document, RecordId, Revision, SourceId};
use serde_json::Value;

use crate::Error;
use value::Template;

/// Grows whenever the same mapping would give another document, so that indexes are built anew.
pub const CODE_VERSION: u32 = 2;

/// The longest `search.yaml` that is read: 256 KiB.
const YAML_BYTES_MAX: usize = 256 << 10;

/// A connector's `search.yaml`, ready to be applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    streams: BTreeMap<String, StreamMapping>,
}

/// How the records of one stream become documents.
#[derive(Debug, Clone, PartialEq, Default)]
struct StreamMapping {
    /// Whether its records are found at all.
    is_searched: bool,
    kind: Vec<Template>,
    title: Vec<Template>,
    body: Vec<Template>,
    url: Vec<Template>,
    path: Vec<Template>,
    people: Vec<Template>,
    created_at: Vec<Template>,
    changed_at: Vec<Template>,
    facets: Vec<(String, Vec<Template>)>,
    acl: Vec<Vec<Template>>,
    /// A record that meets any of these is not found.
    skip: Vec<Condition>,
    /// A record that does not meet all of these is not found.
    when: Vec<Condition>,
}

/// Something about a record that is true or not.
#[derive(Debug, Clone, PartialEq)]
struct Condition {
    field: Template,
    test: Test,
}

/// What is asked of a field's values.
#[derive(Debug, Clone, PartialEq)]
enum Test {
    /// One of them equals one of these.
    Is(Vec<Value>),
    /// None of them equals any of these.
    IsNot(Vec<Value>),
    /// There is one (that is neither null nor empty), or there is none.
    Present(bool),
}

impl Mapping {
    /// Reads a `search.yaml`. An error names `file`, line, column, what is wrong and the way out.
    pub fn parse(yaml: &str, file: &str) -> Result<Self, Error> {
        Self::read(yaml, file, None)
    }

    /// The same for a source with these streams. A stream that it does not have is an error: what was written for it,
    /// permissions above all, would apply to nothing.
    pub fn parse_for(yaml: &str, file: &str, streams: &[&str]) -> Result<Self, Error> {
        Self::read(yaml, file, Some(streams))
    }

    fn read(yaml: &str, file: &str, streams: Option<&[&str]>) -> Result<Self, Error> {
        if yaml.len() > YAML_BYTES_MAX {
            return Err(Error::FixConfiguration(format!(
                "{file} has {} bytes, the limit is {YAML_BYTES_MAX}; shorten it",
                yaml.len()
            )));
        }
        read::mapping(yaml, file, streams).map_err(Error::FixConfiguration)
    }

    /// A guess from the streams' schemas and some records (stream name and data), to be shown and corrected.
    ///
    /// A field is taken where its name says what it is and a schema or a record has it. Without either, every usual
    /// name is tried on each record.
    pub fn guess(streams: &[StreamInfo], samples: &[(String, Value)]) -> Self {
        guess::mapping(streams, samples)
    }

    /// The same mapping with guesses for those of `streams` that it does not name.
    #[must_use]
    pub fn complete(self, streams: &[StreamInfo], samples: &[(String, Value)]) -> Self {
        self.or(guess::mapping(streams, samples))
    }

    /// The same mapping, with those of `others` for the streams that it does not name.
    #[must_use]
    pub(crate) fn or(mut self, others: Self) -> Self {
        for (name, mapping) in others.streams {
            self.streams.entry(name).or_insert(mapping);
        }
        self
    }

    /// The mapping as a `search.yaml`, guesses included. Reading it again gives an equal mapping.
    pub fn to_yaml(&self) -> String {
        write::yaml(self)
    }

    /// Whether it maps records of a stream of this name by more than a guess.
    pub fn knows(&self, stream: &str) -> bool {
        self.streams.contains_key(stream)
    }

    /// Whether documents of any stream have permissions of their own.
    pub fn restricts(&self) -> bool {
        self.streams.values().any(|stream| !stream.acl.is_empty())
    }

    /// The permissions of a record: what its connector demands and what the mapping demands. They land with it, because
    /// whoever may not find its document may not read it either.
    pub fn acl(&self, stream: &str, body: &Body) -> Acl {
        match self.streams.get(stream) {
            Some(mapping) => document::acl(mapping, stream, body),
            None => body.acl.clone(),
        }
    }

    /// The document of a record; `None` when the mapping keeps it out of the search.
    ///
    /// Never fails: what can't be used (a time that is none, a link that is not `http`) is left out. Permissions are
    /// the exception: a set whose principals can't be told is kept empty, and nobody meets an empty set.
    pub fn document(
        &self,
        record: RecordId,
        revision: Revision,
        source: SourceId,
        stream: &str,
        body: &Body,
    ) -> Option<Document> {
        match self.streams.get(stream) {
            Some(mapping) => document::document(mapping, record, revision, source, stream, body),
            None => document::document(&guess::usual(stream), record, revision, source, stream, body),
        }
    }

    /// A hash of everything that a document depends on besides its record. Another version means that indexes are
    /// built anew.
    pub fn version(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&CODE_VERSION.to_le_bytes());
        hasher.update(self.to_yaml().as_bytes());
        hasher.finalize().to_hex()[..16].to_owned()
    }
}

#[cfg(test)]
mod tests;
