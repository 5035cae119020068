//! Running, failing, retrying, stopping.

use super::*;

#[test]
fn tasks_are_run_and_end_in_history() {
    both(|bench| async move {
        let done = bench.enqueue(&Do::Nothing, |task| task).await;
        let finished = bench.enqueue(&Do::Finish, |task| task).await;
        bench.work(4, 4);
        for id in [done, finished] {
            let task = bench.until(id, TaskState::Completed).await;
            assert_eq!((task.attempt, task.finished_at), (1, Some(NOW)));
        }
        assert_eq!(bench.setting("landed").await.as_deref(), Some("yes"));
        bench.stop().await;
    });
}

#[test]
fn what_is_enqueued_while_a_worker_idles_is_picked_up() {
    both(|bench| async move {
        // One that never looks by itself.
        let pace = Pace {
            poll: DEADLINE * 10,
            renew: DEADLINE,
        };
        bench.work_at(Some(pace), 2, 2);
        let first = bench.enqueue(&Do::Nothing, |task| task).await;
        bench.until(first, TaskState::Completed).await;
        let second = bench.enqueue(&Do::Nothing, |task| task).await;
        bench.until(second, TaskState::Completed).await;
        bench.stop().await;
    });
}

#[test]
fn a_failed_task_runs_again_later_and_is_given_up_when_its_attempts_are_used_up() {
    both(|bench| async move {
        let what = Do::Fail("no luck".to_owned());
        let id = bench.enqueue(&what, |mut task| {
            task.attempts_max = 3;
            task
        });
        let id = id.await;
        bench.work(1, 1);
        for attempt in 1..3 {
            let task = loop {
                let task = bench.until(id, TaskState::Retryable).await;
                if task.attempt == attempt {
                    break task;
                }
            };
            assert_eq!(task.message.as_deref(), Some("no luck"));
            let wait = task.run_at.unwrap().since_ms(bench.clock.now());
            let least = 750 << (attempt - 1);
            assert!((least..=least * 2).contains(&wait), "attempt {attempt} waits {wait} ms");
            bench.clock.advance_ms(wait);
            // Wakes the worker, which looks at the clock then.
            bench.enqueue(&Do::Nothing, |task| task).await;
        }
        let task = bench.until(id, TaskState::Discarded).await;
        assert_eq!(task.errors.as_array().map(Vec::len), Some(3));
        assert_eq!(
            bench.setting("discarded").await.as_deref(),
            Some("yes"),
            "in the same transaction"
        );
        bench.stop().await;
    });
}

#[test]
fn a_failure_that_asks_to_wait_does_not_count_and_a_final_one_is_final() {
    both(|bench| async move {
        let waits = bench.enqueue(&Do::WaitUntil(60_000), |task| task).await;
        let never = bench.enqueue(&Do::GiveUp, |task| task).await;
        bench.work(2, 2);
        let task = bench.until(waits, TaskState::Scheduled).await;
        assert_eq!(
            (task.attempt, task.run_at, task.class.as_deref()),
            (0, Some(NOW.plus_ms(60_000)), Some("wait_until"))
        );
        assert_eq!(task.errors.as_array().map(Vec::len), Some(0), "no failed attempt");
        assert_eq!(bench.until(never, TaskState::Discarded).await.attempt, 1);
        bench.stop().await;
    });
}

#[test]
fn a_panic_is_a_failure_and_the_worker_goes_on() {
    both(|bench| async move {
        let bad = bench.enqueue(&Do::Panic, |task| task).await;
        let good = bench.enqueue(&Do::Nothing, |task| task).await;
        bench.work(1, 1);
        let task = bench.until(bad, TaskState::Retryable).await;
        assert!(
            task.message.as_ref().is_some_and(|text| text.contains("a fault")),
            "{task:?}"
        );
        bench.until(good, TaskState::Completed).await;
        bench.stop().await;
    });
}

#[test]
fn an_attempt_whose_end_can_not_be_kept_holds_up_no_other() {
    both(|bench| async move {
        let bad = bench.enqueue(&Do::GiveUpBadly, |task| task).await;
        let good = bench.enqueue(&Do::Nothing, |task| task).await;
        bench.work(2, 2);
        bench.until(good, TaskState::Completed).await;
        let later = bench.enqueue(&Do::Nothing, |task| task).await;
        bench.until(later, TaskState::Completed).await;
        assert_eq!(
            bench.task(bad).await.state,
            TaskState::Running,
            "until its lease runs out"
        );
        assert_eq!(bench.setting("discarded").await, None);
        bench.stop().await;
    });
}

#[test]
fn a_task_of_an_unknown_kind_or_with_unreadable_arguments_stops_no_other() {
    both(|bench| async move {
        let now = bench.clock.now();
        let unknown = bench
            .store
            .write(move |tx| tx.enqueue(&NewTask::new("from_the_future", &1, "q", now), now))
            .await;
        let unreadable = bench
            .store
            .write(move |tx| tx.enqueue(&NewTask::new("test", &17, "q", now), now))
            .await;
        let good = bench.enqueue(&Do::Nothing, |task| task).await;
        bench.work(1, 1);
        bench.until(unknown.unwrap(), TaskState::Retryable).await;
        bench.until(unreadable.unwrap(), TaskState::Discarded).await;
        bench.until(good, TaskState::Completed).await;
        bench.stop().await;
    });
}

