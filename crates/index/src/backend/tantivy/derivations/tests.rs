//! What is packed comes out again.

use proptest::prelude::*;
use tantivy::postings::TermInfo;

use super::Derivations;
use crate::matching::Grade;

proptest! {
    #[test]
    fn packed_terms_come_out_as_they_went_in(
        terms in proptest::collection::vec(
            (0..=u32::MAX, 0_usize..1 << 40, 0_usize..1 << 20, 0_usize..1 << 40, 0_usize..1 << 20, 0_u8..4, any::<bool>()),
            0..50,
        ),
    ) {
        let terms: Vec<(TermInfo, Grade)> = terms
            .into_iter()
            .map(|(doc_freq, postings, postings_length, positions, positions_length, typos, is_inexact)| {
                let term = TermInfo {
                    doc_freq,
                    postings_range: postings..postings + postings_length,
                    positions_range: positions..positions + positions_length,
                };
                (term, Grade { typos, is_inexact })
            })
            .collect();
        let mut packed = Derivations::default();
        for (term, grade) in &terms {
            packed.push(term, *grade);
        }
        prop_assert_eq!(packed.is_empty(), terms.is_empty());
        prop_assert_eq!(packed.iter().collect::<Vec<_>>(), terms);
    }
}
