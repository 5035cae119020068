//! What searches see of a generation, and how they come to see more of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tantivy::index::SegmentId;
use tantivy::{IndexReader, TantivyError};

use super::schema::Fields;
use super::snapshot::Snapshot;
use crate::Attribute;

/// What searches see.
pub(super) struct View {
    pub fields: Fields,
    index: tantivy::Index,
    reader: IndexReader,
    snapshot: RwLock<Arc<Snapshot>>,
    /// Held while the index changes and while a newer snapshot is made: they follow each other in the order of commits.
    changing: Mutex<()>,
}

impl View {
    pub(super) fn new(fields: Fields, index: tantivy::Index, reader: IndexReader) -> Result<Self, TantivyError> {
        let snapshot = Snapshot::new(&fields, &reader, None)?;
        Ok(Self {
            fields,
            index,
            reader,
            snapshot: RwLock::new(Arc::new(snapshot)),
            changing: Mutex::default(),
        })
    }

    /// The index as it is now.
    pub(super) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps the keeper from looking while a commit is under way.
    pub(super) fn begin_change(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows what the reader holds since it was reloaded.
    pub(super) fn publish(&self, _changing: &MutexGuard<'_, ()>) -> Result<(), TantivyError> {
        let before = self.snapshot();
        let next = Snapshot::new(&self.fields, &self.reader, Some(&before))?;
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        Ok(())
    }

    /// Shows the segments that there are now, if they are others than those that are seen.
    pub(super) fn catch_up(&self) -> Result<(), TantivyError> {
        let changing = self.begin_change();
        let mut now = self.index.searchable_segment_ids()?;
        let mut seen: Vec<SegmentId> = self.snapshot().segments.iter().map(|live| live.segment.id).collect();
        now.sort_unstable();
        seen.sort_unstable();
        if now == seen {
            return Ok(());
        }
        self.reader.reload()?;
        self.publish(&changing)
    }

    /// Makes each segment quick that is not yet. Stops when `is_wanted` says so.
    pub(super) fn quicken(&self, is_wanted: &dyn Fn() -> bool) -> Result<(), TantivyError> {
        let field = self.fields.text(Attribute::Title);
        for live in &self.snapshot().segments {
            live.segment.quicken(field, is_wanted)?;
        }
        Ok(())
    }
}
