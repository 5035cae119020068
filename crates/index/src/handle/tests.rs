//! The index as its users hold it: batches, commits, crashes, rebuilds.

mod rebuild;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use model::{Acl, Asker, Document, Principal, RecordId, Revision, SourceId, Timestamp};

use super::{Index, Options};
use crate::{Change, Error, Filter, Payload, SCHEMA_VERSION, SearchRequest};

fn document(record: i64, title: &str) -> Document {
    Document {
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
        changed_at: Some(Timestamp(record)),
        facets: BTreeMap::new(),
        acl: Acl::source_only(),
    }
}

fn upsert(record: i64, title: &str) -> Change {
    Change::Upsert(Box::new(document(record, title)))
}

fn payload(position: i64) -> Payload {
    Payload {
        position,
        change_token: position * 7,
        schema_version: SCHEMA_VERSION,
        mapping_version: "1".to_owned(),
        rebuild: 0,
        built_through: None,
    }
}

fn holder() -> Asker {
    Asker {
        sources: [SourceId(1)].into(),
        ..Asker::default()
    }
}

fn open(dir: &Path) -> Index {
    Index::open(dir, &Options::default()).unwrap()
}

fn found(index: &Index, query: &str) -> Vec<i64> {
    let answer = index.search(&SearchRequest::new(query), &holder()).unwrap();
    assert_eq!(answer.nb_hits, answer.hits.len() as u64);
    answer.hits.iter().map(|hit| hit.record.0).collect()
}

#[test]
fn what_is_committed_is_found_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    index.apply(vec![upsert(1, "first"), upsert(2, "second")]).unwrap();
    assert_eq!(
        found(&index, ""),
        Vec::<i64>::new(),
        "nothing is seen before the commit"
    );
    index.commit(&payload(1)).unwrap();
    assert_eq!(found(&index, ""), [2, 1]);
    assert_eq!(found(&index, "first"), [1]);
}

#[test]
fn a_change_replaces_and_a_deletion_removes() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    index.apply(vec![upsert(1, "old"), upsert(2, "other")]).unwrap();
    index.apply(vec![upsert(1, "middle")]).unwrap();
    index.commit(&payload(1)).unwrap();
    assert_eq!((found(&index, "old"), found(&index, "middle")), (vec![], vec![1]));
    index
        .apply(vec![
            upsert(1, "new"),
            Change::Delete(RecordId(2)),
            Change::Delete(RecordId(99)),
        ])
        .unwrap();
    index.commit(&payload(2)).unwrap();
    assert_eq!(
        (found(&index, "middle"), found(&index, "new"), found(&index, "")),
        (vec![], vec![1], vec![1])
    );
    assert_eq!(index.stats().unwrap().documents, 1);
}

#[test]
fn the_last_change_of_a_record_in_a_batch_wins() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    let gone = Change::Delete(RecordId(2));
    index
        .apply(vec![
            upsert(1, "one"),
            upsert(2, "two"),
            upsert(1, "uno"),
            gone,
            Change::Delete(RecordId(3)),
        ])
        .unwrap();
    index
        .apply(vec![Change::Delete(RecordId(4)), upsert(4, "four")])
        .unwrap();
    index.commit(&payload(1)).unwrap();
    assert_eq!(
        (found(&index, "one"), found(&index, "uno"), found(&index, "")),
        (vec![], vec![1], vec![4, 1])
    );
}

#[test]
fn a_crash_before_the_commit_loses_the_changes_together_with_their_payload() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    assert_eq!(index.payload().unwrap(), None);
    index.apply(vec![upsert(1, "kept")]).unwrap();
    index.commit(&payload(1)).unwrap();
    index.apply(vec![upsert(1, "changed"), upsert(2, "lost")]).unwrap();
    drop(index);
    let index = open(dir.path());
    assert_eq!(index.payload().unwrap(), Some(payload(1)));
    assert_eq!((found(&index, "kept"), found(&index, "")), (vec![1], vec![1]));
    index.apply(vec![upsert(2, "again")]).unwrap();
    index.commit(&payload(2)).unwrap();
    drop(index);
    let index = open(dir.path());
    assert_eq!(index.payload().unwrap(), Some(payload(2)));
    assert_eq!(found(&index, ""), [2, 1]);
}

