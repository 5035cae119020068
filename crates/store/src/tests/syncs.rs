//! Syncs, slices and pages: every end is counted exactly once.

use model::{Number, PageState, SliceState, SyncMode, SyncState, TaskState};
use serde_json::json;

use super::{Bench, NOW, Reading, at, both, page};
use crate::{Error, LandedCounts, NewFailure, SyncRow, TaskFilter};

fn sync(bench: &Bench, reading: Reading) -> SyncRow {
    bench.read(|tx| tx.sync(reading.sync))
}

fn open_tasks(bench: &Bench, kind: &str) -> usize {
    let filter = TaskFilter {
        kind: Some(kind.to_owned()),
        ..TaskFilter::default()
    };
    let tasks = bench.read(|tx| tx.list_tasks(&filter, 1_000));
    tasks.iter().filter(|task| !task.state.is_final()).count()
}

pub(super) fn failure(reading: Reading) -> NewFailure {
    NewFailure {
        source: reading.source.0,
        sync: Some(reading.sync),
        stage: "parse",
        place: "page/1".to_owned(),
        reason: "broken".to_owned(),
        detail: "the page is broken".to_owned(),
        ..NewFailure::default()
    }
}

#[test]
fn a_page_comes_with_its_parse_task_and_the_next_position() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Incremental);
        let first = bench.stage(reading.slice, Some(json!({ "page": 2 })));
        assert_eq!(
            bench.read(|tx| tx.slice(reading.slice)).position,
            Some(json!({ "page": 2 }))
        );
        assert_eq!(open_tasks(bench, "parse_page"), 1);
        let row = bench.read(|tx| tx.page(first));
        assert_eq!(
            (row.state, row.is_counted, row.has_landed),
            (PageState::Staged, true, false)
        );
        // After the last page a crash reads that one again, not all.
        bench.stage(reading.slice, None);
        assert_eq!(
            bench.read(|tx| tx.slice(reading.slice)).position,
            Some(json!({ "page": 2 }))
        );
        let row = sync(bench, reading);
        assert_eq!((row.pages, row.pages_open, row.open_slices), (2, 2, 1));
    });
}

#[test]
fn an_incremental_sync_ends_with_its_last_page_or_its_last_slice() {
    both(|bench| {
        for ends_first in [true, false] {
            let reading = bench.sync(SyncMode::Incremental);
            let page = bench.stage(reading.slice, None);
            let end = || bench.write(move |tx| tx.end_slice(reading.slice, NOW));
            if ends_first {
                end();
                assert_eq!(bench.read(|tx| tx.slice(reading.slice)).state, SliceState::Read);
                assert_eq!(sync(bench, reading).state, SyncState::Running);
                bench.land_page(page);
            } else {
                bench.land_page(page);
                assert_eq!(sync(bench, reading).state, SyncState::Running);
                end();
                end();
            }
            let row = sync(bench, reading);
            assert_eq!(
                (row.state, row.open_slices, row.pages_open),
                (SyncState::Completed, 0, 0)
            );
            assert!(row.finished_at.is_some());
            assert_eq!(open_tasks(bench, "sweep_sync"), 0);
        }
    });
}

#[test]
fn a_full_sync_goes_on_to_its_sweep_once() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Full);
        let pages: Vec<_> = (0..12).map(|n| bench.stage(reading.slice, Some(json!(n)))).collect();
        bench.write(move |tx| tx.end_slice(reading.slice, NOW));
        let barrier = std::sync::Barrier::new(pages.len());
        std::thread::scope(|scope| {
            for page in pages {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    bench.land_page(page);
                });
            }
        });
        let row = sync(bench, reading);
        assert_eq!(
            (row.state, row.pages_open, row.open_slices),
            (SyncState::Sweeping, 0, 0)
        );
        assert_eq!(bench.read(|tx| tx.slice(reading.slice)).state, SliceState::Closed);
        assert_eq!(open_tasks(bench, "sweep_sync"), 1);
        bench.write(move |tx| tx.set_sync_state(reading.sync, SyncState::Completed, None, at(9)));
        assert_eq!(sync(bench, reading).finished_at, Some(at(9)));
    });
}