#[test]
fn no_more_run_at_once_than_the_queue_and_the_source_allow() {
    both(|bench| async move {
        let source = model::SourceId(7);
        for _ in 0..6 {
            bench.enqueue(&Do::Hold, move |task| task.for_source(source)).await;
        }
        for _ in 0..3 {
            bench.enqueue(&Do::Hold, |task| task).await;
        }
        bench.work(4, 2);
        // Two of the source and two of the others fill the four slots.
        while bench.log().running.load(Ordering::SeqCst) < 4 {
            bench.log().began.notified().await;
        }
        assert_eq!(bench.count(TaskState::Running).await, 4);
        let filter = TaskFilter {
            state: Some(TaskState::Running),
            source: Some(source),
            ..TaskFilter::default()
        };
        assert_eq!(
            bench
                .store
                .read(move |tx| tx.list_tasks(&filter, 100))
                .await
                .unwrap()
                .len(),
            2
        );
        bench.context.gate.add_permits(1_000);
        let last = bench.enqueue(&Do::Nothing, |task| task.priority(4)).await;
        bench.until(last, TaskState::Completed).await;
        assert_eq!(bench.log().running_most.load(Ordering::SeqCst), 4);
        bench.stop().await;
    });
}

#[test]
fn one_that_is_told_to_stop_is_returned_unharmed() {
    both(|bench| async move {
        let id = bench.enqueue(&Do::Hold, |task| task).await;
        bench.work(1, 1);
        bench.log().began.notified().await;
        bench.stop().await;
        let task = bench.task(id).await;
        assert_eq!((task.state, task.attempt), (TaskState::Available, 0));
    });
}

#[test]
fn one_that_does_not_stop_in_time_is_returned_and_lands_nothing_any_more() {
    both(|bench| async move {
        let id = bench.enqueue(&Do::HoldDeaf, |task| task).await;
        bench.work(1, 1);
        bench.log().began.notified().await;
        bench.shutdown.cancel();
        let task = bench.until(id, TaskState::Available).await;
        assert_eq!(task.attempt, 0);
        bench.context.gate.add_permits(1);
        while bench.log().running.load(Ordering::SeqCst) > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(bench.setting("landed").await, None, "its fence is gone");
        bench.stop().await;
    });
}

#[test]
fn a_running_task_that_a_person_cancels_is_told_so_and_ends_cancelled() {
    both(|bench| async move {
        let id = bench.enqueue(&Do::Hold, |task| task).await;
        let pace = Pace {
            poll: DEADLINE,
            renew: Duration::from_millis(5),
        };
        bench.work_at(Some(pace), 1, 1);
        bench.log().began.notified().await;
        bench.store.write(move |tx| tx.cancel_task(id, NOW)).await.unwrap();
        let task = bench.until(id, TaskState::Cancelled).await;
        assert_eq!((task.attempt, task.finished_at), (1, Some(NOW)));
        let next = bench.enqueue(&Do::Nothing, |task| task).await;
        bench.until(next, TaskState::Completed).await;
        assert_eq!(bench.log().runs.load(Ordering::SeqCst), 2, "it is not tried again");
        bench.stop().await;
    });
}

#[test]
fn many_workers_run_each_of_many_tasks_once() {
    both(|bench| async move {
        for _ in 0..300 {
            bench.enqueue(&Do::Nothing, |task| task).await;
        }
        for _ in 0..3 {
            bench.work(7, 7);
        }
        let last = bench.enqueue(&Do::Nothing, |task| task.priority(4)).await;
        bench.until(last, TaskState::Completed).await;
        let all_done = async {
            while bench.count(TaskState::Completed).await < 301 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(DEADLINE, all_done)
            .await
            .expect("every task completes");
        assert_eq!(bench.log().runs.load(Ordering::SeqCst), 301);
        bench.stop().await;
    });
}

#[test]
fn a_pause_of_the_machine_does_not_make_a_worker_take_its_own_tasks_for_those_of_the_dead() {
    both(|bench| async move {
        let held = bench.enqueue(&Do::Hold, |task| task).await;
        bench.work(2, 2);
        bench.log().began.notified().await;
        for jump in [120_000, -3_600_000, 7_200_000] {
            // All leases have run out, as after a suspend; or the clock was set back, and is set right again.
            bench.clock.advance_ms(jump);
            let woken = bench.enqueue(&Do::Nothing, |task| task).await;
            bench.until(woken, TaskState::Completed).await;
            let task = bench.task(held).await;
            assert_eq!(
                (task.state, task.attempt, task.errors.as_array().map(Vec::len)),
                (TaskState::Running, 1, Some(0)),
                "after {jump} ms"
            );
        }
        bench.context.gate.add_permits(1);
        bench.until(held, TaskState::Completed).await;
        bench.stop().await;
    });
}
