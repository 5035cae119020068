//! A subfolder that can't be looked into: what is below it stays, and nothing else does.

use std::os::unix::fs::symlink;
use std::sync::Arc;

use connector::native::folder::{Folder, FolderConfig, FolderGuard};
use model::{PageId, SourceId, SyncMode, SyncState, SystemClock};
use serde_json::Value;
use store::SyncRow;

use crate::support::TestRoad;

/// A synced folder with `open` files that can always be read, and `closed` ones in `sub`.
async fn scene(open: u32, closed: u32) -> (TestRoad, SourceId) {
    let road = TestRoad::new().await;
    for at in 0..open {
        road.write_file(&format!("open {at}.txt"), "pebble");
    }
    for at in 0..closed {
        road.write_file(&format!("sub/closed {at}.txt"), "pebble");
    }
    // Their keys begin like those in `sub`, and are others.
    road.write_file("sub 2/x.txt", "pebble");
    road.write_file("subject.txt", "pebble");
    let source = road.add_folder().await;
    let sync = road.sync(source, SyncMode::Full).await;
    assert_eq!(sync.state, SyncState::Completed);
    (road, source)
}

/// Keeps everybody out of `sub`, root too: what its `.gitignore` leaves out can't be known.
fn lock(road: &TestRoad) {
    symlink("/dev/zero", road.files().join("sub/.gitignore")).unwrap();
}

fn unlock(road: &TestRoad) {
    remove(road, "sub/.gitignore");
}

fn remove(road: &TestRoad, name: &str) {
    std::fs::remove_file(road.files().join(name)).unwrap();
}

/// The titles of what is found, sorted.
async fn found(road: &TestRoad, query: &str) -> Vec<String> {
    let mut titles = road.titles(query).await;
    titles.sort();
    titles
}

/// What the source says that somebody has to do.
async fn attention(road: &TestRoad, source: SourceId) -> Option<Value> {
    let source = road.store.read(move |tx| tx.source(source)).await.unwrap();
    source.attention.map(|attention| attention["what"].clone())
}

async fn failures(road: &TestRoad, source: SourceId) -> u64 {
    road.store.read(move |tx| tx.count_failures(source)).await.unwrap()
}

async fn cursors(road: &TestRoad, source: SourceId) -> Vec<Value> {
    let cursors = road.store.read(move |tx| tx.list_cursors(source)).await.unwrap();
    cursors.into_iter().map(|cursor| cursor.value).collect()
}

