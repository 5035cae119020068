//! Claims: order, limits, leases, rescue.

use std::collections::BTreeSet;

use model::{SourceId, TaskId, TaskState, Timestamp};

use super::tasks::{limits, task};
use super::{Bench, NOW, at, both};
use crate::{ClaimLimits, Claimed, Error};

/// Rescues, and lets what then waits a little wait no longer.
fn rescue(bench: &Bench, now: Timestamp) -> (u64, u64) {
    let rescued = bench.write(move |tx| tx.rescue_expired(now, 100));
    bench.promote(now.plus_ms(10_000));
    rescued
}

fn hold(bench: &Bench, claimed: &Claimed) -> Result<(), Error> {
    let (id, fence) = (claimed.id, claimed.fence);
    bench.try_write(move |tx| tx.hold_task(id, fence))
}

#[test]
fn the_lowest_priority_number_runs_first_then_the_oldest() {
    both(|bench| {
        let ids = [3, 1, 2, 1].map(|priority| bench.enqueue(task("a").priority(priority)));
        let order: Vec<TaskId> = (0..4).map(|_| bench.claim_one().id).collect();
        assert_eq!(order, [ids[1], ids[3], ids[2], ids[0]]);
        assert!(bench.claim(limits(1)).is_empty());
    });
}

#[test]
fn a_claim_tells_everything_a_worker_needs() {
    both(|bench| {
        let id = bench.enqueue(task("a").for_source(SourceId(7)));
        let claimed = bench.claim_one();
        assert_eq!(
            (claimed.id, claimed.source, claimed.attempt),
            (id, Some(SourceId(7)), 1)
        );
        assert_eq!(
            (claimed.kind.as_str(), claimed.queue.as_str()),
            ("fetch_slice", "fetch")
        );
        assert_eq!(claimed.args["name"], "a");
        let row = bench.task(id);
        assert_eq!((row.state, row.started_at), (TaskState::Running, Some(NOW)));
        assert_eq!(row.worker.as_deref(), Some("a worker"));
    });
}

#[test]
fn other_queues_and_paused_ones_are_left_alone() {
    both(|bench| {
        bench.enqueue(task("a"));
        let other = ClaimLimits {
            queue: "parse".to_owned(),
            ..limits(10)
        };
        assert!(bench.claim(other).is_empty());
        bench.write(|tx| tx.pause_queue("fetch", NOW));
        assert_eq!(bench.read(|tx| tx.list_paused_queues()), ["fetch"]);
        assert!(bench.claim(limits(10)).is_empty());
        let ready = bench.store.signals().tasks();
        bench.write(|tx| tx.resume_queue("fetch"));
        assert!(ready.has_changed().unwrap());
        assert_eq!(bench.claim(limits(10)).len(), 1);
    });
}

#[test]
fn of_one_serial_key_only_one_runs() {
    both(|bench| {
        let first = bench.enqueue(task("a").serial("s"));
        let second = bench.enqueue(task("b").serial("s"));
        let other = bench.enqueue(task("c").serial("t"));
        let claimed = bench.claim(limits(10));
        assert_eq!(claimed.iter().map(|one| one.id).collect::<Vec<_>>(), [first, other]);
        assert!(bench.claim(limits(10)).is_empty());
        bench.complete(&claimed[0]);
        assert_eq!(bench.claim_one().id, second);
    });
}

#[test]
fn of_one_source_only_so_many_run_and_others_pass_it() {
    both(|bench| {
        let (busy, idle) = (SourceId(1), SourceId(2));
        for n in 0..30 {
            bench.enqueue(task(&n.to_string()).for_source(busy));
        }
        let passes = [
            bench.enqueue(task("idle").for_source(idle)),
            bench.enqueue(task("of nobody")),
        ];
        let narrow = ClaimLimits {
            per_source_max: 2,
            ..limits(10)
        };
        let claimed = bench.claim(narrow.clone());
        let of_busy = claimed.iter().filter(|one| one.source == Some(busy)).count();
        assert_eq!((of_busy, claimed.len()), (2, 4));
        assert!(passes.iter().all(|id| claimed.iter().any(|one| one.id == *id)));
        assert!(bench.claim(narrow.clone()).is_empty());
        bench.complete(claimed.iter().find(|one| one.source == Some(busy)).unwrap());
        assert_eq!(bench.claim(narrow).len(), 1);
        let none = ClaimLimits {
            per_source_max: 0,
            ..limits(10)
        };
        assert!(bench.claim(none).is_empty());
    });
}

