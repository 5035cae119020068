//! The index as its users hold it: one live generation, and perhaps a new one beside it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use model::{Asker, RecordId};

use crate::generation::{Generation, Generations};
use crate::{Change, Error, Hit, IndexBackend, Payload, Refused, SearchRequest, SearchResponse, backend};

/// How much the index may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Threads that index documents, 1 to 8.
    pub writer_threads: usize,
    /// Memory of each of these threads before it writes to disk, in bytes; at least 15 MB. Unused while idle.
    pub writer_memory_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            writer_threads: 1,
            writer_memory_bytes: 64_000_000,
        }
    }
}

/// Figures for operators. They count all documents, so they are not for people who search.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Documents that the index holds.
    pub documents: u64,
    /// Parts that the engine keeps them in.
    pub segments: u64,
    /// Size on disk, in bytes.
    pub bytes: u64,
}

/// The search index in one folder. Cheap to clone; all clones are the same index.
///
/// One process may have it open. Calls block.
#[derive(Debug, Clone)]
pub struct Index {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    generations: Generations,
    options: Options,
    live: RwLock<Live>,
    is_rebuilding: Mutex<bool>,
}

/// What an interrupted rebuild left, with what it committed last.
type Unfinished = (Generation, Arc<dyn IndexBackend>, Payload);

/// What is built anew, with what it committed last.
type Begun = (Generation, Arc<dyn IndexBackend>, Option<Payload>);

#[derive(Debug)]
struct Live {
    backend: Arc<dyn IndexBackend>,
    generation: Generation,
}

