//! The encoded rule against the rule itself.

use model::{Acl, Asker, Principal, SourceId};
use proptest::collection::{btree_set, hash_set, vec};
use proptest::prelude::*;

use super::{Rules, Viewer, encode};

const UNREADABLE: [&str; 7] = [
    "",
    "x",
    "1x",
    " 1",
    "1\u{1}",
    "1\u{1}\u{1}fossick/everyone/1\u{2}",
    "1\u{1}fossick/everyone",
];

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

    #[test]
    fn rules_read_once_decide_as_each_text_does(
        documents in vec((0_i64..4, vec(btree_set(principal(), 0..4), 0..4)), 0..9),
        principals in hash_set(principal(), 0..6),
        sources in btree_set((0_i64..4).prop_map(SourceId), 0..4),
    ) {
        let mut texts: Vec<String> = documents
            .into_iter()
            .map(|(source, sets)| encode(SourceId(source), &sets.into_iter().fold(Acl::source_only(), Acl::and_any_of)))
            .collect();
        texts.extend(UNREADABLE.map(str::to_owned));
        let asker = Asker { principals, sources };
        let viewer = Viewer::new(&asker);
        let mut rules = Rules::default();
        for text in &texts {
            rules.push(text);
        }
        let each: Vec<bool> = texts.iter().map(|text| viewer.may_see(text)).collect();
        prop_assert_eq!(rules.decide(&viewer), each);
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
    for text in UNREADABLE {
        assert!(!viewer.may_see(text), "{text:?}");
    }
}
