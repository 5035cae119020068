//! Rebuilds beside the live index: swapped, abandoned, interrupted.

use std::fs;

use model::RecordId;

use super::{found, generations, open, payload, upsert};
use crate::{Error, Payload};

#[test]
fn a_rebuild_grows_beside_the_live_index_and_takes_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    index.apply(vec![upsert(1, "old")]).unwrap();
    index.commit(&payload(1)).unwrap();
    let (mut rebuild, begun) = index.start_rebuild(|_| true).unwrap();
    assert_eq!(begun, None);
    assert!(matches!(index.start_rebuild(|_| true), Err(Error::Rebuilding { .. })));
    rebuild.apply(vec![upsert(1, "new"), upsert(2, "more")]).unwrap();
    rebuild.commit(&payload(1)).unwrap();
    assert_eq!(found(&index, ""), [1], "the live index answers until the swap");
    index.apply(vec![upsert(3, "meanwhile")]).unwrap();
    index.commit(&payload(2)).unwrap();
    assert_eq!(found(&index, ""), [3, 1]);
    rebuild.apply(vec![upsert(3, "meanwhile")]).unwrap();
    rebuild.swap(&payload(3)).unwrap();
    assert_eq!((found(&index, ""), found(&index, "old")), (vec![3, 2, 1], vec![]));
    index.apply(vec![upsert(4, "after")]).unwrap();
    index.commit(&payload(4)).unwrap();
    drop(index);
    let index = open(dir.path());
    assert_eq!(index.payload().unwrap(), Some(payload(4)));
    assert_eq!(found(&index, ""), [4, 3, 2, 1]);
    assert_eq!(generations(dir.path()), ["2"]);
    let (rebuild, _) = index.start_rebuild(|_| true).unwrap();
    rebuild.swap(&payload(5)).unwrap();
    assert_eq!(found(&index, ""), Vec::<i64>::new());
}

#[test]
fn an_abandoned_rebuild_that_kept_nothing_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    index.apply(vec![upsert(1, "kept")]).unwrap();
    index.commit(&payload(1)).unwrap();
    let (rebuild, _) = index.start_rebuild(|_| true).unwrap();
    rebuild.apply(vec![upsert(2, "dropped")]).unwrap();
    drop(rebuild);
    assert_eq!(
        (found(&index, ""), generations(dir.path())),
        (vec![1], vec!["1".to_owned()])
    );
    assert_eq!(index.payload().unwrap(), Some(payload(1)));
    drop(index.start_rebuild(|_| true).unwrap());
}

#[test]
fn an_interrupted_rebuild_goes_on_with_what_it_committed() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    index.apply(vec![upsert(1, "live")]).unwrap();
    index.commit(&payload(9)).unwrap();
    let half = Payload {
        built_through: Some(RecordId(2)),
        ..payload(5)
    };
    let (mut rebuild, _) = index.start_rebuild(|_| true).unwrap();
    rebuild.apply(vec![upsert(1, "half"), upsert(2, "half")]).unwrap();
    rebuild.commit(&half).unwrap();
    rebuild.apply(vec![upsert(3, "lost")]).unwrap();
    drop(rebuild);
    // In the same process, and after its death.
    let (rebuild, begun) = index.start_rebuild(|_| true).unwrap();
    assert_eq!(begun.as_ref(), Some(&half));
    drop(rebuild);
    drop(index);
    let index = open(dir.path());
    assert_eq!((found(&index, ""), generations(dir.path()).len()), (vec![1], 2));
    let (rebuild, begun) = index.start_rebuild(|payload| *payload == half).unwrap();
    assert_eq!(begun.as_ref(), Some(&half));
    rebuild.apply(vec![upsert(3, "rest")]).unwrap();
    rebuild.swap(&payload(5)).unwrap();
    assert_eq!((found(&index, "half"), found(&index, "")), (vec![2, 1], vec![3, 2, 1]));
    assert_eq!(
        (index.payload().unwrap(), generations(dir.path()).len()),
        (Some(payload(5)), 1)
    );
}

#[test]
fn an_unfinished_rebuild_that_does_not_fit_is_thrown_away() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    index.commit(&payload(1)).unwrap();
    let leave = || {
        let (mut rebuild, _) = index.start_rebuild(|_| true).unwrap();
        rebuild.apply(vec![upsert(1, "half")]).unwrap();
        rebuild.commit(&payload(5)).unwrap();
    };
    leave();
    let (rebuild, begun) = index.start_rebuild(|_| false).unwrap();
    assert_eq!(begun, None);
    rebuild.swap(&payload(6)).unwrap();
    assert_eq!((found(&index, ""), generations(dir.path()).len()), (vec![], 1));
    leave();
    assert_eq!(generations(dir.path()).len(), 2);
    index.drop_unfinished().unwrap();
    assert_eq!(generations(dir.path()).len(), 1);
    // One that is damaged is no better.
    leave();
    let unfinished = generations(dir.path()).pop().unwrap();
    fs::write(dir.path().join(unfinished).join("meta.json"), "{").unwrap();
    let (_rebuild, begun) = index.start_rebuild(|_| true).unwrap();
    assert_eq!(begun, None);
}

#[test]
fn where_there_is_nothing_yet_what_has_been_built_so_far_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    let half = Payload {
        built_through: Some(RecordId(1)),
        ..payload(5)
    };
    let (mut rebuild, begun) = index.start_rebuild(|_| true).unwrap();
    assert_eq!(begun, None);
    rebuild.apply(vec![upsert(1, "half")]).unwrap();
    rebuild.commit(&half).unwrap();
    assert_eq!(found(&index, ""), [1]);
    drop(rebuild);
    drop(index);
    let index = open(dir.path());
    let (rebuild, begun) = index.start_rebuild(|_| true).unwrap();
    assert_eq!((begun, found(&index, "")), (Some(half), vec![1]));
    rebuild.apply(vec![upsert(2, "rest")]).unwrap();
    rebuild.swap(&payload(6)).unwrap();
    assert_eq!(
        (found(&index, ""), generations(dir.path())),
        (vec![2, 1], vec!["1".to_owned()])
    );
    assert_eq!(index.payload().unwrap(), Some(payload(6)));
    // What is built is not touched by the next one.
    let (rebuild, begun) = index.start_rebuild(|_| true).unwrap();
    assert_eq!((begun, generations(dir.path()).len()), (None, 2));
    drop(rebuild);
    assert_eq!(found(&index, ""), [2, 1]);
}

#[test]
fn a_crash_in_a_rebuild_leaves_the_live_index() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    index.apply(vec![upsert(1, "kept")]).unwrap();
    index.commit(&payload(1)).unwrap();
    drop(index);
    // What a process leaves that dies between the new generation's commit and the swap.
    fs::create_dir(dir.path().join("2")).unwrap();
    for entry in fs::read_dir(dir.path().join("1")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, dir.path().join("2").join(path.file_name().unwrap())).unwrap();
    }
    fs::write(dir.path().join("CURRENT.new"), "2").unwrap();
    let index = open(dir.path());
    assert_eq!(found(&index, ""), [1]);
    index.drop_unfinished().unwrap();
    assert!(!dir.path().join("2").exists());
    // And after the swap, before the old one is removed.
    drop(index);
    fs::rename(dir.path().join("1"), dir.path().join("7")).unwrap();
    fs::write(dir.path().join("CURRENT"), "7").unwrap();
    fs::create_dir(dir.path().join("1")).unwrap();
    let index = open(dir.path());
    assert_eq!(
        (found(&index, ""), generations(dir.path())),
        (vec![1], vec!["7".to_owned(), "CURRENT.new".to_owned()])
    );
}
