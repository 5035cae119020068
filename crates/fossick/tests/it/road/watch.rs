//! Changes of a folder are found without a schedule, whether or not somebody watched when they came.

use model::SyncMode;
use serde_json::json;

use crate::support::TestRoad;

#[tokio::test(flavor = "multi_thread")]
async fn a_change_made_before_the_watch_stands_is_found() {
    let road = TestRoad::new().await;
    let _watched = road.watch();
    road.write_file("a.txt", "first pebble");
    let source = road.add_folder().await;
    let now = road.clock.now();
    let sync = road.store.write(move |tx| tx.start_sync(source, SyncMode::Full, now));
    sync.await.unwrap();
    // The folder is listed, and what comes now is told to nobody.
    road.run_queues(&["housekeeping", "fetch"]).await;
    road.write_file("b.txt", "second pebble");
    road.run_until_found("second").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_made_while_a_source_is_paused_is_found_after_it_is_resumed() {
    let road = TestRoad::new().await;
    let _watched = road.watch();
    road.write_file("a.txt", "first pebble");
    let source = road.add_folder().await;
    road.sync(source, SyncMode::Full).await;
    road.write_file("b.txt", "second pebble");
    road.run_until_found("second").await;
    let pause = |is_paused: bool| road.store.write(move |tx| tx.pause_source(source, is_paused));
    pause(true).await.unwrap();
    road.write_file("c.txt", "third pebble");
    // Sources are looked through again before another one is watched: from here on, nobody watches the first.
    let other = road.dir.path().join("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("d.txt"), "a shell").unwrap();
    let another = road.add_source("folder", json!({ "path": other }), None).await;
    road.sync(another, SyncMode::Full).await;
    std::fs::write(other.join("e.txt"), "a feather").unwrap();
    road.run_until_found("feather").await;
    assert!(road.titles("third").await.is_empty());
    pause(false).await.unwrap();
    road.run_until_found("third").await;
}
