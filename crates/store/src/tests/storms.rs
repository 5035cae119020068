//! Many at once: workers that fail, crash and come back late; syncs whose slices are read and landed by many threads.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use model::connector::{Cursor, SliceSpec};
use model::queue::Failure;
use model::{SliceId, SliceState, SourceId, SyncMode, SyncState, TaskState};
use serde_json::json;

use super::tasks::{limits, task};
use super::{Bench, NOW, both, page, present};
use crate::{ClaimLimits, Claimed, Ending, Error, TaskFilter};

/// A small generator of numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Ends one attempt somehow; answers whether the task is done by it.
fn end(bench: &Bench, claimed: &Claimed, dice: &mut Dice) -> bool {
    let (id, fence) = (claimed.id, claimed.fence);
    let outcome = match dice.roll(6) {
        0 => {
            let failure = Failure::Retry("on purpose".to_owned());
            let ending = Ending::Again { at: NOW, counts: false };
            bench
                .try_write(move |tx| tx.end_attempt(id, fence, &failure, &ending, NOW))
                .map(|_| false)
        }
        1 => bench
            .try_write(move |tx| tx.return_tasks(&[(id, fence)]))
            .map(|_| false),
        // Dies, some time after it got somewhere.
        2 => bench.try_write(move |tx| tx.hold_task(id, fence)).map(|()| false),
        _ => bench
            .try_write(move |tx| {
                tx.hold_task(id, fence)?;
                tx.put_setting(&format!("task {id}"), "done")?;
                tx.complete_task(id, fence, NOW)
            })
            .map(|()| true),
    };
    match outcome {
        Ok(is_done) => is_done,
        Err(Error::LostLease { task }) if task == id => false,
        Err(error) => panic!("{error}"),
    }
}

/// A person lets tasks that crashed too often run again.
///
/// One at a time: a task that another person let run has perhaps completed meanwhile, and would be run once more.
fn retry_parked(bench: &Bench, only_one: &Mutex<()>) {
    let _only_one = only_one.lock().unwrap();
    let filter = TaskFilter {
        state: Some(TaskState::Pending),
        ..TaskFilter::default()
    };
    for parked in bench.read(move |tx| tx.list_tasks(&filter, 100)) {
        bench.write(move |tx| tx.retry_task(parked.id, NOW));
    }
}

#[test]
fn workers_that_fail_crash_and_come_late_run_every_task_to_its_end_once() {
    both(|bench| {
        let tasks = if bench.is_postgres() { 60 } else { 150 };
        for n in 0..tasks {
            let mut new = task(&n.to_string()).for_source(SourceId(n % 4));
            if n % 3 == 0 {
                new = new.unique(format!("u{n}"));
            }
            if n % 5 == 0 {
                new = new.serial(format!("s{}", n % 10));
            }
            bench.enqueue(new);
        }
        let (done, only_one) = (AtomicU64::new(0), Mutex::new(()));
        std::thread::scope(|scope| {
            for worker in 0..4 {
                let (done, only_one) = (&done, &only_one);
                scope.spawn(move || {
                    let mut dice = Dice(worker);
                    let claim = ClaimLimits {
                        per_source_max: 6,
                        worker: format!("w{worker}"),
                        lease_until: NOW,
                        ..limits(5)
                    };
                    for _ in 0..20_000 {
                        let claimed = bench.claim(claim.clone());
                        if claimed.is_empty() && bench.read(|tx| tx.count_queues()).is_empty() {
                            return;
                        }
                        for one in &claimed {
                            if dice.roll(3) == 0 {
                                // While it runs, more of the same is asked for.
                                bench.enqueue(task("again").unique(format!("u{}", dice.roll(30) * 3)));
                            }
                            done.fetch_add(u64::from(end(bench, one, &mut dice)), Ordering::Relaxed);
                        }
                        bench.promote(super::at(60_000));
                        if dice.roll(4) == 0 {
                            bench.write(|tx| tx.rescue_expired(super::at(1), 20));
                            retry_parked(bench, only_one);
                        }
                    }
                    panic!("never done");
                });
            }
        });
        let filter = TaskFilter::default();
        let ended = bench.read(move |tx| tx.list_tasks(&filter, 10_000));
        let mut states: BTreeMap<&str, u64> = BTreeMap::new();
        for task in &ended {
            *states.entry(task.state.as_str()).or_default() += 1;
            let is_merged = task.class.as_deref() == Some("merged");
            assert!(task.state == TaskState::Completed || is_merged, "{task:?}");
            let is_done = bench.read(|tx| tx.find_setting(&format!("task {}", task.id))).is_some();
            assert_eq!(is_done, task.state == TaskState::Completed);
        }
        assert_eq!(states.get("completed").copied(), Some(done.into_inner()));
    });
}

