//! Landing: numbers decide who wins.

use std::collections::HashSet;
use std::sync::{Arc, Barrier};

use model::record::Content;
use model::{Number, Timestamp};

use super::{Bench, NOW, at, body, both, gone, key, logged, present, seen};
use crate::{LandedCounts, Place, ToLand, ToReject};

fn place(bench: &Bench) -> Place {
    let (source, stream) = bench.source();
    Place {
        source,
        stream,
        number: Number(100),
    }
}

fn numbered(place: Place, number: i64) -> Place {
    Place {
        number: Number(number),
        ..place
    }
}

fn land(bench: &Bench, place: Place, records: Vec<ToLand>) -> LandedCounts {
    bench.write(move |tx| tx.land(place, &records, &[], NOW))
}

fn counts(changed: u64, unchanged: u64, deleted: u64, older: u64) -> LandedCounts {
    LandedCounts {
        changed,
        unchanged,
        deleted,
        older,
    }
}

#[test]
fn a_changed_record_gets_a_revision_and_a_change_and_an_unchanged_one_only_the_number() {
    both(|bench| {
        let place = place(bench);
        assert_eq!(land(bench, place, vec![present("a", "one")]), counts(1, 0, 0, 0));
        let log = bench.try_log();
        assert_eq!(
            land(bench, numbered(place, 101), vec![present("a", "one")]),
            counts(0, 1, 0, 0)
        );
        assert_eq!(bench.read(|tx| seen(tx, place, "a")), Some((101, 1, "one".to_owned())));
        assert_eq!(bench.try_log(), log);
        assert_eq!(
            land(bench, numbered(place, 102), vec![present("a", "two")]),
            counts(1, 0, 0, 0)
        );
        assert_eq!(bench.read(|tx| seen(tx, place, "a")), Some((102, 2, "two".to_owned())));
        assert_eq!(bench.try_log().len(), log.len() + 1);
    });
}

#[test]
fn every_part_of_the_content_makes_a_change_and_so_does_a_better_parser() {
    both(|bench| {
        let place = place(bench);
        let variants = [
            (body("x"), 1),
            (
                model::record::Body {
                    text: "other".to_owned(),
                    ..body("x")
                },
                1,
            ),
            (
                model::record::Body {
                    acl: model::Acl::any_of([model::Principal::everyone()]),
                    ..body("x")
                },
                1,
            ),
            (
                model::record::Body {
                    changed_at: None,
                    ..body("x")
                },
                1,
            ),
            (body("x"), 2),
        ];
        for (n, (body, parser)) in variants.into_iter().enumerate() {
            let one = ToLand::new(&key("a"), &Content::Present(Box::new(body.clone())), parser);
            let landed = land(bench, numbered(place, 100 + i64::try_from(n).unwrap()), vec![one]);
            assert_eq!(landed, counts(1, 0, 0, 0), "variant {n}");
            let id = bench.read(|tx| tx.find_record_by_key(place.stream, "a")).unwrap();
            assert_eq!(bench.read(|tx| tx.find_record(id)).unwrap().body, body);
        }
    });
}

#[test]
fn a_lower_number_never_writes() {
    both(|bench| {
        let place = place(bench);
        land(bench, place, vec![present("a", "new")]);
        let older = numbered(place, 99);
        assert_eq!(land(bench, older, vec![present("a", "old")]), counts(0, 0, 0, 1));
        assert_eq!(land(bench, older, vec![gone("a")]), counts(0, 0, 0, 1));
        let seen_before = bench.write(move |tx| tx.land(older, &[], &[ToReject::new(&key("a"))], NOW));
        assert_eq!(seen_before, counts(0, 0, 0, 0));
        assert_eq!(bench.read(|tx| seen(tx, place, "a")), Some((100, 1, "new".to_owned())));
    });
}

#[test]
fn a_tombstone_outlives_lower_pages_even_of_records_never_seen() {
    both(|bench| {
        let place = place(bench);
        land(bench, place, vec![present("a", "one")]);
        let higher = numbered(place, 200);
        assert_eq!(
            land(bench, higher, vec![gone("a"), gone("never seen")]),
            counts(0, 0, 1, 0)
        );
        let between = numbered(place, 150);
        let landed = land(
            bench,
            between,
            vec![present("a", "late"), present("never seen", "late")],
        );
        assert_eq!(landed, counts(0, 0, 0, 2));
        for name in ["a", "never seen"] {
            assert_eq!(bench.read(|tx| seen(tx, place, name)), None);
        }
        let landed = land(bench, numbered(place, 201), vec![present("a", "one")]);
        assert_eq!(landed, counts(1, 0, 0, 0));
        assert_eq!(bench.read(|tx| seen(tx, place, "a")), Some((201, 3, "one".to_owned())));
    });
}

#[test]
fn of_two_with_one_key_the_last_counts() {
    both(|bench| {
        let place = place(bench);
        let twice = vec![present("a", "first"), present("b", "b"), present("a", "last")];
        assert_eq!(land(bench, place, twice), counts(2, 0, 0, 0));
        assert_eq!(bench.read(|tx| seen(tx, place, "a")), Some((100, 1, "last".to_owned())));
        let gone_last = vec![present("a", "again"), gone("a")];
        assert_eq!(land(bench, numbered(place, 101), gone_last), counts(0, 0, 1, 0));
        let gone_first = vec![gone("a"), present("a", "again")];
        assert_eq!(land(bench, numbered(place, 102), gone_first), counts(1, 0, 0, 0));
    });
}

