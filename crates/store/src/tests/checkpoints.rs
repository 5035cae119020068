//! Checkpoints become cursors in order, and only once everything before them has landed.

use model::connector::{Cursor, SliceSpec};
use model::{PageId, SliceId, SliceState, SyncMode, SyncState};
use serde_json::{Value as Json, json};

use super::{Bench, NOW, Reading, at, both};
use crate::NewFailure;

fn checkpoint(bench: &Bench, slice: SliceId, value: i64) {
    bench.write(move |tx| {
        let row = tx.slice(slice)?;
        let cursor = Cursor {
            key: "items".to_owned(),
            value: json!(value),
        };
        tx.insert_checkpoint(&row, &cursor, NOW)
    });
}

fn cursor(bench: &Bench, reading: Reading) -> Option<Json> {
    let mut cursors = bench.read(|tx| tx.list_cursors(reading.source));
    assert!(cursors.len() <= 1);
    cursors.pop().map(|cursor| cursor.value)
}

fn end(bench: &Bench, slice: SliceId) {
    bench.write(move |tx| tx.end_slice(slice, NOW));
}

fn add_slice(bench: &Bench, reading: Reading, key: Option<&str>) -> SliceId {
    let spec = SliceSpec {
        checkpoint_key: key.map(str::to_owned),
        ..super::slice("items")
    };
    bench.write(move |tx| {
        tx.insert_slices(reading.sync, reading.source, &[(reading.stream, spec.clone())], NOW)?;
        super::newest_slice(tx)
    })
}

#[test]
fn a_checkpoint_waits_for_the_pages_staged_before_it_and_for_no_others() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Incremental);
        let slice = reading.slice;
        let (first, second) = (bench.stage(slice, Some(json!(1))), bench.stage(slice, Some(json!(2))));
        checkpoint(bench, slice, 10);
        let third = bench.stage(slice, Some(json!(3)));
        checkpoint(bench, slice, 20);
        bench.land_page(second);
        assert_eq!(cursor(bench, reading), None);
        bench.land_page(first);
        assert_eq!(cursor(bench, reading), Some(json!(10)));
        bench.land_page(third);
        assert_eq!(cursor(bench, reading), Some(json!(20)));
    });
}

#[test]
fn a_checkpoint_without_pages_before_it_applies_at_once() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Incremental);
        checkpoint(bench, reading.slice, 5);
        assert_eq!(cursor(bench, reading), Some(json!(5)));
        checkpoint(bench, reading.slice, 6);
        assert_eq!(cursor(bench, reading), Some(json!(6)));
    });
}

#[test]
fn a_quarantined_page_counts_as_landed_for_checkpoints() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Incremental);
        let page = bench.stage(reading.slice, None);
        checkpoint(bench, reading.slice, 5);
        assert_eq!(cursor(bench, reading), None);
        quarantine(bench, reading, page);
        assert_eq!(cursor(bench, reading), Some(json!(5)));
    });
}

fn quarantine(bench: &Bench, reading: Reading, page: PageId) {
    bench.write(move |tx| {
        let row = tx.page(page)?;
        let failure = NewFailure {
            source: reading.source.0,
            stage: "parse",
            place: format!("page/{page}"),
            reason: "broken".to_owned(),
            detail: "the page is broken".to_owned(),
            page: Some(page),
            ..NewFailure::default()
        };
        tx.quarantine_page(&row, &failure, NOW)
    });
}

#[test]
fn slices_of_one_key_move_it_in_the_order_of_their_planning() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Incremental);
        let (first, second) = (reading.slice, add_slice(bench, reading, Some("items")));
        let page = bench.stage(first, None);
        checkpoint(bench, first, 1);
        checkpoint(bench, second, 2);
        end(bench, second);
        assert_eq!(cursor(bench, reading), None);
        end(bench, first);
        assert_eq!(cursor(bench, reading), None);
        bench.land_page(page);
        assert_eq!(cursor(bench, reading), Some(json!(2)));
        assert_eq!(bench.read(|tx| tx.sync(reading.sync)).state, SyncState::Completed);
    });
}

#[test]
fn a_failed_slice_holds_back_later_ones_of_its_key_until_it_is_resumed() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Incremental);
        let (first, second) = (reading.slice, add_slice(bench, reading, Some("items")));
        let other = add_slice(bench, reading, Some("other"));
        checkpoint(bench, second, 2);
        bench.write(move |tx| tx.fail_slice(first, "refused", false, NOW));
        end(bench, second);
        end(bench, other);
        assert_eq!(cursor(bench, reading), None);
        let later = bench.write(move |tx| {
            let sync = tx.insert_sync(reading.source, SyncMode::Incremental, at(1))?;
            for slice in tx.list_resumable_slices(reading.source, 10)? {
                tx.take_over_slice(&slice, sync, at(1))?;
            }
            tx.close_sync_slice(sync, false, at(1))?;
            Ok(sync)
        });
        checkpoint(bench, first, 1);
        end(bench, first);
        assert_eq!(cursor(bench, reading), Some(json!(2)));
        assert_eq!(bench.read(|tx| tx.sync(later)).state, SyncState::Completed);
    });
}

#[test]
fn a_dropped_slice_lets_no_cursor_pass_over_what_it_has_not_read() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Incremental);
        let (first, second) = (reading.slice, add_slice(bench, reading, Some("items")));
        checkpoint(bench, second, 2);
        bench.write(move |tx| tx.fail_slice(first, "no such page", true, NOW));
        end(bench, second);
        assert_eq!(bench.read(|tx| tx.list_resumable_slices(reading.source, 10)), []);
        bench.write(move |tx| tx.drop_failed_slices(reading.source, reading.stream));
        assert_eq!(bench.read(|tx| tx.slice(first)).state, SliceState::Closed);
        bench.write(move |tx| {
            let sync = tx.insert_sync(reading.source, SyncMode::Incremental, at(1))?;
            tx.insert_slices(sync, reading.source, &[(reading.stream, super::slice("items"))], at(1))
        });
        let later = bench.read(super::newest_slice);
        checkpoint(bench, later, 1);
        end(bench, later);
        assert_eq!(cursor(bench, reading), Some(json!(1)));
    });
}

#[test]
fn the_last_pages_of_two_slices_may_land_at_once() {
    both(|bench| {
        for round in 0..8 {
            let reading = bench.sync(SyncMode::Incremental);
            let slice = reading.slice;
            let second = add_slice(bench, reading, Some("items"));
            let pages: Vec<PageId> = [slice, second].map(|slice| bench.stage(slice, None)).into();
            checkpoint(bench, slice, 1);
            checkpoint(bench, second, 2);
            end(bench, slice);
            end(bench, second);
            let barrier = std::sync::Barrier::new(2);
            std::thread::scope(|scope| {
                for page in pages {
                    let barrier = &barrier;
                    scope.spawn(move || {
                        barrier.wait();
                        bench.land_page(page);
                    });
                }
            });
            assert_eq!(cursor(bench, reading), Some(json!(2)), "round {round}");
            for slice in [slice, second] {
                assert_eq!(bench.read(|tx| tx.slice(slice)).state, SliceState::Closed);
            }
        }
    });
}

#[test]
fn cursors_can_be_forgotten() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Incremental);
        checkpoint(bench, reading.slice, 5);
        bench.write(move |tx| tx.clear_cursors(reading.source));
        assert_eq!(cursor(bench, reading), None);
    });
}
