//! Sets of documents of one segment: one bit for each.

/// How many words hold one bit for each document.
pub(super) fn words_of_bits(doc_count: u32) -> usize {
    (doc_count as usize).div_ceil(64)
}

/// Calls `found` with every document of a set, in order.
pub(super) fn for_each(bits: &[u64], mut found: impl FnMut(u32)) {
    let mut base = 0;
    for held in bits {
        let mut rest = *held;
        while rest != 0 {
            found(base + rest.trailing_zeros());
            rest &= rest - 1;
        }
        base += 64;
    }
}

/// Adds a document to a set.
pub(super) fn insert(bits: &mut [u64], doc: u32) {
    bits[doc as usize / 64] |= 1 << (doc % 64);
}

/// Whether a document is in a set.
pub(super) fn contains(bits: &[u64], doc: u32) -> bool {
    bits[doc as usize / 64] >> (doc % 64) & 1 == 1
}

/// A set that knows the place of each of its documents among them.
#[derive(Debug, Clone, Default)]
pub(super) struct Ranked {
    bits: Vec<u64>,
    /// How many documents come before each word of bits.
    before: Vec<u32>,
    count: u32,
}

impl Ranked {
    pub(super) fn new(bits: Vec<u64>) -> Self {
        let mut count = 0;
        let before = bits.iter().map(|word| {
            count += word.count_ones();
            count - word.count_ones()
        });
        Self {
            before: before.collect(),
            bits,
            count,
        }
    }

    pub(super) fn bits(&self) -> &[u64] {
        &self.bits
    }

    /// How many documents it holds.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// The place of a document, from 0; `None` if it is not in the set.
    pub(super) fn find(&self, doc: u32) -> Option<u32> {
        contains(&self.bits, doc).then(|| self.rank(doc))
    }

    /// How many documents come before this one.
    pub(super) fn rank(&self, doc: u32) -> u32 {
        let below = self.bits[doc as usize / 64] & ((1 << (doc % 64)) - 1);
        self.before[doc as usize / 64] + below.count_ones()
    }

    /// The memory that it takes.
    pub(super) fn bytes(&self) -> usize {
        self.bits.len() * 8 + self.before.len() * 4
    }
}
