//! Adding, trying, changing and deleting sources; syncs; what went wrong.

use std::fs;

use axum::http::Method;
use model::{Role, SourceId, SyncId, SyncState, Visibility};
use serde_json::{Value as Json, json};
use store::NewFailure;

use super::house::{As, House, operator};

const SOURCES: &str = "/api/v1/sources";

struct Scene {
    house: House,
    admin: As,
    member: As,
    folder: String,
}

async fn scene() -> Scene {
    let outer = tempfile::tempdir().unwrap().keep();
    let house = House::with(|settings| settings.allowed_roots = vec![outer.join("allowed")]);
    let folder = house.path().join("documents");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("a.md"), "# A").unwrap();
    fs::write(folder.join("b.pdf"), "no").unwrap();
    fs::remove_dir_all(&outer).unwrap();
    let (_, admin) = house.somebody("admin@example.org", Role::Administrator).await;
    let (_, member) = house.somebody("member@example.org", Role::Member).await;
    let folder = folder.to_str().unwrap().to_owned();
    Scene {
        house,
        admin,
        member,
        folder,
    }
}

impl Scene {
    fn draft(&self) -> Json {
        json!({"name": "Documents", "connector": "folder", "config": {"path": self.folder}})
    }

    async fn add(&self) -> Json {
        self.house
            .post(&self.admin, SOURCES, self.draft())
            .await
            .expect(201)
            .json
    }
}

#[tokio::test]
async fn an_added_source_is_synced_at_once_and_answers_no_secret() {
    let scene = scene().await;
    let source = scene.add().await;
    assert_eq!(source["state"], "queued");
    assert_eq!(source["current_sync"]["mode"], "full");
    assert_eq!(source["visibility"], json!({"to": "owner"}));
    assert_eq!(
        (&source["may_manage"], &source["may_see"]),
        (&json!(true), &json!(true))
    );
    let by_operator = scene
        .house
        .post(&operator(), SOURCES, scene.draft())
        .await
        .expect(201)
        .json;
    assert_eq!(by_operator["current_sync"], Json::Null);
    assert_eq!(by_operator["owner"]["id"], 0);
}

#[tokio::test]
async fn drafts_that_can_not_be_a_source_are_refused_by_field() {
    let scene = scene().await;
    for (change, field) in [
        (json!({"name": ""}), "name"),
        (json!({"config": {"path": "relative"}}), "config.path"),
        (json!({"config": {"path": "/nowhere/at/all"}}), "config.path"),
        (json!({"config": {"path": scene.folder, "inclde": []}}), "config"),
        (json!({"config": 7}), "config"),
        (json!({"search": "nonsense: ["}), "search"),
        (json!({"visibility": {"to": "groups"}}), "visibility.groups"),
        (
            json!({"visibility": {"to": "groups", "groups": [99]}}),
            "visibility.groups",
        ),
        (
            json!({"visibility": {"to": "owner", "groups": [1]}}),
            "visibility.groups",
        ),
        (json!({"schedule": {"every_ms": 1}}), "schedule"),
        (json!({"schedule": {"cron": "nonsense"}}), "schedule"),
        (
            json!({"schedule": {"cron": "0 7 * * *", "time_zone": "Mars/Base"}}),
            "schedule",
        ),
        (json!({"schedule": {}}), "schedule"),
    ] {
        let mut draft = scene.draft();
        for (name, value) in change.as_object().unwrap() {
            draft[name] = value.clone();
        }
        let refused = scene
            .house
            .post(&scene.admin, SOURCES, draft)
            .await
            .refused(422, "invalid");
        let named = refused.json["fields"][0]["name"].as_str().unwrap();
        assert!(named.starts_with(field), "{change}: {}", refused.text);
    }
    for wrong in [
        json!({"connector": "folder", "extra": 1}),
        json!({"connector": "nothing", "name": "x"}),
        json!([]),
    ] {
        scene
            .house
            .post(&scene.admin, SOURCES, wrong)
            .await
            .refused(422, "invalid");
    }
    assert_eq!(scene.house.get(&scene.admin, SOURCES).await.json["items"], json!([]));
}