#[test]
fn a_replay_writes_and_removes_what_its_page_no_longer_yields() {
    both(|bench| {
        let place = place(bench);
        land(
            bench,
            place,
            vec![present("a", "a"), present("b", "b"), present("c", "c")],
        );
        land(bench, numbered(place, 101), vec![present("c", "newer")]);
        bench.write(move |tx| {
            let landed = tx.land(place, &[present("a", "better"), present("d\0", "d")], &[], NOW)?;
            assert_eq!(landed, counts(2, 0, 0, 0));
            let yielded = HashSet::from(["a".to_owned(), "d\0".to_owned()]);
            assert_eq!(tx.land_absent(place, &yielded, NOW)?, 1);
            assert_eq!(tx.land_absent(place, &yielded, NOW)?, 0);
            Ok(())
        });
        let texts = ["a", "b", "c", "d\0"].map(|name| bench.read(|tx| seen(tx, place, name)).map(|(_, _, text)| text));
        assert_eq!(
            texts,
            [
                Some("better".to_owned()),
                None,
                Some("newer".to_owned()),
                Some("d".to_owned())
            ]
        );
    });
}

#[test]
fn a_rejected_record_whose_key_can_be_read_is_seen() {
    both(|bench| {
        let place = place(bench);
        land(bench, place, vec![present("a", "one")]);
        let later = numbered(place, 110);
        bench.write(move |tx| tx.land(later, &[], &[ToReject::new(&key("a")), ToReject::new(&key("new"))], NOW));
        assert_eq!(bench.read(|tx| seen(tx, place, "a")), Some((100, 1, "one".to_owned())));
        assert_eq!(bench.read(|tx| seen(tx, place, "new")), None);
        // What a page between them says of both is the newest that is known of either.
        let landed = land(
            bench,
            numbered(place, 105),
            vec![present("a", "x"), present("new", "x")],
        );
        assert_eq!(landed, counts(2, 0, 0, 0));
    });
}

#[test]
fn a_thousand_records_land_at_once_and_large_ones_come_back_whole() {
    both(|bench| {
        let place = place(bench);
        let text = "Füchse ".repeat(20_000);
        let mut records: Vec<_> = (0..999).map(|n| present(&format!("k{n}"), "text")).collect();
        records.push(present("large", &text));
        assert_eq!(land(bench, place, records), counts(1_000, 0, 0, 0));
        assert_eq!(bench.read(|tx| seen(tx, place, "large")), Some((100, 1, text)));
        assert_eq!(
            bench.read(|tx| tx.count_records(place.source)).get(&place.stream),
            Some(&1_000)
        );
    });
}

#[test]
fn records_of_a_deleted_source_are_buried_and_then_forgotten() {
    both(|bench| {
        let place = place(bench);
        land(bench, place, (0..25).map(|n| present(&n.to_string(), "x")).collect());
        bench.write(move |tx| tx.delete_source(place.source, NOW));
        assert_eq!(bench.read(|tx| tx.list_deleted_sources()), [place.source]);
        let id = bench.read(|tx| tx.find_record_by_key(place.stream, "7")).unwrap();
        assert!(bench.read(move |tx| tx.records_now(&[id]))[0].body.is_none());
        assert!(bench.read(|tx| tx.scan_records(model::RecordId(0), 100)).is_empty());
        let buried: Vec<u64> = (0..3)
            .map(|_| bench.write(move |tx| tx.bury_source(place.source, 20, NOW)))
            .collect();
        assert_eq!(buried, [20, 5, 0]);
        let forgotten: Vec<u64> = (0..3)
            .map(|_| bench.write(move |tx| tx.forget_source_records(place.source, 20)))
            .collect();
        assert_eq!(forgotten, [20, 5, 0]);
        assert!(bench.read(|tx| tx.list_deleted_sources()).is_empty());
        assert!(bench.read(move |tx| tx.records_now(&[id])).is_empty());
    });
}

#[test]
fn pages_with_the_same_keys_may_land_at_once_from_many_threads() {
    both(|bench| {
        let place = place(bench);
        let barrier = Arc::new(Barrier::new(8));
        let threads: Vec<_> = (0..8_i64)
            .map(|n| {
                let (store, barrier) = (bench.store.clone(), Arc::clone(&barrier));
                std::thread::spawn(move || {
                    barrier.wait();
                    for round in 0..6_i64 {
                        let number = 1_000 + round * 8 + n;
                        // The same keys, in another order in every thread.
                        let mut records: Vec<_> = (0..60)
                            .map(|k| present(&format!("{}", (k * 7 + n * 13) % 60), &number.to_string()))
                            .collect();
                        if n % 2 == 0 {
                            records.reverse();
                        }
                        let place = numbered(place, number);
                        store
                            .write_blocking(move |tx| tx.land(place, &records, &[], at(number)))
                            .unwrap();
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        for k in 0..60 {
            let (number, _, text) = bench.read(|tx| seen(tx, place, &k.to_string())).unwrap();
            assert_eq!((number, text), (1_047, "1047".to_owned()));
        }
    });
}

impl Bench {
    fn try_log(&self) -> Vec<model::RecordId> {
        self.write(|tx| tx.stamp_changes(Timestamp(0)));
        self.read(logged)
    }
}