#[test]
fn slices_that_end_at_once_end_the_sync_once() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Full);
        bench.write(move |tx| {
            let more: Vec<_> = (0..9).map(|_| (reading.stream, super::slice("items"))).collect();
            tx.insert_slices(reading.sync, reading.source, &more, NOW)
        });
        assert_eq!(sync(bench, reading).open_slices, 10);
        std::thread::scope(|scope| {
            for slice in 1..=10 {
                scope.spawn(move || bench.write(move |tx| tx.end_slice(model::SliceId(slice), NOW)));
            }
        });
        assert_eq!(sync(bench, reading).state, SyncState::Sweeping);
        assert_eq!(open_tasks(bench, "sweep_sync"), 1);
    });
}

#[test]
fn a_page_that_is_finished_twice_counts_once() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Incremental);
        let (page, _other) = (
            bench.stage(reading.slice, Some(json!(1))),
            bench.stage(reading.slice, None),
        );
        // Both parses have read the row while it was open.
        let row = bench.read(|tx| tx.page(page));
        for _ in 0..2 {
            let row = row.clone();
            bench.write(move |tx| tx.finish_page(&row, LandedCounts::default(), &[], NOW));
        }
        assert_eq!(sync(bench, reading).pages_open, 1);
    });
}

#[test]
fn counts_add_up() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Incremental);
        for _ in 0..2 {
            let page = bench.stage(reading.slice, Some(json!(1)));
            bench.write(move |tx| {
                let row = tx.page(page)?;
                let counts = LandedCounts {
                    changed: 3,
                    unchanged: 2,
                    deleted: 1,
                    older: 4,
                };
                tx.finish_page(&row, counts, &[failure(reading)], NOW)
            });
        }
        bench.write(move |tx| {
            tx.expect_records(reading.sync, 30)?;
            tx.expect_records(reading.sync, 12)?;
            tx.count_swept(reading.sync, 5)
        });
        let row = sync(bench, reading);
        assert_eq!(
            (row.records_seen, row.records_changed, row.records_deleted, row.failures),
            (20, 6, 7, 2)
        );
        assert_eq!(row.expected, Some(42));
        assert_eq!(bench.read(|tx| tx.count_failures(reading.source)), 1);
    });
}

#[test]
fn a_quarantined_page_blocks_the_sweep_and_says_so_and_can_be_replayed() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Full);
        let page = bench.stage(reading.slice, None);
        bench.write(move |tx| tx.end_slice(reading.slice, NOW));
        bench.write(move |tx| {
            let row = tx.page(page)?;
            let failure = NewFailure {
                page: Some(page),
                ..failure(reading)
            };
            tx.quarantine_page(&row, &failure, NOW)
        });
        let row = sync(bench, reading);
        assert_eq!((row.state, row.unsweepable, row.failures), (SyncState::Completed, 1, 1));
        assert!(row.message.unwrap().contains("the page is broken"));
        assert!(bench.read(|tx| tx.list_expired_pages(at(1), None, 10)).gone.is_empty());
        let again = bench.write(move |tx| tx.replay_pages(reading.source, model::PageId(0), true, 10, at(2)));
        assert_eq!(again, Some((page, 1)));
        bench.land_page(page);
        let replayed = bench.read(|tx| tx.page(page));
        assert_eq!(
            (replayed.state, replayed.is_counted, replayed.has_landed),
            (PageState::Landed, false, true)
        );
        assert_eq!(bench.read(|tx| tx.count_failures(reading.source)), 0);
        assert_eq!((sync(bench, reading).pages_open, sync(bench, reading).failures), (0, 1));
    });
}

