//! The road from a folder to a hit, in one process.

mod api;
mod moves;
mod past;
mod reindex;
mod spared;
mod watch;

use index::SearchRequest;
use model::{SyncMode, SyncState};
use serde_json::json;

use crate::support::TestRoad;

#[tokio::test(flavor = "multi_thread")]
async fn what_a_folder_holds_is_found_after_a_sync() {
    let road = TestRoad::new().await;
    road.write_file(
        "notes/harvest.md",
        "# Harvest plan\n\nThe walnut orchard is picked in October.\n",
    );
    road.write_file("invoice.txt", "Invoice for twelve crates of apples");
    let source = road.add_folder().await;
    let sync = road.sync(source, SyncMode::Full).await;
    assert_eq!(
        (sync.state, sync.records_seen, sync.failures),
        (SyncState::Completed, 2, 0),
        "{sync:?}"
    );
    assert_eq!(road.titles("walnut").await.len(), 1);
    assert_eq!(road.titles("aples inv").await.len(), 1);
    assert_eq!(road.titles("").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_file_is_gone_after_the_next_full_sync_and_an_unchanged_one_stays() {
    let road = TestRoad::new().await;
    for name in ["a.txt", "b.txt", "c.txt"] {
        road.write_file(name, format!("the file {name}"));
    }
    let source = road.add_folder().await;
    road.sync(source, SyncMode::Full).await;
    std::fs::remove_file(road.files().join("b.txt")).unwrap();
    road.write_file("c.txt", "changed contents");
    let sync = road.sync(source, SyncMode::Full).await;
    assert_eq!((sync.records_changed, sync.records_deleted), (1, 1), "{sync:?}");
    assert_eq!(sync.seen_before, Some(3), "as many as are to be expected");
    assert_eq!(road.titles("file").await, ["a.txt"]);
    assert_eq!(road.titles("changed").await, ["c.txt"]);
    assert_eq!(road.documents(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_that_suddenly_lacks_most_of_a_folder_deletes_nothing_unasked() {
    let road = TestRoad::new().await;
    for at in 0..12 {
        road.write_file(&format!("{at}.txt"), format!("pebble number {at}"));
    }
    let source = road.add_folder().await;
    road.sync(source, SyncMode::Full).await;
    for at in 0..10 {
        std::fs::remove_file(road.files().join(format!("{at}.txt"))).unwrap();
    }
    let sync = road.sync(source, SyncMode::Full).await;
    assert_eq!(sync.state, SyncState::NeedsConfirmation);
    assert!(
        sync.message.as_ref().is_some_and(|text| text.contains("10 of 12")),
        "{sync:?}"
    );
    assert_eq!(road.titles("pebble").await.len(), 12);
    let now = sync.started_at;
    road.store
        .write(move |tx| tx.confirm_sweep(sync.id, now))
        .await
        .unwrap();
    road.run_until_idle().await;
    assert_eq!(road.sync_row(sync.id).await.state, SyncState::Completed);
    assert_eq!(road.titles("pebble").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_overtakes_a_large_change_in_the_log_is_there_once() {
    let road = TestRoad::new().await;
    road.write_file("0.txt", "the first pebble");
    let source = road.add_folder().await;
    // An index that is there follows the log.
    road.sync(source, SyncMode::Full).await;
    for at in 1..1_200 {
        road.write_file(&format!("{at}.txt"), format!("pebble number {at}"));
    }
    let other = road.dir.path().join("other");
    std::fs::create_dir(&other).unwrap();
    for at in 0..5 {
        std::fs::write(other.join(format!("{at}.txt")), "a feather").unwrap();
    }
    let small = road.add_source("folder", json!({ "path": other }), None).await;
    let now = road.clock.now();
    for source in [source, small] {
        let start = road.store.write(move |tx| tx.start_sync(source, SyncMode::Full, now));
        start.await.unwrap();
        road.run_queues(&["housekeeping", "fetch", "parse"]).await;
    }
    assert_eq!(road.documents(), 1);
    // The first commit has some of the many, and all of the few that come after them in the log.
    let (index, asker) = (
        road.index.clone(),
        road.store.read(|tx| tx.asker_for_everyone()).await.unwrap(),
    );
    let look = tokio::task::spawn_blocking(move || {
        while index.stats().unwrap().documents == 1 {
            std::thread::yield_now();
        }
        index.search(&SearchRequest::new("feather"), &asker).unwrap().hits.len()
    });
    road.run_until_idle().await;
    assert_eq!(look.await.unwrap(), 5);
    assert_eq!(road.documents(), 1_205);
    assert_eq!(road.titles("feather").await.len(), 5);
    // What follows the log knows where it stands.
    std::fs::write(other.join("0.txt"), "a shell").unwrap();
    road.sync(small, SyncMode::Full).await;
    assert_eq!((road.titles("feather").await.len(), road.documents()), (4, 1_205));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_of_staged_pages_changes_nothing() {
    let road = TestRoad::new().await;
    for at in 0..5 {
        road.write_file(&format!("{at}.txt"), format!("pebble number {at}"));
    }
    let source = road.add_folder().await;
    road.sync(source, SyncMode::Full).await;
    let before = road.store.read(|tx| tx.last_change()).await.unwrap();
    let now = model::Timestamp(1);
    road.store
        .write(move |tx| tx.replay_pages(source, model::PageId(0), false, 100, now))
        .await
        .unwrap();
    road.run_until_idle().await;
    assert_eq!(road.store.read(|tx| tx.last_change()).await.unwrap(), before);
    assert_eq!(road.titles("pebble").await.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_follows_another_history_is_built_anew() {
    let road = TestRoad::new().await;
    road.write_file("a.txt", "first pebble");
    let source = road.add_folder().await;
    road.sync(source, SyncMode::Full).await;
    let copy = road.dir.path().join("copy.db");
    road.store.copy_database(copy.clone()).await.unwrap();
    road.write_file("b.txt", "second pebble");
    road.sync(source, SyncMode::Full).await;
    assert_eq!(road.titles("pebble").await.len(), 2);
    // The backup comes back beside the newer index.
    let dir = road.close();
    let database = dir.path().join("data").join(store::SQLITE_FILE);
    for ending in ["-wal", "-shm"] {
        drop(std::fs::remove_file(format!("{}{ending}", database.display())));
    }
    std::fs::copy(&copy, &database).unwrap();
    let road = TestRoad::at(dir).await;
    road.run_until_idle().await;
    assert_eq!(road.titles("pebble").await, ["a.txt"]);
    // Histories that grow to the same length again are still told apart.
    road.write_file("c.txt", "third pebble");
    road.sync(source, SyncMode::Full).await;
    assert_eq!(road.documents(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_can_not_be_parsed_suppresses_the_sweep_and_a_later_replay_heals_it() {
    let road = TestRoad::new().await;
    for at in 0..8 {
        road.write_file(&format!("{at}.txt"), format!("pebble number {at}"));
    }
    let source = road.add_folder().await;
    road.sync(source, SyncMode::Full).await;
    std::fs::remove_file(road.files().join("0.txt")).unwrap();
    let (sync, _) = road
        .store
        .write(move |tx| tx.start_sync(source, SyncMode::Full, model::Timestamp(1)))
        .await
        .unwrap();
    road.run_queues(&["housekeeping", "fetch"]).await;
    // The staged page is damaged before it is parsed.
    let staging = road.dir.path().join("data/staging").join(source.to_string());
    let newest = std::fs::read_dir(&staging)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .max()
        .unwrap();
    let kept = std::fs::read(&newest).unwrap();
    std::fs::write(&newest, [0_u8, b'?']).unwrap();
    road.run_until_idle().await;
    let row = road.sync_row(sync).await;
    assert_eq!(
        (row.state, row.records_deleted, row.unsweepable),
        (SyncState::Completed, 0, 1),
        "{row:?}"
    );
    assert_eq!(
        road.titles("pebble").await.len(),
        8,
        "nothing is concluded from a listing with a hole"
    );
    let groups = road.store.read(move |tx| tx.list_failure_groups(source)).await.unwrap();
    assert_eq!((groups.len(), groups[0].stage.as_str()), (1, "parse"), "{groups:?}");
    std::fs::write(&newest, kept).unwrap();
    let now = model::Timestamp(1);
    road.store
        .write(move |tx| tx.replay_pages(source, model::PageId(0), true, 10, now))
        .await
        .unwrap();
    road.run_until_idle().await;
    assert_eq!(road.store.read(move |tx| tx.count_failures(source)).await.unwrap(), 0);
    let sync = road.sync(source, SyncMode::Full).await;
    assert_eq!(sync.records_deleted, 1, "{sync:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_source_is_gone_at_once_and_purged_afterwards() {
    let road = TestRoad::new().await;
    road.write_file("a.txt", "one pebble");
    let source = road.add_folder().await;
    road.sync(source, SyncMode::Full).await;
    let now = model::Timestamp(1);
    road.store
        .write(move |tx| {
            tx.delete_source(source, now)?;
            tx.enqueue_purge(source, now)
        })
        .await
        .unwrap();
    assert!(road.titles("pebble").await.is_empty(), "before anything was purged");
    assert_eq!(road.documents(), 1);
    road.run_until_idle().await;
    assert_eq!(road.documents(), 0);
    assert!(!road.dir.path().join("data/staging").join(source.to_string()).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_changed_configuration_leaves_out_is_gone_after_its_sync() {
    let road = TestRoad::new().await;
    road.write_file("public/a.txt", "one pebble");
    road.write_file("private/b.txt", "another pebble");
    let source = road.add_folder().await;
    road.sync(source, SyncMode::Full).await;
    assert_eq!(road.titles("pebble").await.len(), 2);
    let now = road.clock.now();
    road.store
        .write(move |tx| {
            let mut row = tx.source(source)?;
            row.config["exclude"] = serde_json::json!(["private/**"]);
            tx.update_source(&row)?;
            tx.start_sync_anew(source, now)
        })
        .await
        .unwrap();
    road.run_until_idle().await;
    assert_eq!(road.titles("pebble").await, ["a.txt"]);
}
