//! What was read before: replayed, it changes nothing that came later; when it is old enough, it goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use model::{PageId, SourceId, SyncMode, SyncState, TaskState, Timestamp};
use serde_json::json;
use store::{NewTask, TaskFilter};
use testkit::ManualClock;

use crate::place::files_below;
use crate::provider::Provider;
use crate::server::{Reply, Server};
use crate::support::TestRoad;

/// A provider of boards that was synced, has changed a name, lost a board, and was synced until that was seen.
async fn changed_boards() -> (TestRoad, SourceId, Server) {
    let has_changed = Arc::new(AtomicBool::new(false));
    let theirs = Arc::clone(&has_changed);
    let server = Server::start(move |asked| {
        let later = theirs.load(Ordering::SeqCst);
        let name = |at: usize| match (at, later) {
            (0, true) => "board of slate".to_owned(),
            _ => format!("board {at} of granite"),
        };
        let boards: Vec<_> = match asked.path()[..] {
            ["boards"] if asked.page() == 1 => (0..if later { 3 } else { 4 })
                .map(|at| json!({ "id": at, "name": name(at) }))
                .collect(),
            _ => Vec::new(),
        };
        Reply::items(&boards).header("content-type", &"application/json")
    });
    let road = TestRoad::new().await;
    let config = json!({ "base_url": server.url });
    let source = road.add_source("http", config, Some(Provider::manifest())).await;
    road.sync(source, SyncMode::Full).await;
    assert_eq!(road.titles("granite").await.len(), 4);
    has_changed.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        let sync = road.sync(source, SyncMode::Full).await;
        assert_eq!((sync.state, sync.failures), (SyncState::Completed, 0), "{sync:?}");
    }
    assert_present(&road).await;
    (road, source, server)
}

async fn assert_present(road: &TestRoad) {
    assert_eq!(road.titles("slate").await, ["board of slate"]);
    let mut titles = road.titles("granite").await;
    titles.sort();
    assert_eq!(titles, ["board 1 of granite", "board 2 of granite"]);
}

/// Parses every page again, from the first to the last.
async fn replay(road: &TestRoad, source: SourceId) {
    let before = road.store.read(|tx| tx.last_change()).await.unwrap();
    let replayed = road
        .store
        .write(move |tx| tx.replay_pages(source, PageId(0), false, 1_000, Timestamp(1)));
    assert!(replayed.await.unwrap().is_some(), "there are pages");
    road.run_until_idle().await;
    assert_eq!(road.store.read(|tx| tx.last_change()).await.unwrap(), before);
    assert_present(road).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_of_old_pages_brings_back_nothing_that_has_changed_or_gone_since() {
    let (road, source, _server) = changed_boards().await;
    replay(&road, source).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pruning_removes_what_is_old_and_keeps_the_pages_of_what_is_there() {
    let (mut road, source, _server) = changed_boards().await;
    let staging = road.dir.path().join("data/staging");
    let stray = staging.join(source.to_string()).join("stray");
    std::fs::write(&stray, "of a process that died").unwrap();
    let pages = async |road: &TestRoad| {
        let pages = road.store.read(move |tx| tx.list_pages_of_source(source, 1_000));
        pages.await.unwrap().len()
    };
    let pages_before = pages(&road).await;
    let first = road
        .store
        .read(move |tx| tx.list_syncs(source, None, 10))
        .await
        .unwrap();
    let first = first.last().unwrap().id;

    let later = road.clock.now().plus_ms(100 * 86_400_000);
    road.clock = Arc::new(ManualClock::at(later));
    let prune = road
        .store
        .write(move |tx| tx.enqueue(&NewTask::new("prune", &json!({}), "housekeeping", later), later));
    let id = prune.await.unwrap();
    road.run_until_idle().await;
    let filter = TaskFilter::default();
    let left = road.store.read(move |tx| tx.list_tasks(&filter, 100)).await.unwrap();
    assert_eq!(
        left.iter().map(|task| (task.id, task.state)).collect::<Vec<_>>(),
        [(id, TaskState::Completed)]
    );
    let kept = pages(&road).await;
    assert!((1..pages_before).contains(&kept), "{kept} of {pages_before}");
    assert_eq!(
        files_below(&staging).len(),
        kept,
        "the stray file is gone, and no file that has a row"
    );
    let gone = road.store.read(move |tx| tx.sync(first)).await;
    assert!(matches!(gone, Err(store::Error::NotFound { .. })), "{gone:?}");
    replay(&road, source).await;
}
