//! Nothing of a source shows up for those who may not see it: the whole matrix, for a stranger and for an
//! administrator with whom nothing is shared.

use axum::body::Body;
use axum::http::{Method, Request};
use futures_util::StreamExt;
use model::{Acl, FailureId, LogLevel, Principal, RecordId, Role, SourceId, SyncId, SyncMode, TaskId, Visibility};
use serde_json::{Value as Json, json};
use store::{Event, NewFailure, NewLine, NewTask};

use super::events::events;
use super::house::{As, House, operator};

/// A word that stands in everything of the source, and nowhere else.
const SECRET: &str = "zanzibar";

struct Scene {
    house: House,
    owner: As,
    stranger: As,
    administrator: As,
    source: SourceId,
    record: RecordId,
    sync: SyncId,
    task: TaskId,
}

/// Somebody's private source with a document, a failure, a sync and a task, all of which hold the word.
async fn scene() -> Scene {
    let house = House::new();
    let (owner_id, owner) = house.somebody("owner@example.org", Role::Member).await;
    let (_, stranger) = house.somebody("stranger@example.org", Role::Member).await;
    let (_, administrator) = house.somebody("admin@example.org", Role::Administrator).await;
    let place = house.source("Private", owner_id, Visibility::Owner).await;
    let record = house
        .document(place, "zanzibar.txt", "all about zanzibar", Acl::source_only())
        .await;
    let (source, now) = (place.0, house.now());
    let (sync, task) = house
        .store
        .write(move |tx| {
            let failure = NewFailure {
                source: source.0,
                stage: "parse",
                place: "page/1".to_owned(),
                reason: "password protected".to_owned(),
                detail: format!("`{SECRET}.pdf` is password protected"),
                record_key: Some(format!("{SECRET}.pdf")),
                ..NewFailure::default()
            };
            tx.put_failure(&failure, now)?;
            let (sync, _) = tx.start_sync(source, SyncMode::Full, now)?;
            tx.set_sync_state(
                sync,
                model::SyncState::Failed,
                Some(&format!("`{SECRET}` can't be read")),
                now,
            )?;
            let task = tx.enqueue(
                &NewTask::new("parse_page", &json!({}), "parse", now).for_source(source),
                now,
            )?;
            let lines = [
                NewLine {
                    task: Some(task),
                    ..NewLine::of_source(LogLevel::Warn, source, format!("`{SECRET}.pdf` can't be read"))
                },
                NewLine::of_source(LogLevel::Info, source, format!("read `{SECRET}`")).of_sync(sync),
            ];
            tx.insert_lines(&lines, now)?;
            Ok::<_, store::Error>((sync, task))
        })
        .await
        .unwrap();
    Scene {
        house,
        owner,
        stranger,
        administrator,
        source,
        record,
        sync,
        task,
    }
}

impl Scene {
    /// Everything that shows the source's content, by path.
    fn content_paths(&self) -> Vec<String> {
        let (source, record) = (self.source, self.record);
        vec![
            format!("/api/v1/records/{record}"),
            format!("/api/v1/records/{record}/preview?q={SECRET}"),
            format!("/api/v1/records/{record}/file"),
            format!("/api/v1/sources/{source}/failures?reason=password%20protected"),
            format!("/api/v1/sources/{source}/log"),
            format!("/api/v1/tasks/{}/log", self.task),
        ]
    }

    /// Everything that lets one know that the source exists.
    fn source_paths(&self) -> Vec<String> {
        let (source, record, task) = (self.source, self.record, self.task);
        vec![
            format!("/api/v1/sources/{source}"),
            format!("/api/v1/sources/{source}/streams"),
            format!("/api/v1/sources/{source}/syncs"),
            format!("/api/v1/sources/{source}/failures"),
            format!("/api/v1/tasks/{task}"),
            format!("/api/v1/records/{record}/access"),
        ]
    }

    async fn search(&self, caller: &As) -> Json {
        let key = self.house.get(caller, "/api/v1/search-key").await.expect(200).json["key"].clone();
        let body = json!({"requests": [
            {"indexName": "fossick", "query": SECRET, "facets": ["*"], "attributesToSnippet": ["body:9"]},
            {"indexName": "fossick", "query": "", "facets": ["*"]},
            {"indexName": "fossick", "query": "", "filters": format!("source_id:{}", self.source)},
            {"indexName": "fossick", "query": "", "filters": format!("objectID={}", self.record)},
            {"indexName": "fossick", "type": "facet", "facet": "source", "facetQuery": ""},
            {"indexName": "fossick", "type": "facet", "facet": "people", "facetQuery": ""},
            {"indexName": "fossick", "query": "", "filters": "NOT source:Other"},
        ]});
        let request = Request::post("/1/indexes/*/queries")
            .header("x-algolia-application-id", "fossick")
            .header("x-algolia-api-key", key.as_str().unwrap())
            .body(Body::from(body.to_string()));
        self.house.send(request.unwrap()).await.expect(200).json["results"].clone()
    }
}

