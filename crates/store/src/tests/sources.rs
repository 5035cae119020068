//! Sources, failures, schedules, governors and settings.

use model::connector::Cursor;
use model::{FailureId, Principal, ScheduleId, SourceId, Visibility};
use serde_json::json;

use super::{NOW, at, both, insert_source, stream};
use crate::{Error, NewFailure, ScheduleRow, SourceRow};

#[test]
fn a_source_can_be_changed_paused_and_deleted() {
    both(|bench| {
        let (source, _) = bench.source();
        let group = bench.write(|tx| {
            let organization = tx.ensure_organization(NOW)?;
            tx.insert_group(organization, "a group", NOW)
        });
        bench.write(move |tx| {
            let row = SourceRow {
                name: "another name".to_owned(),
                config: json!({ "path": "/x" }),
                visibility: Visibility::Groups {
                    groups: vec![group, group],
                },
                ..tx.source(source)?
            };
            tx.update_source(&row)?;
            tx.set_source_secrets(source, Some(b"sealed"))?;
            tx.attend_source(source, Some(&json!({ "what": "sign in" })))?;
            tx.pause_source(source, true)
        });
        let row = bench.read(|tx| tx.source(source));
        assert_eq!((row.name.as_str(), row.is_paused), ("another name", true));
        assert_eq!(row.visibility, Visibility::Groups { groups: vec![group] });
        assert_eq!(row.secrets.as_deref(), Some(&b"sealed"[..]));
        assert_eq!(row.attention.unwrap()["what"], "sign in");
        bench.write(move |tx| tx.delete_source(source, at(1)));
        assert!(matches!(
            bench.store.read_blocking(|tx| tx.source(source)),
            Err(Error::NotFound { .. })
        ));
        let row = bench.read(|tx| tx.find_source(source)).unwrap();
        assert_eq!((row.deleted_at, row.secrets), (Some(at(1)), None));
        assert!(bench.read(|tx| tx.list_sources(SourceId(0), 10)).is_empty());
        let again = bench.try_write(move |tx| tx.delete_source(source, at(2)));
        assert!(matches!(again, Err(Error::NotFound { .. })));
        let asker = bench.read(|tx| tx.asker_for_operator());
        assert!(!asker.sources.contains(&source) && asker.principals.contains(&Principal::everyone()));
    });
}

#[test]
fn streams_that_are_known_keep_whether_they_are_read() {
    both(|bench| {
        let source = bench.write(|tx| insert_source(tx, "a source"));
        let first = bench.write(move |tx| tx.put_streams(source, &[stream("b"), stream("a")]));
        let b = first.iter().find(|row| row.name == "b").unwrap().id;
        bench.write(move |tx| tx.enable_stream(b, false));
        let mut inexact = stream("b");
        inexact.exact_listing = false;
        let second = bench.write(move |tx| tx.put_streams(source, &[inexact.clone(), stream("c")]));
        assert_eq!(second.len(), 3);
        let row = second.iter().find(|row| row.id == b).unwrap();
        assert_eq!((row.is_enabled, row.has_exact_listing), (false, false));
    });
}

#[test]
fn cursors_are_kept_by_key() {
    both(|bench| {
        let (source, _) = bench.source();
        for value in [1, 2] {
            bench.write(move |tx| {
                let cursor = Cursor {
                    key: "items".to_owned(),
                    value: json!({ "since": value }),
                };
                tx.put_cursor(source, &cursor, NOW)
            });
        }
        let cursors = bench.read(|tx| tx.list_cursors(source));
        assert_eq!(cursors.len(), 1);
        assert_eq!(cursors[0].value["since"], 2);
    });
}

#[test]
fn failures_group_by_reason_and_one_place_has_one() {
    both(|bench| {
        let (source, _) = bench.source();
        let put = |place: &str, reason: &str, detail: &str| {
            let new = NewFailure {
                source: source.0,
                stage: "parse",
                place: place.to_owned(),
                reason: reason.to_owned(),
                detail: detail.to_owned(),
                record_key: Some(place.to_owned()),
                ..NewFailure::default()
            };
            bench.write(move |tx| tx.put_failure(&new, NOW));
        };
        put("record/a", "password protected", "a is locked");
        put("record/b", "password protected", "b is locked");
        put("record/c", "damaged", "c is broken");
        put("record/c", "damaged", "c is still broken");
        let groups = bench.read(|tx| tx.list_failure_groups(source));
        let counts: Vec<_> = groups
            .iter()
            .map(|group| (group.reason.as_str(), group.count))
            .collect();
        assert_eq!(counts, [("password protected", 2), ("damaged", 1)]);
        assert_eq!(groups[1].example, "c is still broken");
        let all = bench.read(|tx| tx.list_failures(source, None, FailureId(0), 10));
        assert_eq!(all.len(), 3);
        let damaged = bench.read(|tx| tx.list_failures(source, Some("damaged"), FailureId(0), 10));
        assert_eq!(damaged.len(), 1);
        let id = damaged[0].id;
        bench.write(move |tx| tx.clear_failure(id));
        let again = bench.try_write(move |tx| tx.clear_failure(id));
        assert!(matches!(again, Err(Error::NotFound { .. })));
        let places = ["record/a".to_owned(), "record/x".to_owned()];
        assert_eq!(
            bench.read(|tx| tx.list_failures_at(source, "parse", &places)),
            ["record/a"]
        );
        bench.write(move |tx| tx.clear_failures_at(source, "parse", &places));
        bench.write(move |tx| tx.clear_failures_at(source, "parse", &[]));
        assert_eq!(bench.read(|tx| tx.count_failures(source)), 1);
        bench.write(move |tx| tx.clear_failure_at(source, "parse", "record/b"));
        assert_eq!(bench.read(|tx| tx.count_failures(source)), 0);
    });
}

