//! Health, status, figures, reindexing; the operator's search.

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request};
use model::{Acl, Principal, Role, Timestamp, UserId, Visibility};
use serde_json::json;

use super::house::{As, House, operator, request};

#[tokio::test]
async fn health_and_readiness_need_nobody() {
    let house = House::new();
    for path in ["/healthz", "/readyz"] {
        house.get(&As::default(), path).await.expect(200);
    }
    house.store.close();
    house.get(&As::default(), "/healthz").await.expect(200);
}

#[tokio::test]
async fn figures_are_for_the_machine_and_administrators() {
    let house = House::new();
    let (_, admin) = house.somebody("admin@example.org", Role::Administrator).await;
    house
        .get(&As::default(), "/metrics")
        .await
        .refused(401, "not_signed_in");
    let text = house.get(&admin, "/metrics").await.expect(200).text;
    for line in [
        "fossick_tasks{queue=\"fetch\",state=\"available\"} 0",
        "fossick_sync_records_total{what=\"seen\"} 0",
        "# TYPE fossick_sync_pages_total counter",
        "fossick_index_documents 0",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let local: std::net::SocketAddr = "127.0.0.1:9".parse().unwrap();
    let from = |forwarded: bool| {
        let mut request = Request::get("/metrics").extension(ConnectInfo(local));
        if forwarded {
            request = request.header("x-forwarded-for", "192.0.2.1");
        }
        request.body(Body::empty()).unwrap()
    };
    house.send(from(false)).await.expect(200);
    house.send(from(true)).await.refused(401, "not_signed_in");
}

#[tokio::test]
async fn the_status_says_how_far_the_index_is_behind() {
    let house = House::new();
    let (id, member) = house.somebody("member@example.org", Role::Member).await;
    house.get(&member, "/api/v1/status").await.refused(403, "not_allowed");
    let place = house.source("Drive", id, Visibility::Owner).await;
    house.document(place, "a.txt", "a", Acl::source_only()).await;
    let status = house.get(&operator(), "/api/v1/status").await.expect(200).json;
    assert_eq!(
        (&status["store"], &status["index"]["documents"]),
        (&json!("sqlite"), &json!(1))
    );
    house.post(&operator(), "/api/v1/reindex", json!({})).await.expect(202);
    let status = house.get(&operator(), "/api/v1/status").await.expect(200).json;
    assert_eq!(status["index"]["behind"], 1);
    let tasks = house
        .get(&operator(), "/api/v1/tasks?kind=upload_changes")
        .await
        .expect(200)
        .json;
    assert!(tasks["items"].is_array());
}

#[tokio::test]
async fn the_status_names_the_workers_and_what_they_claim_from() {
    let house = House::new();
    let worker = store::WorkerRow {
        name: "attic".to_owned(),
        queues: "fetch,parse".to_owned(),
        running: 3,
        started_at: Timestamp(1_000),
        seen_at: Timestamp(2_000),
    };
    house
        .store
        .write::<_, store::Error, _>(move |tx| tx.see_worker(&worker))
        .await
        .expect("written");
    let status = house.get(&operator(), "/api/v1/status").await.expect(200).json;
    assert_eq!(
        status["workers"],
        json!([{"name": "attic", "queues": ["fetch", "parse"], "running": 3, "started_at": 1_000, "seen_at": 2_000}])
    );
}

#[tokio::test]
async fn the_operator_searches_as_whom_they_say() {
    let house = House::new();
    let (id, _) = house.somebody("ada@example.org", Role::Member).await;
    let (private, shared) = (
        house.source("Private", id, Visibility::Owner).await,
        house.source("Shared", id, Visibility::Everyone).await,
    );
    house.document(private, "private.txt", "x", Acl::source_only()).await;
    house
        .document(private, "own.txt", "x", Acl::any_of([Principal::user(UserId(99))]))
        .await;
    house.document(shared, "shared.txt", "x", Acl::source_only()).await;
    let search = async |whom: &str| {
        let body = json!({"requests": [{"indexName": "fossick", "query": ""}]});
        let mut request = request(&operator(), Method::POST, "/1/indexes/*/queries", Some(body));
        request.headers_mut().insert("x-fossick-as", whom.parse().unwrap());
        house.send(request).await
    };
    assert_eq!(search("operator").await.expect(200).json["results"][0]["nbHits"], 2);
    assert_eq!(search("everyone").await.expect(200).json["results"][0]["nbHits"], 1);
    assert_eq!(
        search("user:ADA@example.org").await.expect(200).json["results"][0]["nbHits"],
        2
    );
    search("user:nobody@example.org").await.expect(404);
    search("somebody").await.expect(400);
}

#[tokio::test]
async fn a_header_on_the_network_makes_nobody_the_operator() {
    let house = House::new();
    let body = json!({"requests": [{"indexName": "fossick", "query": ""}]});
    let mut request = request(&As::default(), Method::POST, "/1/indexes/*/queries", Some(body));
    request
        .headers_mut()
        .insert("x-fossick-as", "operator".parse().unwrap());
    house.send(request).await.expect(403);
}
