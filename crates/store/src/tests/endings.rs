//! How attempts end: retried, discarded, cancelled, returned, revived; and history.

use model::queue::Failure;
use model::{PageState, SliceState, SyncMode, SyncState, TaskState};

use super::tasks::{limits, task};
use super::{Bench, NOW, at, both};
use crate::{Claimed, Ending, Error};

fn fail(bench: &Bench, claimed: &Claimed, ending: Ending) -> Result<bool, Error> {
    let (id, fence) = (claimed.id, claimed.fence);
    let failure = Failure::Retry("the provider is down".to_owned());
    bench.try_write(move |tx| tx.end_attempt(id, fence, &failure, &ending, at(10)))
}

fn again(ms: i64) -> Ending {
    Ending::Again {
        at: at(ms),
        counts: true,
    }
}

#[test]
fn a_failed_attempt_runs_again_at_its_time_until_attempts_are_used_up() {
    both(|bench| {
        let mut new = task("a");
        new.attempts_max = 2;
        let id = bench.enqueue(new);
        let claimed = bench.claim_one();
        assert_eq!(fail(bench, &claimed, again(100)), Ok(false));
        assert_eq!(fail(bench, &claimed, again(100)), Err(Error::LostLease { task: id }));
        let row = bench.task(id);
        assert_eq!(
            (row.state, row.run_at, row.attempt),
            (TaskState::Retryable, Some(at(100)), 1)
        );
        assert_eq!(row.message.as_deref(), Some("the provider is down"));
        assert_eq!(bench.promote(at(100)), 1);
        let claimed = bench.claim_one();
        assert_eq!(claimed.attempt, 2);
        assert_eq!(fail(bench, &claimed, again(200)), Ok(true));
        let row = bench.task(id);
        assert_eq!((row.state, row.finished_at), (TaskState::Discarded, Some(at(10))));
        let attempts: Vec<_> = row
            .errors
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["attempt"].clone())
            .collect();
        assert_eq!(attempts, [1, 2]);
    });
}

#[test]
fn waiting_as_the_other_side_asked_does_not_count() {
    both(|bench| {
        let mut new = task("a");
        new.attempts_max = 1;
        let id = bench.enqueue(new);
        for _ in 0..30 {
            let claimed = bench.claim_one();
            assert_eq!(claimed.attempt, 1);
            let ending = Ending::Again { at: NOW, counts: false };
            assert_eq!(fail(bench, &claimed, ending), Ok(false));
            let row = bench.task(id);
            assert_eq!((row.state, row.attempt), (TaskState::Scheduled, 0));
            assert_eq!(row.message.as_deref(), Some("the provider is down"));
            assert_eq!(row.errors, serde_json::json!([]), "a wait is no failed attempt");
            bench.promote(at(1));
        }
    });
}

#[test]
fn old_errors_make_room() {
    both(|bench| {
        let mut new = task("a");
        new.attempts_max = 40;
        let id = bench.enqueue(new);
        for _ in 0..30 {
            let claimed = bench.claim_one();
            assert_eq!(fail(bench, &claimed, again(0)), Ok(false));
            bench.promote(at(1));
        }
        assert_eq!(bench.task(id).errors.as_array().unwrap().len(), 20);
    });
}

#[test]
fn a_final_failure_discards_at_once_and_what_follows_with_it() {
    both(|bench| {
        let id = bench.enqueue(task("a"));
        let next = bench.enqueue(task("b").after(id));
        assert_eq!(fail(bench, &bench.claim_one(), Ending::Discard), Ok(true));
        assert_eq!(bench.task(id).state, TaskState::Discarded);
        assert_eq!(bench.task(next).state, TaskState::Discarded);
    });
}

#[test]
fn a_retry_while_another_waits_under_the_key_leaves_one_of_them() {
    both(|bench| {
        let first = bench.enqueue(task("a").unique("k"));
        for round in 0..4 {
            let claimed = bench.claim_one();
            assert_eq!(claimed.id, first, "round {round}");
            let second = bench.enqueue(task("a").unique("k"));
            assert_ne!(second, first);
            assert_eq!(fail(bench, &claimed, again(round)), Ok(false));
            assert_eq!(bench.task(second).state, TaskState::Cancelled);
            bench.promote(at(round));
        }
        assert_eq!(bench.claim(limits(10)).len(), 1);
    });
}

#[test]
fn retries_and_enqueues_of_one_key_at_once_never_fail() {
    both(|bench| {
        let new = || {
            let mut new = task("a").unique("k");
            new.attempts_max = 1_000;
            new
        };
        bench.enqueue(new());
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(move || {
                    for _ in 0..40 {
                        bench.enqueue(new());
                    }
                });
            }
            scope.spawn(move || {
                for _ in 0..40 {
                    for claimed in bench.claim(limits(10)) {
                        fail(bench, &claimed, again(0)).unwrap();
                    }
                    bench.promote(at(1));
                }
            });
        });
        bench.promote(at(1));
        assert_eq!(bench.claim(limits(10)).len(), 1);
    });
}

