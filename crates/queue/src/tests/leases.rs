//! Leases: kept while a task runs, lost and taken up again.

use store::ClaimLimits;

use super::*;
use crate::lease::{LEASE_MS, Leases};

#[test]
fn the_thread_renews_a_claim_and_hears_of_its_cancellation() {
    both(|bench| async move {
        let id = bench.enqueue(&Do::Nothing, |task| task).await;
        let limits = ClaimLimits {
            queue: "q".to_owned(),
            tasks_max: 1,
            per_source_max: 1,
            worker: "w".to_owned(),
            lease_until: NOW.plus_ms(LEASE_MS),
        };
        let claimed = bench.store.write(move |tx| tx.claim(&limits, NOW)).await.unwrap();
        let fence = claimed[0].fence;
        let (clock, every): (Arc<dyn Clock>, _) = (Arc::<ManualClock>::clone(&bench.clock), Duration::from_millis(2));
        let leases = Leases::start(bench.store.clone(), clock, every).unwrap();
        // Held from now on, so that whatever renews it does so by this time.
        bench.clock.advance_ms(LEASE_MS - 1);
        let (stopping, lost) = (CancellationToken::new(), CancellationToken::new());
        leases.add(id, fence - 1, lost.clone());
        leases.add(id, fence, stopping.clone());
        let told = async |token: &CancellationToken| tokio::time::timeout(DEADLINE, token.cancelled()).await.unwrap();
        told(&lost).await;
        assert!(
            !stopping.is_cancelled(),
            "an earlier claim of the task is another claim"
        );
        bench.store.write(move |tx| tx.cancel_task(id, NOW)).await.unwrap();
        told(&stopping).await;
        let late = NOW.plus_ms(LEASE_MS + 1);
        let rescued = bench.store.write(move |tx| tx.rescue_expired(late, 10)).await.unwrap();
        assert_eq!(rescued, (0, 0), "it was renewed");
        bench.store.write(move |tx| tx.hold_task(id, fence)).await.unwrap();
        drop(leases);
        bench.stop().await;
    });
}

#[test]
fn a_worker_that_got_its_own_task_again_keeps_it_when_the_first_attempt_ends() {
    both(|bench| async move {
        let id = bench.enqueue(&Do::HoldDeaf, |task| task).await;
        bench.work(2, 2);
        bench.log().began.notified().await;
        // As after a pause of this worker alone: another one rescues the task, and then this one claims it.
        let late = NOW.plus_ms(LEASE_MS + 1);
        let rescued = bench.store.write(move |tx| tx.rescue_expired(late, 10)).await.unwrap();
        assert_eq!(rescued, (1, 0));
        bench.log().began.notified().await;
        // The first attempt ends; only then is there room for another task.
        bench.context.gate.add_permits(1);
        let next = bench.enqueue(&Do::Nothing, |task| task).await;
        bench.until(next, TaskState::Completed).await;
        assert_eq!(bench.setting("landed").await, None, "its fence is gone");
        bench.stop().await;
        let task = bench.task(id).await;
        assert_eq!(
            (task.state, task.attempt),
            (TaskState::Available, 1),
            "returned at the end"
        );
        bench.context.gate.add_permits(1);
    });
}

#[test]
fn a_task_that_notes_something_and_kills_its_worker_is_parked_all_the_same() {
    both(|bench| async move {
        let id = bench.enqueue(&Do::Note, |task| task).await;
        // Attempts that have lost their lease hold on to their slots until they are told.
        bench.work(5, 5);
        for crash in 1..=3 {
            let noted = async {
                while bench.setting("noted").await != Some(crash.to_string()) {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(DEADLINE, noted)
                .await
                .expect("the next attempt begins");
            let late = bench.clock.now().plus_ms(LEASE_MS * 3);
            let rescued = bench.store.write(move |tx| tx.rescue_expired(late, 10)).await.unwrap();
            assert_eq!(rescued, if crash == 3 { (0, 1) } else { (1, 0) }, "crash {crash}");
            // The second time it waits a little first.
            bench.clock.advance_ms(LEASE_MS * 6);
            let woken = bench.enqueue(&Do::Nothing, |task| task).await;
            bench.until(woken, TaskState::Completed).await;
        }
        assert_eq!(bench.task(id).await.class.as_deref(), Some("parked"));
        bench.stop().await;
    });
}
