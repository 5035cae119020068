//! Users, groups and keys.

use axum::http::Method;
use model::{Role, Scope, Visibility};
use serde_json::{Value as Json, json};

use super::house::{As, House, PASSWORD, browser, operator};

const USERS: &str = "/api/v1/users";
const GROUPS: &str = "/api/v1/groups";
const KEYS: &str = "/api/v1/keys";

#[tokio::test]
async fn an_invitation_becomes_an_account() {
    let house = House::new();
    let (_, admin) = house.somebody("admin@example.org", Role::Administrator).await;
    let invited = json!({"email": "new@example.org", "role": "member"});
    let answer = house.post(&admin, USERS, invited.clone()).await.expect(201).json;
    assert_eq!(answer["user"]["state"], "invited");
    let url = answer["invitation"]["url"].as_str().unwrap();
    assert!(url.starts_with("http://fossick.test:3677/invite/"), "{url}");
    let token = url.rsplit('/').next().unwrap();
    let path = format!("/api/v1/links/{token}");
    assert_eq!(
        house.get(&As::default(), &path).await.expect(200).json["email"],
        "new@example.org"
    );
    house
        .post(&As::default(), &path, json!({"password": PASSWORD}))
        .await
        .refused(422, "invalid");
    let session = house
        .post(
            &As::default(),
            &path,
            json!({"name": "New Person", "password": PASSWORD}),
        )
        .await
        .expect(200);
    assert_eq!(session.json["user"]["role"], "member");
    house.get(&browser(&session), USERS).await.refused(403, "not_allowed");
    let refused = house.post(&admin, USERS, invited).await.refused(422, "invalid");
    assert_eq!(refused.json["fields"][0]["name"], "email");
}

#[tokio::test]
async fn a_disabled_account_ends_with_its_sessions_and_keys() {
    let house = House::new();
    let (_, admin) = house.somebody("admin@example.org", Role::Administrator).await;
    let (id, ada) = house.somebody("ada@example.org", Role::Member).await;
    let key = house.key(id, &[Scope::Read]).await;
    house.get(&key, "/api/v1/sources").await.expect(200);
    let path = format!("{USERS}/{id}");
    house
        .call(&admin, Method::PATCH, &path, Some(json!({"state": "disabled"})))
        .await
        .expect(200);
    assert_eq!(house.get(&ada, "/api/v1/session").await.json["signed_in"], false);
    house.get(&key, "/api/v1/sources").await.refused(401, "wrong_key");
    house
        .post(&admin, &format!("{path}/reset-link"), json!({}))
        .await
        .refused(409, "conflict");
    house
        .call(&admin, Method::PATCH, &path, Some(json!({"state": "active"})))
        .await
        .expect(200);
    house.sign_in("ada@example.org").await;
    house.get(&key, "/api/v1/sources").await.refused(401, "wrong_key");
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    let house = House::new();
    let (id, admin) = house.somebody("admin@example.org", Role::Administrator).await;
    let path = format!("{USERS}/{id}");
    for change in [json!({"role": "member"}), json!({"state": "disabled"})] {
        house
            .call(&admin, Method::PATCH, &path, Some(change))
            .await
            .refused(409, "conflict");
    }
    house
        .call(&admin, Method::DELETE, &path, None)
        .await
        .refused(409, "conflict");
    house.get(&admin, &path).await.expect(200);
}