#[test]
fn returned_tasks_run_again_without_a_lost_attempt() {
    both(|bench| {
        let id = bench.enqueue(task("a").unique("k"));
        let claimed = bench.claim_one();
        let second = bench.enqueue(task("a").unique("k"));
        let (claim, stale) = ((id, claimed.fence), (id, claimed.fence + 3));
        assert_eq!(bench.write(move |tx| tx.return_tasks(&[claim, stale])), 1);
        assert_eq!(bench.task(second).class.as_deref(), Some("merged"));
        let row = bench.task(id);
        assert_eq!((row.state, row.attempt), (TaskState::Available, 0));
        assert!(bench.claim_one().fence > claimed.fence);
    });
}

#[test]
fn a_running_task_is_asked_to_stop_and_then_ends_as_cancelled() {
    both(|bench| {
        for returns in [true, false] {
            let id = bench.enqueue(task("a"));
            let claimed = bench.claim_one();
            bench.write(move |tx| tx.cancel_task(id, at(1)));
            assert_eq!(bench.task(id).state, TaskState::Running);
            if returns {
                let claim = (id, claimed.fence);
                assert_eq!(bench.write(move |tx| tx.return_tasks(&[claim])), 0);
            } else {
                assert_eq!(fail(bench, &claimed, again(100)), Ok(true));
            }
            assert_eq!(bench.task(id).state, TaskState::Cancelled);
            assert!(matches!(
                bench.try_write(move |tx| tx.cancel_task(id, at(1))),
                Err(Error::Conflict(_))
            ));
        }
    });
}

#[test]
fn a_cancelled_task_whose_worker_dies_is_not_run_again() {
    both(|bench| {
        let id = bench.enqueue(task("a"));
        bench.claim_one();
        bench.write(move |tx| tx.cancel_task(id, at(1)));
        assert_eq!(bench.write(|tx| tx.rescue_expired(at(40_000), 10)), (0, 0));
        assert_eq!(bench.task(id).state, TaskState::Cancelled);
    });
}

#[test]
fn cancelling_a_fetch_or_a_parse_leaves_nothing_waiting_for_it() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Full);
        let page = bench.stage(reading.slice, None);
        let tasks = bench.read(|tx| tx.list_tasks(&crate::TaskFilter::default(), 10));
        let of = |kind: &str| tasks.iter().find(|task| task.kind == kind).unwrap().id;
        let (fetch, parse) = (of("fetch_slice"), of("parse_page"));
        bench.write(move |tx| tx.cancel_task(fetch, at(1)));
        assert_eq!(bench.read(|tx| tx.slice(reading.slice)).state, SliceState::Failed);
        assert_eq!(bench.read(|tx| tx.sync(reading.sync)).state, SyncState::Running);
        bench.write(move |tx| tx.cancel_task(parse, at(1)));
        assert_eq!(bench.read(|tx| tx.page(page)).state, PageState::Quarantined);
        let sync = bench.read(|tx| tx.sync(reading.sync));
        assert_eq!(
            (sync.state, sync.pages_open, sync.open_slices),
            (SyncState::Failed, 0, 0)
        );
    });
}

#[test]
fn what_still_ends_of_a_cancelled_sync_ends_nothing_of_the_next() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Full);
        let tasks = || bench.read(|tx| tx.list_tasks(&crate::TaskFilter::default(), 10));
        let of_cancelled = tasks().iter().find(|task| task.kind == "fetch_slice").unwrap().id;
        bench.write(move |tx| {
            tx.fail_slice(reading.slice, "cancelled by a person", false, at(1))?;
            let sync = tx.insert_sync(reading.source, SyncMode::Full, at(1))?;
            let slice = tx.slice(reading.slice)?;
            tx.take_over_slice(&slice, sync, at(1))
        });
        bench.write(move |tx| tx.cancel_task(of_cancelled, at(2)));
        assert_eq!(bench.read(|tx| tx.slice(reading.slice)).state, SliceState::Open);
        let fetches = tasks()
            .iter()
            .filter(|task| task.kind == "fetch_slice" && !task.state.is_final())
            .count();
        assert_eq!(fetches, 1);
    });
}