#[test]
fn a_failed_slice_fails_the_sync_and_is_resumed_by_the_next_where_it_stood() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Full);
        let page = bench.stage(reading.slice, Some(json!("there")));
        bench.write(move |tx| tx.fail_slice(reading.slice, "the provider refused", false, NOW));
        bench.write(move |tx| tx.fail_slice(reading.slice, "again", false, NOW));
        assert_eq!(sync(bench, reading).state, SyncState::Running);
        bench.land_page(page);
        let row = sync(bench, reading);
        assert_eq!(
            (row.state, row.failed_slices, row.unsweepable),
            (SyncState::Failed, 1, 1)
        );
        assert_eq!(row.message.as_deref(), Some("the provider refused"));
        let failed = bench.read(|tx| tx.list_resumable_slices(reading.source, 10));
        assert_eq!(failed[0].position, Some(json!("there")));
        let later = bench.write(move |tx| {
            let sync = tx.insert_sync(reading.source, SyncMode::Full, at(1))?;
            tx.take_over_slice(&failed[0], sync, at(1))?;
            tx.take_over_slice(&failed[0], sync, at(1))?;
            tx.close_sync_slice(sync, false, at(1))?;
            Ok(sync)
        });
        assert_eq!(bench.read(|tx| tx.sync(later)).open_slices, 1);
        // What an earlier reader of the slice still holds is of no use any more.
        let stale = bench.try_write(move |tx| {
            let row = crate::SliceRow {
                sync: reading.sync,
                ..tx.slice(reading.slice)?
            };
            let number = tx.next_number()?;
            tx.stage_page(&page_of(row, number), NOW)
        });
        assert!(matches!(stale, Err(Error::Conflict(_))), "{stale:?}");
        bench.write(move |tx| tx.end_slice(reading.slice, at(2)));
        assert_eq!(bench.read(|tx| tx.sync(later)).state, SyncState::Sweeping);
    });
}

#[test]
fn a_stream_that_failed_spares_itself_alone() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Full);
        let other = bench.write(move |tx| {
            let stream = tx.put_streams(reading.source, &[super::stream("others")])?;
            let other = stream.iter().find(|row| row.name == "others").unwrap().id;
            tx.plan_sync(reading.sync, SyncMode::Full, &[reading.stream, other])?;
            tx.insert_slices(reading.sync, reading.source, &[(other, super::slice("others"))], NOW)?;
            tx.fail_slice(reading.slice, "refused", false, NOW)?;
            Ok(other)
        });
        let slice = bench.read(super::newest_slice);
        bench.write(move |tx| tx.end_slice(slice, NOW));
        let row = sync(bench, reading);
        assert_eq!(
            (row.state, row.message.as_deref()),
            (SyncState::Sweeping, Some("refused"))
        );
        assert_eq!(bench.read(|tx| tx.list_sweepable(&row)), [other]);
        bench.write(move |tx| tx.end_sweep(reading.sync, true, at(1)));
        assert_eq!(sync(bench, reading).state, SyncState::Failed);
        assert_eq!(bench.read(|tx| tx.last_full_sync_at(reading.source)), Some(NOW));
    });
}

#[test]
fn a_full_sync_is_expected_to_see_what_the_last_one_of_the_same_streams_saw() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Full);
        let (source, stream) = (reading.source, reading.stream);
        bench.write(move |tx| tx.plan_sync(reading.sync, SyncMode::Full, &[stream]));
        let page = bench.stage(reading.slice, None);
        let seen = LandedCounts {
            unchanged: 7,
            ..LandedCounts::default()
        };
        bench.write(move |tx| {
            let row = tx.page(page)?;
            tx.finish_page(&row, seen, &[], NOW)?;
            tx.end_slice(reading.slice, NOW)?;
            tx.end_sweep(reading.sync, true, NOW)
        });
        assert_eq!(sync(bench, reading).state, SyncState::Completed);
        for (mode, streams, expected) in [
            (SyncMode::Full, vec![stream], Some(7)),
            (SyncMode::Full, vec![stream, stream], None),
            (SyncMode::Incremental, vec![stream], None),
        ] {
            let row = bench.write(move |tx| {
                let next = tx.insert_sync(source, mode, NOW)?;
                tx.plan_sync(next, mode, &streams)?;
                tx.sync(next)
            });
            assert_eq!((row.seen_before, row.total()), (expected, expected));
        }
    });
}

