//! The sweep: what a complete sync no longer saw.

use std::sync::{Arc, Barrier};

use model::{Number, RecordId, SyncMode};

use super::{Bench, NOW, Reading, both, present, seen};
use crate::{Place, Spared, Sweep};

/// Records `r0`, `r1`, … of which the first `old` have numbers below 100 and the others above.
fn filled(bench: &Bench, old: i64, new: i64) -> Place {
    let (source, stream) = bench.source();
    let place = Place {
        source,
        stream,
        number: Number(100),
    };
    for n in 0..old + new {
        let number = Number(if n < old { 10 + n % 7 } else { 110 + n });
        bench.write(move |tx| tx.land(Place { number, ..place }, &[present(&format!("r{n}"), "x")], &[], NOW));
    }
    place
}

/// A sweep that spares nothing.
fn of(place: Place, is_exact: bool) -> Sweep {
    Sweep {
        place,
        is_exact,
        spared: Arc::new(Spared::default()),
    }
}

/// How many records are live, and how many of them a sweep that spares nothing would delete.
fn count(bench: &Bench, place: Place, is_exact: bool) -> (u64, u64) {
    bench.read(|tx| tx.count_sweepable(&of(place, is_exact)))
}

/// Sweeps the whole stream in chunks of `limit` and answers how many are gone and in how many chunks.
pub(super) fn sweep(bench: &Bench, place: Place, is_exact: bool, limit: u32) -> (u64, u32) {
    sweep_but(bench, &of(place, is_exact), limit)
}

fn sweep_but(bench: &Bench, sweep: &Sweep, limit: u32) -> (u64, u32) {
    let (mut after, mut gone, mut chunks) = ((Number(i64::MIN), RecordId(0)), 0, 0);
    let chunk = |after| {
        let sweep = sweep.clone();
        bench.write(move |tx| tx.sweep_chunk(&sweep, after, limit, NOW))
    };
    while let Some((next, more)) = chunk(after) {
        after = next;
        gone += more;
        chunks += 1;
    }
    (gone, chunks)
}

fn live(bench: &Bench, place: Place) -> u64 {
    bench
        .read(|tx| tx.count_records(place.source))
        .get(&place.stream)
        .copied()
        .unwrap_or(0)
}

fn below(place: Place, number: i64) -> Place {
    Place {
        number: Number(number),
        ..place
    }
}

#[test]
fn an_exact_listing_sweeps_at_once_in_chunks() {
    both(|bench| {
        let place = filled(bench, 25, 5);
        assert_eq!(count(bench, place, true), (30, 25));
        assert_eq!(sweep(bench, place, true, 10), (25, 3));
        assert_eq!(live(bench, place), 5);
        assert_eq!(sweep(bench, place, true, 10), (0, 0));
        assert_eq!(count(bench, place, true), (5, 0));
    });
}

#[test]
fn an_inexact_listing_sweeps_what_two_complete_syncs_missed() {
    both(|bench| {
        let place = filled(bench, 12, 3);
        let doomed = |number: i64| count(bench, below(place, number), false);
        assert_eq!(doomed(100), (15, 0));
        assert_eq!(sweep(bench, place, false, 5), (0, 3));
        // The same sweep again, after a crash, is no second opinion.
        assert_eq!(sweep(bench, place, false, 5), (0, 3));
        assert_eq!(live(bench, place), 15);
        // Seen again: the miss is forgotten.
        bench.write(move |tx| tx.land(below(place, 105), &[present("r0", "x")], &[], NOW));
        assert_eq!(doomed(106), (15, 11));
        assert_eq!(sweep(bench, below(place, 106), false, 5).0, 11);
        assert!(bench.read(|tx| seen(tx, place, "r0")).is_some());
        assert_eq!(live(bench, place), 4);
    });
}

#[test]
fn a_page_that_could_not_tell_what_a_record_is_forgets_the_miss_unless_it_was_staged_before() {
    both(|bench| {
        let place = filled(bench, 2, 0);
        assert_eq!(sweep(bench, place, false, 10).0, 0);
        let see = |number, name: &'static str| {
            let seen = [crate::ToReject::new(&super::key(name))];
            bench.write(move |tx| tx.land(below(place, number), &[], &seen, NOW));
        };
        see(105, "r0");
        see(99, "r1");
        assert_eq!(count(bench, below(place, 104), false), (2, 1));
        assert_eq!(sweep(bench, below(place, 106), false, 10).0, 1);
        assert!(bench.read(|tx| seen(tx, place, "r0")).is_some());
    });
}

#[test]
fn tombstones_of_a_sweep_carry_its_number_and_outlive_pages_staged_before_it() {
    both(|bench| {
        let place = filled(bench, 1, 0);
        sweep(bench, place, true, 10);
        bench.write(move |tx| tx.land(below(place, 99), &[present("r0", "late")], &[], NOW));
        assert_eq!(bench.read(|tx| seen(tx, place, "r0")), None);
        bench.write(move |tx| tx.land(below(place, 101), &[present("r0", "back")], &[], NOW));
        assert_eq!(
            bench.read(|tx| seen(tx, place, "r0")),
            Some((101, 3, "back".to_owned()))
        );
    });
}

