//! Transactions: what is kept, what is rolled back, what is told and when.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};

use model::Number;

use super::{Bench, both};
use crate::signals::Effect;
use crate::tx::Connection;
use crate::{Error, Tx};

fn connection<'t>(tx: &'t Tx<'_>) -> &'t rusqlite::Connection {
    let Connection::Sqlite(connection) = &tx.connection else {
        panic!("not SQLite");
    };
    connection
}

fn sqlite(tx: &Tx<'_>, pragma: &str) {
    connection(tx).execute_batch(pragma).unwrap();
}

/// Makes the writer busy until the answered sender is dropped, so that what is handed in meanwhile becomes one group.
fn hold_writer(bench: &Bench) -> (mpsc::Sender<()>, std::thread::JoinHandle<()>) {
    let (release, held) = mpsc::channel::<()>();
    let (started, has_started) = mpsc::channel();
    let held = std::sync::Mutex::new(held);
    let store = bench.store.clone();
    let thread = std::thread::spawn(move || {
        store
            .write_blocking(move |_tx| {
                started.send(()).unwrap();
                held.lock().unwrap().recv().unwrap_err();
                Ok::<_, Error>(())
            })
            .unwrap();
    });
    has_started.recv().unwrap();
    (release, thread)
}

#[test]
fn of_concurrent_writes_those_that_fail_are_rolled_back_alone() {
    both(|bench| {
        let outcomes: Vec<_> = (0..40)
            .map(|n| {
                let store = bench.store.clone();
                std::thread::spawn(move || {
                    store.write_blocking(move |tx| {
                        tx.put_setting(&format!("name {n}"), "kept")?;
                        match n % 4 {
                            1 => panic!("on purpose"),
                            2 => Err(Error::Conflict("on purpose".to_owned())),
                            _ => Ok(()),
                        }
                    })
                })
            })
            .map(|thread| thread.join().unwrap())
            .collect();
        for (n, outcome) in outcomes.into_iter().enumerate() {
            let kept = bench.read(|tx| tx.find_setting(&format!("name {n}"))).is_some();
            assert_eq!(kept, outcome.is_ok(), "write {n}");
            match n % 4 {
                1 => assert!(matches!(outcome, Err(Error::Bug(text)) if text.contains("on purpose"))),
                2 => assert_eq!(outcome, Err(Error::Conflict("on purpose".to_owned()))),
                _ => outcome.unwrap(),
            }
        }
    });
}

#[test]
fn a_group_shares_one_transaction_on_sqlite() {
    let bench = Bench::sqlite();
    let (release, holder) = hold_writer(&bench);
    let file = bench.folder.path().join(crate::SQLITE_FILE);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let outcomes = runtime.block_on(async {
        let mut writers = tokio::task::JoinSet::new();
        for n in 0..8 {
            let (store, file) = (bench.store.clone(), file.clone());
            writers.spawn(async move {
                let write = store.write(move |tx| {
                    tx.put_setting(&format!("group/{n}"), "")?;
                    // What the others of the group have written shows inside, and not outside before all have.
                    let inside = count_settings(connection(tx));
                    let outside = count_settings(&rusqlite::Connection::open(&file)?);
                    Ok::<_, Error>((inside, outside))
                });
                write.await
            });
        }
        // On its one thread the runtime has each of them hand in its closure before this goes on.
        tokio::task::yield_now().await;
        drop(release);
        writers.join_all().await
    });
    holder.join().unwrap();
    let mut seen: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    seen.sort_unstable();
    assert_eq!(seen, (1..=8).map(|inside| (inside, 0)).collect::<Vec<_>>());
}

