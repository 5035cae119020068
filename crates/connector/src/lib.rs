//! A source's pages: what is read, how a page becomes records, and how a record becomes a document.
//!
//! This crate knows neither store nor queue nor index. A connector offers two halves of one road:
//!
//! * [`Connector::read`] is the network half. It yields [`reader::Event`]s, and each is acknowledged by whoever
//!   listens before the connector may count on its effects.
//! * [`Connector::parse`] is the pure half: the same page gives the same records, today and at a replay in a year.

pub mod error;
pub mod governor;
pub mod grant;
pub mod manifest;
pub mod mapping;
pub mod native;
pub mod reader;
pub mod registry;
mod suggest;
mod syntax;

use std::collections::HashSet;

use futures_util::future::BoxFuture;
use model::connector::{Cursor, RawPage, SliceSpec, StreamInfo};
use model::{Landing, Rejected, SyncMode, Timestamp};
use serde_json::Value;

pub use error::Error;
pub use reader::Reader;

/// One configured source, ready to be read. Made by the registry from a connector's name and a configuration.
pub trait Connector: Send + Sync {
    /// The streams that the source offers.
    fn streams(&self) -> Result<Vec<StreamInfo>, Error>;

    /// Tries the configuration against the real thing and says in plain words what is wrong; or, where it works, what
    /// looks like a mistake all the same.
    fn check(&self) -> BoxFuture<'_, Result<Vec<String>, Error>>;

    /// Draws up what a sync of `streams` reads, in the order in which checkpoints move. Pure.
    fn plan(
        &self,
        streams: &[String],
        mode: SyncMode,
        cursors: &[Cursor],
        now: Timestamp,
    ) -> Result<Vec<SliceSpec>, Error>;

    /// Reads one slice from its read position (`None`: from its beginning) to its end.
    ///
    /// Returns when everything was yielded and acknowledged, with [`Error::Incomplete`] when that was everything but
    /// places that the pages name as spared. Dropping the future at any point is safe: what was
    /// acknowledged stays, the rest is read again.
    fn read<'a>(
        &'a self,
        slice: &'a SliceSpec,
        position: Option<Value>,
        reader: &'a mut Reader,
    ) -> BoxFuture<'a, Result<(), Error>>;

    /// The records of a page. Pure and synchronous, except that a page of files reads those files through `extract`.
    fn parse(&self, page: &RawPage, extract: &mut ExtractFiles<'_>) -> Result<Parsed, Error>;

    /// Of these keys, those at which there is nothing any more, where that can be seen at once and for certain: a record
    /// whose file is found elsewhere has moved then. Blocking.
    fn list_gone(&self, _keys: &[String]) -> HashSet<String> {
        HashSet::new()
    }

    /// The version of `parse`: part of every record's hash, so that a better parser writes what it would change.
    fn version(&self) -> u32 {
        1
    }
}

/// How `parse` gets at the texts of files: the one thing that it may not do itself. One answer per file, in their order.
///
/// `tasks` passes the extraction child, and what is known of files whose content has not changed; tests pass a plain
/// reader. A page asks for all its files at once, so that what is known of them is looked up at once.
pub type ExtractFiles<'a> = dyn FnMut(&[FileToRead<'_>]) -> Vec<Result<ExtractedFile, ExtractFailure>> + 'a;

/// A file whose text is wanted.
#[derive(Debug, Clone, Copy)]
pub struct FileToRead<'a> {
    /// Where it is.
    pub path: &'a std::path::Path,
    /// What it is believed to be; empty: to be found out.
    pub media_type: &'a str,
    /// The record that the text belongs to; what people are told names the file so.
    pub key: &'a str,
    /// A hash of its content.
    pub hash: &'a str,
}

/// Why a file yields no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractFailure {
    /// The class: the same words for the same cause.
    pub reason: String,
    /// For a person; names the file.
    pub detail: String,
    /// What follows from it.
    pub kind: ExtractFailureKind,
}

/// What follows from a file that yields no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtractFailureKind {
    /// The file is at fault: it is found by its name, and listed as a failure.
    File,
    /// Nothing reads its format: it is found by its name, and that is as it should be.
    Unsupported,
    /// It may work in a while: the page is parsed again.
    Passing,
}

/// What was found in a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExtractedFile {
    /// Plain text.
    pub text: String,
    /// The document's own title.
    pub title: Option<String>,
    /// The document's own authors.
    pub authors: Vec<String>,
    /// Number of pages, sheets or slides.
    pub pages: Option<u32>,
    /// Whether a limit cut the text short.
    pub truncated: bool,
    /// The version of what read it: another one would perhaps find more.
    pub reader: u32,
}

/// What a page yields.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parsed {
    /// Records and tombstones, in the order of the page; of two with one key the last counts.
    pub landings: Vec<Landing>,
    /// What could not be decoded.
    pub rejected: Vec<Rejected>,
    /// Places of the page's stream of which nothing is known, so that no sweep concludes anything from what the listing
    /// lacks there: the record with such a key, and those whose keys go on after it with a `/`. The empty text is
    /// everywhere.
    pub spared: Vec<String>,
}
