//! The rule of seeing, case by case.

use super::*;

fn principal(text: &str) -> Principal {
    text.parse().unwrap()
}

fn asker(sources: &[i64], principals: &[&str]) -> Asker {
    Asker {
        principals: principals.iter().map(|text| principal(text)).collect(),
        sources: sources.iter().map(|id| SourceId(*id)).collect(),
    }
}

#[test]
fn a_document_without_sets_needs_only_its_source() {
    assert!(asker(&[1], &[]).may_see(SourceId(1), &Acl::source_only()));
    assert!(!asker(&[2], &["a/b/c"]).may_see(SourceId(1), &Acl::source_only()));
}

#[test]
fn every_set_must_be_met_by_any_of_its_principals() {
    let acl =
        Acl::any_of([principal("drive/user/1"), principal("drive/group/2")]).and_any_of([principal("drive/label/x")]);
    assert!(asker(&[1], &["drive/group/2", "drive/label/x"]).may_see(SourceId(1), &acl));
    assert!(!asker(&[1], &["drive/group/2"]).may_see(SourceId(1), &acl));
    assert!(!asker(&[], &["drive/group/2", "drive/label/x"]).may_see(SourceId(1), &acl));
}

#[test]
fn an_empty_set_is_met_by_nobody() {
    assert!(!asker(&[1], &["a/b/c"]).may_see(SourceId(1), &Acl::any_of([])));
}

#[test]
fn a_principal_has_three_parts_and_its_id_may_hold_slashes() {
    assert_eq!(principal("drive/group/a/b").as_str(), "drive/group/a/b");
    for bad in ["", "a", "a/b", "a/b/", "/b/c", "a//c", "a/b/c\n"] {
        assert!(bad.parse::<Principal>().is_err(), "{bad:?}");
    }
}