#[tokio::test]
async fn the_owner_sees_all_of_it() {
    let scene = scene().await;
    let file = format!("/api/v1/records/{}/file", scene.record);
    for path in scene.content_paths().iter().chain(&scene.source_paths()) {
        // The source's folder does not exist here.
        let status = if *path == file { 404 } else { 200 };
        scene.house.get(&scene.owner, path).await.expect(status);
    }
    let found = scene.search(&scene.owner).await;
    assert_eq!(found[0]["nbHits"], 1);
    assert_eq!(found[4]["facetHits"][0]["value"], "Private");
}

#[tokio::test]
async fn a_stranger_finds_nothing_of_it_anywhere() {
    let scene = scene().await;
    for path in scene.content_paths().iter().chain(&scene.source_paths()) {
        let answer = scene.house.get(&scene.stranger, path).await.refused(404, "not_found");
        assert!(!answer.text.contains(SECRET), "{path}: {}", answer.text);
    }
    for path in ["/api/v1/sources", "/api/v1/tasks"] {
        let answer = scene.house.get(&scene.stranger, path).await.expect(200);
        assert_eq!(answer.json["items"], json!([]), "{path}");
    }
    let tasks = format!("/api/v1/tasks?source={}", scene.source);
    assert_eq!(scene.house.get(&scene.stranger, &tasks).await.json["items"], json!([]));
    let found = scene.search(&scene.stranger).await;
    for result in found.as_array().unwrap() {
        for name in ["nbHits", "nbPages"] {
            assert_eq!(result.get(name).and_then(Json::as_i64).unwrap_or(0), 0, "{result}");
        }
        for name in ["hits", "facetHits"] {
            assert_eq!(result.get(name).unwrap_or(&json!([])), &json!([]), "{result}");
        }
        for counts in result["facets"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(_, counts)| counts)
        {
            assert_eq!(counts, &json!({}), "{result}");
        }
    }
}

#[tokio::test]
async fn a_stranger_changes_nothing_of_it_either() {
    let scene = scene().await;
    let (source, sync, task) = (scene.source, scene.sync, scene.task);
    let calls = [
        (
            Method::PATCH,
            format!("/api/v1/sources/{source}"),
            json!({"visibility": {"to": "everyone"}}),
        ),
        (Method::DELETE, format!("/api/v1/sources/{source}"), json!({})),
        (
            Method::POST,
            format!("/api/v1/sources/{source}/sync"),
            json!({"mode": "full"}),
        ),
        (
            Method::POST,
            format!("/api/v1/sources/{source}/replay"),
            json!({"what": "parse"}),
        ),
        (Method::POST, format!("/api/v1/sources/{source}/pause"), json!({})),
        (Method::POST, format!("/api/v1/sources/{source}/resume"), json!({})),
        (
            Method::POST,
            format!("/api/v1/sources/{source}/failures/retry"),
            json!({"all": true}),
        ),
        (Method::POST, format!("/api/v1/syncs/{sync}/cancel"), json!({})),
        (Method::POST, format!("/api/v1/syncs/{sync}/confirm-sweep"), json!({})),
        (Method::POST, format!("/api/v1/tasks/{task}/cancel"), json!({})),
        (Method::POST, format!("/api/v1/tasks/{task}/retry"), json!({})),
        (
            Method::POST,
            "/api/v1/sources/check".to_owned(),
            json!({"id": source, "connector": "folder"}),
        ),
    ];
    for (method, path, body) in calls {
        let answer = scene.house.call(&scene.stranger, method, &path, Some(body)).await;
        let answer = answer.refused(404, "not_found");
        assert!(!answer.text.contains("Private"), "{path}: {}", answer.text);
    }
    let shown = scene
        .house
        .get(&scene.owner, &format!("/api/v1/sources/{source}"))
        .await
        .expect(200);
    assert_eq!(shown.json["visibility"], json!({"to": "owner"}));
}