#[tokio::test]
async fn a_member_adds_no_folder_outside_of_the_approved_roots() {
    let scene = scene().await;
    scene
        .house
        .post(&scene.member, SOURCES, scene.draft())
        .await
        .refused(422, "invalid");
    let check = scene
        .house
        .post(&scene.member, &format!("{SOURCES}/check"), scene.draft())
        .await
        .expect(200)
        .json;
    assert_eq!(check["ok"], false);
    scene
        .house
        .post(&scene.member, &format!("{SOURCES}/estimate"), scene.draft())
        .await
        .refused(422, "invalid");
}

#[tokio::test]
async fn dry_runs_say_what_a_source_would_be() {
    let scene = scene().await;
    let call = async |verb: &str, draft: Json| {
        scene
            .house
            .post(&scene.admin, &format!("{SOURCES}/{verb}"), draft)
            .await
    };
    assert_eq!(call("check", scene.draft()).await.expect(200).json["ok"], true);
    let estimate = call("estimate", scene.draft()).await.expect(200).json;
    assert_eq!((&estimate["items"], &estimate["truncated"]), (&json!(2), &json!(false)));
    let discovery = call("discover", scene.draft()).await.expect(200).json;
    assert_eq!(discovery["streams"][0]["name"], "files");
    assert!(discovery["mapping_guess"].as_str().unwrap().contains("version: 1"));
    let manifest = json!({"connector": "http", "manifest": "version: [", "name": "x"});
    let check = call("check", manifest).await.expect(200).json;
    assert_eq!(check["ok"], false);
    assert!(!check["problems"][0]["what"].as_str().unwrap().is_empty());
    assert_eq!(
        scene
            .house
            .get(&scene.admin, "/api/v1/connectors")
            .await
            .expect(200)
            .json["items"][0]["name"],
        "folder"
    );
}

#[tokio::test]
async fn secrets_are_sealed_and_never_answered_back() {
    let scene = scene().await;
    let manifest = r#"
version: 6.0.0
type: DeclarativeSource
check: {type: CheckStream, stream_names: [items]}
spec:
  type: Spec
  connection_specification:
    type: object
    properties:
      token: {type: string, airbyte_secret: true}
      team: {type: string}
streams:
  - type: DeclarativeStream
    name: items
    primary_key: id
    schema_loader: {type: InlineSchemaLoader, schema: {type: object, properties: {id: {type: integer}}}}
    retriever:
      type: SimpleRetriever
      requester:
        type: HttpRequester
        url_base: "https://api.example.org"
        path: /items
        authenticator: {type: BearerAuthenticator, api_token: "{{ config['token'] }}"}
      record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: []}}
"#;
    let draft = json!({
        "name": "API", "connector": "http", "manifest": manifest, "config": {"team": "a", "token": "in-the-config"},
        "secrets": {}, "sync": false,
    });
    let made = scene.house.post(&scene.admin, SOURCES, draft).await.expect(201);
    assert!(!made.text.contains("in-the-config"));
    assert_eq!(made.json["config"], json!({"team": "a"}));
    let id = SourceId(made.json["id"].as_i64().unwrap());
    let row = scene.house.store.read(move |tx| tx.source(id)).await.unwrap();
    let kept = row.secrets.unwrap();
    assert!(!String::from_utf8_lossy(&kept).contains("in-the-config"));
    let path = format!("{SOURCES}/{id}");
    let change = json!({"secrets": {"token": "another"}, "sync": false});
    let changed = scene
        .house
        .call(&scene.admin, Method::PATCH, &path, Some(change))
        .await
        .expect(200);
    assert!(!changed.text.contains("another"));
    let row = scene.house.store.read(move |tx| tx.source(id)).await.unwrap();
    let plain = scene
        .house
        .store
        .sealer()
        .unseal(&format!("source/{id}"), &row.secrets.unwrap())
        .unwrap();
    assert_eq!(String::from_utf8(plain).unwrap(), "{\"token\":\"another\"}");
}

