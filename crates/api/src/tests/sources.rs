//! Adding, trying, changing and deleting sources; syncs; what went wrong.

use std::fs;

use axum::http::Method;
use model::{Role, SyncId, SyncState, Visibility};
use serde_json::{Value as Json, json};
use store::NewFailure;

use super::house::{As, House, operator};

pub(super) const SOURCES: &str = "/api/v1/sources";

pub(super) struct Scene {
    pub(super) house: House,
    pub(super) admin: As,
    pub(super) member: As,
    pub(super) folder: String,
}

/// A folder with two files, an administrator and a member.
pub(super) async fn scene() -> Scene {
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
    pub(super) fn draft(&self) -> Json {
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
        .post(&operator(), SOURCES, with_name(&scene, "Another"))
        .await
        .expect(201)
        .json;
    assert_eq!(by_operator["current_sync"], Json::Null);
    assert_eq!(by_operator["owner"]["id"], 0);
}

fn with_name(scene: &Scene, name: &str) -> Json {
    let mut draft = scene.draft();
    draft["name"] = name.into();
    draft
}

#[tokio::test]
async fn two_sources_of_one_name_are_refused_unless_one_is_hidden() {
    let scene = scene().await;
    scene.add().await;
    let taken = scene
        .house
        .post(&scene.admin, SOURCES, with_name(&scene, "dOcuments "))
        .await;
    let taken = taken.refused(409, "conflict");
    assert_eq!(taken.json["fields"][0]["name"], "name");
    let other = scene
        .house
        .post(&scene.admin, SOURCES, with_name(&scene, "Other"))
        .await;
    let path = format!("{SOURCES}/{}", other.expect(201).json["id"]);
    let rename = async |name: &str| {
        let change = Some(json!({"name": name}));
        scene.house.call(&scene.admin, Method::PATCH, &path, change).await
    };
    rename("Documents").await.refused(409, "conflict");
    rename("OTHER").await.expect(200);
    // They may not know of the administrator's source, and do not learn of it in this way either.
    let draft = json!({"name": "Documents", "connector": "http", "manifest": super::drafts::MANIFEST, "sync": false});
    scene.house.post(&scene.member, SOURCES, draft).await.expect(201);
}

#[tokio::test]
async fn a_configuration_that_stays_the_same_is_not_read_anew() {
    let scene = scene().await;
    let path = format!("{SOURCES}/{}", scene.add().await["id"]);
    let kinds = async || {
        let tasks = scene.house.get(&scene.admin, "/api/v1/tasks").await.expect(200).json;
        let kinds = tasks["items"].as_array().unwrap().iter();
        let mut kinds: Vec<String> = kinds.map(|task| task["kind"].as_str().unwrap().to_owned()).collect();
        kinds.sort_unstable();
        kinds
    };
    let before = kinds().await;
    let change = async |change: Json| {
        let changed = scene.house.call(&scene.admin, Method::PATCH, &path, Some(change)).await;
        changed.expect(200);
    };
    change(json!({"name": "Renamed", "config": {"path": scene.folder}, "search": null, "secrets": {}})).await;
    assert_eq!(kinds().await, before);
    change(json!({"config": {"path": scene.folder, "include": ["*.md"]}})).await;
    let after = kinds().await;
    for kind in ["replay_source", "start_sync"] {
        assert!(after.iter().any(|one| one == kind), "{after:?}");
    }
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
    change(json!({"owned_by": 1})).await.refused(422, "invalid");
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
async fn a_full_sync_follows_one_that_reads_only_what_changed() {
    let scene = scene().await;
    let (source, _) = scene.house.source("Plain", model::UserId(1), Visibility::Owner).await;
    let start = async |mode: &str| {
        let path = format!("{SOURCES}/{source}/sync");
        let answer = scene
            .house
            .post(&scene.admin, &path, json!({"mode": mode}))
            .await
            .expect(202)
            .json;
        (answer["started"] == true, answer["followed"] == true)
    };
    assert_eq!(start("incremental").await, (true, false));
    assert_eq!(start("incremental").await, (false, false));
    assert_eq!(start("full").await, (false, true));
    // Asked for once more it is still one.
    assert_eq!(start("full").await, (false, true));
    let tasks = scene.house.get(&scene.admin, "/api/v1/tasks").await.expect(200).json;
    let kinds = tasks["items"].as_array().unwrap().iter();
    assert_eq!(kinds.filter(|task| task["kind"] == "start_sync").count(), 1);
}

#[tokio::test]
async fn groups_to_share_with_are_counted_once_and_are_not_very_many() {
    let scene = scene().await;
    let group = scene
        .house
        .post(&scene.admin, "/api/v1/groups", json!({"name": "All"}))
        .await;
    let group = group.expect(201).json["id"].clone();
    let path = format!("{SOURCES}/{}", scene.add().await["id"]);
    let share = async |groups: Vec<Json>| {
        let change = json!({"visibility": {"to": "groups", "groups": groups}});
        scene.house.call(&scene.admin, Method::PATCH, &path, Some(change)).await
    };
    let shared = share(vec![group.clone(); 5_000]).await.expect(200).json;
    assert_eq!(shared["visibility"]["groups"], json!([group]));
    share((0..101).map(Json::from).collect()).await.refused(422, "invalid");
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
async fn a_source_was_last_synced_when_a_sync_went_well() {
    let scene = scene().await;
    let path = format!("{SOURCES}/{}", scene.add().await["id"]);
    // Ends the sync that is under way, and answers the source and when it was last synced.
    let end = async |has_failed: bool| {
        let source = scene.house.get(&scene.admin, &path).await.expect(200).json;
        let sync = SyncId(source["current_sync"]["id"].as_i64().unwrap());
        let now = scene.house.now();
        let ended = scene.house.store.write(move |tx| {
            tx.close_sync_slice(sync, has_failed, now)?;
            let row = tx.sync(sync)?;
            if row.state == SyncState::Sweeping {
                tx.end_sweep(sync, true, now)?;
            }
            Ok::<_, store::Error>(())
        });
        ended.await.unwrap();
        let source = scene.house.get(&scene.admin, &path).await.expect(200).json;
        assert_eq!(source["last_sync"]["finished_at"], json!(now.0));
        (source["last_synced_at"].clone(), json!(now.0))
    };
    let start = async || {
        let sync = format!("{path}/sync");
        scene
            .house
            .post(&scene.admin, &sync, json!({"mode": "full"}))
            .await
            .expect(202);
    };
    assert_eq!(end(true).await.0, Json::Null);
    start().await;
    let (good, now) = end(false).await;
    assert_eq!(good, now);
    scene.house.advance(60_000);
    start().await;
    assert_eq!(end(true).await.0, good);
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
