//! Tasks and queues.

use axum::http::Method;
use model::{Role, Visibility};
use serde_json::json;
use store::NewTask;

use super::house::{As, House};

async fn house() -> (House, As, As) {
    let house = House::new();
    let (_, admin) = house.somebody("admin@example.org", Role::Administrator).await;
    let (_, member) = house.somebody("member@example.org", Role::Member).await;
    let now = house.now();
    house
        .store
        .write(move |tx| {
            for nth in 0..3 {
                tx.enqueue(&NewTask::new("prune", &json!({"nth": nth}), "housekeeping", now), now)?;
            }
            Ok::<_, store::Error>(())
        })
        .await
        .unwrap();
    (house, admin, member)
}

#[tokio::test]
async fn tasks_are_listed_newest_first_filtered_and_paged() {
    let (house, admin, member) = house().await;
    let page = house
        .get(
            &admin,
            "/api/v1/tasks?limit=2&kind=prune&state=available&queue=housekeeping",
        )
        .await
        .expect(200)
        .json;
    assert_eq!(page["items"][0]["args"], json!({"nth": 2}));
    let next = page["next"].as_str().unwrap();
    let rest = house
        .get(&admin, &format!("/api/v1/tasks?limit=2&kind=prune&after={next}"))
        .await
        .expect(200)
        .json;
    assert_eq!((rest["items"].as_array().unwrap().len(), rest.get("next")), (1, None));
    assert_eq!(
        house.get(&admin, "/api/v1/tasks?kind=other").await.json["items"],
        json!([])
    );
    house
        .get(&admin, "/api/v1/tasks?state=odd")
        .await
        .refused(422, "invalid");
    assert_eq!(
        house.get(&member, "/api/v1/tasks").await.expect(200).json["items"],
        json!([])
    );
    let id = page["items"][0]["id"].as_i64().unwrap();
    house
        .get(&member, &format!("/api/v1/tasks/{id}"))
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn a_task_is_cancelled_and_retried() {
    let (house, admin, member) = house().await;
    let id = house.get(&admin, "/api/v1/tasks").await.json["items"][0]["id"].clone();
    let post = async |caller: &As, verb: &str| {
        house
            .call(caller, Method::POST, &format!("/api/v1/tasks/{id}/{verb}"), None)
            .await
    };
    post(&member, "cancel").await.refused(404, "not_found");
    assert_eq!(post(&admin, "cancel").await.expect(200).json["state"], "cancelled");
    post(&admin, "cancel").await.refused(409, "conflict");
    assert_eq!(post(&admin, "retry").await.expect(200).json["state"], "available");
    post(&admin, "retry").await.refused(409, "conflict");
}

#[tokio::test]
async fn a_task_of_a_deleted_source_is_not_retried() {
    let (house, admin, _) = house().await;
    let (ada, _) = house.somebody("ada@example.org", Role::Member).await;
    let (source, _) = house.source("Drive", ada, Visibility::Owner).await;
    let now = house.now();
    let task = house.store.write(move |tx| {
        let task = NewTask::new("plan_sync", &json!({}), "housekeeping", now).for_source(source);
        let task = tx.enqueue(&task, now)?;
        tx.cancel_task(task, now)?;
        tx.delete_source(source, now)?;
        Ok::<_, store::Error>(task)
    });
    let retry = format!("/api/v1/tasks/{}/retry", task.await.unwrap());
    let refused = house.post(&admin, &retry, json!({})).await;
    assert!(refused.text.contains("its source was deleted"), "{}", refused.text);
    refused.refused(409, "conflict");
}

#[tokio::test]
async fn queues_show_what_waits_and_can_be_paused_by_administrators() {
    let (house, admin, member) = house().await;
    let queues = house.get(&member, "/api/v1/queues").await.expect(200).json;
    let find = |queues: &serde_json::Value, name: &str| {
        let items = queues["items"].as_array().unwrap();
        items.iter().find(|queue| queue["name"] == name).unwrap().clone()
    };
    assert_eq!(find(&queues, "housekeeping")["available"], 3);
    assert_eq!(find(&queues, "fetch")["limit"], 4);
    house
        .post(&member, "/api/v1/queues/fetch/pause", json!({}))
        .await
        .refused(403, "not_allowed");
    assert_eq!(
        house
            .post(&admin, "/api/v1/queues/fetch/pause", json!({}))
            .await
            .expect(200)
            .json["paused"],
        true
    );
    assert_eq!(
        house
            .post(&admin, "/api/v1/queues/fetch/resume", json!({}))
            .await
            .expect(200)
            .json["paused"],
        false
    );
    house
        .post(&admin, "/api/v1/queues/nothing/pause", json!({}))
        .await
        .refused(404, "not_found");
}
