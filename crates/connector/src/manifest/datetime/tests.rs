//! Dates as Python prints and reads them. The expected values were checked against `CPython` 3.11.

use super::{DateTime, Delta, duration, format_as, isoparse, parse_as, strftime, strptime};

fn at(text: &str) -> DateTime {
    isoparse(text).unwrap()
}

#[test]
fn strftime_prints_what_python_prints() {
    let when = at("2024-02-05T07:08:09.000123+01:30");
    for (format, expected) in [
        ("%Y-%m-%dT%H:%M:%S.%f%z", "2024-02-05T07:08:09.000123+0130"),
        ("%d/%m/%y %I:%M %p", "05/02/24 07:08 AM"),
        ("%a %A %b %B %j", "Mon Monday Feb February 036"),
        ("%-d.%-m.%Y", "5.2.2024"),
        ("%U %W %V %G %u %w", "05 06 06 2024 1 1"),
        ("%F %T %Z %%", "2024-02-05 07:08:09 UTC+01:30 %"),
        ("%q %", "%q %"),
    ] {
        assert_eq!(strftime(when, format), expected, "{format}");
    }
}

#[test]
fn manifest_formats_count_from_1970() {
    let when = at("2024-02-05T07:08:09.987654Z");
    for (format, expected) in [
        ("%s", "1707116889"),
        ("%s_as_float", "1707116889.987654"),
        ("%ms", "1707116889987"),
        ("%epoch_microseconds", "1707116889987654"),
        ("%Y-%m-%dT%H:%M:%S.%_msZ", "2024-02-05T07:08:09.987Z"),
    ] {
        assert_eq!(format_as(when, format), expected, "{format}");
        let back = parse_as(expected, format).unwrap();
        assert_eq!(format_as(back, format), expected, "{format} back");
    }
}

#[test]
fn strptime_reads_what_python_reads() {
    for (text, format, expected) in [
        ("2024-02-05", "%Y-%m-%d", Some("2024-02-05T00:00:00")),
        ("2024-2-5", "%Y-%m-%d", Some("2024-02-05T00:00:00")),
        (
            "2024-02-05T07:08:09Z",
            "%Y-%m-%dT%H:%M:%SZ",
            Some("2024-02-05T07:08:09"),
        ),
        (
            "2024-02-05T07:08:09Z",
            "%Y-%m-%dT%H:%M:%S%z",
            Some("2024-02-05T07:08:09+00:00"),
        ),
        (
            "2024-02-05T07:08:09.5-0330",
            "%Y-%m-%dT%H:%M:%S.%f%z",
            Some("2024-02-05T07:08:09.500000-03:30"),
        ),
        (
            "Mon, 05 feb 2024 12:08:09 GMT",
            "%a, %d %b %Y %H:%M:%S %Z",
            Some("2024-02-05T12:08:09"),
        ),
        ("05/02/24 12:01 am", "%d/%m/%y %I:%M %p", Some("2024-02-05T00:01:00")),
        ("2024-060", "%Y-%j", Some("2024-02-29T00:00:00")),
        ("2024-02-30", "%Y-%m-%d", None),
        ("2024-02-05 ", "%Y-%m-%d", None),
        ("24-02-05", "%Y-%m-%d", None),
        ("", "%Y", None),
    ] {
        let read = strptime(text, format).map(|when| when.iso('T'));
        assert_eq!(read.as_deref(), expected, "{text} by {format}");
    }
}

#[test]
fn isoparse_reads_basic_and_extended_forms() {
    for (text, expected) in [
        ("2024", Some("2024-01-01T00:00:00")),
        ("2024-03", Some("2024-03-01T00:00:00")),
        ("20240305", Some("2024-03-05T00:00:00")),
        ("2024-03-05T10", Some("2024-03-05T10:00:00")),
        ("2024-03-05 10:11", Some("2024-03-05T10:11:00")),
        ("20240305T101112Z", Some("2024-03-05T10:11:12+00:00")),
        (
            "2024-03-05T10:11:12.1234567+02",
            Some("2024-03-05T10:11:12.123456+02:00"),
        ),
        ("2024-03-05T24:00", Some("2024-03-06T00:00:00")),
        ("2024-W10-2", Some("2024-03-05T00:00:00")),
        ("2024-13-01", None),
        ("yesterday", None),
        ("2024-03-05T10:11:12x", None),
    ] {
        assert_eq!(isoparse(text).map(|when| when.iso('T')).as_deref(), expected, "{text}");
    }
}

#[test]
fn durations_add_up_and_months_clip() {
    assert_eq!(duration("P1DT2H3M4.5S").unwrap().to_string(), "1 day, 2:03:04.500000");
    assert_eq!(duration("-PT1S").unwrap().to_string(), "-1 day, 23:59:59");
    assert_eq!(duration("P2W").unwrap(), Delta::from_days(14.0));
    let plus = |text: &str| at("2024-01-31").plus(duration(text).unwrap()).unwrap().iso('T');
    assert_eq!(plus("P1M"), "2024-02-29T00:00:00");
    assert_eq!(plus("P1Y"), "2025-01-31T00:00:00");
    for text in ["", "P", "1D", "PT", "P1H", "PxD", "PTT1S"] {
        assert_eq!(duration(text), None, "{text}");
    }
}
