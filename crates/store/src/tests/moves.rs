//! A file that moved keeps its record.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use model::record::FileDigest;
use model::{Number, RecordId};

use super::{Bench, NOW, both, gone, key, logged, present, seen};
use crate::{LandedCounts, Place, ToLand, ToReject};

fn place(bench: &Bench, number: i64) -> Place {
    let (source, stream) = bench.source();
    Place {
        source,
        stream,
        number: Number(number),
    }
}

fn at(place: Place, number: i64) -> Place {
    Place {
        number: Number(number),
        ..place
    }
}

fn file(key: &str, text: &str, digest: i64) -> ToLand {
    present(key, text).of_file(Some(FileDigest(digest)))
}

fn land(bench: &Bench, place: Place, records: Vec<ToLand>) -> LandedCounts {
    bench.write(move |tx| tx.land(place, &records, &[], NOW))
}

fn id(bench: &Bench, place: Place, key: &str) -> Option<RecordId> {
    bench.read(|tx| tx.find_record_by_key(place.stream, key))
}

#[test]
fn a_moved_record_keeps_its_id_and_leaves_a_tombstone_that_outlives_older_pages() {
    both(|bench| {
        let place = place(bench, 100);
        land(bench, place, vec![file("old", "x", 7)]);
        let before = id(bench, place, "old").unwrap();
        let moved = land(bench, at(place, 200), vec![file("new", "y", 7).moved_from("old")]);
        assert_eq!((moved.changed, moved.deleted), (1, 0));
        assert_eq!(id(bench, place, "new"), Some(before));
        assert_eq!(id(bench, place, "old"), None);
        assert_eq!(bench.read(|tx| seen(tx, place, "new")), Some((200, 2, "y".to_owned())));
        bench.write(|tx| tx.stamp_changes(NOW));
        assert_eq!(bench.read(logged), [before, before]);
        // A page of before the move, and the page of the move again.
        assert_eq!(land(bench, at(place, 150), vec![file("old", "late", 8)]).older, 1);
        let again = land(bench, at(place, 200), vec![file("new", "y", 7).moved_from("old")]);
        assert_eq!((again.changed, again.unchanged, again.deleted), (0, 1, 0));
        assert_eq!(id(bench, place, "old"), None);
        // And back, to where its own tombstone is.
        land(
            bench,
            at(place, 300),
            vec![gone("new"), file("old", "x", 7).moved_from("new")],
        );
        assert_eq!(id(bench, place, "old"), Some(before));
        assert_eq!(id(bench, place, "new"), None);
    });
}

#[test]
fn what_something_newer_is_known_of_does_not_move() {
    both(|bench| {
        let place = place(bench, 100);
        land(bench, place, vec![file("old", "x", 7), file("taken", "z", 8)]);
        let (old, taken) = (id(bench, place, "old"), id(bench, place, "taken"));
        // To a key that another record has: that one changes, and the old one goes.
        land(bench, at(place, 110), vec![file("taken", "x", 7).moved_from("old")]);
        assert_eq!(id(bench, place, "taken"), taken);
        assert_eq!(id(bench, place, "old"), None);
        // From a key of which a newer page says that it is there.
        land(bench, at(place, 300), vec![file("old", "back", 7)]);
        land(bench, at(place, 200), vec![file("new", "x", 7).moved_from("old")]);
        assert_eq!(id(bench, place, "old"), old, "its tombstone was brought back to life");
        assert!(id(bench, place, "new").is_some_and(|new| Some(new) != old));
        // From a key that the same page says is there.
        land(
            bench,
            at(place, 400),
            vec![file("copy", "x", 7).moved_from("old"), file("old", "back", 7)],
        );
        assert_eq!(id(bench, place, "old"), old);
    });
}

#[test]
fn files_alike_are_found_for_keys_that_no_live_record_has() {
    both(|bench| {
        let place = place(bench, 100);
        let copies: Vec<ToLand> = (0..30).map(|n| file(&format!("copy {n:02}"), "x", -7)).collect();
        land(bench, place, copies);
        land(
            bench,
            at(place, 90),
            vec![file("oldest", "x", -7), file("other", "o", i64::MAX)],
        );
        land(bench, at(place, 110), vec![gone("copy 00")]);
        let wanted = ["new", "copy 00", "copy 01", "unlike"].map(|key| {
            let digest = if key == "unlike" { 1 } else { -7 };
            (key.to_owned(), FileDigest(digest))
        });
        let found = bench.read(|tx| tx.find_alike(place.stream, &wanted));
        let mut keys: Vec<&str> = found.keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["copy 00", "new"]);
        assert_eq!((found["new"].keys.len(), found["new"].is_cut), (30, false));
        let more: Vec<ToLand> = (0..171).map(|n| file(&format!("more {n}"), "x", -7)).collect();
        land(bench, at(place, 120), more);
        let found = bench.read(|tx| tx.find_alike(place.stream, &wanted));
        assert_eq!((found["new"].keys.len(), found["new"].is_cut), (200, true));
    });
}

#[test]
fn that_a_page_has_seen_a_key_stays_with_the_key() {
    both(|bench| {
        for is_late in [false, true] {
            let place = place(bench, 100);
            let see = || {
                let seen = [ToReject::new(&key("new"))];
                bench.write(move |tx| tx.land(at(place, 400), &[], &seen, NOW));
            };
            land(bench, place, vec![file("old", "x", 7)]);
            if !is_late {
                see();
            }
            land(bench, at(place, 200), vec![file("new", "y", 7).moved_from("old")]);
            if is_late {
                see();
            }
            let sweepable = crate::Sweep {
                place: at(place, 300),
                is_exact: true,
                spared: Arc::default(),
            };
            assert_eq!(bench.read(|tx| tx.count_sweepable(&sweepable)), (1, 0));
        }
    });
}

#[test]
fn of_pages_that_move_a_record_and_land_on_its_keys_at_once_none_loses_anything() {
    both(|bench| {
        let place = place(bench, 1);
        land(bench, place, vec![file("one", "x", 7), gone("two")]);
        let next = AtomicI64::new(2);
        let numbered = &|| at(place, next.fetch_add(1, Ordering::Relaxed));
        let rounds = if bench.is_postgres() { 300 } else { 50 };
        std::thread::scope(|scope| {
            for (from, to) in [("one", "two"), ("two", "one")] {
                scope.spawn(move || {
                    for n in 0..rounds {
                        land(bench, numbered(), vec![file(to, &n.to_string(), 7).moved_from(from)]);
                    }
                });
            }
            scope.spawn(move || {
                for n in 0..rounds {
                    let text = format!("landed {n}");
                    let landed = land(bench, numbered(), vec![file("one", &text, 8), file("two", &text, 8)]);
                    assert_eq!(landed.changed + landed.unchanged + landed.older, 2, "round {n}");
                }
            });
        });
        land(bench, numbered(), vec![file("one", "last", 9), gone("two")]);
        assert_eq!(bench.read(|tx| seen(tx, place, "one")).unwrap().2, "last");
        assert_eq!(id(bench, place, "two"), None);
    });
}