#[tokio::test]
async fn changes_keep_what_is_left_out() {
    let scene = scene().await;
    let path = format!("{SOURCES}/{}", scene.add().await["id"]);
    let change = async |change: Json| scene.house.call(&scene.admin, Method::PATCH, &path, Some(change)).await;
    let changed = change(json!({"name": "New name", "schedule": {"every_ms": 60_000}}))
        .await
        .expect(200)
        .json;
    assert_eq!(
        (&changed["name"], &changed["schedule"]),
        (&json!("New name"), &json!({"every_ms": 60_000}))
    );
    assert_eq!(changed["config"]["path"], scene.folder);
    let kept = change(json!({"visibility": {"to": "everyone"}})).await.expect(200).json;
    assert_eq!(kept["schedule"], json!({"every_ms": 60_000}));
    assert_eq!(
        change(json!({"schedule": null})).await.expect(200).json["schedule"],
        Json::Null
    );
    change(json!({"config": {"path": 7}})).await.refused(422, "invalid");
    change(json!({"owner": 1})).await.refused(422, "invalid");
    let shown = scene.house.get(&scene.member, &path).await.expect(200).json;
    assert_eq!((&shown["may_manage"], &shown["config"]), (&json!(false), &json!({})));
    for (method, suffix) in [
        (Method::PATCH, ""),
        (Method::DELETE, ""),
        (Method::POST, "/sync"),
        (Method::POST, "/pause"),
    ] {
        let answer = scene
            .house
            .call(&scene.member, method, &format!("{path}{suffix}"), Some(json!({})))
            .await;
        answer.refused(403, "not_allowed");
    }
}

#[tokio::test]
async fn a_sync_is_started_once_cancelled_and_started_again() {
    let scene = scene().await;
    let path = format!("{SOURCES}/{}", scene.add().await["id"]);
    let start = async || {
        scene
            .house
            .post(&scene.admin, &format!("{path}/sync"), json!({"mode": "full"}))
            .await
    };
    let again = start().await.expect(202).json;
    assert_eq!(again["started"], false);
    let cancel = format!("/api/v1/syncs/{}/cancel", again["sync"]["id"]);
    assert_eq!(
        scene
            .house
            .post(&scene.admin, &cancel, json!({}))
            .await
            .expect(200)
            .json["state"],
        "cancelled"
    );
    scene
        .house
        .post(&scene.admin, &cancel, json!({}))
        .await
        .refused(409, "conflict");
    assert_eq!(
        scene.house.get(&scene.admin, &path).await.json["state"],
        "needs_attention"
    );
    assert_eq!(
        scene
            .house
            .call(&scene.admin, Method::POST, &format!("{path}/pause"), None)
            .await
            .json["state"],
        "paused"
    );
    start().await.refused(409, "conflict");
    scene
        .house
        .call(&scene.admin, Method::POST, &format!("{path}/resume"), None)
        .await
        .expect(200);
    assert_eq!(start().await.expect(202).json["started"], true);
    let listed = scene
        .house
        .get(&scene.admin, &format!("{path}/syncs?limit=1"))
        .await
        .expect(200)
        .json;
    assert_eq!(listed["items"][0]["state"], "running");
    let next = listed["next"].as_str().unwrap();
    let older = scene
        .house
        .get(&scene.admin, &format!("{path}/syncs?limit=1&after={next}"))
        .await
        .expect(200)
        .json;
    assert_eq!(older["items"][0]["state"], "cancelled");
    scene
        .house
        .post(&scene.admin, "/api/v1/syncs/999/confirm-sweep", json!({}))
        .await
        .refused(404, "not_found");
    let confirm = format!("/api/v1/syncs/{}/confirm-sweep", listed["items"][0]["id"]);
    scene
        .house
        .post(&scene.admin, &confirm, json!({}))
        .await
        .refused(409, "conflict");
}

#[tokio::test]
async fn a_sweep_that_waits_is_confirmed() {
    let scene = scene().await;
    let source = scene.add().await;
    let (id, now) = (
        SyncId(source["current_sync"]["id"].as_i64().unwrap()),
        scene.house.now(),
    );
    scene
        .house
        .store
        .write(move |tx| tx.set_sync_state(id, SyncState::NeedsConfirmation, Some("most of `files` is gone"), now))
        .await
        .unwrap();
    let path = format!("{SOURCES}/{}", source["id"]);
    let shown = scene.house.get(&scene.admin, &path).await.json;
    assert_eq!(
        (&shown["state"], &shown["state_detail"]["action"]),
        (&json!("needs_attention"), &json!("confirm_sweep"))
    );
    let confirmed = scene
        .house
        .post(&scene.admin, &format!("/api/v1/syncs/{id}/confirm-sweep"), json!({}))
        .await;
    assert_eq!(confirmed.expect(200).json["state"], "sweeping");
}

