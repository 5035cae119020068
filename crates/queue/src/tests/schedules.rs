//! Rules, across changes of daylight-saving time too, and firing.

use store::ScheduleRow;

use crate::schedule::{Rule, fire_due, of_source};

use super::*;

fn cron(expression: &str, time_zone: &str) -> Rule {
    Rule::Cron {
        expression: expression.to_owned(),
        time_zone: time_zone.to_owned(),
    }
}

fn instant(text: &str) -> Timestamp {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

fn check(rule: &Rule, after: &str, expected: &[&str]) {
    let mut at = instant(after);
    for one in expected {
        at = rule.next_after(at).unwrap();
        assert_eq!(at, instant(one), "{rule:?} after {after}: {at}");
    }
}

#[test]
fn an_interval_counts_from_the_last_firing_and_has_a_least_length() {
    check(
        &Rule::EveryMs(60_000),
        "2026-01-01T00:00:00Z",
        &["2026-01-01T00:01:00Z", "2026-01-01T00:02:00Z"],
    );
    let refused = Rule::EveryMs(5).check(NOW).unwrap_err().to_string();
    assert!(refused.contains("10000 ms is the least"), "{refused}");
}

#[test]
fn a_cron_rule_follows_its_time_zone() {
    check(
        &cron("30 7 * * 1", "Europe/Paris"),
        "2026-01-01T00:00:00Z",
        &["2026-01-05T06:30:00Z", "2026-01-12T06:30:00Z"],
    );
}

#[test]
fn a_time_in_the_spring_gap_fires_once_and_a_fixed_time_in_the_autumn_overlap_fires_once() {
    // 2026-03-29: 02:00 becomes 03:00 in Paris.
    check(
        &cron("30 2 * * *", "Europe/Paris"),
        "2026-03-28T12:00:00Z",
        &["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"],
    );
    // 2026-10-25: 03:00 becomes 02:00.
    check(
        &cron("30 2 * * *", "Europe/Paris"),
        "2026-10-24T12:00:00Z",
        &["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"],
    );
}

#[test]
fn a_rule_that_can_not_be_followed_says_why() {
    for (rule, why) in [
        (cron("whenever", "UTC"), "expected minute hour day month weekday"),
        (cron("0 0 31 2 *", "UTC"), "never fires"),
        (cron("0 0 * * *", "Mars/Olympus"), "not a time zone"),
    ] {
        let refused = rule.check(NOW).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
}

#[test]
fn a_due_schedule_fires_once_however_many_look_and_does_not_pile_up() {
    both(|bench| async move {
        let organization = bench.store.write(|tx| tx.ensure_organization(NOW)).await.unwrap();
        let source = bench.store.write(move |tx| {
            let new = store::NewSource {
                organization,
                owner: None,
                connector: "folder".to_owned(),
                name: "s".to_owned(),
                config: serde_json::json!({}),
                manifest: None,
                search: None,
                visibility: model::Visibility::Owner,
            };
            let source = tx.insert_source(&new, NOW)?;
            let rule =
                of_source(source, &Rule::EveryMs(60_000), NOW).map_err(|bad| store::Error::Bug(bad.to_string()))?;
            tx.put_schedule(&rule)?;
            Ok::<_, store::Error>(source)
        });
        let source = source.await.unwrap();
        let fire = |ms: i64| {
            let store = bench.store.clone();
            async move {
                store
                    .write(move |tx| fire_due(tx, &["start_sync"], NOW.plus_ms(ms), 10))
                    .await
                    .unwrap()
            }
        };
        assert_eq!(fire(59_999).await, 0);
        assert_eq!(fire(60_000).await, 1);
        assert_eq!(fire(60_001).await, 0);
        // Missed ten firings: one is made up for, and it meets the task that still waits.
        assert_eq!(fire(700_000).await, 1);
        assert_eq!(bench.count(TaskState::Available).await, 1);
        let next = bench
            .store
            .read(move |tx| tx.find_schedule(source))
            .await
            .unwrap()
            .unwrap()
            .next_at;
        assert_eq!(next, NOW.plus_ms(760_000));
        bench.stop().await;
    });
}

/// Keeps a schedule of each minute that enqueues a task which holds.
async fn every_minute(bench: &Bench, missed: &str, overlap: &str) {
    let row = ScheduleRow {
        id: model::ScheduleId(0),
        name: "minutely".to_owned(),
        source: None,
        kind: "test".to_owned(),
        args: serde_json::to_value(Do::Hold).unwrap(),
        queue: "q".to_owned(),
        rule: serde_json::to_value(Rule::EveryMs(60_000)).unwrap(),
        missed: missed.to_owned(),
        overlap: overlap.to_owned(),
        next_at: NOW.plus_ms(60_000),
    };
    bench.store.write(move |tx| tx.put_schedule(&row)).await.unwrap();
}

/// How many tasks what is due at this time enqueues.
async fn fired(bench: &Bench, ms: i64) -> u64 {
    let fire = bench
        .store
        .write(move |tx| fire_due(tx, &["test"], NOW.plus_ms(ms), 10));
    fire.await.unwrap()
}

#[test]
fn a_firing_is_left_out_while_the_last_task_runs() {
    both(|bench| async move {
        every_minute(&bench, "one", "skip").await;
        bench.work(4, 4);
        assert_eq!(fired(&bench, 60_000).await, 1);
        bench.log().began.notified().await;
        assert_eq!(fired(&bench, 120_000).await, 0);
        assert_eq!(bench.count(TaskState::Available).await, 0);
        bench.context.gate.add_permits(1);
        while bench.count(TaskState::Completed).await == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(fired(&bench, 180_000).await, 1);
        bench.stop().await;
    });
}

#[test]
fn a_firing_that_is_to_queue_waits_for_the_task_before() {
    both(|bench| async move {
        every_minute(&bench, "one", "queue").await;
        bench.work(4, 4);
        assert_eq!(fired(&bench, 60_000).await, 1);
        bench.log().began.notified().await;
        assert_eq!([fired(&bench, 120_000).await, fired(&bench, 180_000).await], [1, 1]);
        // A task of another kind shows that the worker had its turn.
        let other = bench.enqueue(&Do::Nothing, |task| task.priority(4)).await;
        bench.until(other, TaskState::Completed).await;
        let counts = [
            bench.count(TaskState::Running).await,
            bench.count(TaskState::Available).await,
        ];
        assert_eq!(counts, [1, 2]);
        bench.context.gate.add_permits(1);
        while bench.count(TaskState::Completed).await < 4 {
            tokio::task::yield_now().await;
        }
        assert_eq!(
            bench.log().running_most.load(Ordering::SeqCst),
            2,
            "one of the schedule, and the other"
        );
        bench.stop().await;
    });
}

#[test]
fn a_missed_firing_that_is_to_be_skipped_is_not_made_up_for() {
    both(|bench| async move {
        every_minute(&bench, "skip", "skip").await;
        assert_eq!(fired(&bench, 600_000).await, 0);
        assert_eq!(fired(&bench, 600_001).await, 0);
        assert_eq!(fired(&bench, 660_000).await, 1, "the next one in time");
        bench.stop().await;
    });
}
