//! One immutable part of the index, with everything opened that a search reads, and what it remembers of askers.

use std::io;
use std::ops::{Bound, Range};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tantivy::columnar::{Column, StrColumn};
use tantivy::index::{InvertedIndexReader, SegmentId};
use tantivy::{SegmentReader, TantivyError};

use super::schema::{Fields, NAME_END, column};
use crate::facets::{self, Fixed};
use crate::visibility::Viewer;
use crate::{Attribute, Time};

/// The most bytes of permitted sets that one segment remembers.
const PERMITTED_BYTES_MAX: usize = 2 << 20;
/// The most permitted sets that one segment remembers.
const PERMITTED_MAX: usize = 256;

/// What tells a segment from its later states: merges make new ones, deletes move the stamp.
pub(super) type SegmentKey = (SegmentId, Option<u64>);

/// One segment.
pub(super) struct Segment {
    pub key: SegmentKey,
    pub reader: SegmentReader,
    /// Postings by [`Attribute::rank`].
    pub texts: [Arc<InvertedIndexReader>; 4],
    pub record: Option<Column<i64>>,
    pub records: Arc<InvertedIndexReader>,
    created_at: Option<Column<i64>>,
    changed_at: Option<Column<i64>>,
    fixed: [Option<Values>; 4],
    own: Option<Values>,
    visibility: Option<StrColumn>,
    permitted: Mutex<Vec<(u64, Arc<Permitted>)>>,
}

/// The documents of a segment that one asker may see and that are not deleted, one bit each.
#[derive(Debug)]
pub(super) struct Permitted {
    pub bits: Vec<u64>,
}

impl Permitted {
    /// Whether it holds the document.
    pub(super) fn contains(&self, doc: u32) -> bool {
        self.bits[doc as usize / 64] >> (doc % 64) & 1 == 1
    }
}

/// A column of texts with its dictionary.
pub(super) struct Values {
    pub column: StrColumn,
    /// Hashes of the folded values with their ordinals, sorted; made when a filter first needs it.
    folded: OnceLock<Vec<(u64, u64)>>,
}