#[tokio::test]
async fn a_deleted_source_is_gone_at_once() {
    let scene = scene().await;
    let source = scene.add().await;
    let path = format!("{SOURCES}/{}", source["id"]);
    scene
        .house
        .call(&scene.admin, Method::DELETE, &path, None)
        .await
        .expect(204);
    for suffix in ["", "/syncs", "/streams", "/failures"] {
        scene
            .house
            .get(&scene.admin, &format!("{path}{suffix}"))
            .await
            .refused(404, "not_found");
    }
    scene
        .house
        .call(&scene.admin, Method::DELETE, &path, None)
        .await
        .refused(404, "not_found");
    assert_eq!(scene.house.get(&scene.admin, SOURCES).await.json["items"], json!([]));
    let tasks = scene
        .house
        .get(&scene.admin, "/api/v1/tasks?state=available")
        .await
        .json;
    assert_eq!(tasks["items"][0]["kind"], "purge_source");
}

#[tokio::test]
async fn replays_and_retries_are_enqueued() {
    let scene = scene().await;
    let source = scene.add().await;
    let (id, now) = (source["id"].as_i64().unwrap(), scene.house.now());
    scene
        .house
        .store
        .write(move |tx| {
            for place in ["slice/1", "slice/2"] {
                let failure = NewFailure {
                    source: id,
                    stage: "fetch",
                    place: place.to_owned(),
                    reason: "no answer".to_owned(),
                    detail: format!("{place} did not answer"),
                    ..NewFailure::default()
                };
                tx.put_failure(&failure, now)?;
            }
            Ok::<_, store::Error>(())
        })
        .await
        .unwrap();
    let path = format!("{SOURCES}/{id}");
    let groups = scene
        .house
        .get(&scene.admin, &format!("{path}/failures"))
        .await
        .expect(200)
        .json;
    assert_eq!(
        groups["groups"],
        json!([{"reason": "no answer", "count": 2, "example": "slice/1 did not answer", "stage": "fetch"}])
    );
    let listed = scene
        .house
        .get(&scene.admin, &format!("{path}/failures?reason=no%20answer&limit=1"))
        .await
        .expect(200)
        .json;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert!(listed["next"].is_string());
    let retry = async |what: Json| {
        scene
            .house
            .post(&scene.admin, &format!("{path}/failures/retry"), what)
            .await
    };
    for what in [
        json!({"all": true}),
        json!({"reason": "no answer"}),
        json!({"ids": [listed["items"][0]["id"]]}),
    ] {
        assert_eq!(retry(what).await.expect(202).json["tasks"], 1);
    }
    assert_eq!(retry(json!({"reason": "other"})).await.expect(202).json["tasks"], 0);
    for wrong in [json!({}), json!({"all": true, "reason": "x"}), json!({"ids": "all"})] {
        retry(wrong).await.refused(422, "invalid");
    }
    for what in ["parse", "quarantined", "upload"] {
        let answer = scene
            .house
            .post(&scene.admin, &format!("{path}/replay"), json!({"what": what}))
            .await;
        assert_eq!(answer.expect(202).json["pages"], 0);
    }
    scene
        .house
        .post(&scene.admin, &format!("{path}/replay"), json!({"what": "fetch"}))
        .await
        .refused(422, "invalid");
}

#[tokio::test]
async fn lists_are_paged_over_what_the_caller_may_know() {
    let house = House::new();
    let (ada_id, ada) = house.somebody("ada@example.org", Role::Member).await;
    let (bob_id, _) = house.somebody("bob@example.org", Role::Member).await;
    for nth in 0..6 {
        let owner = if nth % 2 == 0 { ada_id } else { bob_id };
        house.source(&format!("Source {nth}"), owner, Visibility::Owner).await;
    }
    let mut names = Vec::new();
    let mut path = format!("{SOURCES}?limit=2");
    loop {
        let page = house.get(&ada, &path).await.expect(200).json;
        names.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["name"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => path = format!("{SOURCES}?limit=2&after={next}"),
            None => break,
        }
    }
    assert_eq!(names, ["Source 0", "Source 2", "Source 4"]);
    house
        .get(&ada, &format!("{SOURCES}?limit=x"))
        .await
        .refused(422, "invalid");
}