/// What a sync says that read everything but `sub`, and swept.
fn assert_partial(sync: &SyncRow, deleted: u64) {
    assert_eq!(
        (sync.state, sync.records_deleted, sync.unsweepable),
        (SyncState::Failed, deleted, 0),
        "{sync:?}"
    );
    let message = sync.message.as_deref().unwrap();
    assert!(
        message.contains("`sub` (") && message.contains("what is below was kept"),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_below_an_unreadable_subfolder_stays_and_everything_else_is_swept() {
    let (road, source) = scene(4, 3).await;
    let before = cursors(&road, source).await;
    lock(&road);
    for name in ["open 0.txt", "sub 2/x.txt", "subject.txt"] {
        remove(&road, name);
    }
    let sync = road.sync(source, SyncMode::Full).await;
    assert_partial(&sync, 3);
    assert_eq!(
        found(&road, "pebble").await,
        [
            "closed 0.txt",
            "closed 1.txt",
            "closed 2.txt",
            "open 1.txt",
            "open 2.txt",
            "open 3.txt"
        ]
    );
    assert_eq!(attention(&road, source).await, sync.message.clone().map(Value::String));
    assert_eq!(failures(&road, source).await, 1);
    // It stays so, and the rest goes on being swept.
    remove(&road, "open 1.txt");
    assert_partial(&road.sync(source, SyncMode::Full).await, 1);
    assert_eq!((failures(&road, source).await, road.documents()), (1, 5));
    assert_eq!(cursors(&road, source).await, before, "`sub` passed for read");
    // Replayed pages say of `sub` what they said: nothing.
    road.store
        .write(move |tx| tx.replay_pages(source, PageId(0), false, 100, model::Timestamp(1)))
        .await
        .unwrap();
    road.run_until_idle().await;
    assert_eq!(road.documents(), 5);
    remove(&road, "sub/closed 0.txt");
    assert_partial(&road.sync(source, SyncMode::Full).await, 0);
    unlock(&road);
    road.write_file("sub/closed 1.txt", "a changed boulder");
    let sync = road.sync(source, SyncMode::Incremental).await;
    assert_eq!(
        (sync.state, sync.mode),
        (SyncState::Completed, SyncMode::Incremental),
        "{sync:?}"
    );
    assert_eq!(found(&road, "boulder").await, ["closed 1.txt"]);
    assert_eq!(
        (failures(&road, source).await, attention(&road, source).await),
        (0, None)
    );
    assert_ne!(cursors(&road, source).await, before);
    let sync = road.sync(source, SyncMode::Full).await;
    assert_eq!(
        (sync.state, sync.records_deleted),
        (SyncState::Completed, 1),
        "{sync:?}"
    );
    assert_eq!(
        found(&road, "pebble").await,
        ["closed 2.txt", "open 2.txt", "open 3.txt"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_that_lacks_most_of_what_it_could_read_asks_first() {
    let (road, source) = scene(6, 20).await;
    lock(&road);
    for at in 0..6 {
        remove(&road, &format!("open {at}.txt"));
    }
    let sync = road.sync(source, SyncMode::Full).await;
    assert_eq!(sync.state, SyncState::NeedsConfirmation, "{sync:?}");
    assert!(sync.message.unwrap().starts_with("6 of 8 records"));
    assert_eq!(road.documents(), 28);
    road.store
        .write(move |tx| tx.confirm_sweep(sync.id, model::Timestamp(1)))
        .await
        .unwrap();
    road.run_until_idle().await;
    assert_eq!(road.sync_row(sync.id).await.records_deleted, 6);
    assert_eq!(road.documents(), 22);
}

/// Reads just these keys, as after a notification.
async fn read_changed(road: &TestRoad, source: SourceId, keys: &[&str]) -> SyncRow {
    let config = FolderConfig::of(road.files());
    let folder = Folder::new(config, FolderGuard::default(), Arc::new(SystemClock)).unwrap();
    let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
    let specs = folder.changed_slices(&keys);
    let stream = road.store.read(move |tx| tx.list_streams(source)).await.unwrap()[0].id;
    let slices: Vec<_> = specs.into_iter().map(|spec| (stream, spec)).collect();
    let now = model::Timestamp(1);
    let begin = road.store.write(move |tx| {
        let sync = tx.insert_sync(source, SyncMode::Incremental, now)?;
        tx.insert_slices(sync, source, &slices, now)?;
        tx.close_sync_slice(sync, false, now)?;
        Ok::<_, store::Error>(sync)
    });
    let sync = begin.await.unwrap();
    road.run_until_idle().await;
    road.sync_row(sync).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_below_an_unreadable_subfolder_keeps_no_later_sync_from_sweeping() {
    let (road, source) = scene(4, 1).await;
    lock(&road);
    remove(&road, "open 0.txt");
    let sync = read_changed(&road, source, &["sub/closed 0.txt", "open 1.txt"]).await;
    assert_partial(&sync, 0);
    assert_partial(&road.sync(source, SyncMode::Full).await, 1);
    // A change elsewhere that is read well does not mean that nobody is needed any more.
    let sync = read_changed(&road, source, &["open 1.txt"]).await;
    assert_eq!(sync.state, SyncState::Completed, "{sync:?}");
    assert!(attention(&road, source).await.is_some());
}
