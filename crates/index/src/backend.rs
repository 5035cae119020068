//! What an engine has to do. One folder or file per engine below; only these name an engine's crate.

use std::path::Path;
use std::sync::Arc;

use model::{Asker, RecordId};

use self::tantivy::TantivyBackend;
use crate::{Change, Error, Hit, Options, Payload, Refused, SearchRequest, SearchResponse, Stats};

#[cfg(test)]
mod scan;
mod tantivy;

/// An engine: documents in, hits out. Everything may be called from many threads at once; calls block.
///
/// Whatever reads takes the asker and shows them nothing that [`Asker::may_see`] would not.
pub trait IndexBackend: Send + Sync + std::fmt::Debug {
    /// Takes changes, in their order; they are seen after the next [`Self::commit`].
    ///
    /// A document that the engine refuses is returned and holds up no other one.
    fn apply(&self, batch: Vec<Change>) -> Result<Vec<Refused>, Error>;

    /// Makes everything applied so far durable together with `payload`, and visible to searches that start later.
    fn commit(&self, payload: &Payload) -> Result<(), Error>;

    /// What the newest commit carries; `None` before the first one.
    fn payload(&self) -> Result<Option<Payload>, Error>;

    /// Answers several searches over the same state, in their order. Searches for the same words share the work.
    fn search_many(&self, requests: &[SearchRequest], asker: &Asker) -> Result<Vec<SearchResponse>, Error>;

    /// One document with its body; `None` where it is missing or the asker may not see it.
    fn find(&self, record: RecordId, asker: &Asker) -> Result<Option<Hit>, Error>;

    /// Figures for operators.
    fn stats(&self) -> Result<Stats, Error>;
}

/// A new, empty index in the empty folder `dir`.
pub(crate) fn create(dir: &Path, options: &Options) -> Result<Arc<dyn IndexBackend>, Error> {
    Ok(Arc::new(TantivyBackend::create(dir, options)?))
}

/// The index in `dir`; `None` if it is damaged, or kept in another way than this version does.
pub(crate) fn open(dir: &Path, options: &Options) -> Result<Option<Arc<dyn IndexBackend>>, Error> {
    let opened = TantivyBackend::open(dir, options)?;
    Ok(opened.map(|backend| -> Arc<dyn IndexBackend> { Arc::new(backend) }))
}

/// What the newest commit of the index in `dir` carries, read without changing anything; `None` as [`open`].
pub(crate) fn look(dir: &Path) -> Result<Option<Payload>, Error> {
    TantivyBackend::look(dir)
}

#[cfg(test)]
mod tests;