#[test]
fn a_sync_read_and_landed_by_many_threads_ends_once_with_every_cursor() {
    both(|bench| {
        let (slices, pages) = (6, 4);
        let (source, stream) = bench.source();
        let sync = bench.write(move |tx| {
            let sync = tx.insert_sync(source, SyncMode::Full, NOW)?;
            let specs: Vec<_> = (0..slices)
                .map(|n| {
                    let spec = SliceSpec {
                        checkpoint_key: Some(format!("key {}", n % 2)),
                        ..super::slice("items")
                    };
                    (stream, spec)
                })
                .collect();
            tx.insert_slices(sync, source, &specs, NOW)?;
            tx.close_sync_slice(sync, false, NOW)?;
            Ok(sync)
        });
        let has_failed = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for slice in 1..=slices {
                let alarm = Alarm(&has_failed);
                scope.spawn(move || read_slice(bench, SliceId(slice), pages, alarm));
            }
            for _ in 0..3 {
                let alarm = Alarm(&has_failed);
                scope.spawn(move || land_until_swept(bench, sync, &alarm));
            }
        });
        let row = bench.read(move |tx| tx.sync(sync));
        let pages = u64::try_from(slices * pages).unwrap();
        assert_eq!(
            (row.state, row.open_slices, row.pages_open),
            (SyncState::Sweeping, 0, 0)
        );
        assert_eq!((row.pages, row.records_changed), (pages, pages));
        for slice in 1..=slices {
            assert_eq!(bench.read(|tx| tx.slice(SliceId(slice))).state, SliceState::Closed);
        }
        let cursors = bench.read(move |tx| tx.list_cursors(source));
        let values: Vec<_> = cursors.into_iter().map(|cursor| (cursor.key, cursor.value)).collect();
        assert_eq!(
            values,
            [("key 0".to_owned(), json!([5, 4])), ("key 1".to_owned(), json!([6, 4]))]
        );
    });
}

/// Tells the threads that wait for each other that one of them has failed: without it they would wait for ever.
struct Alarm<'a>(&'a AtomicBool);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

fn read_slice(bench: &Bench, slice: SliceId, pages: i64, _alarm: Alarm<'_>) {
    for n in 1..=pages {
        bench.write(move |tx| {
            let row = tx.slice(slice)?;
            let number = tx.next_number()?;
            tx.stage_page(&page(row, number, Some(json!(n))), NOW)
        });
        bench.write(move |tx| {
            let row = tx.slice(slice)?;
            let key = row.spec.checkpoint_key.clone().unwrap();
            let value = json!([slice.0, n]);
            tx.insert_checkpoint(&row, &Cursor { key, value }, NOW)
        });
    }
    bench.write(move |tx| tx.end_slice(slice, NOW));
}

/// Claims parse tasks and lands their pages until the sync has gone on to its sweep.
fn land_until_swept(bench: &Bench, sync: model::SyncId, alarm: &Alarm<'_>) {
    let claim = ClaimLimits {
        queue: "parse".to_owned(),
        ..limits(2)
    };
    while bench.read(move |tx| tx.sync(sync)).state == SyncState::Running {
        assert!(!alarm.0.load(Ordering::Relaxed), "another thread has failed");
        for claimed in bench.claim(claim.clone()) {
            let page = model::PageId(claimed.args["page"].as_i64().unwrap());
            bench.write(move |tx| {
                tx.hold_task(claimed.id, claimed.fence)?;
                let row = tx.page(page)?;
                let place = row.place();
                let counts = tx.land(place, &[present(&page.to_string(), "x")], &[], NOW)?;
                tx.finish_page(&row, counts, &[], NOW)?;
                tx.complete_task(claimed.id, claimed.fence, NOW)
            });
        }
    }
}