#[test]
fn a_refused_document_holds_up_no_other_and_leaves_no_old_content() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    index
        .apply(vec![upsert(1, "old content"), upsert(2, "neighbour")])
        .unwrap();
    index.commit(&payload(1)).unwrap();
    let mut huge = document(1, "new");
    huge.body = "x".repeat((64 << 20) + 1);
    let mut wide = document(3, "wide");
    wide.facets.insert("tags".to_owned(), vec!["y".repeat(40_000)]);
    let mut crowded = document(4, "crowded");
    crowded.acl = Acl::any_of((0..300_000).map(|n| format!("some/group/{n:0>9}").parse().unwrap()));
    let batch = [huge, wide, crowded].map(|document| Change::Upsert(Box::new(document)));
    let mut batch = Vec::from(batch);
    batch.push(upsert(5, "fine"));
    let refused = index.apply(batch).unwrap();
    index.commit(&payload(2)).unwrap();
    let reasons: Vec<(i64, &str)> = refused.iter().map(|one| (one.record.0, one.reason.as_str())).collect();
    assert_eq!(
        reasons,
        [
            (1, "field too large"),
            (3, "value too large"),
            (4, "document too large")
        ]
    );
    assert_eq!(found(&index, ""), [5, 2]);
}

fn generations(dir: &Path) -> Vec<String> {
    let names = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != "CURRENT").collect();
    names.sort();
    names
}

#[test]
fn a_crash_between_a_commits_files_and_its_end_does_not_stand_in_the_next_ones_way() {
    // The engine names files of deletions by a count that goes on from the last commit: one of these counts meets it.
    for deleted in 1..=3 {
        let dir = tempfile::tempdir().unwrap();
        let meta = dir.path().join("1/meta.json");
        let index = open(dir.path());
        index.apply((1..=5).map(|id| upsert(id, "kept")).collect()).unwrap();
        index.commit(&payload(1)).unwrap();
        let before = fs::read(&meta).unwrap();
        index.apply(vec![Change::Delete(RecordId(1))]).unwrap();
        index.commit(&payload(2)).unwrap();
        drop(index);
        // The deletions are written, the list of segments is not.
        fs::write(&meta, before).unwrap();
        let index = open(dir.path());
        assert_eq!(index.payload().unwrap(), Some(payload(1)));
        index
            .apply((1..=deleted).map(|id| Change::Delete(RecordId(id))).collect())
            .unwrap();
        index.commit(&payload(2)).unwrap();
        let left: Vec<i64> = (deleted + 1..=5).rev().collect();
        assert_eq!(found(&index, ""), left);
    }
}

#[cfg(unix)]
#[test]
fn a_disk_that_fails_costs_no_index() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    index.apply(vec![upsert(1, "kept")]).unwrap();
    index.commit(&payload(1)).unwrap();
    drop(index);
    // A link that leads to itself can't be read, as a disk that does not answer could not be.
    let (meta, away) = (dir.path().join("1/meta.json"), dir.path().join("1/away"));
    fs::rename(&meta, &away).unwrap();
    std::os::unix::fs::symlink("meta.json", &meta).unwrap();
    assert!(matches!(
        Index::open(dir.path(), &Options::default()),
        Err(Error::Storage { .. })
    ));
    fs::remove_file(&meta).unwrap();
    fs::rename(&away, &meta).unwrap();
    assert_eq!(found(&open(dir.path()), ""), [1]);
}

