//! Enqueueing: unique keys, chains, what is shown.

use model::{SourceId, TaskId, TaskState, Timestamp};
use serde_json::json;

use super::{Bench, NOW, at, both};
use crate::{ClaimLimits, Claimed, Error, NewTask, TaskFilter, TaskRow, WorkerRow};

/// A task for the queue `fetch`.
pub(super) fn task(name: &str) -> NewTask {
    NewTask::new("fetch_slice", &json!({ "name": name }), "fetch", NOW)
}

pub(super) fn limits(tasks_max: u32) -> ClaimLimits {
    ClaimLimits {
        queue: "fetch".to_owned(),
        tasks_max,
        per_source_max: 1_000,
        worker: "a worker".to_owned(),
        lease_until: at(30_000),
    }
}

impl Bench {
    pub(super) fn enqueue(&self, new: NewTask) -> TaskId {
        self.write(move |tx| tx.enqueue(&new, NOW))
    }

    pub(super) fn claim(&self, limits: ClaimLimits) -> Vec<Claimed> {
        self.write(move |tx| tx.claim(&limits, NOW))
    }

    pub(super) fn claim_one(&self) -> Claimed {
        let mut claimed = self.claim(limits(1));
        assert_eq!(claimed.len(), 1);
        claimed.remove(0)
    }

    pub(super) fn task(&self, id: TaskId) -> TaskRow {
        self.read(|tx| tx.task(id))
    }

    pub(super) fn complete(&self, claimed: &Claimed) {
        let (id, fence) = (claimed.id, claimed.fence);
        self.write(move |tx| tx.complete_task(id, fence, at(5)));
    }

    pub(super) fn promote(&self, now: Timestamp) -> u64 {
        self.write(move |tx| tx.promote_due(now, 1_000))
    }
}

#[test]
fn a_waiting_task_with_the_same_key_is_met_and_the_earlier_time_wins() {
    both(|bench| {
        let first = bench.enqueue(task("a").unique("k").at(at(500)));
        assert_eq!(bench.task(first).state, TaskState::Scheduled);
        assert_eq!(bench.enqueue(task("a").unique("k").at(at(900))), first);
        assert_eq!(bench.task(first).run_at, Some(at(500)));
        assert_eq!(bench.enqueue(task("a").unique("k").at(at(100))), first);
        assert_eq!(bench.task(first).run_at, Some(at(100)));
        assert_ne!(bench.enqueue(task("a").unique("other")), first);
        assert_ne!(bench.enqueue(task("a")), bench.enqueue(task("a")));
    });
}

#[test]
fn while_a_task_runs_its_key_makes_a_second_one() {
    both(|bench| {
        let first = bench.enqueue(task("a").unique("k"));
        let claimed = bench.claim_one();
        let second = bench.enqueue(task("a").unique("k"));
        assert_ne!(second, first);
        assert_eq!(bench.enqueue(task("a").unique("k")), second);
        bench.complete(&claimed);
        assert_eq!(bench.task(first).state, TaskState::Completed);
        assert_eq!(bench.claim_one().id, second);
    });
}

#[test]
fn enqueueing_and_claiming_at_once_loses_no_wake_up() {
    both(|bench| {
        // Every enqueue must be followed by a claim of a row that was there or is made by it.
        std::thread::scope(|scope| {
            let enqueuing = scope.spawn(move || {
                for _ in 0..60 {
                    bench.enqueue(task("a").unique("k"));
                }
            });
            let mut is_over = false;
            loop {
                for claimed in bench.claim(limits(10)) {
                    bench.complete(&claimed);
                }
                if is_over {
                    break;
                }
                is_over = enqueuing.is_finished();
            }
        });
        let last = bench.enqueue(task("a").unique("k"));
        assert_eq!(bench.task(last).state, TaskState::Available);
        assert_eq!(bench.claim_one().id, last);
    });
}

#[test]
fn a_chain_waits_for_the_task_before_it() {
    both(|bench| {
        let first = bench.enqueue(task("first"));
        let second = bench.enqueue(task("second").after(first));
        let later = bench.enqueue(task("later").after(first).at(at(900)));
        let third = bench.enqueue(task("third").after(second));
        assert_eq!(bench.task(second).state, TaskState::Pending);
        let claimed = bench.claim(limits(10));
        assert_eq!(claimed.len(), 1);
        // A claim that was lost releases nothing.
        bench.write(move |tx| tx.complete_tasks(&[(first, 999)], NOW));
        assert_eq!(bench.task(second).state, TaskState::Pending);
        bench.complete(&claimed[0]);
        assert_eq!(bench.task(second).state, TaskState::Available);
        assert_eq!(bench.task(later).state, TaskState::Scheduled);
        assert_eq!(bench.task(third).state, TaskState::Pending);
        // What follows a task that has completed meanwhile need not wait.
        let late = bench.enqueue(task("late").after(first));
        assert_eq!(bench.task(late).state, TaskState::Available);
    });
}

