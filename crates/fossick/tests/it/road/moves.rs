//! A file that moved is the record that it was, and is not read again.

use model::{SyncMode, SyncState};

use crate::support::TestRoad;

#[tokio::test(flavor = "multi_thread")]
async fn files_that_moved_keep_their_records_and_are_not_read_again() {
    let road = TestRoad::new().await;
    for at in 0..8 {
        road.write_file(&format!("harbour/{at}.txt"), format!("pebble number {at}"));
    }
    road.write_file("a.txt", "a feather");
    road.write_file("picture.png", b"\x89PNG\r\n\x1a\n\0\0");
    let source = road.add_folder().await;
    road.sync(source, SyncMode::Full).await;
    let pebbles = road.records("pebble").await;
    let (feather, picture) = (road.records("feather").await["a.txt"], road.records("picture").await);
    let road = road.without_reader();
    let rename = |from: &str, to: &str| std::fs::rename(road.files().join(from), road.files().join(to)).unwrap();
    rename("harbour", "beach");
    rename("a.txt", "renamed.txt");
    rename("picture.png", "beach/picture.png");
    std::fs::copy(road.files().join("renamed.txt"), road.files().join("copy.txt")).unwrap();
    // Nine of ten paths are empty now, and still nothing is missing.
    let sync = road.sync(source, SyncMode::Full).await;
    assert_eq!(
        (sync.state, sync.records_changed, sync.records_deleted, sync.failures),
        (SyncState::Completed, 11, 0, 0),
        "{sync:?}"
    );
    assert_eq!(road.records("pebble").await, pebbles);
    assert_eq!(road.records("picture").await, picture);
    let feathers = road.records("feather").await;
    assert_eq!(feathers.len(), 2);
    assert!(feathers.values().any(|record| *record == feather), "{feathers:?}");
    assert_eq!(road.titles("harbour").await, [""; 0]);
    assert_eq!(road.documents(), 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_moves_while_its_folder_is_watched_keeps_its_record() {
    let road = TestRoad::new().await;
    let _watched = road.watch();
    road.write_file("a.txt", "a pebble");
    road.write_file("b.txt", "a shell");
    let source = road.add_folder().await;
    road.sync(source, SyncMode::Full).await;
    let pebble = road.records("pebble").await["a.txt"];
    // The watch stands once something was found by it.
    road.write_file("c.txt", "a feather");
    road.run_until_found("feather").await;
    std::fs::create_dir(road.files().join("beach")).unwrap();
    std::fs::rename(road.files().join("a.txt"), road.files().join("beach/stone.txt")).unwrap();
    road.run_until_found("stone").await;
    assert_eq!(road.records("pebble").await["stone.txt"], pebble);
    assert_eq!(road.records("pebble").await.len(), 1);
}