#[test]
fn schedules_are_due_at_their_time_and_go_with_their_source() {
    both(|bench| {
        let (source, _) = bench.source();
        let row = ScheduleRow {
            id: ScheduleId(0),
            name: "sync/1".to_owned(),
            source: Some(source),
            kind: "start_sync".to_owned(),
            args: json!({}),
            queue: "housekeeping".to_owned(),
            rule: json!({ "every_ms": 10_000 }),
            missed: "one".to_owned(),
            overlap: "skip".to_owned(),
            next_at: at(100),
        };
        let kept = row.clone();
        bench.write(move |tx| tx.put_schedule(&kept));
        assert_eq!(bench.read(|tx| tx.next_schedule_at()), Some(at(100)));
        let due = |now| bench.write(move |tx| tx.list_due_schedules(now, 10));
        assert!(due(at(99)).is_empty());
        let found = due(at(100));
        assert_eq!(found.len(), 1);
        assert_eq!(
            ScheduleRow {
                id: ScheduleId(0),
                ..found[0].clone()
            },
            row
        );
        let id = found[0].id;
        bench.write(move |tx| tx.advance_schedule(id, at(100), at(200)));
        assert!(due(at(100)).is_empty());
        assert_eq!(bench.read(|tx| tx.find_schedule(source)).unwrap().next_at, at(200));
        bench.write(move |tx| tx.delete_schedule(source));
        bench.write(move |tx| tx.delete_schedule(source));
        assert_eq!(bench.read(|tx| tx.find_schedule(source)), None);
        assert_eq!(bench.read(|tx| tx.next_schedule_at()), None);
    });
}

#[test]
fn governors_and_settings_are_replaced() {
    both(|bench| {
        assert_eq!(bench.read(|tx| tx.find_governor("github")), None);
        for (before, left) in [(json!({}), 5), (json!({ "left": 5 }), 4)] {
            let known = bench.write(move |tx| {
                let known = tx.lock_governor("github", NOW)?;
                tx.put_governor("github", &json!({ "left": left }), NOW)?;
                Ok(known)
            });
            assert_eq!(known, before);
        }
        assert_eq!(bench.read(|tx| tx.find_governor("github")), Some(json!({ "left": 4 })));
        for value in ["a", "b"] {
            bench.write(move |tx| tx.put_setting("n", value));
        }
        assert_eq!(bench.read(|tx| tx.find_setting("n")), Some("b".to_owned()));
    });
}

#[test]
fn an_access_token_is_obtained_by_one_at_a_time_and_a_later_one_is_never_replaced() {
    both(|bench| {
        let (source, _) = bench.source();
        let row = bench.write(move |tx| tx.lock_access_token(source, "k"));
        assert_eq!((row.sealed, row.lease_until, row.fence), (None, None, 0));
        let lend = || bench.write(move |tx| tx.lend_access_token(source, "k", at(90)));
        let (first, second) = (lend(), lend());
        assert_eq!((first, second), (1, 2));
        let row = bench.write(move |tx| tx.lock_access_token(source, "k"));
        assert_eq!((row.lease_until, row.fence), (Some(at(90)), 2));
        // Its time ran out while it was asking: what it was granted is still the newest there is.
        let keep =
            |fence, sealed: &'static [u8]| bench.write(move |tx| tx.keep_access_token(source, "k", fence, sealed));
        assert!(keep(first, b"first"));
        let row = bench.write(move |tx| tx.lock_access_token(source, "k"));
        assert_eq!((row.sealed, row.lease_until), (Some(b"first".to_vec()), Some(at(90))));
        assert!(keep(second, b"second"));
        assert!(!keep(first, b"late"), "the past does not come back");
        let row = bench.write(move |tx| tx.lock_access_token(source, "k"));
        assert_eq!((row.sealed, row.lease_until), (Some(b"second".to_vec()), None));
        let third = lend();
        bench.write(move |tx| tx.give_back_access_token(source, "k", second));
        assert_eq!(
            bench.write(move |tx| tx.lock_access_token(source, "k")).lease_until,
            Some(at(90))
        );
        bench.write(move |tx| tx.give_back_access_token(source, "k", third));
        assert_eq!(
            bench.write(move |tx| tx.lock_access_token(source, "k")).lease_until,
            None
        );
        bench.write(move |tx| tx.drop_access_tokens(source));
        assert_eq!(bench.write(move |tx| tx.lock_access_token(source, "k")).fence, 0);
    });
}
