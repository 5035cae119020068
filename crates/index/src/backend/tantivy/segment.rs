//! One part of the index, which never changes, with everything opened that a search reads, and what it remembers of
//! askers. Deletions are not its business: see [`super::snapshot`].

use std::sync::{Arc, Mutex, PoisonError};

use tantivy::columnar::{Column, StrColumn};
use tantivy::index::{InvertedIndexReader, SegmentId};
use tantivy::{SegmentReader, TantivyError};

use super::schema::{Fields, column};
use super::values::Values;
use super::word_cache::WordCache;
use crate::facets::Fixed;
use crate::visibility::Viewer;
use crate::{Attribute, Time};

/// The most bytes of permitted sets that one segment remembers.
const PERMITTED_BYTES_MAX: usize = 2 << 20;
/// The most permitted sets that one segment remembers.
const PERMITTED_MAX: usize = 256;

/// One segment.
pub(super) struct Segment {
    pub id: SegmentId,
    /// Documents, deleted ones included.
    pub doc_count: u32,
    /// Postings by [`Attribute::rank`].
    pub texts: [Arc<InvertedIndexReader>; 4],
    pub record: Option<Column<i64>>,
    pub records: Arc<InvertedIndexReader>,
    created_at: Option<Column<i64>>,
    changed_at: Option<Column<i64>>,
    fixed: [Option<Values>; 4],
    own: Option<Values>,
    visibility: Option<StrColumn>,
    permitted: Mutex<Vec<(u64, Arc<[u64]>)>>,
    pub words: WordCache,
}

impl Segment {
    pub(super) fn open(fields: &Fields, reader: &SegmentReader) -> Result<Self, TantivyError> {
        let text = |attribute| reader.inverted_index(fields.text(attribute));
        let [title, people, path, body] = Attribute::ALL.map(text);
        let columns = reader.fast_fields();
        let values = |name: &str| -> Result<Option<Values>, TantivyError> { Ok(columns.str(name)?.map(Values::new)) };
        let [source, kind, stream, persons] = Fixed::ALL.map(|fixed| values(fixed.name()));
        Ok(Self {
            id: reader.segment_id(),
            doc_count: reader.max_doc(),
            texts: [title?, people?, path?, body?],
            record: columns.column_opt(column::RECORD)?,
            records: reader.inverted_index(fields.record())?,
            created_at: columns.column_opt(column::CREATED_AT)?,
            changed_at: columns.column_opt(column::CHANGED_AT)?,
            fixed: [source?, kind?, stream?, persons?],
            own: values(column::OWN_FACETS)?,
            visibility: columns.str(column::VISIBILITY)?,
            permitted: Mutex::default(),
            words: WordCache::new(reader.max_doc()),
        })
    }

    /// The column of one of the facets that all documents have.
    pub(super) fn fixed(&self, fixed: Fixed) -> Option<&Values> {
        self.fixed[fixed as usize].as_ref()
    }

    /// The column of documents' own facets.
    pub(super) fn own(&self) -> Option<&Values> {
        self.own.as_ref()
    }

    /// The column of a time.
    pub(super) fn time(&self, time: Time) -> Option<&Column<i64>> {
        match time {
            Time::CreatedAt => self.created_at.as_ref(),
            Time::ChangedAt => self.changed_at.as_ref(),
        }
    }

    /// The record that a document shows.
    pub(super) fn record(&self, doc: u32) -> i64 {
        self.record
            .as_ref()
            .and_then(|column| column.first(doc))
            .unwrap_or(i64::MAX)
    }

    /// What the asker may see here, deleted or not: one bit for each document.
    ///
    /// `asker_number` stands for the asker and what they hold: another set, another number.
    pub(super) fn permitted(&self, asker_number: u64, viewer: &Viewer<'_>) -> Result<Arc<[u64]>, TantivyError> {
        let held = self.permitted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, permitted)) = held.iter().find(|(number, _)| *number == asker_number) {
            return Ok(Arc::clone(permitted));
        }
        drop(held);
        let permitted: Arc<[u64]> = self.decide(viewer)?.into();
        let mut held = self.permitted.lock().unwrap_or_else(PoisonError::into_inner);
        let held_max = (PERMITTED_BYTES_MAX / (permitted.len() * 8).max(1)).clamp(4, PERMITTED_MAX);
        if held.len() >= held_max {
            held.remove(0);
        }
        held.push((asker_number, Arc::clone(&permitted)));
        Ok(permitted)
    }

    /// Decides once for each different text, then once for each document. What has no text is seen by nobody.
    fn decide(&self, viewer: &Viewer<'_>) -> Result<Vec<u64>, TantivyError> {
        let mut bits = vec![0_u64; words_of_bits(self.doc_count)];
        let Some(visibility) = &self.visibility else {
            return Ok(bits);
        };
        let mut is_seen = Vec::with_capacity(visibility.num_terms());
        let mut texts = visibility.dictionary().stream()?;
        while texts.advance() {
            is_seen.push(std::str::from_utf8(texts.key()).is_ok_and(|text| viewer.may_see(text)));
        }
        if is_seen.iter().any(|seen| *seen) {
            for doc in 0..self.doc_count {
                let text = visibility.ords().first(doc).and_then(|ord| usize::try_from(ord).ok());
                if text.and_then(|text| is_seen.get(text)).copied().unwrap_or(false) {
                    bits[doc as usize / 64] |= 1 << (doc % 64);
                }
            }
        }
        Ok(bits)
    }
}

/// How many words hold one bit for each document.
pub(super) fn words_of_bits(doc_count: u32) -> usize {
    (doc_count as usize).div_ceil(64)
}