#[test]
fn other_streams_are_left_alone() {
    both(|bench| {
        let place = filled(bench, 3, 0);
        let other = bench.write(move |tx| {
            let streams = tx.put_streams(place.source, &[super::stream("others")])?;
            let other = streams.iter().find(|row| row.name == "others").unwrap().id;
            let place = Place {
                stream: other,
                number: Number(1),
                ..place
            };
            tx.land(place, &[present("r0", "x")], &[], NOW)?;
            Ok(other)
        });
        sweep(bench, place, true, 10);
        assert!(bench.read(|tx| tx.find_record_by_key(other, "r0")).is_some());
        assert_eq!(live(bench, place), 0);
    });
}

#[test]
fn what_lands_while_a_sweep_goes_on_stays() {
    both(|bench| {
        let place = filled(bench, 60, 0);
        let barrier = Arc::new(Barrier::new(2));
        let (store, theirs) = (bench.store.clone(), Arc::clone(&barrier));
        let landing = std::thread::spawn(move || {
            theirs.wait();
            for n in (0..60).rev().step_by(2) {
                let place = below(place, 200 + n);
                store
                    .write_blocking(move |tx| tx.land(place, &[present(&format!("r{n}"), "back")], &[], NOW))
                    .unwrap();
            }
        });
        barrier.wait();
        sweep(bench, place, true, 4);
        landing.join().unwrap();
        for n in 0..60 {
            let found = bench.read(|tx| seen(tx, place, &format!("r{n}")));
            assert_eq!(found.is_some(), n % 2 == 1, "r{n}");
        }
    });
}

/// A full sync of a stream with these records, none of which it has seen.
fn unseen(bench: &Bench, keys: &[&str]) -> (Reading, Place) {
    let reading = bench.sync(SyncMode::Full);
    let place = Place {
        source: reading.source,
        stream: reading.stream,
        number: bench.read(|tx| Ok(tx.sync(reading.sync)?.number)),
    };
    let records: Vec<_> = keys.iter().map(|key| present(key, "x")).collect();
    bench.write(move |tx| tx.land(below(place, 0), &records, &[], NOW));
    (reading, place)
}

#[test]
fn of_a_stream_that_was_read_but_for_some_places_only_the_rest_is_swept() {
    both(|bench| {
        let kept = ["a_b", "a_b/1", "a_b/c/2", "100%/ä", "/caf%E9/%FF", "Ä/1"];
        let swept = [
            "a-b",
            "a_b0",
            "a_b-c/1",
            "a_",
            "axb/1",
            "A_B/1",
            "1001/ä",
            "100%x/ä",
            "/caf%E9x/1",
            "/caf%e9/1",
            "ä/1",
            "c/a_b/1",
        ];
        let (reading, place) = unseen(bench, &kept);
        bench.write(move |tx| {
            let records: Vec<_> = swept.iter().map(|key| present(key, "x")).collect();
            tx.land(below(place, 0), &records, &[], NOW)?;
            let places = ["a_b", "100%", "/caf%E9", "Ä", "a_b"].map(str::to_owned);
            tx.spare_places(reading.sync, reading.stream, &places, "")?;
            // A place that is named twice, and one in another.
            tx.spare_places(reading.sync, reading.stream, &["a_b/c".to_owned()], "")
        });
        let spared = bench.read(|tx| tx.find_spared(reading.sync, reading.stream)).unwrap();
        let partial = Sweep {
            spared: Arc::new(spared),
            ..of(place, true)
        };
        assert_eq!(count(bench, place, true), (18, 18));
        let beginning = (Number(i64::MIN), RecordId(0));
        let counted = bench.read(|tx| tx.count_spared_chunk(&partial, beginning, 100));
        assert_eq!(counted.map(|(_, spared, kept)| (spared, kept)), Some((6, 6)));
        assert_eq!(sweep_but(bench, &partial, 4).0, 12);
        for key in kept {
            assert!(bench.read(|tx| seen(tx, place, key)).is_some(), "{key}");
        }
        // What one sync could not read is nothing to a later one.
        let later = bench.write(move |tx| tx.insert_sync(reading.source, SyncMode::Full, NOW));
        let spared = bench.read(|tx| tx.find_spared(later, reading.stream));
        assert!(spared.is_some_and(|spared| spared.is_empty()));
        assert_eq!(sweep(bench, place, true, 4).0, 6);
    });
}

#[test]
fn a_listing_that_could_not_read_its_beginning_spares_its_stream() {
    both(|bench| {
        let (reading, _) = unseen(bench, &["a"]);
        let sweepable = || {
            bench.read(|tx| {
                let sync = tx.sync(reading.sync)?;
                tx.list_sweepable(&sync)
            })
        };
        bench.write(move |tx| {
            tx.plan_sync(reading.sync, SyncMode::Full, &[reading.stream])?;
            tx.spare_places(reading.sync, reading.stream, &["b".to_owned()], "away")
        });
        assert_eq!(sweepable(), [reading.stream]);
        bench.write(move |tx| tx.spare_places(reading.sync, reading.stream, &[String::new()], "away"));
        assert_eq!(sweepable(), []);
    });
}

#[test]
fn a_listing_that_could_not_read_very_many_places_spares_its_stream() {
    both(|bench| {
        let (reading, _) = unseen(bench, &["a"]);
        let spare = |many: std::ops::Range<u32>| {
            bench.write(move |tx| {
                let places: Vec<String> = many.clone().map(|n| format!("folder {n}")).collect();
                tx.spare_places(reading.sync, reading.stream, &places, "")
            });
            bench.read(|tx| tx.find_spared(reading.sync, reading.stream)).is_some()
        };
        assert!(spare(0..10_000));
        assert!(!spare(10_000..10_001));
    });
}
