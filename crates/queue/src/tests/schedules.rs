//! Rules, across changes of daylight-saving time too, and firing.

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
