//! Building the index anew: on request, and on from where an interrupted rebuild stood.

use model::{Acl, Document, RecordId, Revision, SourceId, SyncMode, Timestamp};

use crate::support::TestRoad;

const NOW: Timestamp = Timestamp(1);

/// Three files that were synced, with their records in order.
async fn three_pebbles() -> (TestRoad, SourceId, Vec<RecordId>) {
    let road = TestRoad::new().await;
    for name in ["a.txt", "b.txt", "c.txt"] {
        road.write_file(name, "a pebble");
    }
    let source = road.add_folder().await;
    road.sync(source, SyncMode::Full).await;
    let rows = road.store.read(|tx| tx.scan_records(RecordId(0), 10)).await.unwrap();
    (road, source, rows.into_iter().map(|row| row.id).collect())
}

async fn ask(road: &TestRoad) {
    let ask = road.store.write(|tx| tx.ask_rebuild(tasks::INDEX, NOW));
    ask.await.unwrap();
}

/// A document as no source ever gave it: an index that holds it was not built from the store.
fn mark(record: RecordId, source: SourceId) -> index::Change {
    index::Change::Upsert(Box::new(Document {
        record,
        revision: Revision(1),
        source,
        stream: "files".to_owned(),
        kind: "txt".to_owned(),
        title: "marked pebble".to_owned(),
        body: String::new(),
        url: None,
        path: None,
        people: Vec::new(),
        created_at: None,
        changed_at: None,
        facets: std::collections::BTreeMap::new(),
        acl: Acl::source_only(),
    }))
}

