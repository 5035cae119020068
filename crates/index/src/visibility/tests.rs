//! The encoded rule against the rule itself.

use model::{Acl, Asker, Principal, SourceId};
use proptest::collection::{btree_set, hash_set, vec};
use proptest::prelude::*;

use super::{Viewer, encode};

fn principal() -> impl Strategy<Value = Principal> {
    "[ab]/[uü]/[0-3/ ]{1,2}".prop_map(|text| text.parse().unwrap())
}

proptest! {
    #[test]
    fn the_encoded_rule_is_the_rule(
        source in 0_i64..4,
        sets in vec(btree_set(principal(), 0..4), 0..4),
        principals in hash_set(principal(), 0..6),
        sources in btree_set((0_i64..4).prop_map(SourceId), 0..4),
    ) {
        let acl = sets.into_iter().fold(Acl::source_only(), Acl::and_any_of);
        let asker = Asker { principals, sources };
        let text = encode(SourceId(source), &acl);
        prop_assert_eq!(Viewer::new(&asker).may_see(&text), asker.may_see(SourceId(source), &acl));
    }
}

#[test]
fn what_cannot_be_read_is_seen_by_nobody() {
    let asker = Asker {
        principals: [Principal::everyone()].into(),
        sources: [SourceId(1)].into(),
    };
    let viewer = Viewer::new(&asker);
    assert!(viewer.may_see("1"));
    for text in [
        "",
        "x",
        "1x",
        " 1",
        "1\u{1}",
        "1\u{1}\u{1}fossick/everyone/1\u{2}",
        "1\u{1}fossick/everyone",
    ] {
        assert!(!viewer.may_see(text), "{text:?}");
    }
}
