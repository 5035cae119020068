//! The change log: followers miss nothing, and notice another history.

use std::collections::BTreeSet;

use model::{Number, Position, RecordId, TaskState};

use super::{Bench, NOW, at, both, gone, logged, present, seen};
use crate::{FollowerPosition, Place, TaskFilter};

fn place(bench: &Bench) -> Place {
    let (source, stream) = bench.source();
    Place {
        source,
        stream,
        number: Number(1),
    }
}

fn land(bench: &Bench, place: Place, name: &'static str, number: i64) -> RecordId {
    let place = Place {
        number: Number(number),
        ..place
    };
    bench.write(move |tx| {
        tx.land(place, &[present(name, &number.to_string())], &[], NOW)?;
        Ok(tx.find_record_by_key(place.stream, name)?.unwrap())
    })
}

fn stamp(bench: &Bench) -> u64 {
    bench.write(|tx| tx.stamp_changes(NOW))
}

#[test]
fn a_follower_reads_changes_in_order_and_present_states() {
    both(|bench| {
        let place = place(bench);
        let (a, b) = (land(bench, place, "a", 1), land(bench, place, "b", 2));
        land(bench, place, "a", 3);
        stamp(bench);
        assert_eq!(bench.read(logged), [a, b, a]);
        let rows = bench.read(|tx| tx.list_changes(Position(1), 1));
        assert_eq!((rows[0].position, rows[0].record), (Position(2), b));
        assert_eq!(bench.read(|tx| tx.count_behind(Position(1))), 2);
        let mut now = bench.read(move |tx| tx.records_now(&[a, b]));
        now.sort_by_key(|record| record.id);
        let texts: Vec<_> = now.into_iter().map(|record| record.body.unwrap().text).collect();
        // The state of now, whichever of the changes led there.
        assert_eq!(texts, ["3", "2"]);
    });
}

#[test]
fn a_change_that_is_read_late_is_harmless() {
    both(|bench| {
        let place = place(bench);
        let a = land(bench, place, "a", 1);
        bench.write(move |tx| {
            let place = Place {
                number: Number(2),
                ..place
            };
            tx.land(place, &[gone("a")], &[], NOW)
        });
        stamp(bench);
        let rows = bench.read(|tx| tx.list_changes(Position(0), 10));
        assert_eq!(rows.len(), 2);
        // Read backwards, each row names a record whose present state is the tombstone, with its last revision.
        for row in rows.iter().rev() {
            let now = bench.read(|tx| tx.records_now(&[row.record]));
            assert_eq!((now[0].id, now[0].revision.0, now[0].body.is_none()), (a, 2, true));
        }
    });
}

#[test]
fn nothing_is_logged_for_what_is_rolled_back() {
    both(|bench| {
        let place = place(bench);
        let refused = bench.try_write(move |tx| {
            tx.land(place, &[present("a", "x")], &[], NOW)?;
            Err::<(), _>(crate::Error::Conflict("no".to_owned()))
        });
        assert!(refused.is_err());
        let b = land(bench, place, "b", 1);
        stamp(bench);
        assert_eq!(bench.read(logged), [b]);
        assert_eq!(bench.read(|tx| tx.last_change()).position, Position(1));
    });
}