fn page_of(row: crate::SliceRow, number: Number) -> crate::NewPage {
    page(row, number, None)
}

#[test]
fn a_page_of_before_may_land_after_its_slice_was_taken_over() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Incremental);
        let page = bench.stage(reading.slice, Some(json!(1)));
        bench.write(move |tx| tx.fail_slice(reading.slice, "refused", false, NOW));
        let later = bench.write(move |tx| {
            let sync = tx.insert_sync(reading.source, SyncMode::Incremental, at(1))?;
            let slice = tx.slice(reading.slice)?;
            tx.take_over_slice(&slice, sync, at(1))?;
            tx.close_sync_slice(sync, false, at(1))?;
            tx.end_slice(reading.slice, at(1))?;
            Ok(sync)
        });
        assert_eq!(bench.read(|tx| tx.sync(later)).state, SyncState::Running);
        bench.land_page(page);
        assert_eq!(sync(bench, reading).state, SyncState::Failed);
        assert_eq!(bench.read(|tx| tx.sync(later)).state, SyncState::Completed);
    });
}

#[test]
fn a_planning_that_failed_never_leads_to_a_sweep() {
    both(|bench| {
        let (source, _) = bench.source();
        let id = bench.write(move |tx| {
            let id = tx.insert_sync(source, SyncMode::Full, NOW)?;
            tx.close_sync_slice(id, true, NOW)?;
            Ok(id)
        });
        assert_eq!(bench.read(|tx| tx.sync(id)).state, SyncState::Failed);
        assert_eq!(open_tasks(bench, "sweep_sync"), 0);
    });
}

#[test]
fn a_restarted_slice_reads_from_its_beginning() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Incremental);
        bench.stage(reading.slice, Some(json!(1)));
        bench.write(move |tx| tx.restart_slice(reading.slice, "the token is too old"));
        let row = bench.read(|tx| tx.slice(reading.slice));
        assert_eq!((row.position, row.restarts, row.state), (None, 1, SliceState::Open));
    });
}

#[test]
fn a_cancelled_sync_reads_no_more_but_what_is_staged_lands() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Full);
        let page = bench.stage(reading.slice, Some(json!(1)));
        bench.write(move |tx| tx.cancel_sync(reading.sync, at(1)));
        let row = sync(bench, reading);
        assert_eq!((row.state, row.finished_at), (SyncState::Cancelled, Some(at(1))));
        let clear = || bench.write(move |tx| tx.clear_cancelled_sync(reading.sync, 10, at(1)));
        assert_eq!([clear(), clear()], [2, 0], "the slice and its task");
        assert!(matches!(
            bench.try_write(move |tx| tx.cancel_sync(reading.sync, at(1))),
            Err(Error::Conflict(_))
        ));
        assert_eq!(
            (open_tasks(bench, "fetch_slice"), open_tasks(bench, "parse_page")),
            (0, 1)
        );
        let staged = bench.try_write(move |tx| {
            let row = tx.slice(reading.slice)?;
            let number = tx.next_number()?;
            tx.stage_page(&page_of(row, number), NOW)
        });
        assert!(matches!(staged, Err(Error::Conflict(_))));
        let planned = bench.try_write(move |tx| {
            tx.insert_slices(
                reading.sync,
                reading.source,
                &[(reading.stream, super::slice("items"))],
                NOW,
            )
        });
        assert!(matches!(planned, Err(Error::Conflict(_))));
        bench.land_page(page);
        // A handler that comes late changes nothing.
        bench.write(move |tx| tx.set_sync_state(reading.sync, SyncState::Completed, None, at(5)));
        let row = sync(bench, reading);
        assert_eq!((row.state, row.finished_at), (SyncState::Cancelled, Some(at(1))));
        // The next sync goes on where it stood, and ends.
        let later = bench.write(move |tx| {
            let sync = tx.insert_sync(reading.source, SyncMode::Incremental, at(6))?;
            let slice = tx.slice(reading.slice)?;
            tx.take_over_slice(&slice, sync, at(6))?;
            tx.close_sync_slice(sync, false, at(6))?;
            tx.end_slice(reading.slice, at(6))?;
            Ok(sync)
        });
        assert_eq!(bench.read(|tx| tx.sync(later)).state, SyncState::Completed);
    });
}

