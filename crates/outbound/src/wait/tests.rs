//! What headers ask for.

use model::Timestamp;

use super::{Meaning, meaning, remaining, retry_at};

const NOW: Timestamp = Timestamp(1_700_000_000_000);

fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn check(pairs: &[(&str, &str)], expected_s: Option<i64>) {
    let at = retry_at(&headers(pairs), NOW).map(|at| at.since_ms(NOW));
    assert_eq!(at, expected_s.map(|seconds| seconds * 1000), "{pairs:?}");
}

#[test]
fn retry_after_is_read_as_seconds_or_date() {
    check(&[("retry-after", "30")], Some(30));
    check(&[("retry-after", " 0 ")], Some(0));
    check(&[("retry-after", "Tue, 14 Nov 2023 22:14:20 GMT")], Some(60));
    check(&[("retry-after", "Tue, 14 Nov 2023 22:00:00 GMT")], Some(0));
    check(&[("retry-after-ms", "2000"), ("retry-after", "9")], Some(2));
}

#[test]
fn a_reset_is_read_as_seconds_from_now_or_as_an_instant() {
    check(&[("x-ratelimit-reset", "1700000060")], Some(60));
    check(&[("x-ratelimit-reset", "1700000060000")], Some(60));
    check(&[("x-ratelimit-reset", "60")], Some(60));
    check(&[("ratelimit-reset", "5")], Some(5));
    check(&[("x-ratelimit-reset-after", "7")], Some(7));
    check(&[("retry-after", "1"), ("x-ratelimit-reset", "60")], Some(1));
}

#[test]
fn nonsense_is_no_wait_and_a_century_is_a_week() {
    check(&[], None);
    check(&[("retry-after", "soon")], None);
    check(&[("retry-after", "-5")], None);
    check(&[("retry-after", "NaN")], None);
    check(&[("retry-after", "3155760000")], Some(7 * 24 * 3600));
}

#[test]
fn the_status_decides_what_has_to_be_done() {
    for (status, pairs, expected) in [
        (200, vec![], Meaning::Fine),
        (304, vec![], Meaning::Fine),
        (401, vec![], Meaning::Denied),
        (403, vec![], Meaning::Denied),
        (403, vec![("x-ratelimit-remaining", "0")], Meaning::Again(None)),
        (404, vec![], Meaning::Refused),
        (429, vec![], Meaning::Again(None)),
        (429, vec![("retry-after", "1")], Meaning::Again(Some(NOW.plus_ms(1000)))),
        (503, vec![], Meaning::Again(None)),
    ] {
        assert_eq!(meaning(status, &headers(&pairs), NOW), expected, "{status} {pairs:?}");
    }
    assert_eq!(remaining(&headers(&[("ratelimit-remaining", "12")])), Some(12));
}
