//! Migrations, damage and copies.

use super::{Bench, NOW, both, insert_source, present};
use crate::migrate::{Migration, sqlite_by};
use crate::{Config, Database, Error, Place, Schema, Store};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

fn setup_error(config: &Config) -> String {
    match Store::open(config) {
        Err(Error::Setup(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_store_that_is_opened_again_keeps_what_it_holds() {
    let mut benches = vec![Bench::sqlite()];
    benches.extend(Bench::postgres());
    for mut bench in benches {
        bench.write(|tx| tx.put_setting("n", "kept"));
        bench.reopen();
        assert_eq!(bench.read(|tx| tx.find_setting("n")), Some("kept".to_owned()));
    }
}

#[test]
fn a_newer_schema_is_refused() {
    both(|bench| {
        bench.store.close();
        let newer = crate::migrate::VERSION + 1;
        if bench.is_postgres() {
            let mut client = bench.client();
            client
                .execute("INSERT INTO fossick_schema (version) VALUES ($1)", &[&newer])
                .unwrap();
        } else {
            let file = rusqlite::Connection::open(bench.folder.path().join(crate::SQLITE_FILE)).unwrap();
            file.execute_batch(&format!("PRAGMA user_version = {newer}")).unwrap();
        }
        let text = setup_error(&bench.config);
        assert!(text.contains("newer Fossick") && text.contains("restore"), "{text}");
    });
}

#[test]
fn an_older_schema_is_told_from_a_missing_and_the_present_one_and_stays_as_it_is() {
    both(|bench| {
        assert_eq!(Schema::of(&bench.config), Ok(Schema::Current));
        bench.store.close();
        let mut missing = bench.config.clone();
        if bench.is_postgres() {
            bench
                .client()
                .execute("UPDATE fossick_schema SET version = 0", &[])
                .unwrap();
        } else {
            let file = rusqlite::Connection::open(bench.folder.path().join(crate::SQLITE_FILE)).unwrap();
            file.execute_batch("PRAGMA user_version = 0").unwrap();
            missing.data_dir = bench.folder.path().join("nothing");
        }
        for _ in 0..2 {
            assert_eq!(Schema::of(&bench.config), Ok(Schema::Older(0)));
        }
        if bench.is_postgres() {
            let drop_all = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
            bench.client().batch_execute(drop_all).unwrap();
        }
        assert_eq!(Schema::of(&missing), Ok(Schema::Missing));
        assert!(!bench.folder.path().join("nothing").exists());
    });
}

#[test]
fn before_an_upgrade_a_copy_of_the_file_is_kept() {
    const NEXT: &[Migration] = &[
        (1, "was there", "not run again"),
        (2, "addition", "CREATE TABLE addition (\n    id BIGINT NOT NULL\n);"),
    ];
    let bench = Bench::sqlite();
    bench.write(|tx| tx.put_setting("n", "kept"));
    bench.store.close();
    let path = bench.folder.path().join(crate::SQLITE_FILE);
    let copy = bench.folder.path().join("fossick.before-2.db");
    std::fs::write(&copy, "half of a copy").unwrap();
    let mut file = rusqlite::Connection::open(&path).unwrap();
    sqlite_by(NEXT, &mut file, &path).unwrap();
    // Once: the next start finds nothing to do, and the copy stays as it is.
    file.execute_batch("DELETE FROM setting").unwrap();
    sqlite_by(NEXT, &mut file, &path).unwrap();
    for (file, version, settings, additions) in [(file, 2, 0, 1), (rusqlite::Connection::open(&copy).unwrap(), 1, 1, 0)]
    {
        let number = |sql: &str| file.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(number("PRAGMA user_version"), version);
        assert_eq!(number("SELECT count(*) FROM setting WHERE name = 'n'"), settings);
        assert_eq!(
            number("SELECT count(*) FROM sqlite_schema WHERE name = 'addition'"),
            additions
        );
    }
}

#[test]
fn processes_that_start_at_once_migrate_once() {
    let Some(bench) = Bench::postgres() else { return };
    bench
        .client()
        .batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        .unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let config = &bench.config;
            scope.spawn(move || Store::open(config).unwrap().close());
        }
    });
    let versions = bench.client().query("SELECT version FROM fossick_schema", &[]).unwrap();
    assert_eq!(versions.len(), 1);
}

#[test]
fn a_file_that_is_no_database_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(crate::SQLITE_FILE);
    std::fs::write(
        &path,
        b"not a database, but long enough to look like one of the files that SQLite reads",
    )
    .unwrap();
    let config = Config {
        data_dir: folder.path().to_owned(),
        database: Database::Sqlite,
    };
    let text = setup_error(&config);
    assert!(text.contains("damaged") && text.contains("restore"), "{text}");
    assert!(std::fs::read(&path).unwrap().starts_with(b"not a database"));
}

