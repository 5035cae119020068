//! Merged segments come into sight by themselves, and quick first letters find what slow ones found.

use std::collections::BTreeMap;

use model::{Acl, Asker, Document, RecordId, Revision, SourceId};

use crate::backend::tantivy::TantivyBackend;
use crate::{Change, IndexBackend, Options, Payload, SCHEMA_VERSION, SearchRequest};

fn titled(record: i64, title: &str) -> Change {
    Change::Upsert(Box::new(Document {
        record: RecordId(record),
        revision: Revision(1),
        source: SourceId(1),
        stream: "files".to_owned(),
        kind: "txt".to_owned(),
        title: title.to_owned(),
        body: String::new(),
        url: None,
        path: None,
        people: Vec::new(),
        created_at: None,
        changed_at: None,
        facets: BTreeMap::new(),
        acl: Acl::source_only(),
    }))
}

fn commit(engine: &TantivyBackend, changes: Vec<Change>) {
    assert_eq!(engine.apply(changes).unwrap(), []);
    let payload = Payload {
        position: 1,
        change_token: 1,
        schema_version: SCHEMA_VERSION,
        mapping_version: "m".to_owned(),
        rebuild: 0,
        built_through: None,
    };
    engine.commit(&payload).unwrap();
}

fn found(engine: &TantivyBackend, query: &str) -> Vec<i64> {
    let asker = Asker {
        sources: [SourceId(1)].into(),
        ..Asker::default()
    };
    let request = SearchRequest {
        hits_per_page: 1_000,
        ..SearchRequest::new(query)
    };
    let answer = engine.search_many(&[request], &asker).unwrap().remove(0);
    answer.hits.into_iter().map(|hit| hit.record.0).collect()
}

/// Lets the keeper work until something holds.
fn wait_until(holds: impl Fn() -> bool) {
    for _ in 0..50_000_000 {
        if holds() {
            return;
        }
        std::thread::yield_now();
    }
    panic!("the keeper never did it");
}

#[test]
fn merged_segments_are_seen_without_another_commit() {
    let engine = TantivyBackend::in_memory(&Options::default()).unwrap();
    for record in 0..8 {
        commit(&engine, vec![titled(record, "note")]);
    }
    wait_until(|| engine.stats().unwrap().segments == 1);
    assert_eq!(found(&engine, "note"), [0, 1, 2, 3, 4, 5, 6, 7]);
    commit(&engine, vec![Change::Delete(RecordId(3)), titled(5, "other")]);
    assert_eq!(found(&engine, "note"), [0, 1, 2, 4, 6, 7]);
}

#[test]
fn quick_first_letters_find_what_slow_ones_found() {
    let engine = TantivyBackend::in_memory(&Options::default()).unwrap();
    let ends = ["s", "st", "sta", "x"].iter().cycle();
    let titles = (0..1_500)
        .zip(ends)
        .map(|(record, end)| titled(record, &format!("sta{record} station {end}")));
    commit(&engine, titles.collect());
    commit(&engine, vec![Change::Delete(RecordId(8))]);
    let queries = [
        "s",
        "st",
        "sta",
        "station s",
        "station st ",
        "st x",
        "x sta",
        "sta12",
        "s s",
    ];
    let slow: Vec<Vec<i64>> = queries.iter().map(|query| found(&engine, query)).collect();
    wait_until(|| engine.view.snapshot().is_quick());
    let segments = &engine.view.snapshot().segments;
    assert_eq!(
        segments
            .iter()
            .map(|live| live.segment.heavy_prefixes())
            .collect::<Vec<_>>(),
        [["s", "st", "sta"]]
    );
    for (query, slow) in queries.iter().zip(slow) {
        assert_eq!(found(&engine, query), slow, "{query}");
    }
}