#[test]
fn concurrent_claimers_never_get_one_task_twice_nor_pass_a_limit() {
    both(|bench| {
        for n in 0..120_i64 {
            let mut new = task(&n.to_string()).for_source(SourceId(n % 3));
            if n % 4 == 0 {
                new = new.serial(format!("s{}", n % 8));
            }
            bench.enqueue(new);
        }
        let claim = ClaimLimits {
            per_source_max: 15,
            ..limits(7)
        };
        let claimed: Vec<Claimed> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..6)
                .map(|_| {
                    let claim = claim.clone();
                    scope.spawn(move || (0..4).flat_map(|_| bench.claim(claim.clone())).collect::<Vec<_>>())
                })
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        let ids: BTreeSet<TaskId> = claimed.iter().map(|one| one.id).collect();
        assert_eq!(ids.len(), claimed.len());
        for source in 0..3 {
            let running = claimed
                .iter()
                .filter(|one| one.source == Some(SourceId(source)))
                .count();
            assert_eq!(running, 15, "source {source}");
        }
        let serial = claimed
            .iter()
            .filter(|one| one.args["name"].as_str().unwrap().parse::<i64>().unwrap() % 4 == 0)
            .count();
        assert!(serial <= 2, "{serial} tasks of two serial keys");
    });
}

#[test]
fn a_renewed_lease_is_not_rescued_and_an_expired_one_is() {
    both(|bench| {
        let id = bench.enqueue(task("a"));
        let first = bench.claim_one();
        assert_eq!(rescue(bench, at(30_000)), (0, 0));
        let (claim, stale) = ((id, first.fence), (id, first.fence + 7));
        let renewed = bench.write(move |tx| tx.renew_leases(&[claim, stale], at(60_000)));
        assert_eq!(renewed.into_iter().collect::<Vec<_>>(), [(claim, false)]);
        assert_eq!(rescue(bench, at(50_000)), (0, 0));
        assert_eq!(rescue(bench, at(60_001)), (1, 0));
        let row = bench.task(id);
        assert_eq!(
            (row.state, row.attempt, row.errors[0]["class"].as_str()),
            (TaskState::Available, 1, Some("crash"))
        );
        assert!(bench.write(move |tx| tx.renew_leases(&[claim], at(90_000))).is_empty());
        let second = bench.claim_one();
        assert!(second.fence > first.fence);
        assert_eq!(second.attempt, 2);
        // Whoever held it before writes nothing.
        assert_eq!(hold(bench, &first), Err(Error::LostLease { task: id }));
        let stale = first.clone();
        let completed = bench.try_write(move |tx| tx.complete_task(stale.id, stale.fence, NOW));
        assert_eq!(completed, Err(Error::LostLease { task: id }));
        assert_eq!(hold(bench, &second), Ok(()));
        bench.complete(&second);
        assert_eq!(hold(bench, &second), Err(Error::LostLease { task: id }));
    });
}

#[test]
fn a_task_that_kills_its_worker_three_times_is_parked_and_runs_again_by_hand() {
    both(|bench| {
        let id = bench.enqueue(task("a").unique("k"));
        for crash in 1..=3 {
            bench.claim_one();
            let expected = if crash == 3 { (0, 1) } else { (1, 0) };
            assert_eq!(rescue(bench, at(40_000 * crash)), expected, "crash {crash}");
        }
        let row = bench.task(id);
        assert_eq!((row.state, row.class.as_deref()), (TaskState::Pending, Some("parked")));
        assert_eq!(row.errors.as_array().unwrap().len(), 3);
        assert_eq!(bench.enqueue(task("a").unique("k")), id);
        assert!(bench.claim(limits(10)).is_empty());
        bench.write(move |tx| tx.retry_task(id, at(50_000)));
        bench.claim_one();
        assert_eq!(rescue(bench, at(160_000)), (1, 0));
    });
}

#[test]
fn a_task_that_gets_on_between_crashes_is_not_parked() {
    both(|bench| {
        let id = bench.enqueue(task("a"));
        for _ in 0..6 {
            let claimed = bench.claim_one();
            assert_eq!(hold(bench, &claimed), Ok(()));
            assert_eq!(rescue(bench, at(40_000)), (1, 0));
        }
        assert_eq!(bench.task(id).state, TaskState::Available);
    });
}