#[test]
fn a_source_has_one_sync_under_way() {
    both(|bench| {
        let (source, _) = bench.source();
        let started: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..6)
                .map(|_| scope.spawn(move || bench.write(move |tx| tx.start_sync(source, SyncMode::Full, NOW))))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(started.iter().filter(|(_, is_new)| *is_new).count(), 1);
        assert!(started.iter().all(|(id, _)| *id == started[0].0));
        assert_eq!(open_tasks(bench, "plan_sync"), 1);
        bench.write(move |tx| tx.delete_source(source, at(1)));
        assert_eq!(bench.read(|tx| tx.sync(started[0].0)).state, SyncState::Cancelled);
        let refused = bench.try_write(move |tx| tx.start_sync(source, SyncMode::Full, at(2)));
        assert!(matches!(refused, Err(Error::NotFound { .. })));
    });
}

#[test]
fn a_sweep_that_waits_for_a_person_holds_up_no_later_sync() {
    both(|bench| {
        let (source, _) = bench.source();
        let ask = |at| {
            bench.write(move |tx| {
                let (id, is_new) = tx.start_sync(source, SyncMode::Full, at)?;
                assert!(is_new);
                tx.close_sync_slice(id, false, at)?;
                tx.set_sync_state(id, SyncState::NeedsConfirmation, Some("really?"), at)?;
                Ok(id)
            })
        };
        let first = ask(at(0));
        assert_eq!(bench.read(|tx| tx.find_open_sync(source)).unwrap().id, first);
        assert_eq!(bench.read(|tx| tx.find_running_sync(source)), None);
        let second = ask(at(1));
        assert_eq!(bench.read(|tx| tx.sync(first)).state, SyncState::Cancelled);
        assert!(matches!(
            bench.try_write(move |tx| tx.confirm_sweep(first, at(2))),
            Err(Error::Conflict(_))
        ));
        bench.write(move |tx| tx.confirm_sweep(second, at(2)));
        let row = bench.read(|tx| tx.sync(second));
        assert_eq!((row.state, row.is_sweep_confirmed), (SyncState::Sweeping, true));
    });
}

#[test]
fn what_a_sync_waits_for_is_shown_until_it_goes_on() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Incremental);
        bench.write(move |tx| tx.set_sync_waiting(reading.sync, Some((at(60), "the hourly limit"))));
        let row = sync(bench, reading);
        assert_eq!(
            (row.waiting_until, row.waiting_for.as_deref()),
            (Some(at(60)), Some("the hourly limit"))
        );
        bench.stage(reading.slice, None);
        assert_eq!(sync(bench, reading).waiting_until, None);
        let tasks = bench.read(|tx| tx.list_tasks(&TaskFilter::default(), 10));
        assert!(tasks.iter().all(|task| task.state == TaskState::Available));
    });
}

#[test]
fn a_source_that_changed_while_it_is_read_is_read_again_afterwards() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Incremental);
        let source = reading.source;
        bench.write(move |tx| tx.start_sync_anew(source, NOW));
        bench.write(move |tx| tx.start_sync_anew(source, NOW));
        assert_eq!(open_tasks(bench, "start_sync"), 1, "once is enough");
        let running = bench.read(move |tx| tx.find_running_sync(source));
        assert_eq!(running.map(|sync| sync.id), Some(reading.sync));
    });
}
