//! Retention: what is old goes little by little, and what something still needs stays.

use model::{Number, PageId, SyncId, SyncMode, Timestamp};
use serde_json::json;

use super::{Bench, NOW, Reading, at, both, present, seen, slice};
use crate::{Error, LandedCounts, NewFailure, Place, SyncTotals};

/// Looks through everything in steps of two.
fn expired_pages(bench: &Bench, before: Timestamp) -> Vec<(PageId, String)> {
    let (mut gone, mut after) = (Vec::new(), None);
    loop {
        let found = bench.read(|tx| tx.list_expired_pages(before, after, 2));
        gone.extend(found.gone);
        after = found.next;
        if after.is_none() {
            return gone;
        }
    }
}

fn land(bench: &Bench, reading: Reading, name: &'static str) -> PageId {
    let page = bench.stage(reading.slice, Some(json!(1)));
    bench.write(move |tx| {
        let row = tx.page(page)?;
        let place = row.place();
        let counts = tx.land(place, &[present(name, "x")], &[], NOW)?;
        tx.finish_page(&row, counts, &[], NOW)
    });
    page
}

fn failure(reading: Reading, page: PageId) -> NewFailure {
    NewFailure {
        source: reading.source.0,
        stage: "parse",
        place: format!("page/{page}"),
        reason: "broken".to_owned(),
        detail: "a record is broken".to_owned(),
        page: Some(page),
        ..NewFailure::default()
    }
}

#[test]
fn pages_go_that_hold_no_present_version_and_that_no_failure_needs() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Incremental);
        let (old, kept) = (land(bench, reading, "a"), land(bench, reading, "b"));
        let failed = bench.stage(reading.slice, Some(json!(1)));
        bench.write(move |tx| {
            let row = tx.page(failed)?;
            tx.finish_page(&row, LandedCounts::default(), &[failure(reading, failed)], NOW)
        });
        let unparsed = bench.stage(reading.slice, None);
        let newest = land(bench, reading, "a");
        assert_eq!(expired_pages(bench, NOW), []);
        let expired = expired_pages(bench, at(1));
        assert_eq!(expired.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [old]);
        let blobs = bench.write(move |tx| tx.delete_expired_pages(&expired));
        assert_eq!(blobs.len(), 1);
        assert_eq!(
            bench.read(|tx| tx.list_pages_of_source(reading.source, 10)),
            [kept, failed, unparsed, newest]
        );
        let place = Place {
            source: reading.source,
            stream: reading.stream,
            number: Number(0),
        };
        assert!(bench.read(|tx| seen(tx, place, "a")).is_some());
    });
}

#[test]
fn a_page_that_is_to_be_parsed_again_meanwhile_stays() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Incremental);
        let old = land(bench, reading, "a");
        land(bench, reading, "a");
        let expired = expired_pages(bench, at(1));
        assert_eq!(expired.len(), 1);
        bench.write(move |tx| tx.replay_page(old, reading.source, NOW));
        assert!(bench.write(move |tx| tx.delete_expired_pages(&expired)).is_empty());
        assert_eq!(bench.read(|tx| tx.page(old)).id, old);
    });
}

/// A further sync of the source that reads one slice without pages and ends.
fn sync_again(bench: &Bench, reading: Reading, mode: SyncMode, ended: Timestamp) -> SyncId {
    bench.write(move |tx| {
        let sync = tx.insert_sync(reading.source, mode, ended)?;
        tx.insert_slices(sync, reading.source, &[(reading.stream, slice("items"))], ended)?;
        let slice = super::newest_slice(tx)?;
        tx.close_sync_slice(sync, false, ended)?;
        tx.end_slice(slice, ended)?;
        if mode == SyncMode::Full {
            tx.end_sweep(sync, true, ended)?;
        }
        Ok(sync)
    })
}

/// Removes old slices, and then the syncs that may go.
fn remove(bench: &Bench, before: Timestamp) -> Vec<SyncId> {
    let slices = bench.read(|tx| tx.list_expired_slices(before, None, 100));
    assert!(slices.gone.is_empty() || slices.next.is_some());
    bench.write(move |tx| tx.delete_slices(&slices.gone));
    let syncs = bench.read(|tx| tx.list_expired_syncs(before, SyncId(0), 100));
    let gone = syncs.clone();
    bench.write(move |tx| tx.delete_syncs(&gone));
    syncs
}

