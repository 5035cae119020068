//! Tables, times and texts.

use model::Timestamp;
use serde_json::json;

use super::*;

#[test]
fn columns_are_aligned_by_what_is_seen() {
    let mut table = Table::new(&[
        ("id", Align::Right),
        ("name", Align::Left),
        ("records", Align::Right),
        ("state", Align::Left),
    ]);
    table.row(vec!["1".into(), "Team files".into(), "1,204".into(), "synced".into()]);
    table.row(vec!["12".into(), "日本語".into(), "7".into(), "needs attention".into()]);
    table.row(vec!["3".into(), "x".repeat(80), String::new(), String::new()]);
    insta::assert_snapshot!(table.render(false));
}

#[test]
fn times_are_told_from_now() {
    let now = Timestamp(1_800_000_000_000);
    let told = |ms: i64| when(now.plus_ms(ms), now);
    assert_eq!(told(-900), "just now");
    assert_eq!(told(-42_000), "42 s ago");
    assert_eq!(told(-200_000), "3 min ago");
    assert_eq!(told(7_300_000), "in 2 h");
    assert_eq!(told(7 * 86_400_000 - 20), "in 7 days");
    assert_eq!(told(3_600_000 - 20), "in 1 h");
    assert_eq!(told(-86_400_000), "1 day ago");
    assert_eq!(told(-5 * 86_400_000), "5 days ago");
    assert_eq!(told(-90 * 86_400_000), "2026-10-17");
    assert_eq!(when(Timestamp(i64::MIN), now).len(), 10);
}

#[test]
fn a_time_of_day_names_its_date_only_on_another_day() {
    let now = Timestamp(1_800_000_000_000);
    assert_eq!(clock(now.plus_ms(300_000), now), "08:05 UTC");
    assert_eq!(clock(now.plus_ms(86_400_000), now), "2027-01-16 08:00 UTC");
}

#[test]
fn numbers_are_readable() {
    assert_eq!(count(1, "page"), "1 page");
    assert_eq!(count(0, "page"), "0 pages");
    assert_eq!(count(1_234_567, ""), "1,234,567");
    assert_eq!(count(-1_000, "page"), "-1,000 pages");
    assert_eq!(bytes(1_023), "1023 B");
    assert_eq!(bytes(1_536), "1.5 KiB");
    assert_eq!(bytes(5 << 30), "5.0 GiB");
    assert_eq!(bytes(u64::MAX), "16383.9 PiB");
}

#[test]
fn a_hostile_title_can_not_steer_the_terminal() {
    assert_eq!(
        clean("a\u{1b}[31mred\u{7}\nnext\u{202e}gpj"),
        "a\u{fffd}[31mred\u{fffd} nextgpj"
    );
    assert_eq!(text(&json!({"title": "a\u{1b}]0;x"}), "title"), "a\u{fffd}]0;x");
}

#[test]
fn missing_fields_are_empty() {
    assert_eq!(text(&json!({"a": null}), "a"), "");
    assert_eq!(text(&json!({}), "a"), "");
    assert_eq!(number(&json!({"a": "x"}), "a"), 0);
    assert!(items(&json!({})).is_empty());
}