fn count_settings(connection: &rusqlite::Connection) -> i64 {
    let sql = "SELECT count(*) FROM setting WHERE name LIKE 'group/%'";
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_closure_that_passes_over_a_failed_statement_is_not_kept() {
    both(|bench| {
        let outcome = bench.try_write(|tx| {
            tx.put_setting("before", "")?;
            // A share with a group that is not there.
            let source = super::insert_source(tx, "a source")?;
            let row = tx.source(source)?;
            let broken = crate::SourceRow {
                visibility: model::Visibility::Groups {
                    groups: vec![model::GroupId(99)],
                },
                ..row
            };
            assert!(matches!(tx.update_source(&broken), Err(Error::Conflict(_))));
            assert!(tx.put_setting("after", "").is_err());
            Ok(())
        });
        assert!(matches!(outcome, Err(Error::Conflict(_))), "{outcome:?}");
        let found = bench.read(|tx| Ok((tx.find_setting("before")?, tx.find_setting("after")?)));
        assert_eq!(found, (None, None));
    });
}

#[test]
fn on_a_full_disk_the_others_of_the_group_are_kept() {
    let bench = Bench::sqlite();
    let (release, holder) = hold_writer(&bench);
    let pages = |tx: &Tx<'_>| {
        let Connection::Sqlite(connection) = &tx.connection else {
            panic!("not SQLite");
        };
        connection
            .query_row("PRAGMA page_count", [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    let write = |name: &'static str, value: String| {
        let store = bench.store.clone();
        std::thread::spawn(move || {
            store.write_blocking(move |tx| {
                let limit = pages(tx) + 20;
                sqlite(tx, &format!("PRAGMA max_page_count = {limit}"));
                tx.put_setting(name, &value)
            })
        })
    };
    let small = write("small", "x".to_owned());
    let large = write("large", "x".repeat(1 << 20));
    let other = write("other", "x".to_owned());
    drop(release);
    holder.join().unwrap();
    small.join().unwrap().unwrap();
    other.join().unwrap().unwrap();
    assert_eq!(large.join().unwrap(), Err(Error::DiskFull));
    bench.write(|tx| {
        sqlite(tx, "PRAGMA max_page_count = 1073741823");
        tx.put_setting("large", "now there is room")
    });
    for name in ["small", "other", "large"] {
        assert!(bench.read(move |tx| tx.find_setting(name)).is_some(), "{name}");
    }
}

#[test]
fn a_transaction_that_the_database_ended_keeps_nothing_and_the_others_run_again() {
    let bench = Bench::sqlite();
    let (release, holder) = hold_writer(&bench);
    let runs = Arc::new(AtomicU32::new(0));
    let write = |name: &'static str, ends_it: bool| {
        let (store, runs) = (bench.store.clone(), Arc::clone(&runs));
        std::thread::spawn(move || {
            store.write_blocking(move |tx| {
                runs.fetch_add(1, Ordering::SeqCst);
                tx.put_setting(name, "")?;
                if ends_it {
                    // What a full disk or an interrupt inside a statement does.
                    sqlite(tx, "ROLLBACK");
                    return Err(Error::DiskFull);
                }
                Ok(())
            })
        })
    };
    let writers = [write("a", false), write("ends", true), write("b", false)];
    drop(release);
    holder.join().unwrap();
    let outcomes = writers.map(|writer| writer.join().unwrap());
    assert_eq!(outcomes, [Ok(()), Err(Error::DiskFull), Ok(())]);
    for (name, is_kept) in [("a", true), ("ends", false), ("b", true)] {
        assert_eq!(bench.read(move |tx| tx.find_setting(name)).is_some(), is_kept, "{name}");
    }
}

#[test]
fn signals_fire_after_the_commit_and_only_then() {
    both(|bench| {
        let mut changes = bench.store.signals().changes();
        if bench.is_postgres() {
            // The listener for other processes says once that it listens.
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(changes.wait_for(|wakes| *wakes > 0)).unwrap();
            changes.mark_unchanged();
        }
        let refused = bench.try_write(|tx| {
            tx.effects.push(Effect::Changed);
            Err::<(), _>(Error::Conflict("no".to_owned()))
        });
        assert!(refused.is_err());
        assert!(!changes.has_changed().unwrap());
        let inside = bench.store.signals().changes();
        bench.write(move |tx| {
            tx.effects.push(Effect::Changed);
            assert!(!inside.has_changed().unwrap());
            Ok(())
        });
        assert!(changes.has_changed().unwrap());
    });
}

#[test]
fn a_read_sees_every_write_that_was_answered() {
    both(|bench| {
        for n in 0..50 {
            let value = n.to_string();
            bench.write(move |tx| tx.put_setting("n", &value));
            assert_eq!(bench.read(|tx| tx.find_setting("n")), Some(n.to_string()));
        }
    });
}

#[test]
fn a_read_can_not_write() {
    both(|bench| {
        let outcome = bench.store.read_blocking(|tx| tx.put_setting("n", ""));
        assert!(outcome.is_err());
        assert_eq!(bench.read(|tx| tx.find_setting("n")), None);
    });
}

#[test]
fn numbers_are_unique_and_grow_and_survive_a_restart() {
    let mut benches = vec![Bench::sqlite()];
    benches.extend(Bench::postgres());
    for mut bench in benches {
        let mut drawn: Vec<Number> = Vec::new();
        for _ in 0..3 {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    let store = bench.store.clone();
                    std::thread::spawn(move || {
                        (0..20)
                            .map(|_| store.write_blocking(|tx| tx.next_number()).unwrap())
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            let highest = drawn.iter().max().copied();
            for thread in threads {
                let numbers = thread.join().unwrap();
                assert!(numbers.is_sorted());
                assert!(numbers.iter().all(|number| Some(*number) > highest));
                drawn.extend(numbers);
            }
            // A closure that is rolled back has spent its number all the same.
            let refused = bench.try_write(|tx| {
                let number = tx.next_number()?;
                Err::<(), _>(Error::Conflict(number.0.to_string()))
            });
            let Err(Error::Conflict(number)) = refused else {
                panic!("not refused");
            };
            drawn.push(Number(number.parse().unwrap()));
            bench.reopen();
        }
        let count = drawn.len();
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn.len(), count);
        assert!(drawn[0].0 >= 1);
    }
}

#[test]
fn numbers_drawn_without_a_write_are_reserved_durably() {
    let mut bench = Bench::sqlite();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = bench.store.clone();
    let drawn = runtime.block_on(async move {
        let mut drawn = Vec::new();
        // More than one block of reserved numbers.
        for _ in 0..20_500 {
            drawn.push(store.next_number().await.unwrap());
        }
        drawn
    });
    assert!(drawn.is_sorted_by(|a, b| a < b));
    bench.reopen();
    let next = bench.write(|tx| tx.next_number());
    assert!(next > *drawn.last().unwrap());
}

#[test]
fn ids_are_never_reused() {
    both(|bench| {
        let insert = |bench: &Bench| {
            bench.write(|tx| {
                let new = user(tx)?;
                tx.insert_user(&new, super::NOW)
            })
        };
        let first = insert(bench);
        bench.write(move |tx| tx.delete_user(first));
        assert!(insert(bench) > first);
    });
}

fn user(tx: &mut Tx<'_>) -> Result<crate::NewUser, Error> {
    Ok(crate::NewUser {
        organization: tx.ensure_organization(super::NOW)?,
        email: "a@example.org".to_owned(),
        name: String::new(),
        role: model::Role::Member,
        state: model::UserState::Active,
    })
}

#[test]
fn a_closed_store_says_so() {
    both(|bench| {
        bench.write(|tx| tx.put_setting("n", "kept"));
        bench.store.close();
        let closed = Err(Error::Unavailable("the store is closed".to_owned()));
        assert_eq!(bench.store.write_blocking(|tx| tx.put_setting("n", "")), closed);
        assert_eq!(bench.store.read_blocking(|tx| tx.find_setting("n")).map(drop), closed);
        bench.store.close();
    });
}

#[test]
fn a_store_may_be_dropped_inside_a_runtime() {
    both(|bench| {
        let config = bench.config.clone();
        bench.store.close();
        let store = crate::Store::open(&config).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .build()
            .unwrap();
        runtime.block_on(async move {
            store.write(|tx| tx.put_setting("n", "")).await.unwrap();
            let found = store.read(|tx| tx.find_setting("n")).await.unwrap();
            assert_eq!(found, Some(String::new()));
            drop(store);
        });
    });
}

#[test]
fn a_nul_in_a_text_is_stored_as_something_that_both_databases_keep() {
    both(|bench| {
        bench.write(|tx| tx.put_setting("a\0b", "c\0d"));
        assert_eq!(bench.read(|tx| tx.find_setting("a\0b")), Some("c\u{fffd}d".to_owned()));
    });
}

#[test]
fn when_the_commit_fails_each_closure_runs_again_alone() {
    let bench = Bench::sqlite();
    let (release, holder) = hold_writer(&bench);
    let write = |name: &'static str, breaks_it: bool| {
        let store = bench.store.clone();
        std::thread::spawn(move || {
            store.write_blocking(move |tx| {
                tx.put_setting(name, "")?;
                if breaks_it {
                    // Looked at no earlier than in COMMIT.
                    sqlite(
                        tx,
                        "PRAGMA defer_foreign_keys = ON; INSERT INTO stream (source_id, name, exact_listing) VALUES (9, '', 0)",
                    );
                }
                Ok::<_, Error>(())
            })
        })
    };
    let writers = [write("a", false), write("breaks", true), write("b", false)];
    drop(release);
    holder.join().unwrap();
    let [a, breaks, b] = writers.map(|writer| writer.join().unwrap());
    assert_eq!((a, b), (Ok(()), Ok(())));
    assert!(matches!(breaks, Err(Error::Conflict(_))), "{breaks:?}");
    for (name, is_kept) in [("a", true), ("breaks", false), ("b", true)] {
        assert_eq!(bench.read(move |tx| tx.find_setting(name)).is_some(), is_kept, "{name}");
    }
}
