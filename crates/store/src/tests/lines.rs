//! Lines of the log, and what processes tell each other.

use std::sync::mpsc;

use model::{LogLevel, SourceId, SyncMode, SyncState, TaskId};

use super::{Bench, NOW, at, both};
use crate::{Error, Event, LineRow, Lines, LinesOf, LinesPart, NewLine, Store, Tx};

fn line(source: i64, message: &str) -> NewLine {
    NewLine::of_source(LogLevel::Info, SourceId(source), message)
}

fn messages(rows: &[LineRow]) -> Vec<&str> {
    rows.iter().map(|row| row.message.as_str()).collect()
}

/// What waits to be written, as text.
fn waiting(store: &Store) -> Vec<String> {
    let lines = store.signals().lines().take(usize::MAX);
    lines.into_iter().map(|line| line.message).collect()
}

#[test]
fn too_many_lines_are_counted_and_the_same_is_not_said_twice() {
    let lines = Lines::default();
    lines.push(line(1, "waits"));
    lines.push(line(1, "waits"));
    lines.push(line(2, "waits"));
    assert_eq!(lines.take(10).len(), 2);
    for n in 0..5_000 {
        lines.push(line(1, &format!("line {n}")));
    }
    let taken = lines.take(usize::MAX);
    assert_eq!(taken.len(), 2_001);
    assert!(
        taken[2_000].message.starts_with("3000 lines came faster"),
        "{:?}",
        taken[2_000]
    );
    assert!(lines.take(1).is_empty());
}

#[test]
fn a_long_message_is_cut_between_two_letters() {
    let lines = Lines::default();
    lines.push(NewLine {
        message: "ä".repeat(10_000),
        ..line(1, "")
    });
    let taken = lines.take(1);
    assert!(taken[0].message.len() <= 2_003 && taken[0].message.ends_with("ä…"));
}

#[test]
fn lines_are_kept_in_their_order_and_found_by_source_task_and_level() {
    both(|bench| {
        assert_eq!(bench.read(|tx| tx.last_line()), 0);
        bench.write(|tx| {
            let lines = [
                line(1, "a\0\"b\""),
                NewLine {
                    level: LogLevel::Error,
                    task: Some(TaskId(7)),
                    at: Some(at(5)),
                    ..line(1, "b")
                },
                NewLine {
                    task: Some(TaskId(7)),
                    ..line(2, "c")
                },
                NewLine {
                    source: None,
                    ..line(0, "d")
                },
            ];
            tx.insert_lines(&lines, NOW)
        });
        bench.write(|tx| tx.insert_lines(&[line(1, "e")], at(9)));
        let all = bench.read(|tx| tx.list_lines_after(0, 100));
        assert_eq!(messages(&all), ["a\u{fffd}\"b\"", "b", "c", "d", "e"]);
        assert!(all.is_sorted_by_key(|row| row.id));
        assert_eq!((all[0].at, all[1].at, all[4].at), (NOW, at(5), at(9)));
        assert_eq!(bench.read(|tx| tx.last_line()), all[4].id);
        let (second, list) = (all[1].id, |of, part, level, limit| {
            let rows = bench.read(move |tx| tx.list_lines(of, part, level, limit));
            rows.into_iter().map(|row| row.message).collect::<Vec<_>>().join(" ")
        });
        let (one, seven) = (LinesOf::Source(SourceId(1)), LinesOf::Task(TaskId(7)));
        assert_eq!(list(one, LinesPart::Before(i64::MAX), LogLevel::Info, 2), "e b");
        assert_eq!(list(one, LinesPart::After(second), LogLevel::Info, 9), "e");
        assert_eq!(list(one, LinesPart::After(0), LogLevel::Warn, 9), "b");
        assert_eq!(list(seven, LinesPart::After(0), LogLevel::Info, 9), "b c");
        assert_eq!(list(seven, LinesPart::Before(second + 1), LogLevel::Info, 9), "b");
    });
}