#[test]
fn a_parked_task_of_a_chain_can_be_retried_too() {
    both(|bench| {
        let first = bench.enqueue(task("first"));
        let second = bench.enqueue(task("second").after(first));
        bench.complete(&bench.claim_one());
        for crash in 1..=3 {
            bench.claim_one();
            rescue(bench, at(40_000 * crash));
        }
        assert_eq!(bench.task(second).state, TaskState::Pending);
        bench.write(move |tx| tx.retry_task(second, at(1)));
        assert_eq!(bench.claim_one().id, second);
    });
}

#[test]
fn one_who_takes_over_the_folder_voids_every_lease() {
    both(|bench| {
        let id = bench.enqueue(task("a"));
        let claimed = bench.claim_one();
        assert_eq!(bench.write(|tx| tx.void_leases(at(1), 100)), (1, 0));
        assert_eq!(hold(bench, &claimed), Err(Error::LostLease { task: id }));
        assert_eq!(bench.claim_one().id, id);
    });
}

#[test]
fn a_worker_that_starts_again_under_its_name_gets_back_what_it_held() {
    both(|bench| {
        let mine = bench.enqueue(task("mine"));
        bench.claim_one();
        let theirs = bench.enqueue(task("theirs"));
        bench.claim(ClaimLimits {
            worker: "another".to_owned(),
            ..limits(1)
        });
        assert_eq!(bench.write(|tx| tx.void_leases_of("a worker", at(1), 100)), (1, 0));
        assert_eq!(bench.task(theirs).state, TaskState::Running);
        assert_eq!(bench.claim_one().id, mine);
    });
}

#[test]
fn sources_take_their_turns_by_age_whatever_their_ids() {
    both(|bench| {
        let sources = [Some(9), None, Some(2), Some(5), None, Some(9)];
        let ids = sources.map(|source| {
            let mut new = task("a");
            new.source = source.map(SourceId);
            bench.enqueue(new)
        });
        let order: Vec<TaskId> = (0..6).map(|_| bench.claim_one().id).collect();
        assert_eq!(order, ids);
    });
}

#[test]
fn a_rescue_merges_a_task_with_the_one_that_waits_under_its_key() {
    both(|bench| {
        let first = bench.enqueue(task("a").unique("k"));
        let other = bench.enqueue(task("other"));
        bench.claim(limits(2));
        let second = bench.enqueue(task("a").unique("k"));
        let third = bench.enqueue(task("third").after(second));
        assert_eq!(rescue(bench, at(40_000)), (2, 0));
        assert_eq!(bench.task(second).class.as_deref(), Some("merged"));
        let claimed = bench.claim(limits(10));
        assert_eq!(
            claimed.iter().map(|one| one.id).collect::<Vec<_>>(),
            [first],
            "one suspect at a time"
        );
        // What was to follow the one follows the other.
        assert_eq!(bench.task(third).state, TaskState::Pending);
        bench.complete(&claimed[0]);
        assert_eq!(bench.task(third).state, TaskState::Available);
        assert_eq!(bench.claim(limits(1))[0].id, other);
    });
}

#[test]
fn whoever_died_twice_waits_until_those_that_were_merely_near_had_their_turn() {
    both(|bench| {
        let suspect = bench.enqueue(task("a"));
        let near = bench.enqueue(task("b"));
        bench.claim(limits(2));
        bench.write(|tx| tx.rescue_expired(at(40_000), 100));
        assert_eq!(
            bench.claim(limits(2)).iter().map(|one| one.id).collect::<Vec<_>>(),
            [suspect]
        );
        bench.write(|tx| tx.rescue_expired(at(80_000), 100));
        assert_eq!(bench.task(suspect).state, TaskState::Retryable);
        assert_eq!(
            bench.claim(limits(2)).iter().map(|one| one.id).collect::<Vec<_>>(),
            [near]
        );
    });
}

#[test]
fn a_worker_that_dies_again_and_again_at_once_parks_nothing() {
    both(|bench| {
        let id = bench.enqueue(task("a"));
        for death in 0..9 {
            bench.claim_one();
            assert_eq!(rescue(bench, at(40_000 + death * 1_000)), (1, 0));
        }
        assert_eq!(bench.task(id).state, TaskState::Available);
    });
}

#[test]
fn two_that_run_under_one_key_become_one_when_both_are_rescued() {
    both(|bench| {
        bench.enqueue(task("a").unique("k"));
        bench.claim_one();
        bench.enqueue(task("a").unique("k"));
        bench.claim_one();
        assert_eq!(rescue(bench, at(40_000)), (2, 0));
        assert_eq!(bench.claim(limits(10)).len(), 1);
    });
}
