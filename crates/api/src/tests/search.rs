//! The search dialect: wire styles, keys, permissions.

use axum::body::Body;
use axum::http::{Method, Request};
use model::{Acl, Principal, Role, Scope, UserId, Visibility};
use serde_json::{Value as Json, json};

use super::house::{Answer, As, House};

struct Found {
    house: House,
    ada: As,
    ada_id: UserId,
}

async fn found() -> Found {
    let house = House::new();
    let (ada_id, ada) = house.somebody("ada@example.org", Role::Member).await;
    let source = house.source("Finance drive", ada_id, Visibility::Owner).await;
    house
        .document(source, "invoice.txt", "the march invoice", Acl::source_only())
        .await;
    house
        .document(source, "report.txt", "a yearly report", Acl::source_only())
        .await;
    let nobody = Acl::any_of([Principal::user(UserId(99))]);
    house
        .document(source, "secret-invoice.txt", "a secret invoice", nobody)
        .await;
    Found { house, ada, ada_id }
}

async fn key(house: &House, caller: &As) -> String {
    let answer = house.get(caller, "/api/v1/search-key").await.expect(200);
    assert_eq!(answer.json["application_id"], "fossick");
    answer.json["key"].as_str().unwrap().to_owned()
}

async fn queries(house: &House, key: &str, body: Json) -> Answer {
    let request = Request::post("/1/indexes/*/queries")
        .header("x-algolia-application-id", "fossick")
        .header("x-algolia-api-key", key)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body.to_string()));
    house.send(request.unwrap()).await
}

