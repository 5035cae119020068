//! Tables of sources and syncs.

use serde_json::json;

use super::*;

#[test]
fn sources_are_listed_with_what_matters() {
    let now = Timestamp(1_800_000_000_000);
    let sources = [
        json!({"id": 1, "name": "Team files", "connector": "folder", "visibility": {"to": "everyone"}, "state": "synced",
            "records": 12_345, "failures": 0, "last_synced_at": now.plus_ms(-180_000).0}),
        json!({"id": 12, "name": "Tracker\u{1b}[2J", "connector": "http", "visibility": {"to": "groups", "groups": [1, 2]},
            "state": "needs_attention", "records": 7, "failures": 3, "last_synced_at": null}),
    ];
    insta::assert_snapshot!(table(&sources, now).render(false));
}

#[test]
fn syncs_are_listed_with_their_outcome() {
    let now = Timestamp(1_800_000_000_000);
    let syncs = [
        json!({"id": 9, "mode": "full", "state": "needs_confirmation", "started_at": now.plus_ms(-60_000).0, "records_seen": 20,
            "records_changed": 1, "records_deleted": 0, "failures": 0, "message": "10 of 12 records of `files` are gone"}),
        json!({"id": 8, "mode": "incremental", "state": "completed", "started_at": now.plus_ms(-3_600_000).0,
            "records_seen": 2_000, "records_changed": 2_000, "records_deleted": 5, "failures": 1}),
    ];
    insta::assert_snapshot!(sync_table(&syncs, now).render(false));
}