async fn titles(road: &TestRoad) -> Vec<String> {
    let mut titles = road.titles("pebble").await;
    titles.sort();
    titles
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_meets_a_running_upload_is_not_lost() {
    let (road, source, records) = three_pebbles().await;
    let before = road.index.payload().unwrap().unwrap();
    // The upload has read the number of requests; then somebody asks; then the upload commits.
    ask(&road).await;
    road.index.apply(vec![mark(records[0], source)]).unwrap();
    road.index.commit(&before).unwrap();
    assert_eq!(titles(&road).await, ["b.txt", "c.txt", "marked pebble"]);
    road.run_until_idle().await;
    assert_eq!(titles(&road).await, ["a.txt", "b.txt", "c.txt"]);
    let after = road.index.payload().unwrap().unwrap();
    assert_eq!((after.rebuild, before.rebuild), (1, 0));
    // It is done: another upload builds nothing anew.
    road.index.apply(vec![mark(records[0], source)]).unwrap();
    road.index.commit(&after).unwrap();
    road.store.write(|tx| tx.enqueue_uploads(NOW)).await.unwrap();
    road.run_until_idle().await;
    assert_eq!(titles(&road).await, ["b.txt", "c.txt", "marked pebble"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_comes_while_one_is_built_is_built_after_it() {
    let (road, source, records) = three_pebbles().await;
    ask(&road).await;
    road.run_until_idle().await;
    let first = road.index.payload().unwrap().unwrap();
    // The first rebuild ends after the second request was made.
    ask(&road).await;
    road.index.apply(vec![mark(records[0], source)]).unwrap();
    road.index.commit(&first).unwrap();
    road.run_until_idle().await;
    assert_eq!(titles(&road).await, ["a.txt", "b.txt", "c.txt"]);
    assert_eq!(road.index.payload().unwrap().unwrap().rebuild, 2);
}

/// Leaves what a process leaves that is killed in a rebuild, after a commit that holds the first record.
async fn interrupt(
    road: TestRoad,
    source: SourceId,
    first: RecordId,
    change: impl FnOnce(&mut index::Payload),
) -> TestRoad {
    ask(&road).await;
    let mut payload = road.index.payload().unwrap().unwrap();
    payload.rebuild = 1;
    payload.built_through = Some(first);
    change(&mut payload);
    let (mut rebuild, _) = road.index.start_rebuild(|_| false).unwrap();
    rebuild.apply(vec![mark(first, source)]).unwrap();
    rebuild.commit(&payload).unwrap();
    drop(rebuild);
    TestRoad::at(road.close()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_rebuild_goes_on_where_it_stood() {
    let (road, source, records) = three_pebbles().await;
    let road = interrupt(road, source, records[0], |_| ()).await;
    assert_eq!(titles(&road).await, ["a.txt", "b.txt", "c.txt"], "the live one answers");
    // What changes meanwhile is found, too, wherever the rebuild stood.
    road.write_file("c.txt", "another pebble");
    road.write_file("d.txt", "a new pebble");
    road.sync(source, SyncMode::Full).await;
    assert_eq!(
        titles(&road).await,
        ["b.txt", "c.txt", "d.txt", "marked pebble"],
        "the first record was not read again"
    );
    assert_eq!(road.titles("another").await, ["c.txt"]);
    let payload = road.index.payload().unwrap().unwrap();
    assert_eq!((payload.rebuild, payload.built_through), (1, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_rebuild_of_other_code_or_another_history_starts_anew() {
    let other_mapping = |payload: &mut index::Payload| payload.mapping_version.push('x');
    let other_schema = |payload: &mut index::Payload| payload.schema_version += 1;
    let other_request = |payload: &mut index::Payload| payload.rebuild += 1;
    let other_history = |payload: &mut index::Payload| payload.change_token += 1;
    let changes: [fn(&mut index::Payload); 4] = [other_mapping, other_schema, other_request, other_history];
    for change in changes {
        let (road, source, records) = three_pebbles().await;
        let road = interrupt(road, source, records[0], change).await;
        road.run_until_idle().await;
        assert_eq!(titles(&road).await, ["a.txt", "b.txt", "c.txt"]);
        assert_eq!(road.index.payload().unwrap().unwrap().rebuild, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_index_is_built_in_place_and_answers_meanwhile() {
    let (road, source, records) = three_pebbles().await;
    let mut payload = road.index.payload().unwrap().unwrap();
    let dir = road.close();
    std::fs::remove_dir_all(dir.path().join("data/index")).unwrap();
    let road = TestRoad::at(dir).await;
    // What a process leaves that is killed after a commit that holds the first record.
    payload.built_through = Some(records[0]);
    let (mut rebuild, begun) = road.index.start_rebuild(|_| true).unwrap();
    assert_eq!(begun, None);
    rebuild.apply(vec![mark(records[0], source)]).unwrap();
    rebuild.commit(&payload).unwrap();
    drop(rebuild);
    assert_eq!(titles(&road).await, ["marked pebble"]);
    let road = TestRoad::at(road.close()).await;
    road.run_until_idle().await;
    assert_eq!(
        titles(&road).await,
        ["b.txt", "c.txt", "marked pebble"],
        "the first record was not read again"
    );
    let payload = road.index.payload().unwrap().unwrap();
    assert_eq!(payload.built_through, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_source_that_can_not_be_built_lacks_in_a_new_index_is_found_after_its_next_sync() {
    let (road, source, _) = three_pebbles().await;
    let configure = |config: serde_json::Value| {
        road.store.write(move |tx| {
            let mut row = tx.source(source)?;
            row.config.clone_from(&config);
            tx.update_source(&row)
        })
    };
    let whole = road.store.read(move |tx| tx.source(source)).await.unwrap().config;
    configure(serde_json::json!({ "path": 7 })).await.unwrap();
    ask(&road).await;
    road.store.write(|tx| tx.enqueue_uploads(NOW)).await.unwrap();
    road.run_until_idle().await;
    assert_eq!(titles(&road).await, Vec::<String>::new());
    let groups = || async {
        let found = road.store.read(move |tx| tx.list_failure_groups(source));
        found
            .await
            .unwrap()
            .into_iter()
            .map(|group| group.reason)
            .collect::<Vec<_>>()
    };
    assert_eq!(groups().await, ["can't be mapped"]);
    configure(whole).await.unwrap();
    road.sync(source, SyncMode::Incremental).await;
    assert_eq!(titles(&road).await, ["a.txt", "b.txt", "c.txt"]);
    assert_eq!(groups().await, Vec::<String>::new());
}
