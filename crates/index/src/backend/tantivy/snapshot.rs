//! The index as one commit left it.

use std::sync::Arc;

use tantivy::{IndexReader, Searcher, SegmentReader, TantivyError};

use super::bits::{self, words_of_bits};
use super::schema::Fields;
use super::segment::Segment;

/// Everything that a search reads. Searches that run keep theirs while commits go on.
pub(super) struct Snapshot {
    pub searcher: Searcher,
    /// In the searcher's order.
    pub segments: Vec<Live>,
}

/// A segment and which of its documents are still there.
pub(super) struct Live {
    pub segment: Arc<Segment>,
    /// One bit for each document; `None` while nothing was deleted.
    alive: Option<Vec<u64>>,
}

impl Snapshot {
    /// What the reader holds now. Segments that `before` holds as well are kept, with what they remember.
    pub(super) fn new(fields: &Fields, reader: &IndexReader, before: Option<&Self>) -> Result<Self, TantivyError> {
        let searcher = reader.searcher();
        let mut segments = Vec::with_capacity(searcher.segment_readers().len());
        for reader in searcher.segment_readers() {
            let known = before.and_then(|before| before.find(reader));
            let segment = match known {
                Some(segment) => segment,
                None => Arc::new(Segment::open(fields, reader)?),
            };
            segments.push(Live {
                segment,
                alive: alive(reader),
            });
        }
        Ok(Self { searcher, segments })
    }

    /// Whether first letters are quick in all segments.
    pub(super) fn is_quick(&self) -> bool {
        self.segments.iter().all(|live| live.segment.is_quick())
    }

    fn find(&self, reader: &SegmentReader) -> Option<Arc<Segment>> {
        let found = self.segments.iter().find(|live| live.segment.id == reader.segment_id());
        found.map(|live| Arc::clone(&live.segment))
    }
}

impl Live {
    /// Those of `permitted` that are still there.
    pub(super) fn alive_of(&self, permitted: &[u64]) -> Vec<u64> {
        match &self.alive {
            Some(alive) => alive
                .iter()
                .zip(permitted)
                .map(|(alive, permitted)| alive & permitted)
                .collect(),
            None => permitted.to_vec(),
        }
    }
}

fn alive(reader: &SegmentReader) -> Option<Vec<u64>> {
    let alive = reader.alive_bitset()?;
    let mut bits = vec![0_u64; words_of_bits(reader.max_doc())];
    for doc in alive.iter_alive() {
        bits::insert(&mut bits, doc);
    }
    Some(bits)
}
