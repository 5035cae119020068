//! The sweep: what a complete sync no longer saw.

use std::sync::{Arc, Barrier};

use model::{Number, RecordId};

use super::{Bench, NOW, both, present, seen};
use crate::Place;

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

/// Sweeps the whole stream in chunks of `limit` and answers how many are gone and in how many chunks.
fn sweep(bench: &Bench, place: Place, is_exact: bool, limit: u32) -> (u64, u32) {
    let (mut after, mut gone, mut chunks) = ((Number(i64::MIN), RecordId(0)), 0, 0);
    while let Some((next, more)) = bench.write(move |tx| tx.sweep_chunk(place, is_exact, after, limit, NOW)) {
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
        assert_eq!(
            bench.read(|tx| tx.count_sweepable(place.stream, place.number, true)),
            (30, 25)
        );
        assert_eq!(sweep(bench, place, true, 10), (25, 3));
        assert_eq!(live(bench, place), 5);
        assert_eq!(sweep(bench, place, true, 10), (0, 0));
        assert_eq!(
            bench.read(|tx| tx.count_sweepable(place.stream, place.number, true)),
            (5, 0)
        );
    });
}

#[test]
fn an_inexact_listing_sweeps_what_two_complete_syncs_missed() {
    both(|bench| {
        let place = filled(bench, 12, 3);
        let doomed = |number: i64| bench.read(|tx| tx.count_sweepable(place.stream, Number(number), false));
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