#[test]
fn a_damaged_or_foreign_index_becomes_an_empty_one() {
    for damage in [
        "meta.json is cut",
        "meta.json is missing",
        "CURRENT is garbage",
        "another schema",
    ] {
        let dir = tempfile::tempdir().unwrap();
        let index = open(dir.path());
        index.apply(vec![upsert(1, "kept")]).unwrap();
        index.commit(&payload(1)).unwrap();
        drop(index);
        let meta = dir.path().join("1/meta.json");
        match damage {
            "meta.json is cut" => fs::write(&meta, "{\"index_settings\"").unwrap(),
            "meta.json is missing" => fs::remove_file(&meta).unwrap(),
            "CURRENT is garbage" => fs::write(dir.path().join("CURRENT"), b"\xff\xfe").unwrap(),
            _ => {
                let text = fs::read_to_string(&meta).unwrap();
                fs::write(&meta, text.replace("\"visibility\"", "\"something\"")).unwrap();
            }
        }
        let index = open(dir.path());
        assert_eq!(
            (index.payload().unwrap(), found(&index, "")),
            (None, vec![]),
            "{damage}"
        );
        index.apply(vec![upsert(1, "kept")]).unwrap();
        index.commit(&payload(1)).unwrap();
        drop(index);
        assert_eq!(found(&open(dir.path()), ""), [1], "{damage}");
    }
}

fn files_of(dir: &Path) -> Vec<(std::ffi::OsString, u64)> {
    let files = fs::read_dir(dir.join("1")).unwrap().map(Result::unwrap);
    let mut files: Vec<_> = files
        .map(|file| (file.file_name(), file.metadata().unwrap().len()))
        .collect();
    files.sort();
    files
}

#[test]
fn a_file_that_is_cut_or_empty_makes_the_index_an_empty_one() {
    let whole = tempfile::tempdir().unwrap();
    let index = open(whole.path());
    index.apply(vec![upsert(1, "kept"), upsert(2, "gone")]).unwrap();
    index.commit(&payload(1)).unwrap();
    index.apply(vec![Change::Delete(RecordId(2))]).unwrap();
    index.commit(&payload(2)).unwrap();
    drop(index);
    let files: Vec<_> = fs::read_dir(whole.path().join("1"))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for damaged in &files {
        for is_empty in [true, false] {
            let dir = tempfile::tempdir().unwrap();
            fs::create_dir(dir.path().join("1")).unwrap();
            fs::copy(whole.path().join("CURRENT"), dir.path().join("CURRENT")).unwrap();
            for file in &files {
                let mut bytes = fs::read(file.path()).unwrap();
                if file.file_name() == damaged.file_name() {
                    bytes.truncate(if is_empty { 0 } else { bytes.len() / 2 });
                }
                fs::write(dir.path().join("1").join(file.file_name()), bytes).unwrap();
            }
            let before = files_of(dir.path());
            let looked = Index::look(dir.path()).unwrap();
            let name = damaged.file_name();
            assert_eq!(files_of(dir.path()), before, "looking changes nothing: {name:?}");
            let index = open(dir.path());
            assert_eq!(index.payload().unwrap(), looked, "{name:?}");
            match looked {
                None => assert_eq!(found(&index, ""), Vec::<i64>::new(), "{name:?}"),
                Some(kept) => assert_eq!((kept, found(&index, "kept")), (payload(2), vec![1]), "{name:?}"),
            }
        }
    }
}

#[test]
fn a_second_opening_is_refused_and_harms_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    index.apply(vec![upsert(1, "kept")]).unwrap();
    index.commit(&payload(1)).unwrap();
    assert!(matches!(
        Index::open(dir.path(), &Options::default()),
        Err(Error::Locked { .. })
    ));
    assert_eq!(found(&index, ""), [1]);
    index.apply(vec![upsert(2, "more")]).unwrap();
    index.commit(&payload(2)).unwrap();
    assert_eq!(found(&index, ""), [2, 1]);
}

#[test]
fn too_much_is_refused_in_plain_words() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    let ask = |request: SearchRequest| index.search(&request, &holder()).unwrap_err().to_string();
    assert_eq!(
        ask(SearchRequest {
            hits_per_page: 1_001,
            ..SearchRequest::default()
        }),
        "`1001` hits per page are too many: at most 1000"
    );
    assert_eq!(
        ask(SearchRequest::default().page(500)),
        "hit `10020` is too deep: at most 10000; narrow the search with filters"
    );
    assert_eq!(
        ask(SearchRequest {
            filters: vec![vec![Filter::facet("kind", "txt")]; 65],
            ..SearchRequest::default()
        }),
        "`65` groups of filters are too many: at most 64"
    );
    assert_eq!(found(&index, &"x".repeat(100_000)), Vec::<i64>::new());
}