#[tokio::test]
async fn an_administrator_manages_it_without_seeing_its_content() {
    let scene = scene().await;
    for path in scene.content_paths() {
        scene
            .house
            .get(&scene.administrator, &path)
            .await
            .refused(404, "not_found");
    }
    for path in scene.source_paths() {
        let answer = scene.house.get(&scene.administrator, &path).await.expect(200);
        assert!(!answer.text.contains(SECRET), "{path}: {}", answer.text);
    }
    let shown = scene
        .house
        .get(&scene.administrator, &format!("/api/v1/sources/{}", scene.source))
        .await
        .json;
    assert_eq!((&shown["may_manage"], &shown["may_see"]), (&json!(true), &json!(false)));
    assert_eq!(scene.search(&scene.administrator).await[0]["nbHits"], 0);
    for path in ["/api/v1/sources", "/api/v1/tasks"] {
        let answer = scene.house.get(&scene.administrator, path).await.expect(200);
        assert!(!answer.json["items"].as_array().unwrap().is_empty());
        assert!(!answer.text.contains(SECRET), "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_document_with_permissions_of_its_own_is_hidden_from_those_who_hold_the_source() {
    let house = House::new();
    let (owner_id, owner) = house.somebody("owner@example.org", Role::Member).await;
    let (reader_id, reader) = house.somebody("reader@example.org", Role::Member).await;
    let place = house.source("Shared", owner_id, Visibility::Everyone).await;
    let mine = Acl::any_of([Principal::user(reader_id)]);
    let record = house.document(place, "zanzibar.txt", SECRET, mine).await;
    let now = house.now();
    house
        .store
        .write(move |tx| {
            let failure = NewFailure {
                source: place.0.0,
                stage: "upload",
                place: format!("index/{record}"),
                reason: "field too large".to_owned(),
                detail: format!("{SECRET} is too large"),
                record: Some(record),
                ..NewFailure::default()
            };
            tx.put_failure(&failure, now)
        })
        .await
        .unwrap();
    for suffix in ["", "/preview", "/file"] {
        house
            .get(&owner, &format!("/api/v1/records/{record}{suffix}"))
            .await
            .refused(404, "not_found");
    }
    house
        .get(&reader, &format!("/api/v1/records/{record}"))
        .await
        .expect(200);
    for suffix in ["failures", "failures?reason=field%20too%20large"] {
        let path = format!("/api/v1/sources/{}/{suffix}", place.0);
        let hidden = house.get(&owner, &path).await.expect(200);
        assert!(!hidden.text.contains(SECRET), "{}", hidden.text);
        let shown = house.get(&reader, &path).await.expect(200);
        assert!(shown.text.contains(SECRET), "{}", shown.text);
    }
    house
        .get(&operator(), &format!("/api/v1/records/{record}"))
        .await
        .refused(404, "not_found");
    assert_eq!(
        house
            .store
            .read(move |tx| tx.list_failures(place.0, None, FailureId(0), 9))
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn events_reach_only_those_who_may_know_of_the_source() {
    let scene = scene().await;
    let (source, sync, task, now) = (scene.source, scene.sync, scene.task, scene.house.now());
    let callers = [&scene.owner, &scene.stranger, &scene.administrator];
    let mut streams = Vec::new();
    for caller in callers {
        // From the first line on, so that what was said before counts too.
        streams.push(Box::pin(events(&scene.house, caller, "/api/v1/events?since=0").await));
    }
    let shared = scene
        .house
        .source("Shared", model::UserId(1), Visibility::Everyone)
        .await
        .0;
    let written = scene.house.store.write(move |tx| {
        tx.start_sync(source, SyncMode::Incremental, now)?;
        tx.set_sync_waiting(sync, None)?;
        tx.insert_lines(
            &[NewLine::of_source(LogLevel::Info, source, format!("{SECRET} again"))],
            now,
        )?;
        tx.start_sync(shared, SyncMode::Incremental, now)
    });
    written.await.unwrap();
    scene.house.store.tell(&[Event::Task(task)]);
    let marker = format!("\"source\":{shared}");
    let mut told = Vec::new();
    for stream in &mut streams {
        let mut text = String::new();
        while !text.contains(&marker) {
            text.push_str(&String::from_utf8_lossy(&stream.next().await.unwrap().unwrap()));
        }
        told.push(text);
    }
    // What was told together with it follows; then the streams end with the server.
    scene.house.shutdown.cancel();
    for (stream, text) in streams.iter_mut().zip(&mut told) {
        while let Some(Ok(bytes)) = stream.next().await {
            text.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    let [to_owner, to_stranger, to_administrator] = &told[..] else {
        panic!("three streams")
    };
    for part in [
        "event: sync",
        "event: task",
        &format!("\"source\":{source}"),
        &format!("`{SECRET}.pdf` can't be read"),
        &format!("{SECRET} again"),
    ] {
        assert!(to_owner.contains(part), "{part}: {to_owner}");
    }
    for part in [&format!("\"source\":{source}"), "Private", SECRET] {
        assert!(!to_stranger.contains(part), "{part}: {to_stranger}");
    }
    // They manage it, so they learn how it goes; what it holds they do not.
    assert!(
        to_administrator.contains(&format!("\"source\":{source}")),
        "{to_administrator}"
    );
    assert!(!to_administrator.contains(SECRET), "{to_administrator}");
    assert!(!to_administrator.contains("event: log\n"), "{to_administrator}");
}