#[test]
fn whoever_gives_positions_enqueues_one_upload_per_destination() {
    both(|bench| {
        let place = place(bench);
        bench.write(|tx| {
            tx.add_destination("index", NOW)?;
            tx.add_destination("other", NOW)?;
            tx.add_destination("index", NOW)
        });
        for number in 1..4 {
            land(bench, place, "a", number);
            stamp(bench);
        }
        let tasks = bench.read(|tx| tx.list_tasks(&TaskFilter::default(), 100));
        let args: BTreeSet<String> = tasks.iter().map(|task| task.args.to_string()).collect();
        assert_eq!(
            args.into_iter().collect::<Vec<_>>(),
            [r#"{"destination":"index"}"#, r#"{"destination":"other"}"#]
        );
        assert_eq!(tasks.len(), 2);
        assert!(tasks.iter().all(|task| task.state == TaskState::Available));
    });
}

#[test]
fn each_request_to_build_anew_is_a_number_of_its_own_and_starts_an_upload() {
    both(|bench| {
        assert_eq!(bench.read(|tx| tx.rebuilds_asked("index")), 0);
        bench.write(|tx| tx.ask_rebuild("index", NOW));
        assert_eq!(bench.read(|tx| tx.rebuilds_asked("index")), 1);
        let moved = FollowerPosition {
            position: Position(3),
            token: 5,
        };
        bench.write(move |tx| tx.move_destination("index", moved, NOW));
        bench.write(|tx| tx.add_destination("other", NOW));
        bench.write(|tx| tx.ask_rebuild("index", NOW));
        assert_eq!(bench.read(|tx| tx.rebuilds_asked("index")), 2);
        assert_eq!(bench.read(|tx| tx.rebuilds_asked("other")), 0);
        assert_eq!(bench.read(|tx| tx.find_destination("index")), Some(moved));
        let tasks = bench.read(|tx| tx.list_tasks(&TaskFilter::default(), 100));
        assert_eq!(tasks.len(), 2, "{tasks:?}");
    });
}

#[test]
fn pruning_keeps_what_followers_have_not_passed_and_each_ones_own_row() {
    both(|bench| {
        let place = place(bench);
        bench.write(|tx| tx.add_destination("slow", NOW));
        bench.write(|tx| tx.add_destination("fast", NOW));
        for number in 1..=10 {
            land(bench, place, "a", number);
        }
        stamp(bench);
        assert_eq!(bench.write(|tx| tx.prune_changes(100)), 0);
        let rows = bench.read(|tx| tx.list_changes(Position(0), 100));
        let position = |n: usize| FollowerPosition {
            position: rows[n - 1].position,
            token: rows[n - 1].token,
        };
        let (slow, fast) = (position(4), position(9));
        bench.write(move |tx| {
            tx.move_destination("slow", slow, NOW)?;
            tx.move_destination("fast", fast, NOW)
        });
        assert_eq!(bench.write(|tx| tx.prune_changes(2)), 2);
        assert_eq!(bench.write(|tx| tx.prune_changes(100)), 1);
        let left: Vec<i64> = bench
            .read(|tx| tx.list_changes(Position(0), 100))
            .iter()
            .map(|row| row.position.0)
            .collect();
        assert_eq!(left, [4, 5, 6, 7, 8, 9, 10]);
        for follower in [slow, fast] {
            assert!(bench.read(|tx| tx.knows_position(follower)));
        }
        // What came first is gone: whoever starts from nothing must be built from the records.
        assert!(!bench.read(|tx| tx.knows_position(FollowerPosition::default())));
        // Positions go on where they were.
        land(bench, place, "a", 11);
        stamp(bench);
        assert_eq!(bench.read(|tx| tx.last_change()).position, Position(11));
        assert_eq!(bench.read(|tx| tx.find_destination("slow")), Some(slow));
        let unknown = bench.try_write(move |tx| tx.move_destination("nobody", slow, NOW));
        assert!(matches!(unknown, Err(crate::Error::NotFound { .. })));
    });
}

#[test]
fn a_follower_from_nothing_is_fine_while_the_log_is_whole() {
    both(|bench| {
        assert!(bench.read(|tx| tx.knows_position(FollowerPosition::default())));
        land(bench, place(bench), "a", 1);
        stamp(bench);
        assert!(bench.read(|tx| tx.knows_position(FollowerPosition::default())));
    });
}

#[test]
fn a_follower_notices_a_restored_copy_that_took_another_way() {
    let bench = Bench::sqlite();
    let place = place(&bench);
    land(&bench, place, "a", 1);
    let copy = bench.folder.path().join("copy.db");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(bench.store.copy_database(copy.clone())).unwrap();
    let shared = bench.read(|tx| tx.last_change());
    land(&bench, place, "a", 2);
    let follower = bench.read(|tx| tx.last_change());

    let mut restored = Bench::sqlite();
    restored.store.close();
    std::fs::copy(&copy, restored.folder.path().join(crate::SQLITE_FILE)).unwrap();
    restored.store = crate::Store::open(&restored.config).unwrap();
    assert!(restored.read(|tx| tx.knows_position(shared)));
    // Not there (any more), …
    assert!(!restored.read(|tx| tx.knows_position(follower)));
    land(&restored, place, "a", 3);
    assert_eq!(restored.read(|tx| tx.last_change()).position, follower.position);
    // … and there, but another change.
    assert!(!restored.read(|tx| tx.knows_position(follower)));
}

#[test]
fn a_scan_reads_live_records_by_id_and_a_source_can_be_logged_again() {
    both(|bench| {
        let place = place(bench);
        let ids = ["a", "b", "c"].map(|name| land(bench, place, name, 1));
        bench.write(move |tx| {
            let place = Place {
                number: Number(2),
                ..place
            };
            tx.land(place, &[gone("b")], &[], NOW)
        });
        let scanned: Vec<RecordId> = bench
            .read(|tx| tx.scan_records(RecordId(0), 10))
            .iter()
            .map(|record| record.id)
            .collect();
        assert_eq!(scanned, [ids[0], ids[2]]);
        assert_eq!(bench.read(move |tx| tx.scan_records(ids[0], 10)).len(), 1);
        stamp(bench);
        let before = bench.read(logged).len();
        let first = bench.write(move |tx| tx.relog_source(place.source, RecordId(0), 1, at(1)));
        assert_eq!(first, Some(ids[0]));
        let rest = bench.write(move |tx| tx.relog_source(place.source, ids[0], 10, at(1)));
        assert_eq!(rest, Some(ids[2]));
        assert_eq!(
            bench.write(move |tx| tx.relog_source(place.source, ids[2], 10, at(1))),
            None
        );
        stamp(bench);
        assert_eq!(bench.read(logged)[before..], [ids[0], ids[2]]);
        assert_eq!(bench.read(|tx| seen(tx, place, "a")).unwrap().1, 1);
    });
}
