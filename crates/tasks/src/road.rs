//! What every task of the road works with.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use connector::registry::{Built, Environment};
use extract::pool::ExtractPool;
use index::Index;
use model::{Clock, SourceId};
use queue::Stop;
use store::{SourceRow, Store};
use tokio::sync::Semaphore;

use crate::prune::Retention;
use crate::sources::Sources;
use crate::upload::Pace;

/// What a [`Road`] is made of.
#[derive(Debug, Clone)]
pub struct RoadParts {
    /// The store.
    pub store: Store,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// The search index, in the one process that owns it.
    pub index: Option<Index>,
    /// The children that read files.
    pub extract: Arc<ExtractPool>,
    /// The client of every request to a provider.
    pub client: outbound::Client,
    /// Roots below which members' folder sources may read.
    pub allowed_roots: Vec<PathBuf>,
    /// How long things are kept.
    pub retention: Retention,
    /// How far fetching goes.
    pub limits: FetchLimits,
}

/// How far fetching goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FetchLimits {
    /// How many pages one listing may have. More is taken for an endless one.
    pub pages_max: u64,
    /// Nothing more is fetched when fewer bytes than this are free on the disk of the data folder.
    pub free_bytes_min: u64,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            pages_max: 100_000,
            free_bytes_min: 256 << 20,
        }
    }
}

/// The context of every task.
#[derive(Debug)]
pub struct Road {
    pub(crate) parts: RoadParts,
    /// One permit: whoever holds it uploads to the index.
    pub(crate) uploading: Arc<Semaphore>,
    /// Kept from one upload to the next.
    pace: Mutex<Pace>,
    sources: Sources,
}

impl Road {
    /// A road over these parts.
    pub fn new(parts: RoadParts) -> Self {
        Self {
            parts,
            uploading: Arc::new(Semaphore::new(1)),
            pace: Mutex::default(),
            sources: Sources::default(),
        }
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.parts.store
    }

    /// How soon the index is committed again.
    pub(crate) fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The source's row and the source made ready. A deleted source is `None`: whatever is left to do for it is not.
    pub(crate) async fn source(&self, id: SourceId) -> Result<Option<(SourceRow, Built)>, Stop> {
        let found = self.store().read(move |tx| {
            let row = tx.find_source(id)?.filter(|row| row.deleted_at.is_none());
            let is_administrator = tx.is_owned_by_administrator(id)?;
            Ok::<_, store::Error>(row.map(|row| (row, is_administrator)))
        });
        let Some((row, is_administrator)) = found.await? else {
            return Ok(None);
        };
        let environment = Environment {
            data_dir: self.store().data_dir().to_owned(),
            allowed_roots: self.parts.allowed_roots.clone(),
            is_administrator,
            client: self.parts.client.clone(),
            clock: Arc::clone(&self.parts.clock),
            pages_max: Some(self.parts.limits.pages_max),
        };
        let built = self
            .sources
            .build(self.store(), &row, &environment)
            .map_err(|error| Stop::Failed(error.into_failure()))?;
        Ok(Some((row, built)))
    }
}