#[tokio::test]
async fn somebody_who_owns_a_source_is_not_removed() {
    let house = House::new();
    let (_, admin) = house.somebody("admin@example.org", Role::Administrator).await;
    let (id, _) = house.somebody("ada@example.org", Role::Member).await;
    let (source, _) = house.source("Drive", id, Visibility::Owner).await;
    let path = format!("{USERS}/{id}");
    house
        .call(&admin, Method::DELETE, &path, None)
        .await
        .refused(409, "conflict");
    house
        .call(&admin, Method::DELETE, &format!("/api/v1/sources/{source}"), None)
        .await
        .expect(204);
    house.call(&admin, Method::DELETE, &path, None).await.expect(204);
    house.get(&admin, &path).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_source_passes_to_somebody_else_by_an_administrators_hand() {
    let house = House::new();
    let (admin_id, admin) = house.somebody("admin@example.org", Role::Administrator).await;
    let (ada_id, ada) = house.somebody("ada@example.org", Role::Member).await;
    let (ben_id, ben) = house.somebody("ben@example.org", Role::Member).await;
    let (source, _) = house.source("Drive", ada_id, Visibility::Owner).await;
    let path = format!("/api/v1/sources/{source}");
    let give = async |caller: &As, to: i64| {
        house
            .call(caller, Method::PATCH, &path, Some(json!({"owner": to})))
            .await
    };
    // Her own, but an administrator's source may read what hers may not.
    give(&ada, admin_id.0).await.refused(403, "not_allowed");
    give(&ben, ben_id.0).await.refused(404, "not_found");
    give(&admin, 99).await.refused(422, "invalid");
    give(&admin, ben_id.0).await.expect(200);
    house.get(&ada, &path).await.refused(404, "not_found");
    assert_eq!(house.get(&ben, &path).await.expect(200).json["owner"]["id"], ben_id.0);
    // Whoever is removed hands over all of it at once.
    let remove = async |query: String| {
        house
            .call(&admin, Method::DELETE, &format!("{USERS}/{ben_id}{query}"), None)
            .await
    };
    let refused = remove(String::new()).await.refused(409, "conflict");
    assert!(refused.text.contains("sources_to"), "{}", refused.text);
    remove(format!("?sources_to={ben_id}")).await.refused(422, "invalid");
    remove("?sources_to=99".to_owned()).await.refused(422, "invalid");
    house
        .call(
            &admin,
            Method::PATCH,
            &format!("{USERS}/{ada_id}"),
            Some(json!({"state": "disabled"})),
        )
        .await
        .expect(200);
    remove(format!("?sources_to={ada_id}")).await.refused(422, "invalid");
    remove(format!("?sources_to={admin_id}")).await.expect(204);
    assert_eq!(
        house.get(&admin, &path).await.expect(200).json["owner"]["id"],
        admin_id.0
    );
}

#[tokio::test]
async fn nobody_is_kept_because_there_was_no_administrator_before() {
    let house = House::new();
    let id = house.person("ada@example.org", Role::Member).await;
    for state in ["disabled", "active"] {
        house
            .call(
                &operator(),
                Method::PATCH,
                &format!("{USERS}/{id}"),
                Some(json!({"state": state})),
            )
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn groups_nest_and_sharing_follows_them_at_once() {
    let house = House::new();
    let (owner, _) = house.somebody("owner@example.org", Role::Member).await;
    let (_, admin) = house.somebody("admin@example.org", Role::Administrator).await;
    let (bob_id, bob) = house.somebody("bob@example.org", Role::Member).await;
    let group = async |name: &str| {
        let made = house.post(&admin, GROUPS, json!({"name": name})).await.expect(201);
        made.json["id"].as_i64().unwrap()
    };
    let (outer, inner) = (group("Finance").await, group("Payroll").await);
    let (source, _) = house
        .source(
            "Drive",
            owner,
            Visibility::Groups {
                groups: vec![model::GroupId(outer)],
            },
        )
        .await;
    let source = format!("/api/v1/sources/{source}");
    house.get(&bob, &source).await.refused(404, "not_found");
    let nest = format!("{GROUPS}/{outer}/members/group/{inner}");
    let join = format!("{GROUPS}/{inner}/members/user/{bob_id}");
    for path in [&nest, &join] {
        house.call(&admin, Method::PUT, path, None).await.expect(204);
    }
    house.get(&bob, &source).await.expect(200);
    let cycle = format!("{GROUPS}/{inner}/members/group/{outer}");
    house
        .call(&admin, Method::PUT, &cycle, None)
        .await
        .refused(409, "conflict");
    house.call(&admin, Method::DELETE, &nest, None).await.expect(204);
    house.get(&bob, &source).await.refused(404, "not_found");
    house
        .post(&admin, GROUPS, json!({"name": "Finance"}))
        .await
        .refused(422, "invalid");
    let seen_by_bob = house.get(&bob, GROUPS).await.expect(200).json;
    assert_eq!(seen_by_bob["items"][1]["members"], json!([]));
    let seen_by_admin = house.get(&admin, &format!("{GROUPS}/{inner}")).await.expect(200).json;
    assert_eq!(
        seen_by_admin["members"],
        json!([{"kind": "user", "id": bob_id, "name": "bob"}])
    );
    for (method, path) in [
        (Method::POST, GROUPS.to_owned()),
        (Method::PATCH, format!("{GROUPS}/{inner}")),
        (Method::DELETE, format!("{GROUPS}/{inner}")),
        (Method::PUT, join),
    ] {
        house
            .call(&bob, method, &path, Some(json!({"name": "x"})))
            .await
            .refused(403, "not_allowed");
    }
}

#[tokio::test]
async fn a_key_does_what_its_scopes_say_and_needs_no_csrf_token() {
    let house = House::new();
    let (id, ada) = house.somebody("ada@example.org", Role::Administrator).await;
    let made = house
        .post(&ada, KEYS, json!({"name": "import", "scopes": ["manage"]}))
        .await
        .expect(201)
        .json;
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("fsk_"));
    let manage = As {
        key: Some(secret.to_owned()),
        ..As::default()
    };
    let (search, read) = (
        house.key(id, &[Scope::Search]).await,
        house.key(id, &[Scope::Read]).await,
    );
    house.get(&search, "/api/v1/search-key").await.expect(200);
    house.get(&search, USERS).await.refused(403, "missing_scope");
    house.get(&read, USERS).await.expect(200);
    house
        .post(&read, GROUPS, json!({"name": "x"}))
        .await
        .refused(403, "missing_scope");
    house.post(&manage, GROUPS, json!({"name": "x"})).await.expect(201);
    let listed = house.get(&ada, KEYS).await.expect(200);
    assert!(!listed.text.contains(secret));
    assert_eq!(listed.json["items"].as_array().unwrap().len(), 3);
    house
        .call(&ada, Method::DELETE, &format!("{KEYS}/{}", made["key"]["id"]), None)
        .await
        .expect(204);
    house.get(&manage, USERS).await.refused(401, "wrong_key");
}

#[tokio::test]
async fn keys_end_and_belong_to_somebody() {
    let house = House::new();
    let (_, ada) = house.somebody("ada@example.org", Role::Member).await;
    let (_, bob) = house.somebody("bob@example.org", Role::Member).await;
    for bad in [
        json!({"name": "x", "scopes": []}),
        json!({"name": " ", "scopes": ["read"]}),
        json!({"name": "x", "scopes": ["everything"]}),
        json!({"name": "x", "scopes": ["read"], "expires_at": 1}),
    ] {
        house.post(&ada, KEYS, bad).await.refused(422, "invalid");
    }
    let ends = house.now().0 + 1_000;
    let made = house
        .post(&ada, KEYS, json!({"name": "x", "scopes": ["read"], "expires_at": ends}))
        .await
        .expect(201)
        .json;
    let key = As {
        key: made["secret"].as_str().map(str::to_owned),
        ..As::default()
    };
    house.get(&key, KEYS).await.expect(200);
    let path = format!("{KEYS}/{}", made["key"]["id"]);
    house
        .call(&bob, Method::DELETE, &path, None)
        .await
        .refused(404, "not_found");
    house
        .post(&operator(), KEYS, json!({"name": "x", "scopes": ["read"]}))
        .await
        .refused(403, "not_allowed");
    assert_eq!(
        house.get(&operator(), KEYS).await.json["items"][0]["user"]["name"],
        "ada"
    );
    house.advance(1_000);
    house.get(&key, KEYS).await.refused(401, "wrong_key");
    for bad in ["Basic YTpi", "Bearer", "Bearer nothing", "fsk_x"] {
        let mut request = super::house::request(&As::default(), Method::GET, KEYS, None);
        request.headers_mut().insert("authorization", bad.parse().unwrap());
        house.send(request).await.refused(401, "wrong_key");
    }
}

#[tokio::test]
async fn a_key_that_a_key_made_may_no_more_lasts_no_longer_and_ends_with_it() {
    let house = House::new();
    let (id, _) = house.somebody("ada@example.org", Role::Member).await;
    let (manage, read) = (
        house.key(id, &[Scope::Manage]).await,
        house.key(id, &[Scope::Read]).await,
    );
    let own = house.get(&manage, KEYS).await.expect(200).json["items"][0].clone();
    house
        .post(&read, KEYS, json!({"name": "x", "scopes": ["read"]}))
        .await
        .refused(403, "missing_scope");
    for (given, expected) in [
        (Json::Null, own["expires_at"].clone()),
        (
            json!(own["expires_at"].as_i64().unwrap() + 1),
            own["expires_at"].clone(),
        ),
        (json!(house.now().0 + 1), json!(house.now().0 + 1)),
    ] {
        let new = json!({"name": "x", "scopes": ["read"], "expires_at": given});
        let made = house.post(&manage, KEYS, new).await.expect(201).json;
        assert_eq!(made["key"]["expires_at"], expected);
    }
    house
        .call(&manage, Method::DELETE, &format!("{KEYS}/{}", own["id"]), None)
        .await
        .expect(204);
    assert_eq!(
        house.get(&read, KEYS).await.expect(200).json["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn the_operator_manages_people_without_an_account() {
    let house = House::new();
    let invited = json!({"email": "new@example.org", "name": "New", "role": "administrator"});
    house.post(&operator(), USERS, invited).await.expect(201);
    assert_eq!(
        house.get(&operator(), USERS).await.expect(200).json["items"][0]["name"],
        "New"
    );
}
