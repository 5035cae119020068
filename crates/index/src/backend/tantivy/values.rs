//! A column of texts: facet values and their dictionary.

use std::io;
use std::ops::{Bound, Range};
use std::sync::OnceLock;

use tantivy::columnar::StrColumn;

use super::schema::NAME_END;
use crate::facets;

/// A column of texts with its dictionary.
pub(super) struct Values {
    pub column: StrColumn,
    /// Hashes of the folded values with their ordinals, sorted; made when a filter first needs it.
    folded: OnceLock<Vec<(u64, u64)>>,
}

impl Values {
    pub(super) fn new(column: StrColumn) -> Self {
        Self {
            column,
            folded: OnceLock::new(),
        }
    }

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