#[test]
fn old_syncs_go_with_their_slices_and_what_they_did_is_still_counted() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Incremental);
        let page = land(bench, reading, "a");
        bench.write(move |tx| tx.end_slice(reading.slice, NOW));
        let full = sync_again(bench, reading, SyncMode::Full, at(1));
        let later = sync_again(bench, reading, SyncMode::Full, at(2));
        let short = sync_again(bench, reading, SyncMode::Incremental, at(3));
        let newest = sync_again(bench, reading, SyncMode::Incremental, at(4));
        let totals = bench.read(|tx| tx.sync_totals());
        assert_eq!(remove(bench, at(1)), [], "its page holds a record");
        assert_eq!(remove(bench, at(100)), [full, short]);
        let left = bench.read(|tx| tx.list_syncs(reading.source, None, 10));
        assert_eq!(
            left.iter().map(|sync| sync.id).collect::<Vec<_>>(),
            [newest, later, reading.sync]
        );
        assert_eq!(bench.read(|tx| tx.last_full_sync_at(reading.source)), Some(at(2)));
        assert_eq!(bench.read(|tx| tx.sync_totals()), totals);
        land(bench, reading_of(bench, reading), "a");
        bench.write(move |tx| tx.delete_expired_pages(&[(page, String::new())]));
        assert_eq!(remove(bench, at(100)).first(), Some(&reading.sync), "its page is gone");
    });
}

/// A sync under way beside the ones that have ended.
fn reading_of(bench: &Bench, reading: Reading) -> Reading {
    bench.write(move |tx| {
        let sync = tx.insert_sync(reading.source, SyncMode::Incremental, at(5))?;
        tx.insert_slices(sync, reading.source, &[(reading.stream, slice("items"))], at(5))?;
        Ok::<_, Error>(Reading {
            sync,
            slice: super::newest_slice(tx)?,
            ..reading
        })
    })
}

#[test]
fn syncs_and_slices_that_are_not_over_stay() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Full);
        bench.write(move |tx| tx.fail_slice(reading.slice, "refused", false, NOW));
        sync_again(bench, reading, SyncMode::Incremental, at(1));
        let cancelled = reading_of(bench, reading);
        bench.stage(cancelled.slice, None);
        bench.write(move |tx| tx.cancel_sync(cancelled.sync, at(6)));
        sync_again(bench, reading, SyncMode::Incremental, at(7));
        let left = remove(bench, at(100));
        assert!(!left.contains(&reading.sync), "its slice is resumed by the next");
        assert!(!left.contains(&cancelled.sync), "its page is not parsed");
    });
}

#[test]
fn nothing_is_left_of_a_deleted_source() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Incremental);
        let page = land(bench, reading, "a");
        let open = bench.stage(reading.slice, None);
        bench.write(move |tx| {
            let row = tx.slice(reading.slice)?;
            let cursor = model::connector::Cursor {
                key: "items".to_owned(),
                value: json!(1),
            };
            tx.insert_checkpoint(&row, &cursor, NOW)?;
            tx.put_failure(&failure(reading, page), NOW)
        });
        let totals: Vec<SyncTotals> = bench.read(|tx| tx.sync_totals());
        bench.write(move |tx| tx.delete_source(reading.source, NOW));
        bench.write(move |tx| tx.end_slices_of_source(reading.source, 10, NOW));
        bench.write(move |tx| tx.bury_source(reading.source, 10, NOW));
        bench.write(move |tx| tx.delete_pages(&[page, open]));
        bench.write(move |tx| tx.forget_source_records(reading.source, 10));
        assert_eq!(bench.read(|tx| tx.list_deleted_sources()), [reading.source]);
        while bench.write(move |tx| tx.drop_syncs_of_source(reading.source, 1)) > 0 {}
        assert_eq!(bench.read(|tx| tx.list_deleted_sources()), []);
        assert_eq!(bench.read(|tx| tx.list_syncs(reading.source, None, 10)), []);
        assert_eq!(bench.read(|tx| tx.count_failures(reading.source)), 0);
        let counted = |totals: &[SyncTotals]| {
            totals
                .iter()
                .map(|one| (one.syncs, one.pages))
                .fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
        };
        assert_eq!(counted(&bench.read(|tx| tx.sync_totals())), counted(&totals));
    });
}
