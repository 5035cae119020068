//! Staging, the data folder and its lock.

use std::os::unix::fs::PermissionsExt;

use model::{Number, SourceId, SyncMode, Timestamp};

use super::{Bench, NOW, at, both};
use crate::{Error, FolderLock};

#[test]
fn a_staged_page_comes_back_whole_however_large() {
    let bench = Bench::sqlite();
    let staging = bench.store.staging();
    for (number, body) in [
        Vec::new(),
        b"small".to_vec(),
        b"large ".repeat(100_000),
        vec![0xff; 700],
    ]
    .into_iter()
    .enumerate()
    {
        let number = Number(i64::try_from(number).unwrap());
        let name = staging.put(SourceId(7), number, &body).unwrap();
        assert_eq!(staging.get(&name).unwrap(), body);
        // A crash between file and row repeats the page.
        assert_eq!(staging.put(SourceId(7), number, &body).unwrap(), name);
    }
    let folder = bench.folder.path().join("staging/7");
    let names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(names.len(), 4);
    for path in names {
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_removed_page_is_missing_and_removing_it_again_is_no_error() {
    let bench = Bench::sqlite();
    let staging = bench.store.staging();
    let name = staging.put(SourceId(7), Number(1), b"x").unwrap();
    staging.remove(&name).unwrap();
    staging.remove(&name).unwrap();
    assert!(matches!(staging.get(&name), Err(Error::NotFound { .. })));
    let name = staging.put(SourceId(7), Number(2), b"x").unwrap();
    staging.remove_source(SourceId(7)).unwrap();
    staging.remove_source(SourceId(7)).unwrap();
    assert!(matches!(staging.get(&name), Err(Error::NotFound { .. })));
}

#[test]
fn a_file_without_a_row_goes_once_it_is_too_old_to_be_on_its_way() {
    both(|bench| {
        let reading = bench.sync(SyncMode::Full);
        let staging = bench.store.staging();
        let put = |number| staging.put(reading.source, number, b"x").unwrap();
        let numbers: Vec<Number> = (0..4).map(|_| bench.write(|tx| tx.next_number())).collect();
        let [known, orphan, damaged, young] = numbers[..] else {
            panic!()
        };
        let (known_name, orphan_name) = (put(known), put(orphan));
        bench.write(move |tx| {
            let row = tx.slice(reading.slice)?;
            let mut new = super::page(row, known, None);
            new.blob = format!("{}/{:012}", reading.source, known.0);
            tx.stage_page(&new, NOW)
        });
        let folder = bench.folder.path().join("staging").join(reading.source.to_string());
        let partial = folder.join(format!("{:012}.partial", damaged.0));
        std::fs::write(&partial, b"half").unwrap();
        let remove = |before| {
            let known = |names: &[String]| bench.store.read_blocking(|tx| tx.known_pages(names));
            staging.remove_orphans(before, known).unwrap()
        };
        assert_eq!(remove(at(0)), 0, "all were written after that");
        let now = std::time::Duration::from_millis(model::Clock::now(&model::SystemClock).0.unsigned_abs());
        let old = std::time::UNIX_EPOCH + now - std::time::Duration::from_hours(2);
        for name in [&known_name, &orphan_name] {
            let file = std::fs::File::options()
                .write(true)
                .open(bench.folder.path().join("staging").join(name));
            file.unwrap().set_modified(old).unwrap();
        }
        std::fs::File::options()
            .write(true)
            .open(&partial)
            .unwrap()
            .set_modified(old)
            .unwrap();
        let young_name = put(young);
        let hour_ago = Timestamp(i64::try_from(now.as_millis()).unwrap() - 3_600_000);
        assert_eq!(remove(hour_ago), 2, "the orphan and the half-written one");
        assert_eq!(remove(hour_ago), 0);
        assert_eq!(staging.get(&known_name).unwrap(), b"x");
        assert_eq!(
            staging.get(&young_name).unwrap(),
            b"x",
            "perhaps its row is being committed"
        );
        assert!(matches!(staging.get(&orphan_name), Err(Error::NotFound { .. })));
        assert!(!partial.exists());
    });
}

#[test]
fn a_damaged_page_is_an_error_and_no_panic() {
    let bench = Bench::sqlite();
    let staging = bench.store.staging();
    let name = staging.put(SourceId(7), Number(1), &b"x".repeat(10_000)).unwrap();
    let path = bench.folder.path().join("staging").join(&name);
    let whole = std::fs::read(&path).unwrap();
    let mut huge = whole.clone();
    huge[1..9].copy_from_slice(&u64::MAX.to_le_bytes());
    let mut unknown = whole.clone();
    unknown[0] = 9;
    for damaged in [
        Vec::new(),
        whole[..5].to_vec(),
        whole[..whole.len() - 3].to_vec(),
        huge,
        unknown,
    ] {
        std::fs::write(&path, &damaged).unwrap();
        assert!(
            matches!(staging.get(&name), Err(Error::Bug(_))),
            "{} bytes",
            damaged.len()
        );
    }
}

#[test]
fn nobody_else_may_read_the_data_folder() {
    let outer = tempfile::tempdir().unwrap();
    let data_dir = outer.path().join("new/data");
    let config = crate::Config {
        data_dir: data_dir.clone(),
        database: crate::Database::Sqlite,
    };
    let store = crate::Store::open(&config).unwrap();
    let mode = |name: &str| std::fs::metadata(data_dir.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        [mode(""), mode("staging"), mode("key"), mode(crate::SQLITE_FILE)],
        [0o700, 0o700, 0o600, 0o600]
    );
    store.close();
}

#[test]
fn one_at_a_time_owns_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(FolderLock::holder(folder.path()), None);
    let lock = FolderLock::try_take(folder.path()).unwrap();
    assert!(lock.is_some());
    assert!(FolderLock::try_take(folder.path()).unwrap().is_none());
    assert_eq!(FolderLock::holder(folder.path()), Some(std::process::id()));
    drop(lock);
    assert!(FolderLock::try_take(folder.path()).unwrap().is_some());
}

#[test]
fn a_folder_that_can_not_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let config = crate::Config {
        data_dir: file.join("data"),
        database: crate::Database::Sqlite,
    };
    let Err(Error::Setup(text)) = crate::Store::open(&config) else {
        panic!("opened");
    };
    assert!(text.contains(&file.display().to_string()), "{text}");
}