#[test]
fn a_task_of_history_comes_back_with_its_keys_and_a_higher_fence() {
    both(|bench| {
        let id = bench.enqueue(task("a").unique("k").serial("s"));
        let first = bench.claim_one();
        assert_eq!(fail(bench, &first, Ending::Discard), Ok(true));
        bench.write(move |tx| tx.retry_task(id, at(20)));
        assert_eq!(bench.enqueue(task("a").unique("k")), id);
        let again = bench.claim_one();
        assert_eq!((again.id, again.attempt), (id, 1));
        assert!(again.fence > first.fence);
        bench.enqueue(task("b").serial("s"));
        assert!(bench.claim(limits(10)).is_empty());
        assert!(matches!(
            bench.try_write(move |tx| tx.retry_task(id, at(20))),
            Err(Error::Conflict(_))
        ));
        assert_eq!(fail(bench, &again, Ending::Discard), Ok(true));
        // One that does the same waits already.
        let other = bench.enqueue(task("a").unique("k"));
        let refused = bench.try_write(move |tx| tx.retry_task(id, at(20)));
        assert!(matches!(refused, Err(Error::Conflict(text)) if text.contains(&format!("`{other}`"))));
        let unknown = bench.try_write(|tx| tx.retry_task(model::TaskId(777), at(20)));
        assert!(matches!(unknown, Err(Error::NotFound { .. })));
    });
}

#[test]
fn waiting_tasks_can_be_retried_now() {
    both(|bench| {
        let scheduled = bench.enqueue(task("a").at(at(900)));
        bench.write(move |tx| tx.retry_task(scheduled, at(1)));
        assert_eq!(bench.claim_one().id, scheduled);
        let refused = bench.try_write(move |tx| tx.retry_task(scheduled, at(1)));
        assert!(matches!(refused, Err(Error::Conflict(_))));
    });
}

#[test]
fn completions_are_written_in_batches_and_lost_claims_are_left_alone() {
    both(|bench| {
        let ids: Vec<_> = (0..50).map(|n| bench.enqueue(task(&n.to_string()))).collect();
        let claimed = bench.claim(limits(50));
        let mut claims: Vec<_> = claimed.iter().map(|one| (one.id, one.fence)).collect();
        claims[7].1 += 1;
        assert_eq!(bench.write(move |tx| tx.complete_tasks(&claims, at(3))), 49);
        assert_eq!(bench.task(ids[7]).state, TaskState::Running);
        let row = bench.task(ids[8]);
        assert_eq!(
            (row.state, row.finished_at, row.attempt),
            (TaskState::Completed, Some(at(3)), 1)
        );
    });
}

#[test]
fn history_is_pruned_by_its_end() {
    both(|bench| {
        for _ in 0..3 {
            bench.enqueue(task("a"));
            bench.complete(&bench.claim_one());
        }
        assert_eq!(bench.write(|tx| tx.prune_history(at(5), 10)), 0);
        assert_eq!(bench.write(|tx| tx.prune_history(at(6), 2)), 2);
        assert_eq!(bench.write(|tx| tx.prune_history(at(6), 2)), 1);
    });
}

#[test]
fn progress_lets_attempts_begin_anew() {
    both(|bench| {
        bench.enqueue(task("a"));
        fail(bench, &bench.claim_one(), again(0)).unwrap();
        bench.promote(at(1));
        let claimed = bench.claim_one();
        assert_eq!(claimed.attempt, 2);
        let claim = (claimed.id, claimed.fence);
        bench.write(move |tx| tx.restart_attempts(claim.0, claim.1));
        assert_eq!(bench.task(claim.0).attempt, 1);
    });
}

#[test]
fn a_parse_or_a_sweep_that_is_given_up_leaves_nothing_waiting_for_it() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Full);
        let page = bench.stage(reading.slice, None);
        bench.write(move |tx| tx.end_slice(reading.slice, at(1)));
        let parse = bench.claim(crate::ClaimLimits {
            queue: "parse".to_owned(),
            ..limits(1)
        });
        assert_eq!(fail(bench, &parse[0], Ending::Discard), Ok(true));
        assert_eq!(bench.read(|tx| tx.page(page)).state, PageState::Quarantined);
        let failures = bench.read(|tx| tx.list_failures(reading.source, None, model::FailureId(0), 10));
        assert!(
            failures[0].detail.contains("the provider is down"),
            "{}",
            failures[0].detail
        );
        let sync = bench.read(|tx| tx.sync(reading.sync));
        assert_eq!((sync.state, sync.unsweepable), (SyncState::Completed, 1));

        let reading = bench.sync(SyncMode::Full);
        bench.write(move |tx| tx.end_slice(reading.slice, at(1)));
        let sweep = bench.claim(crate::ClaimLimits {
            queue: "housekeeping".to_owned(),
            ..limits(1)
        });
        assert_eq!(fail(bench, &sweep[0], Ending::Discard), Ok(true));
        let sync = bench.read(|tx| tx.sync(reading.sync));
        assert_eq!(sync.state, SyncState::Cancelled);
        assert_eq!(sync.message.as_deref(), Some("the provider is down"));
    });
}
