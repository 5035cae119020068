//! What only several connections can show.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;

use model::{Number, SyncMode};

use super::{Bench, NOW, at, logged, present};
use crate::tx::Connection;
use crate::{Config, Database, Error, Place, Store, TaskFilter, Tx};

#[test]
fn a_slow_commit_is_never_passed_by_followers() {
    let Some(bench) = Bench::postgres() else { return };
    let (source, stream) = bench.source();
    bench.write(|tx| tx.add_destination("index", NOW));
    let place = Place {
        source,
        stream,
        number: Number(1),
    };
    let (logged_a, has_logged_a) = mpsc::channel();
    let (commit_a, may_commit_a) = mpsc::channel::<()>();
    let may_commit_a = std::sync::Mutex::new(may_commit_a);
    let store = bench.store.clone();
    let slow = std::thread::spawn(move || {
        store
            .write_blocking(move |tx| {
                tx.land(place, &[present("a", "x")], &[], NOW)?;
                logged_a.send(()).unwrap();
                may_commit_a.lock().unwrap().recv().unwrap();
                Ok::<_, Error>(())
            })
            .unwrap();
    });
    has_logged_a.recv().unwrap();
    bench.write(move |tx| tx.land(place, &[present("b", "x")], &[], NOW));
    assert_eq!(bench.write(|tx| tx.stamp_changes(NOW)), 1);
    let first = bench.read(|tx| tx.last_change());
    let b = bench.read(|tx| tx.find_record_by_key(stream, "b")).unwrap();
    assert_eq!(bench.read(logged), [b]);
    commit_a.send(()).unwrap();
    slow.join().unwrap();
    assert_eq!(bench.write(|tx| tx.stamp_changes(NOW)), 1);
    let a = bench.read(|tx| tx.find_record_by_key(stream, "a")).unwrap();
    // The slow one was logged before, and stands after.
    let rows = bench.read(|tx| tx.list_changes(first.position, 10));
    assert_eq!(rows.iter().map(|row| row.record).collect::<Vec<_>>(), [a]);
    assert!(bench.read(|tx| tx.knows_position(first)));
}

#[test]
fn a_worker_s_name_is_one_living_process_s() {
    let Some(bench) = Bench::postgres() else { return };
    let other = Store::open(&bench.config).unwrap();
    assert!(bench.store.take_worker_name("here").unwrap());
    assert!(!other.take_worker_name("here").unwrap());
    assert!(other.take_worker_name("there").unwrap());
    bench.store.close();
    // The server hears of it a moment later.
    while !other.take_worker_name("here").unwrap() {
        std::thread::yield_now();
    }
}

#[test]
fn stampers_take_turns() {
    let Some(bench) = Bench::postgres() else { return };
    let (source, stream) = bench.source();
    let place = Place {
        source,
        stream,
        number: Number(1),
    };
    std::thread::scope(|scope| {
        let bench = &bench;
        for thread in 0..3 {
            scope.spawn(move || {
                for n in 0..30 {
                    bench.write(move |tx| tx.land(place, &[present(&format!("{thread}/{n}"), "x")], &[], NOW));
                }
            });
            scope.spawn(move || {
                for _ in 0..30 {
                    bench.write(|tx| tx.stamp_changes(NOW));
                }
            });
        }
    });
    bench.write(|tx| tx.stamp_changes(NOW));
    let rows = bench.read(|tx| tx.list_changes(model::Position(0), 1_000));
    let positions: Vec<i64> = rows.iter().map(|row| row.position.0).collect();
    assert_eq!(positions, (1..=90).collect::<Vec<_>>());
}

#[test]
fn rows_that_a_write_locks_can_be_read_without() {
    let Some(bench) = Bench::postgres() else { return };
    let reading = bench.sync(SyncMode::Incremental);
    let page = bench.stage(reading.slice, None);
    bench.write(|tx| {
        tx.lock_governor("github", NOW)?;
        tx.put_governor("github", &serde_json::json!({ "left": 3 }), NOW)
    });
    let (has_locked, locked) = mpsc::channel();
    let (release, may_go) = mpsc::channel::<()>();
    let may_go = std::sync::Mutex::new(may_go);
    let store = bench.store.clone();
    let thread = std::thread::spawn(move || {
        store
            .write_blocking(move |tx| {
                tx.page(page)?;
                tx.lock_governor("github", NOW)?;
                has_locked.send(()).unwrap();
                may_go.lock().unwrap().recv().unwrap();
                Ok::<_, Error>(())
            })
            .unwrap();
    });
    locked.recv().unwrap();
    assert_eq!(bench.read(|tx| tx.page(page)).id, page);
    assert_eq!(bench.read(|tx| tx.find_governor("github")).unwrap()["left"], 3);
    release.send(()).unwrap();
    thread.join().unwrap();
}

#[test]
fn a_read_sees_one_state_from_its_first_statement_to_its_last() {
    let Some(bench) = Bench::postgres() else { return };
    bench.write(|tx| tx.put_setting("n", "before"));
    let other = bench.store.clone();
    let seen = bench.read(move |tx| {
        let first = tx.find_setting("n")?;
        let other = other.clone();
        std::thread::spawn(move || other.write_blocking(|tx| tx.put_setting("n", "after")))
            .join()
            .unwrap()?;
        Ok((first, tx.find_setting("n")?))
    });
    assert_eq!(seen, (Some("before".to_owned()), Some("before".to_owned())));
    assert_eq!(bench.read(|tx| tx.find_setting("n")), Some("after".to_owned()));
}

