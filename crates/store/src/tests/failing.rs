//! What becomes of slices that fail, of parts that can't be read, and of what was wrong with a record.

use model::{Number, SyncMode, SyncState};
use serde_json::json;

use super::syncs::failure;
use super::{NOW, at, both};
use crate::{LandedCounts, NewFailure, Place, record_place};

#[test]
fn a_slice_that_gets_no_further_is_resumed_three_times_in_a_row() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Incremental);
        let resumable = || bench.read(|tx| tx.list_resumable_slices(reading.source, 10));
        let fail = || bench.write(move |tx| tx.fail_slice(reading.slice, "refused", false, NOW));
        let resume = || {
            let found = resumable();
            bench.write(move |tx| {
                let sync = tx.insert_sync(reading.source, SyncMode::Incremental, NOW)?;
                found.iter().try_for_each(|slice| tx.take_over_slice(slice, sync, NOW))
            });
        };
        fail();
        for _ in 0..2 {
            resume();
            fail();
        }
        resume();
        bench.stage(reading.slice, Some(json!("further")));
        fail();
        for _ in 0..3 {
            assert_eq!(resumable().len(), 1);
            resume();
            fail();
        }
        assert_eq!(resumable(), []);
    });
}

#[test]
fn a_part_that_is_missing_spares_its_stream_and_makes_no_later_sync_full() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Full);
        bench.write(move |tx| {
            let slice = tx.slice(reading.slice)?;
            let failure = NewFailure {
                source: reading.source.0,
                stage: "fetch",
                place: "partition/a".to_owned(),
                reason: "wrong configuration".to_owned(),
                detail: "answered 404".to_owned(),
                stream: Some(reading.stream),
                ..NewFailure::default()
            };
            tx.plan_sync(reading.sync, SyncMode::Full, &[reading.stream])?;
            tx.pass_over(&slice, &json!(1), &failure, NOW)?;
            tx.note_missing_part(reading.sync, reading.stream, "answered 403")
        });
        assert_eq!(bench.read(|tx| tx.slice(reading.slice)).position, Some(json!(1)));
        bench.write(move |tx| tx.end_slice(reading.slice, at(1)));
        let row = bench.read(|tx| tx.sync(reading.sync));
        assert_eq!(
            (row.state, row.failures, row.message.as_deref()),
            (SyncState::Completed, 1, Some("answered 404"))
        );
        assert_eq!(bench.read(|tx| tx.last_full_sync_at(reading.source)), Some(NOW));
        assert_eq!(bench.read(|tx| tx.count_failures(reading.source)), 1);
        bench.write(move |tx| tx.drop_failed_slices(reading.source, reading.stream));
        assert_eq!(bench.read(|tx| tx.count_failures(reading.source)), 0);
    });
}

#[test]
fn what_was_wrong_with_a_record_goes_with_it_and_an_older_page_does_not_bring_it_back() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Full);
        let (older, newer) = (
            bench.stage(reading.slice, Some(json!(1))),
            bench.stage(reading.slice, None),
        );
        let end = |page, content: &'static str, is_wrong: bool| {
            bench.write(move |tx| {
                let row = tx.page(page)?;
                let place = row.place();
                let wrong = NewFailure {
                    place: record_place(row.stream, "a"),
                    record_key: Some("a".to_owned()),
                    ..failure(reading)
                };
                tx.land(place, &[super::present("a", content)], &[], NOW)?;
                let wrong = if is_wrong { vec![wrong] } else { Vec::new() };
                tx.finish_page(&row, LandedCounts::default(), &wrong, NOW)
            });
            bench.read(|tx| tx.count_failures(reading.source))
        };
        assert_eq!(end(newer, "mended", false), 0);
        assert_eq!(end(older, "broken", true), 0, "something newer is known");
        assert_eq!(end(newer, "broken again", true), 1);
        let sweep = crate::Sweep {
            place: Place {
                source: reading.source,
                stream: reading.stream,
                number: Number(i64::MAX),
            },
            is_exact: true,
            spared: std::sync::Arc::default(),
        };
        let start = (Number(i64::MIN), model::RecordId(0));
        bench.write(move |tx| tx.sweep_chunk(&sweep, start, 10, NOW));
        assert_eq!(bench.read(|tx| tx.count_failures(reading.source)), 0);
    });
}
