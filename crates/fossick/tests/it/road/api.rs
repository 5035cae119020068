//! The road from a paged API with child slices to a hit.

use model::{SyncMode, SyncState};
use serde_json::json;

use crate::provider::Provider;
use crate::support::TestRoad;

#[tokio::test(flavor = "multi_thread")]
async fn parents_and_their_children_are_found_and_what_is_gone_is_missed_twice_before_it_goes() {
    let provider = Provider::start(25, 12);
    let road = TestRoad::new().await;
    let source = road
        .add_source("http", json!({ "base_url": provider.url }), Some(Provider::manifest()))
        .await;
    let sync = road.sync(source, SyncMode::Full).await;
    assert_eq!((sync.state, sync.failures), (SyncState::Completed, 0), "{sync:?}");
    assert_eq!(road.documents(), provider.records() as u64);
    assert_eq!(sync.records_seen, provider.records() as u64, "{sync:?}");
    assert_eq!(road.titles("granite 24").await, ["board 24 of granite"]);
    // A listing by pages can miss what moves between them: one sync that misses it deletes nothing yet.
    provider.set(20, 12);
    let sync = road.sync(source, SyncMode::Full).await;
    assert_eq!(
        (sync.state, sync.records_deleted),
        (SyncState::Completed, 0),
        "{sync:?}"
    );
    let sync = road.sync(source, SyncMode::Full).await;
    assert_eq!(
        (sync.state, sync.records_deleted),
        (SyncState::Completed, 5 + 5 * 12),
        "{sync:?}"
    );
    assert_eq!(road.documents(), provider.records() as u64);
}