#[test]
fn transactions_that_lock_each_other_out_both_end_well() {
    let Some(bench) = Bench::postgres() else { return };
    bench.write(|tx| {
        tx.put_setting("a", "0")?;
        tx.put_setting("b", "0")
    });
    let barrier = std::sync::Barrier::new(2);
    let met = AtomicU32::new(0);
    let (barrier, met): (&'static _, &'static _) = (Box::leak(Box::new(barrier)), Box::leak(Box::new(met)));
    std::thread::scope(|scope| {
        for names in [["a", "b"], ["b", "a"]] {
            let bench = &bench;
            scope.spawn(move || {
                bench.write(move |tx| {
                    tx.put_setting(names[0], names[1])?;
                    // Both hold their first row before either asks for its second; only the first time.
                    if met.fetch_add(1, Ordering::SeqCst) < 2 {
                        barrier.wait();
                    }
                    tx.put_setting(names[1], names[0])
                });
            });
        }
    });
    // At least one of them ran again; under load the victim may be picked more than once.
    assert!(met.load(Ordering::SeqCst) >= 3);
}

#[test]
fn a_server_that_dropped_its_connections_is_reached_again() {
    let Some(bench) = Bench::postgres() else { return };
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| bench.write(|tx| tx.put_setting("n", "before")));
        }
    });
    let mut client = bench.client();
    client
        .execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
            &[],
        )
        .unwrap();
    bench.write(|tx| tx.put_setting("n", "after"));
    assert_eq!(bench.read(|tx| tx.find_setting("n")), Some("after".to_owned()));
}

#[test]
fn other_processes_are_woken() {
    let Some(bench) = Bench::postgres() else { return };
    let other = Store::open(&bench.config).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let mut tasks = other.signals().tasks();
    let mut changes = other.signals().changes();
    // The listener says once that it listens, and may have done so already.
    runtime.block_on(async {
        tasks.wait_for(|wakes| *wakes > 0).await.unwrap();
        changes.wait_for(|wakes| *wakes > 0).await.unwrap();
        tasks.mark_unchanged();
        changes.mark_unchanged();
    });
    let (source, stream) = bench.source();
    let place = Place {
        source,
        stream,
        number: Number(1),
    };
    bench.write(move |tx| {
        tx.land(place, &[present("a", "x")], &[], NOW)?;
        tx.enqueue(&super::tasks::task("a"), NOW)
    });
    runtime.block_on(async {
        tasks.changed().await.unwrap();
        changes.changed().await.unwrap();
    });
    other.close();
}

#[test]
fn two_processes_share_syncs_and_tasks() {
    let Some(bench) = Bench::postgres() else { return };
    let other = Store::open(&bench.config).unwrap();
    let reading = bench.sync(SyncMode::Full);
    let tasks = other
        .read_blocking(|tx| tx.list_tasks(&TaskFilter::default(), 10))
        .unwrap();
    assert_eq!(tasks.len(), 1);
    other
        .write_blocking(move |tx| tx.end_slice(reading.slice, at(1)))
        .unwrap();
    assert_eq!(bench.read(|tx| tx.sync(reading.sync)).state, model::SyncState::Sweeping);
    let (mine, theirs) = (
        bench.write(|tx| tx.next_number()),
        other.write_blocking(|tx| tx.next_number()).unwrap(),
    );
    assert!(theirs > mine);
    other.close();
}

#[test]
fn what_is_wrong_with_the_address_is_said() {
    let Some(bench) = Bench::postgres() else { return };
    let Database::Postgres { url } = &bench.config.database else {
        panic!("not PostgreSQL");
    };
    let (server, _) = url.rsplit_once('/').unwrap();
    let open = |url: &str| {
        Store::open(&Config {
            database: Database::Postgres { url: url.to_owned() },
            ..bench.config.clone()
        })
        .unwrap_err()
    };
    let missing = open(&format!("{server}/no_such_database"));
    assert!(
        matches!(&missing, Error::Setup(text) if text.contains("no_such_database")),
        "{missing}"
    );
    assert!(matches!(open("not a url at all"), Error::Setup(_)));
    let nobody = open("postgres://fossick@127.0.0.1:1/x?connect_timeout=2");
    assert!(
        matches!(&nobody, Error::Unavailable(text) if text.contains("refused")),
        "{nobody}"
    );
}

/// Ends the connection of this transaction from another one.
fn cut_off(bench_url: &str, tx: &mut Tx<'_>) {
    let Connection::Postgres { transaction, .. } = &mut tx.connection else {
        panic!("not PostgreSQL");
    };
    let pid: i32 = transaction.query_one("SELECT pg_backend_pid()", &[]).unwrap().get(0);
    ::postgres::Client::connect(bench_url, ::postgres::NoTls)
        .unwrap()
        .query_one("SELECT pg_terminate_backend($1, 5000)", &[&pid])
        .unwrap();
}

#[test]
fn a_connection_lost_before_the_commit_is_replaced_and_one_lost_in_it_is_unknown() {
    let Some(bench) = Bench::postgres() else { return };
    let Database::Postgres { url } = bench.config.database.clone() else {
        panic!("not PostgreSQL");
    };
    let runs = std::sync::Arc::new(AtomicU32::new(0));
    let counted = std::sync::Arc::clone(&runs);
    let cut_url = url.clone();
    bench.write(move |tx| {
        tx.put_setting("before", "")?;
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            cut_off(&cut_url, tx);
        }
        tx.put_setting("after", "")
    });
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!(bench.read(|tx| tx.find_setting("after")), Some(String::new()));
    let unknown = bench.try_write(move |tx| {
        tx.put_setting("lost", "")?;
        cut_off(&url, tx);
        Ok(())
    });
    assert!(matches!(unknown, Err(Error::Unknown(_))), "{unknown:?}");
    assert_eq!(bench.read(|tx| tx.find_setting("lost")), None);
}