#[test]
fn what_follows_a_task_that_did_not_complete_ends_with_it() {
    both(|bench| {
        let first = bench.enqueue(task("first"));
        let second = bench.enqueue(task("second").after(first));
        let third = bench.enqueue(task("third").after(second));
        bench.write(move |tx| tx.cancel_task(first, at(1)));
        for id in [first, second, third] {
            assert_eq!(bench.task(id).state, TaskState::Cancelled);
        }
        assert_eq!(bench.task(third).class.as_deref(), Some("chain"));
        let refused = bench.try_write(move |tx| tx.enqueue(&task("late").after(first), NOW));
        assert!(matches!(refused, Err(Error::Conflict(_))));
        let unknown = bench.try_write(move |tx| tx.enqueue(&task("late").after(TaskId(12_345)), NOW));
        assert!(matches!(unknown, Err(Error::NotFound { .. })));
    });
}

#[test]
fn due_tasks_become_claimable_when_their_time_has_come() {
    both(|bench| {
        let early = bench.enqueue(task("early").at(at(100)));
        bench.enqueue(task("late").at(at(200)));
        assert_eq!(bench.read(|tx| tx.next_due_at()), Some(at(100)));
        assert!(bench.claim(limits(10)).is_empty());
        assert_eq!(bench.promote(at(99)), 0);
        assert_eq!(bench.promote(at(100)), 1);
        assert_eq!(bench.claim_one().id, early);
        assert_eq!(bench.read(|tx| tx.next_due_at()), Some(at(200)));
        assert_eq!(bench.promote(at(1_000)), 1);
        assert_eq!(bench.read(|tx| tx.next_due_at()), None);
    });
}

#[test]
fn tasks_are_listed_newest_first_open_and_ended_alike() {
    both(|bench| {
        let (source, _) = bench.source();
        let ids: Vec<TaskId> = (0..6)
            .map(|n| {
                let mut new = task(&n.to_string());
                new.source = (n % 2 == 0).then_some(source);
                bench.enqueue(new)
            })
            .collect();
        for _ in 0..2 {
            let claimed = bench.claim_one();
            bench.complete(&claimed);
        }
        let list = |filter: TaskFilter| -> Vec<TaskId> {
            let rows = bench.read(move |tx| tx.list_tasks(&filter, 3));
            rows.iter().map(|row| row.id).collect()
        };
        assert_eq!(list(TaskFilter::default()), [ids[5], ids[4], ids[3]]);
        let before = TaskFilter {
            before: Some(ids[3]),
            ..TaskFilter::default()
        };
        assert_eq!(list(before), [ids[2], ids[1], ids[0]]);
        let completed = TaskFilter {
            state: Some(TaskState::Completed),
            ..TaskFilter::default()
        };
        assert_eq!(list(completed), [ids[1], ids[0]]);
        let of_source = TaskFilter {
            source: Some(source),
            queue: Some("fetch".to_owned()),
            kind: Some("fetch_slice".to_owned()),
            ..TaskFilter::default()
        };
        assert_eq!(list(of_source), [ids[4], ids[2], ids[0]]);
        assert_eq!(bench.read(|tx| tx.count_open_tasks(source)), 2);
        assert!(matches!(
            bench.store.read_blocking(|tx| tx.task(TaskId(999))),
            Err(Error::NotFound { .. })
        ));
    });
}

#[test]
fn queues_are_counted_and_workers_are_seen() {
    both(|bench| {
        bench.enqueue(task("a"));
        bench.enqueue(task("b"));
        bench.enqueue(task("c").at(at(9)));
        bench.complete(&bench.claim_one());
        bench.claim_one();
        let queues = bench.read(|tx| tx.count_queues());
        assert_eq!(queues.len(), 1);
        assert_eq!((queues[0].available, queues[0].running, queues[0].scheduled), (0, 1, 1));
        assert_eq!(
            bench.read(|tx| tx.count_done_since(NOW)),
            [("fetch".to_owned(), true, 1)]
        );
        assert!(bench.read(|tx| tx.count_done_since(at(6))).is_empty());
        let worker = |name: &str, seen_at| WorkerRow {
            name: name.to_owned(),
            queues: "fetch".to_owned(),
            running: 1,
            started_at: NOW,
            seen_at,
        };
        let (old, new, gone) = (worker("old", at(1)), worker("new", at(50)), worker("gone", at(60)));
        bench.write(move |tx| [&old, &new, &gone].into_iter().try_for_each(|one| tx.see_worker(one)));
        bench.write(|tx| tx.drop_workers("gone", at(10)));
        let names: Vec<String> = bench
            .read(|tx| tx.list_workers())
            .into_iter()
            .map(|row| row.name)
            .collect();
        assert_eq!(names, ["new"]);
    });
}

#[test]
fn a_deleted_source_has_no_task_of_another() {
    both(|bench| {
        let (source, _) = bench.source();
        let other = SourceId(source.0 + 1);
        bench.enqueue(task("a").for_source(source));
        let kept = bench.enqueue(task("b").for_source(other));
        let running = bench.claim(limits(1)).remove(0);
        for name in ["c", "d", "e"] {
            bench.enqueue(task(name).for_source(source));
        }
        // In as many transactions as it takes.
        let cancel = || bench.write(move |tx| tx.cancel_tasks_of_source(source, 2, at(1)));
        assert_eq!([cancel(), cancel(), cancel()], [2, 1, 0]);
        assert_eq!(bench.read(|tx| tx.count_open_tasks(source)), 1);
        assert_eq!(bench.task(kept).state, TaskState::Available);
        let claim = (running.id, running.fence);
        let renewed = bench.write(move |tx| tx.renew_leases(&[claim], at(60_000)));
        assert_eq!(renewed.into_iter().collect::<Vec<_>>(), [(claim, true)]);
    });
}