#[test]
fn damage_is_found() {
    let mut bench = Bench::sqlite();
    let place = bench.write(|tx| {
        let source = insert_source(tx, "a source")?;
        let stream = tx.put_streams(source, &[super::stream("items")])?[0].id;
        Ok(Place {
            source,
            stream,
            number: model::Number(1),
        })
    });
    let records: Vec<_> = (0..500)
        .map(|n| present(&format!("r{n}"), &"text ".repeat(50)))
        .collect();
    bench.write(move |tx| tx.land(place, &records, &[], NOW));
    assert_eq!(runtime().block_on(bench.store.integrity_problems()).unwrap(), [""; 0]);
    bench.store.close();
    let path = bench.folder.path().join(crate::SQLITE_FILE);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0x55);
    std::fs::write(&path, bytes).unwrap();
    bench.store = Store::open(&bench.config).unwrap();
    let found = runtime().block_on(bench.store.integrity_problems());
    assert!(found.is_err() || found.is_ok_and(|problems| !problems.is_empty()));
}

#[test]
fn a_row_that_refers_to_nothing_is_found() {
    let bench = Bench::sqlite();
    let file = rusqlite::Connection::open(bench.folder.path().join(crate::SQLITE_FILE)).unwrap();
    file.execute_batch(
        "PRAGMA foreign_keys = OFF; INSERT INTO stream (source_id, name, exact_listing) VALUES (99, 'x', 0)",
    )
    .unwrap();
    let problems = runtime().block_on(bench.store.integrity_problems()).unwrap();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].contains("`stream`"), "{problems:?}");
}

#[test]
fn a_copy_of_a_live_database_is_a_whole_database() {
    let bench = Bench::sqlite();
    bench.write(|tx| tx.put_setting("n", "copied"));
    let other = tempfile::tempdir().unwrap();
    let to = other.path().join(crate::SQLITE_FILE);
    runtime().block_on(bench.store.copy_database(to.clone())).unwrap();
    bench.write(|tx| tx.put_setting("n", "later"));
    let again = runtime().block_on(bench.store.copy_database(to.clone()));
    assert!(matches!(again, Err(Error::Setup(text)) if text.contains(&to.display().to_string())));
    let copy = Store::open(&Config {
        data_dir: other.path().to_owned(),
        database: Database::Sqlite,
    })
    .unwrap();
    let found = copy.read_blocking(|tx| tx.find_setting("n")).unwrap();
    assert_eq!(found, Some("copied".to_owned()));
    assert_eq!(runtime().block_on(copy.integrity_problems()).unwrap(), [""; 0]);
    copy.close();
}

#[test]
fn postgresql_is_copied_by_its_own_tool() {
    let Some(bench) = Bench::postgres() else { return };
    let to = bench.folder.path().join("copy.db");
    let refused = runtime().block_on(bench.store.copy_database(to));
    assert!(matches!(refused, Err(Error::Setup(text)) if text.contains("pg_dump")));
    assert!(runtime().block_on(bench.store.integrity_problems()).unwrap().is_empty());
}