fn titles(result: &Json) -> Vec<&str> {
    let hits = result["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit["title"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_three_wire_styles_find_the_same() {
    let Found { house, ada, .. } = found().await;
    let key = key(&house, &ada).await;
    let flat = queries(
        &house,
        &key,
        json!({"requests": [{"indexName": "fossick", "query": "inv"}]}),
    )
    .await
    .expect(200);
    assert_eq!(titles(&flat.json["results"][0]), ["invoice.txt"]);
    assert_eq!(flat.headers["access-control-allow-origin"], "*");
    let params = json!({"requests": [{"indexName": "fossick", "params": "query=inv&hitsPerPage=1"}]});
    let params = queries(&house, &key, params).await.expect(200);
    assert_eq!(titles(&params.json["results"][0]), ["invoice.txt"]);
    assert_eq!(params.json["results"][0]["hitsPerPage"], 1);
    let encoded: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
    let path = format!("/1/indexes/fossick/query?x-algolia-application-id=fossick&x-algolia-api-key={encoded}");
    let single = Request::post(path)
        .header("content-type", "text/plain")
        .body(Body::from("{\"query\":\"inv\"}"));
    let single = house.send(single.unwrap()).await.expect(200);
    assert_eq!(titles(&single.json), ["invoice.txt"]);
    let body = json!({"params": "query=inv", "apiKey": key});
    let old =
        Request::post("/1/indexes/fossick/query?x-algolia-application-id=fossick").body(Body::from(body.to_string()));
    assert_eq!(
        titles(&house.send(old.unwrap()).await.expect(200).json),
        ["invoice.txt"]
    );
}

#[tokio::test]
async fn a_hit_has_the_keys_that_clients_read() {
    let Found { house, ada, .. } = found().await;
    let key = key(&house, &ada).await;
    let body = json!({"requests": [{
        "indexName": "fossick", "query": "inv", "facets": ["source", "kind", "people"], "attributesToSnippet": ["body:5"],
        "getRankingInfo": true, "highlightPreTag": "[", "highlightPostTag": "]", "somethingNew": {"a": 1},
    }]});
    let result = queries(&house, &key, body).await.expect(200).json["results"][0].clone();
    let hit = &result["hits"][0];
    assert!(hit["objectID"].is_string());
    assert_eq!(hit["source"], "Finance drive");
    assert_eq!(hit["people"], json!(["Ada Fisher"]));
    assert!(hit.get("body").is_none());
    assert_eq!(hit["_highlightResult"]["title"]["value"], "[inv]oice.txt");
    assert_eq!(hit["_highlightResult"]["title"]["matchLevel"], "full");
    assert_eq!(hit["_highlightResult"]["people"][0]["matchLevel"], "none");
    assert!(
        hit["_snippetResult"]["body"]["value"]
            .as_str()
            .unwrap()
            .contains("[inv]oice")
    );
    assert_eq!(
        result["facets"],
        json!({"source": {"Finance drive": 1}, "kind": {"text": 1}, "people": {"Ada Fisher": 1}})
    );
    assert_eq!(
        (result["nbHits"].as_i64(), result["nbPages"].as_i64()),
        (Some(1), Some(1))
    );
    assert!(result.get("_automaticInsights").is_none());
    assert!(result["params"].as_str().unwrap().contains("query=inv"));
}

#[tokio::test]
async fn sources_are_filtered_and_searched_by_name() {
    let Found { house, ada, .. } = found().await;
    let key = key(&house, &ada).await;
    let body = json!({"requests": [
        {"indexName": "fossick", "facetFilters": [["source:finance drive"]]},
        {"indexName": "fossick", "facetFilters": [["source:elsewhere"]]},
        {"type": "facet", "indexName": "fossick", "facet": "source", "facetQuery": "dri"},
        {"type": "facet", "indexName": "fossick", "facet": "people", "facetQuery": "fis"},
        {"type": "facet", "indexName": "fossick", "facet": "source", "facetQuery": "zebra"},
    ]});
    let results = queries(&house, &key, body).await.expect(200).json["results"].clone();
    assert_eq!(results[0]["nbHits"], 2);
    assert_eq!(results[1]["nbHits"], 0);
    assert_eq!(
        results[2]["facetHits"],
        json!([{"value": "Finance drive", "highlighted": "Finance <em>dri</em>ve", "count": 2}])
    );
    assert_eq!(results[3]["facetHits"][0]["highlighted"], "Ada <em>Fis</em>her");
    assert_eq!(results[4]["facetHits"], json!([]));
}

#[tokio::test]
async fn keys_that_are_not_ours_are_refused_and_cookies_count_for_nothing() {
    let Found { house, ada, .. } = found().await;
    let good = key(&house, &ada).await;
    let body = json!({"requests": [{"indexName": "fossick", "query": ""}]});
    let mut forged = good.clone().into_bytes();
    forged[10] = if forged[10] == b'A' { b'B' } else { b'A' };
    for bad in [
        String::new(),
        "nothing".to_owned(),
        String::from_utf8(forged).unwrap(),
        format!("{good}x"),
    ] {
        let answer = queries(&house, &bad, body.clone()).await.expect(403);
        assert_eq!(
            answer.json,
            json!({"message": "Invalid Application-ID or API key", "status": 403})
        );
    }
    let other = Request::post("/1/indexes/*/queries")
        .header("x-algolia-application-id", "another")
        .header("x-algolia-api-key", &good)
        .body(Body::from(body.to_string()));
    house.send(other.unwrap()).await.expect(403);
    let with_cookie = house.post(&ada, "/1/indexes/*/queries", body).await;
    with_cookie.expect(403);
}

#[tokio::test]
async fn a_search_key_ends_with_its_time_and_with_its_session() {
    let Found { house, ada, ada_id } = found().await;
    let (by_session, api_key) = (key(&house, &ada).await, house.key(ada_id, &[Scope::Search]).await);
    let by_key = key(&house, &api_key).await;
    let body = json!({"requests": [{"indexName": "fossick", "query": "inv"}]});
    queries(&house, &by_key, body.clone()).await.expect(200);
    house
        .call(&ada, Method::DELETE, "/api/v1/session", None)
        .await
        .expect(204);
    queries(&house, &by_session, body.clone()).await.expect(403);
    queries(&house, &by_key, body.clone()).await.expect(200);
    house.advance(3_600_000);
    queries(&house, &by_key, body).await.expect(403);
}

#[tokio::test]
async fn unsharing_and_deleting_take_effect_on_the_next_keystroke() {
    let Found { house, ada_id, .. } = found().await;
    let (_, bob) = house.somebody("bob@example.org", Role::Member).await;
    let shared = house.source("Shared", ada_id, Visibility::Everyone).await;
    house.document(shared, "plan.txt", "the plan", Acl::source_only()).await;
    let key = key(&house, &bob).await;
    let count = async || {
        let body = json!({"requests": [{"indexName": "fossick", "query": "", "facets": ["*"]}]});
        let result = queries(&house, &key, body).await.expect(200).json["results"][0].clone();
        (result["nbHits"].as_i64().unwrap(), result["facets"]["source"].clone())
    };
    assert_eq!(count().await, (1, json!({"Shared": 1})));
    let id = shared.0;
    house
        .store
        .write(move |tx| {
            let mut row = tx.source(id)?;
            row.visibility = Visibility::Owner;
            tx.update_source(&row)
        })
        .await
        .unwrap();
    assert_eq!(count().await.0, 0);
    let now = house.now();
    house
        .store
        .write(move |tx| {
            let mut row = tx.source(id)?;
            row.visibility = Visibility::Everyone;
            tx.update_source(&row)?;
            tx.delete_source(id, now)
        })
        .await
        .unwrap();
    assert_eq!(count().await.0, 0);
}

#[tokio::test]
async fn what_can_not_be_answered_is_refused_in_the_dialects_own_form() {
    let Found { house, ada, .. } = found().await;
    let key = key(&house, &ada).await;
    for (body, status) in [
        (json!({}), 400),
        (json!({"requests": [7]}), 400),
        (json!({"requests": [{"indexName": "products"}]}), 404),
        (json!({"requests": [{"filters": "(kind:a AND kind:b) OR kind:c"}]}), 400),
        (json!({"requests": [{"numericFilters": ["price>5"]}]}), 400),
        (json!({"requests": vec![json!({}); 51]}), 400),
    ] {
        let answer = queries(&house, &key, body).await.expect(status);
        assert_eq!(answer.json["status"], status);
        assert!(answer.json["message"].is_string());
    }
    let garbage = Request::post("/1/indexes/*/queries").body(Body::from("{")).unwrap();
    house.send(garbage).await.expect(400);
    let other = Request::get("/1/keys").body(Body::empty()).unwrap();
    let answer = house.send(other).await.expect(404);
    assert_eq!(answer.json["status"], 404);
    let preflight = Request::options("/1/indexes/*/queries").body(Body::empty()).unwrap();
    let answer = house.send(preflight).await.expect(204);
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
}
