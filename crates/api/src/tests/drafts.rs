//! What becomes of drafts of sources: refused by field, tried, with their secrets sealed.

use axum::http::Method;
use model::SourceId;
use serde_json::{Value as Json, json};

use super::house::As;
use super::sources::{SOURCES, Scene, scene};

/// An API with a token, and a field that says nothing secret.
pub(super) const MANIFEST: &str = r#"
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
async fn a_change_to_a_folder_that_can_not_be_read_is_refused() {
    let scene = scene().await;
    let path = format!(
        "{SOURCES}/{}",
        scene
            .house
            .post(&scene.admin, SOURCES, scene.draft())
            .await
            .expect(201)
            .json["id"]
    );
    let missing = json!({"config": {"path": format!("{}/missing", scene.folder)}});
    let refused = scene
        .house
        .call(&scene.admin, Method::PATCH, &path, Some(missing))
        .await;
    let refused = refused.refused(422, "invalid");
    assert_eq!(refused.json["fields"][0]["name"], "config.path");
    let shown = scene.house.get(&scene.admin, &path).await.expect(200).json;
    assert_eq!(shown["config"]["path"], scene.folder);
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
    let draft = json!({
        "name": "API", "connector": "http", "manifest": MANIFEST, "config": {"team": "a", "token": "in-the-config"},
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

/// The member's source, with a kept token.
async fn kept(scene: &Scene) -> String {
    let draft = json!({
        "name": "API", "connector": "http", "manifest": MANIFEST, "config": {"team": "a"},
        "secrets": {"token": "kept-secret"}, "sync": false,
    });
    let made = scene.house.post(&scene.member, SOURCES, draft).await.expect(201).json;
    format!("{SOURCES}/{}", made["id"])
}

#[tokio::test]
async fn kept_secrets_are_sent_elsewhere_only_by_their_owners_hand() {
    let scene = scene().await;
    let path = kept(&scene).await;
    let elsewhere = MANIFEST.replace("api.example.org", "elsewhere.example.org");
    let change = async |caller: &As, mut change: Json| {
        change["sync"] = false.into();
        scene.house.call(caller, Method::PATCH, &path, Some(change)).await
    };
    for redirected in [
        json!({"manifest": elsewhere}),
        json!({"config": {"team": "b"}}),
        json!({"secrets": {"team": "b"}}),
    ] {
        let refused = change(&scene.admin, redirected.clone()).await.refused(422, "invalid");
        assert_eq!(refused.json["fields"][0]["name"], "secrets", "{redirected}");
    }
    let shown = change(&scene.admin, json!({"name": "Renamed", "config": {"team": "a"}})).await;
    assert_eq!(shown.expect(200).json["name"], "Renamed");
    change(
        &scene.admin,
        json!({"manifest": elsewhere, "secrets": {"token": "another"}}),
    )
    .await
    .expect(200);
    change(&scene.member, json!({"manifest": MANIFEST})).await.expect(200);
}

#[tokio::test]
async fn a_dry_run_shows_an_administrator_nothing_of_what_is_not_shared_with_them() {
    let scene = scene().await;
    let path = kept(&scene).await;
    let id: i64 = path.rsplit('/').next().unwrap().parse().unwrap();
    let call = async |verb: &str, manifest: &str| {
        let draft = json!({"id": id, "connector": "http", "manifest": manifest, "config": {"team": "a"}});
        scene
            .house
            .post(&scene.admin, &format!("{SOURCES}/{verb}"), draft)
            .await
    };
    let discovery = call("discover", MANIFEST).await.expect(200).json;
    assert_eq!(discovery["streams"][0]["name"], "items");
    assert_eq!(discovery["documents"], json!([]));
    assert!(discovery["warnings"].to_string().contains("not shared with you"));
    let elsewhere = MANIFEST.replace("api.example.org", "{{ config['token'] }}.example.org");
    for verb in ["check", "discover", "estimate"] {
        let refused = call(verb, &elsewhere).await.refused(422, "invalid");
        assert!(!refused.text.contains("kept-secret"));
    }
    call("estimate", MANIFEST).await.refused(404, "not_found");
}