impl Index {
    /// Opens the index in `dir`, or creates an empty one there.
    ///
    /// What an interrupted rebuild left stays, for the next [`Self::start_rebuild`] to go on with. An index that can't be
    /// read, or that another version of the program wrote, is replaced by an empty one: [`Self::payload`] is `None` then
    /// and the caller rebuilds.
    pub fn open(dir: &Path, options: &Options) -> Result<Self, Error> {
        let generations = Generations::open(dir)?;
        let (generation, backend) = match generations.current()? {
            Some(generation) => match backend::open(&generation.dir, options)? {
                Some(backend) => (generation, backend),
                None => fresh(&generations, options)?,
            },
            None => fresh(&generations, options)?,
        };
        let unfinished = generations.unfinished(&generation)?;
        let kept: Vec<&Generation> = std::iter::once(&generation).chain(&unfinished).collect();
        // A leftover that can't be removed costs space, nothing else.
        warn_left_behind(generations.remove_others(&kept));
        let live = RwLock::new(Live { backend, generation });
        let inner = Inner {
            generations,
            options: options.clone(),
            live,
            is_rebuilding: Mutex::new(false),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// What the newest commit of the index in `dir` carries, read without changing anything there; `None` where there is
    /// no index, or one that [`Self::open`] would replace.
    pub fn look(dir: &Path) -> Result<Option<Payload>, Error> {
        match Generations::at(dir).current()? {
            Some(generation) => backend::look(&generation.dir),
            None => Ok(None),
        }
    }

    /// Takes changes, in their order; they are seen after the next [`Self::commit`].
    ///
    /// Documents that the engine refuses are returned; the others are not held up.
    pub fn apply(&self, batch: Vec<Change>) -> Result<Vec<Refused>, Error> {
        self.live().apply(batch)
    }

    /// Makes everything applied so far durable together with `payload`, and visible to searches that start later.
    pub fn commit(&self, payload: &Payload) -> Result<(), Error> {
        self.live().commit(payload)
    }

    /// What the newest commit carries; `None` for an index that was never committed.
    pub fn payload(&self) -> Result<Option<Payload>, Error> {
        self.live().payload()
    }

    /// Answers one search with what `asker` may see.
    pub fn search(&self, request: &SearchRequest, asker: &Asker) -> Result<SearchResponse, Error> {
        let mut answers = self.search_many(std::slice::from_ref(request), asker)?;
        Ok(answers.pop().unwrap_or_default())
    }

    /// Answers several searches over the same state, in their order. Those for the same words share the work.
    pub fn search_many(&self, requests: &[SearchRequest], asker: &Asker) -> Result<Vec<SearchResponse>, Error> {
        for request in requests {
            request.check()?;
        }
        self.live().search_many(requests, asker)
    }

    /// One document with its body; `None` where it is missing or `asker` may not see it.
    pub fn find(&self, record: RecordId, asker: &Asker) -> Result<Option<Hit>, Error> {
        self.live().find(record, asker)
    }

    /// Figures for operators.
    pub fn stats(&self) -> Result<Stats, Error> {
        self.live().stats()
    }

    /// Starts an index beside the live one. Searches and changes go on with the live one until [`Rebuild::swap`].
    ///
    /// It goes on with what an interrupted rebuild has committed, if `fits` says so of its payload, which is then
    /// answered; otherwise it is empty. Where the live one holds nothing yet, it is the live one itself: searches find
    /// what has been committed so far.
    pub fn start_rebuild(&self, fits: impl Fn(&Payload) -> bool) -> Result<(Rebuild, Option<Payload>), Error> {
        let mut is_rebuilding = self.is_rebuilding();
        if *is_rebuilding {
            return Err(Error::Rebuilding {
                dir: self.inner.generations.dir().to_owned(),
            });
        }
        let (generation, backend, payload) = if let Some((generation, backend, payload)) = self.unfinished(&fits)? {
            (generation, backend, Some(payload))
        } else if let Some(begun) = self.begun(&fits)? {
            begun
        } else {
            let generation = self.inner.generations.create()?;
            let backend = backend::create(&generation.dir, &self.inner.options)?;
            (generation, backend, None)
        };
        *is_rebuilding = true;
        let rebuild = Rebuild {
            inner: Arc::clone(&self.inner),
            backend: Some(backend),
            generation,
            is_committed: payload.is_some(),
        };
        Ok((rebuild, payload))
    }

    /// The live one, if it was never committed, or if a rebuild has begun in it that fits.
    fn begun(&self, fits: impl Fn(&Payload) -> bool) -> Result<Option<Begun>, Error> {
        let live = self.inner.live.read().unwrap_or_else(PoisonError::into_inner);
        let payload = live.backend.payload()?;
        let is_open = |payload: &Payload| payload.built_through.is_some() && fits(payload);
        let takes = payload.as_ref().is_none_or(is_open);
        Ok(takes.then(|| (live.generation.clone(), Arc::clone(&live.backend), payload)))
    }

    /// Removes what an interrupted rebuild left, which nobody needs any more.
    pub fn drop_unfinished(&self) -> Result<(), Error> {
        if *self.is_rebuilding() {
            return Ok(());
        }
        self.unfinished(|_| false).map(drop)
    }

    /// What an interrupted rebuild left, if it is whole and fits; removes it otherwise.
    fn unfinished(&self, fits: impl Fn(&Payload) -> bool) -> Result<Option<Unfinished>, Error> {
        let live = self.inner.live.read().unwrap_or_else(PoisonError::into_inner);
        let live = live.generation.clone();
        let generations = &self.inner.generations;
        let Some(generation) = generations.unfinished(&live)? else {
            return Ok(None);
        };
        // A swap that failed late: the next start takes it.
        if generations.current()?.as_ref() == Some(&generation) {
            return Ok(None);
        }
        if let Some(backend) = backend::open(&generation.dir, &self.inner.options)?
            && let Some(payload) = backend.payload()?
            && fits(&payload)
        {
            return Ok(Some((generation, backend, payload)));
        }
        warn_left_behind(generations.remove_others(&[&live]));
        Ok(None)
    }

    fn is_rebuilding(&self) -> MutexGuard<'_, bool> {
        self.inner.is_rebuilding.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The index's folder.
    pub fn dir(&self) -> PathBuf {
        self.inner.generations.dir().to_owned()
    }

    fn live(&self) -> Arc<dyn IndexBackend> {
        Arc::clone(&self.inner.live.read().unwrap_or_else(PoisonError::into_inner).backend)
    }
}

fn fresh(generations: &Generations, options: &Options) -> Result<(Generation, Arc<dyn IndexBackend>), Error> {
    let generation = generations.create()?;
    let backend = backend::create(&generation.dir, options)?;
    generations.make_current(&generation)?;
    Ok((generation, backend))
}

/// A new index that grows beside the live one, or in its place where that was empty. Dropped without [`Self::swap`], it keeps what it has committed, for the
/// next rebuild to go on with.
#[derive(Debug)]
pub struct Rebuild {
    inner: Arc<Inner>,
    backend: Option<Arc<dyn IndexBackend>>,
    generation: Generation,
    is_committed: bool,
}

impl Rebuild {
    /// As [`Index::apply`], on the new index.
    pub fn apply(&self, batch: Vec<Change>) -> Result<Vec<Refused>, Error> {
        match &self.backend {
            Some(backend) => backend.apply(batch),
            None => Ok(Vec::new()),
        }
    }

    /// As [`Index::commit`], on the new index.
    pub fn commit(&mut self, payload: &Payload) -> Result<(), Error> {
        if let Some(backend) = &self.backend {
            backend.commit(payload)?;
            self.is_committed = true;
        }
        Ok(())
    }

    /// Commits with `payload` and puts the new index in the place of the live one, which is removed.
    ///
    /// A crash at any moment leaves one of the two, whole.
    pub fn swap(mut self, payload: &Payload) -> Result<(), Error> {
        self.commit(payload)?;
        if self.is_live() {
            return Ok(());
        }
        self.inner.generations.make_current(&self.generation)?;
        let Some(backend) = self.backend.take() else {
            return Ok(());
        };
        let new = Live {
            backend,
            generation: self.generation.clone(),
        };
        let old = {
            let mut live = self.inner.live.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *live, new)
        };
        let Live { backend, generation } = old;
        drop(backend);
        // The swap is done: what can't be removed now is removed at the next start.
        warn_left_behind(self.inner.generations.remove(&generation));
        Ok(())
    }

    /// Whether searches go to this index already.
    fn is_live(&self) -> bool {
        let live = self.inner.live.read().unwrap_or_else(PoisonError::into_inner);
        live.generation == self.generation
    }
}

impl Drop for Rebuild {
    fn drop(&mut self) {
        if let Some(backend) = self.backend.take() {
            drop(backend);
            // A swap that failed late may have made it the live one on disk: it is whole, and the next start takes it.
            let is_current = self
                .inner
                .generations
                .current()
                .is_ok_and(|current| current.as_ref() == Some(&self.generation));
            if !is_current && !self.is_committed {
                warn_left_behind(self.inner.generations.remove(&self.generation));
            }
        }
        *self.inner.is_rebuilding.lock().unwrap_or_else(PoisonError::into_inner) = false;
    }
}

fn warn_left_behind(removed: Result<(), Error>) {
    if let Err(error) = removed {
        tracing::warn!(%error, "an old generation of the search index was left behind: {error}");
    }
}

#[cfg(test)]
mod tests;
