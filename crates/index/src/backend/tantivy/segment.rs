//! One part of the index, which never changes, with everything opened that a search reads, and what it remembers of
//! askers. Deletions are not its business: see [`super::snapshot`].

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tantivy::columnar::{Column, ColumnIndex, StrColumn};
use tantivy::index::{InvertedIndexReader, SegmentId};
use tantivy::schema::Field;
use tantivy::{SegmentReader, TantivyError};

use super::bits::{self, words_of_bits};
use super::derive::Derive;
use super::evaluate::WordMatches;
use super::heavy::HeavyPrefixes;
use super::schema::{Fields, column};
use super::values::Values;
use super::word_cache::{WordCache, WordKey};
use crate::facets::Fixed;
use crate::visibility::{Rules, Viewer};
use crate::{Attribute, Time};

/// The most bytes of permitted sets that one segment remembers.
const PERMITTED_BYTES_MAX: usize = 2 << 20;
/// The most permitted sets that one segment remembers.
const PERMITTED_MAX: usize = 256;

/// How many documents are decided on together.
const BLOCK: u32 = 256;

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
    rules: OnceLock<Rules>,
    permitted: Mutex<Vec<(u64, Arc<[u64]>)>>,
    words: WordCache,
    heavy: OnceLock<HeavyPrefixes>,
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
            rules: OnceLock::new(),
            permitted: Mutex::default(),
            words: WordCache::new(reader.max_doc()),
            heavy: OnceLock::new(),
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

    /// Whether new askers and first letters are quick here.
    pub(super) fn is_quick(&self) -> bool {
        self.heavy.get().is_some()
    }

    /// Makes new askers and first letters quick, unless they are. Stops early when `is_wanted` says so. `field` is any
    /// field of texts.
    pub(super) fn quicken(&self, field: Field, is_wanted: &dyn Fn() -> bool) -> Result<(), TantivyError> {
        if self.is_quick() {
            return Ok(());
        }
        let mut rules = Rules::default();
        if let Some(visibility) = &self.visibility {
            for_each_text(visibility, |text| rules.push(text))?;
        }
        self.rules.get_or_init(|| rules);
        if let Some(found) = HeavyPrefixes::find(self, field, is_wanted)? {
            self.heavy.get_or_init(|| found);
        }
        Ok(())
    }

    /// The prefixes that were made quick.
    #[cfg(test)]
    pub(super) fn heavy_prefixes(&self) -> Vec<&str> {
        self.heavy.get().map(HeavyPrefixes::prefixes).unwrap_or_default()
    }

    /// What a word matches by itself, remembered or worked out.
    pub(super) fn matches(
        &self,
        word: &Derive<'_>,
        attributes: &[Attribute],
    ) -> Result<Arc<WordMatches>, TantivyError> {
        let heavy = self.heavy.get();
        if let Some(known) = heavy.and_then(|heavy| heavy.matches(word.word(), attributes)) {
            return Ok(known);
        }
        let key = WordKey::new(word.word(), attributes);
        if let Some(known) = self.words.find(&key) {
            return Ok(known);
        }
        let found = Arc::new(WordMatches::find(word, attributes, self)?);
        self.words.put(key, &found);
        Ok(found)
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
        let is_seen = if let Some(rules) = self.rules.get() {
            rules.decide(viewer)
        } else {
            let mut is_seen = Vec::with_capacity(visibility.num_terms());
            for_each_text(visibility, |text| is_seen.push(viewer.may_see(text)))?;
            is_seen
        };
        if !is_seen.contains(&true) {
            return Ok(bits);
        }
        let ords = visibility.ords();
        let mut see = |doc: u32, ord: u64| {
            let text = usize::try_from(ord).ok();
            if text.and_then(|text| is_seen.get(text)).copied().unwrap_or(false) {
                bits::insert(&mut bits, doc);
            }
        };
        if let ColumnIndex::Full = ords.index {
            let mut found = [0_u64; BLOCK as usize];
            for start in (0..self.doc_count).step_by(BLOCK as usize) {
                let docs = start..self.doc_count.min(start + BLOCK);
                let found = &mut found[..docs.len()];
                ords.values.get_range(u64::from(start), found);
                docs.zip(found).for_each(|(doc, ord)| see(doc, *ord));
            }
        } else {
            for doc in 0..self.doc_count {
                if let Some(ord) = ords.first(doc) {
                    see(doc, ord);
                }
            }
        }
        Ok(bits)
    }
}

/// Calls `found` with every different text of a column, in order.
fn for_each_text(column: &StrColumn, mut found: impl FnMut(&str)) -> Result<(), TantivyError> {
    let mut texts = column.dictionary().stream()?;
    while texts.advance() {
        // What is no text is no permission either.
        found(std::str::from_utf8(texts.key()).unwrap_or_default());
    }
    Ok(())
}