#[test]
fn old_lines_go_and_of_too_many_the_oldest() {
    both(|bench| {
        bench.write(|tx| {
            let lines: Vec<NewLine> = (0..10)
                .map(|n| NewLine {
                    at: Some(at(n)),
                    ..line(1, &format!("{n}"))
                })
                .collect();
            tx.insert_lines(&lines, NOW)
        });
        assert_eq!(bench.write(|tx| tx.prune_lines(at(3), 1_000, 2)), 2);
        assert_eq!(bench.write(|tx| tx.prune_lines(at(3), 1_000, 100)), 1);
        assert_eq!(bench.write(|tx| tx.prune_lines(at(3), 1_000, 100)), 0);
        assert_eq!(bench.write(|tx| tx.prune_lines(at(3), 2, 100)), 5);
        assert_eq!(messages(&bench.read(|tx| tx.list_lines_after(0, 9))), ["8", "9"]);
        bench.write(|tx| tx.insert_lines(&[line(2, "other")], NOW));
        assert_eq!(bench.write(|tx| tx.drop_lines_of_source(SourceId(1), 100)), 2);
        assert_eq!(messages(&bench.read(|tx| tx.list_lines_after(0, 9))), ["other"]);
    });
}

#[test]
fn what_is_rolled_back_was_never_said() {
    both(|bench| {
        waiting(&bench.store);
        let refused: Result<(), Error> = bench.store.write_blocking(|tx: &mut Tx<'_>| {
            tx.log(line(1, "never"));
            Err(Error::Conflict("refused".to_owned()))
        });
        assert!(refused.is_err());
        bench.write(|tx| {
            tx.log(line(1, "said"));
            Ok(())
        });
        assert_eq!(waiting(&bench.store), ["said"]);
    });
}

#[test]
fn a_sync_says_where_it_begins_waits_and_ends() {
    both(|bench| {
        let (source, _) = bench.source();
        waiting(&bench.store);
        let (sync, _) = bench.write(move |tx| tx.start_sync(source, SyncMode::Full, NOW));
        for _ in 0..3 {
            bench.write(move |tx| tx.set_sync_waiting(sync, Some((at(9), "the provider's limit"))));
        }
        bench.write(move |tx| tx.set_sync_state(sync, SyncState::Failed, Some("no such host"), at(4_000)));
        assert_eq!(
            waiting(&bench.store),
            [
                "full sync begins",
                "waits: the provider's limit",
                "full sync failed: no such host"
            ]
        );
    });
}

#[test]
fn ids_rise_in_the_order_of_commits() {
    let Some(bench) = Bench::postgres() else { return };
    let (has_written, written) = mpsc::channel();
    let (release, may_go) = mpsc::channel::<()>();
    let may_go = std::sync::Mutex::new(may_go);
    let store = bench.store.clone();
    let slow = std::thread::spawn(move || {
        store
            .write_blocking(move |tx| {
                tx.insert_lines(&[line(1, "slow")], NOW)?;
                has_written.send(()).unwrap();
                may_go.lock().unwrap().recv().unwrap();
                Ok::<_, Error>(())
            })
            .unwrap();
    });
    written.recv().unwrap();
    let store = bench.store.clone();
    let fast = std::thread::spawn(move || store.write_blocking(|tx| tx.insert_lines(&[line(1, "fast")], NOW)));
    // Nothing of the later one is there before the earlier one is.
    assert_eq!(bench.read(|tx| tx.last_line()), 0);
    release.send(()).unwrap();
    slow.join().unwrap();
    fast.join().unwrap().unwrap();
    assert_eq!(messages(&bench.read(|tx| tx.list_lines_after(0, 9))), ["slow", "fast"]);
}

#[test]
fn another_process_hears_what_moved_and_what_was_said() {
    let Some(bench) = Bench::postgres() else { return };
    let other = Store::open(&bench.config).unwrap();
    let (mut events, mut lines) = (other.signals().events(), other.signals().lines_written());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (source, _) = bench.source();
    // Both listen from some moment on: what is said is said again until it is heard.
    runtime.block_on(async {
        let mut heard = Vec::new();
        lines.mark_unchanged();
        while !heard.contains(&Event::Task(TaskId(5))) || !heard.contains(&Event::Source(source)) {
            bench.store.tell(&[Event::Task(TaskId(5))]);
            let store = bench.store.clone();
            store
                .write(move |tx| {
                    tx.attend_source(source, None)?;
                    tx.insert_lines(&[line(source.0, "said")], NOW)
                })
                .await
                .unwrap();
            heard.push(events.recv().await.unwrap());
        }
        lines.changed().await.unwrap();
    });
    assert!(!messages(&other.read_blocking(|tx| tx.list_lines_after(0, 9)).unwrap()).is_empty());
    other.close();
}