#[test]
fn a_document_is_found_by_its_record_only_by_those_who_may_see_it() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    let mut secret = document(1, "secret");
    secret.body = "the whole text".to_owned();
    secret.acl = Acl::any_of(["some/group/1".parse::<Principal>().unwrap()]);
    let mut nobody = document(2, "nobody's");
    nobody.acl = Acl::any_of([]);
    index
        .apply(
            [secret, nobody]
                .map(|document| Change::Upsert(Box::new(document)))
                .into(),
        )
        .unwrap();
    index.commit(&payload(1)).unwrap();
    let member = Asker {
        principals: ["some/group/1".parse().unwrap()].into(),
        ..holder()
    };
    let find = |record, asker: &Asker| index.find(RecordId(record), asker).unwrap().and_then(|hit| hit.body);
    assert_eq!(find(1, &member).as_deref(), Some("the whole text"));
    assert_eq!(find(1, &holder()), None);
    assert_eq!(
        find(
            1,
            &Asker {
                sources: [SourceId(2)].into(),
                ..member.clone()
            }
        ),
        None
    );
    assert_eq!((find(2, &member), find(3, &member)), (None, None));
    // The same people, after the source was unshared: nothing that was remembered may be used.
    assert_eq!(found(&index, "secret"), Vec::<i64>::new());
    assert_eq!(index.search(&SearchRequest::default(), &member).unwrap().nb_hits, 1);
    let unshared = Asker {
        sources: [].into(),
        ..member
    };
    assert_eq!(index.search(&SearchRequest::default(), &unshared).unwrap().nb_hits, 0);
}

#[test]
fn many_threads_search_while_one_writes() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    index.apply(vec![upsert(0, "word")]).unwrap();
    index.commit(&payload(0)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut seen = 0;
                while seen < 20 {
                    let now = found(&index, "word").len();
                    assert!(now >= seen, "what was seen stays");
                    seen = now;
                }
            });
        }
        for record in 1..20 {
            index.apply(vec![upsert(record, "word")]).unwrap();
            index.commit(&payload(record)).unwrap();
        }
    });
}

#[test]
fn after_a_failure_changes_are_not_committed_as_if_nothing_were_missing() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    index.apply(vec![upsert(1, "kept")]).unwrap();
    index.commit(&payload(1)).unwrap();
    index.apply(vec![upsert(2, "lost")]).unwrap();
    // The disk goes away …
    let (there, away) = (dir.path().join("1"), dir.path().join("away"));
    fs::rename(&there, &away).unwrap();
    assert!(matches!(index.commit(&payload(2)), Err(Error::Storage { .. })));
    assert_eq!(found(&index, ""), [1], "searches go on with what was opened");
    // … and comes back: whoever goes on as if nothing had happened is told.
    fs::rename(&away, &there).unwrap();
    assert!(matches!(index.apply(vec![upsert(3, "next")]), Err(Error::Lost { .. })));
    assert!(matches!(index.commit(&payload(3)), Err(Error::Lost { .. })));
    assert_eq!(index.payload().unwrap(), Some(payload(1)));
    index.apply(vec![upsert(2, "again"), upsert(3, "next")]).unwrap();
    index.commit(&payload(3)).unwrap();
    assert_eq!(found(&index, ""), [3, 2, 1]);
    drop(index);
    assert_eq!(found(&open(dir.path()), ""), [3, 2, 1]);
}

#[test]
fn words_joined_to_a_single_letter_are_found_as_one_too() {
    let dir = tempfile::tempdir().unwrap();
    let index = open(dir.path());
    let titles = ["An e-mail", "A T-shirt", "Ada's mail", "An email"];
    let changes = (1..).zip(titles).map(|(record, title)| upsert(record, title));
    index.apply(changes.collect()).unwrap();
    index.commit(&payload(1)).unwrap();
    assert_eq!(found(&index, "email"), [4, 1]);
    assert_eq!(found(&index, "e-mail"), [1, 4], "as it is written comes first");
    assert_eq!(found(&index, "tshirt"), [2]);
    assert_eq!(found(&index, "t-shirt"), [2]);
    assert_eq!(found(&index, "ada mail"), [3]);
}