impl Segment {
    pub(super) fn open(fields: &Fields, key: SegmentKey, reader: SegmentReader) -> Result<Self, TantivyError> {
        let text = |attribute| reader.inverted_index(fields.text(attribute));
        let [title, people, path, body] = Attribute::ALL.map(text);
        let columns = reader.fast_fields();
        let values = |name: &str| -> Result<Option<Values>, TantivyError> {
            Ok(columns.str(name)?.map(|column| Values {
                column,
                folded: OnceLock::new(),
            }))
        };
        let [source, kind, stream, persons] = Fixed::ALL.map(|fixed| values(fixed.name()));
        Ok(Self {
            key,
            texts: [title?, people?, path?, body?],
            record: columns.column_opt(column::RECORD)?,
            records: reader.inverted_index(fields.record())?,
            created_at: columns.column_opt(column::CREATED_AT)?,
            changed_at: columns.column_opt(column::CHANGED_AT)?,
            fixed: [source?, kind?, stream?, persons?],
            own: values(column::OWN_FACETS)?,
            visibility: columns.str(column::VISIBILITY)?,
            permitted: Mutex::default(),
            reader,
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

    /// What the asker may see here. `asker_id` names the asker and what they hold: another set, another id.
    pub(super) fn permitted(&self, asker_id: u64, viewer: &Viewer<'_>) -> Result<Arc<Permitted>, TantivyError> {
        let held = self.permitted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, permitted)) = held.iter().find(|(id, _)| *id == asker_id) {
            return Ok(Arc::clone(permitted));
        }
        drop(held);
        let permitted = Arc::new(self.decide(viewer)?);
        let mut held = self.permitted.lock().unwrap_or_else(PoisonError::into_inner);
        let held_max = (PERMITTED_BYTES_MAX / (permitted.bits.len() * 8).max(1)).clamp(4, PERMITTED_MAX);
        if held.len() >= held_max {
            held.remove(0);
        }
        held.push((asker_id, Arc::clone(&permitted)));
        Ok(permitted)
    }

    /// Decides once for each different text, then once for each document.
    fn decide(&self, viewer: &Viewer<'_>) -> Result<Permitted, TantivyError> {
        let doc_count = self.reader.max_doc();
        let mut bits = vec![0_u64; (doc_count as usize).div_ceil(64)];
        let Some(visibility) = &self.visibility else {
            return Ok(Permitted { bits });
        };
        let mut is_seen = Vec::with_capacity(visibility.num_terms());
        let mut texts = visibility.dictionary().stream()?;
        while texts.advance() {
            is_seen.push(std::str::from_utf8(texts.key()).is_ok_and(|text| viewer.may_see(text)));
        }
        if is_seen.iter().any(|seen| *seen) {
            let alive = self.reader.alive_bitset();
            for doc in 0..doc_count {
                let text = visibility.ords().first(doc).and_then(|ord| usize::try_from(ord).ok());
                let is_permitted = text.and_then(|text| is_seen.get(text)).copied().unwrap_or(false);
                if is_permitted && alive.is_none_or(|alive| alive.is_alive(doc)) {
                    bits[doc as usize / 64] |= 1 << (doc % 64);
                }
            }
        }
        Ok(Permitted { bits })
    }
}

impl Values {
    /// The ordinals of the values that equal `value` when folded; for the column of own facets, of the facet `name`.
    pub(super) fn find_folded(&self, name: Option<&str>, value: &str) -> io::Result<Vec<u64>> {
        let wanted = hash(name, &facets::fold(value));
        let folded = if let Some(folded) = self.folded.get() {
            folded
        } else {
            let made = self.fold_all(name.is_some())?;
            self.folded.get_or_init(|| made)
        };
        let start = folded.partition_point(|(hash, _)| *hash < wanted);
        let mut found = Vec::new();
        let mut bytes = Vec::new();
        for (_, ord) in folded[start..].iter().take_while(|(hash, _)| *hash == wanted) {
            if self.column.dictionary().ord_to_term(*ord, &mut bytes)? {
                let (held_name, held) = split(&bytes, name.is_some());
                if held_name == name.unwrap_or_default() && facets::fold(held) == facets::fold(value) {
                    found.push(*ord);
                }
            }
        }
        Ok(found)
    }

    fn fold_all(&self, is_named: bool) -> io::Result<Vec<(u64, u64)>> {
        let mut folded = Vec::with_capacity(self.column.num_terms());
        let mut terms = self.column.dictionary().stream()?;
        while terms.advance() {
            let (name, value) = split(terms.key(), is_named);
            folded.push((hash(is_named.then_some(name), &facets::fold(value)), terms.term_ord()));
        }
        folded.sort_unstable();
        Ok(folded)
    }

    /// The ordinals of the values of one of documents' own facets.
    pub(super) fn range_of(&self, name: &str) -> io::Result<Range<u64>> {
        let from = format!("{name}{NAME_END}");
        let to = format!("{name}\u{1}");
        let bounds = self
            .column
            .dictionary()
            .term_bounds_to_ord(Bound::Included(from.as_bytes()), Bound::Excluded(to.as_bytes()))?;
        let all = self.column.num_terms() as u64;
        let ord = |bound| match bound {
            Bound::Included(ord) | Bound::Excluded(ord) => all.min(ord),
            Bound::Unbounded => all,
        };
        Ok(ord(bounds.0)..ord(bounds.1))
    }
}

/// Name and value of an entry of a column.
pub(super) fn split(bytes: &[u8], is_named: bool) -> (&str, &str) {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    if is_named {
        text.split_once(NAME_END).unwrap_or_default()
    } else {
        ("", text)
    }
}

fn hash(name: Option<&str>, folded: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    (name, folded).hash(&mut hasher);
    hasher.finish()
}
