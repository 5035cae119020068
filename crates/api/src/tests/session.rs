//! Signing in and out, cookies, CSRF, the throttle.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request};
use model::{Role, UserState};
use serde_json::json;
use store::UserRow;

use super::house::{As, House, PASSWORD, request};
use crate::session::Beginning;

const SESSION: &str = "/api/v1/session";

#[tokio::test]
async fn nobody_is_signed_in_at_first_and_set_up_is_needed() {
    let house = House::new();
    let answer = house.get(&As::default(), SESSION).await.expect(200);
    assert_eq!(answer.json["signed_in"], false);
    assert_eq!(answer.json["setup_needed"], true);
    assert_eq!(answer.json["csrf"], "");
    house
        .get(&As::default(), "/api/v1/sources")
        .await
        .refused(401, "not_signed_in");
}

#[tokio::test]
async fn signing_in_gives_a_cookie_that_scripts_and_other_sites_do_not_get() {
    let house = House::new();
    house.person("ada@example.org", Role::Administrator).await;
    let credentials = json!({"email": "ADA@example.org ", "password": PASSWORD});
    let answer = house.post(&As::default(), SESSION, credentials).await.expect(200);
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    for part in ["fossick_session=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "{cookie}");
    assert_eq!(answer.json["user"]["role"], "administrator");
    assert_eq!(answer.json["setup_needed"], false);
}

#[tokio::test]
async fn the_cookie_is_secure_under_https_as_a_trusted_proxy_says() {
    let house = House::with(|settings| settings.trusted_proxies = vec!["192.0.2.0/24".parse().unwrap()]);
    house.person("ada@example.org", Role::Member).await;
    let mut request = request(
        &As::default(),
        Method::POST,
        SESSION,
        Some(json!({"email": "ada@example.org", "password": PASSWORD})),
    );
    request
        .headers_mut()
        .insert("x-forwarded-proto", "https".parse().unwrap());
    let answer = house.send(request).await.expect(200);
    assert!(answer.headers["set-cookie"].to_str().unwrap().contains("; Secure"));
}

#[tokio::test]
async fn a_wrong_password_an_unknown_address_and_a_disabled_account_look_the_same() {
    let house = House::new();
    let id = house.person("ada@example.org", Role::Member).await;
    house.person("bob@example.org", Role::Member).await;
    house
        .store
        .write(move |tx| {
            let mut row = tx.user(id)?;
            row.state = UserState::Disabled;
            tx.update_user(&row)
        })
        .await
        .unwrap();
    let mut answers = Vec::new();
    for (email, password) in [
        ("ada@example.org", PASSWORD),
        ("bob@example.org", "another long one"),
        ("nobody@example.org", PASSWORD),
    ] {
        let answer = house
            .post(&As::default(), SESSION, json!({"email": email, "password": password}))
            .await
            .refused(401, "wrong_credentials");
        answers.push(answer.text);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
}

#[tokio::test]
async fn no_session_begins_for_who_was_disabled_or_has_another_password_meanwhile() {
    let house = House::new();
    let (id, now) = (house.person("ada@example.org", Role::Member).await, house.now());
    let begins = async |as_known: UserRow| {
        let begun = house
            .store
            .write(move |tx| Beginning::draw().keep(tx, &as_known, None, now));
        begun.await.map_err(|error: store::Error| error).unwrap().is_some()
    };
    let as_known = house.store.read(move |tx| tx.user(id)).await.unwrap();
    assert!(begins(as_known.clone()).await);
    house
        .store
        .write(move |tx| tx.set_password(id, "another hash"))
        .await
        .unwrap();
    assert!(!begins(as_known).await);
    let disabled = house.store.write(move |tx| {
        let mut row = tx.lock_user(id)?;
        row.state = UserState::Disabled;
        tx.update_user(&row)?;
        Ok::<_, store::Error>(row)
    });
    assert!(!begins(disabled.await.unwrap()).await);
}

#[tokio::test]
async fn signing_in_again_ends_the_session_of_before() {
    let house = House::new();
    let (_, before) = house.somebody("ada@example.org", Role::Member).await;
    let credentials = json!({"email": "ada@example.org", "password": PASSWORD});
    house.post(&before, SESSION, credentials).await.expect(200);
    assert_eq!(house.get(&before, SESSION).await.json["signed_in"], false);
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let house = House::new();
    let (_, ada) = house.somebody("ada@example.org", Role::Member).await;
    assert_eq!(house.get(&ada, SESSION).await.json["signed_in"], true);
    let answer = house.call(&ada, Method::DELETE, SESSION, None).await.expect(204);
    assert!(answer.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(house.get(&ada, SESSION).await.json["signed_in"], false);
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends_and_one_that_is_used_goes_on_to_its_limit() {
    const DAY: i64 = 86_400_000;
    let house = House::new();
    let (_, ada) = house.somebody("ada@example.org", Role::Member).await;
    for _ in 0..8 {
        house.advance(11 * DAY);
        let signed_in = house.get(&ada, SESSION).await.json["signed_in"].clone();
        assert_eq!(signed_in, true);
    }
    house.advance(3 * DAY);
    assert_eq!(house.get(&ada, SESSION).await.json["signed_in"], false);
    let bob = house.somebody("bob@example.org", Role::Member).await.1;
    house.advance(15 * DAY);
    assert_eq!(house.get(&bob, SESSION).await.json["signed_in"], false);
}

#[tokio::test]
async fn changes_by_cookie_need_the_csrf_token_and_our_own_origin() {
    let house = House::new();
    let (_, ada) = house.somebody("ada@example.org", Role::Member).await;
    let without = As {
        csrf: None,
        ..ada.clone()
    };
    let wrong = As {
        csrf: Some("wrong".to_owned()),
        ..ada.clone()
    };
    for caller in [&without, &wrong] {
        let answer = house.call(caller, Method::DELETE, SESSION, None).await;
        answer.refused(403, "wrong_csrf");
    }
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let mut request = request(&ada, Method::DELETE, SESSION, None);
        request.headers_mut().insert(name, value.parse().unwrap());
        house.send(request).await.refused(403, "wrong_csrf");
    }
    let mut request = request(&ada, Method::DELETE, SESSION, None);
    request
        .headers_mut()
        .insert("origin", "http://fossick.test:3677".parse().unwrap());
    house.send(request).await.expect(204);
}

#[tokio::test]
async fn another_site_can_not_sign_somebody_in() {
    let house = House::new();
    house.person("ada@example.org", Role::Member).await;
    let body = json!({"email": "ada@example.org", "password": PASSWORD});
    let mut foreign = request(&As::default(), Method::POST, SESSION, Some(body.clone()));
    foreign
        .headers_mut()
        .insert("origin", "https://evil.example".parse().unwrap());
    house.send(foreign).await.refused(403, "wrong_csrf");
    let mut form = request(&As::default(), Method::POST, SESSION, Some(body));
    form.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    house.send(form).await.refused(415, "not_json");
}

#[tokio::test]
async fn after_several_failures_an_account_has_to_wait_and_a_right_password_too() {
    let house = House::new();
    house.person("ada@example.org", Role::Member).await;
    let attempt = |password: &str| json!({"email": "ada@example.org", "password": password});
    for _ in 0..5 {
        let answer = house.post(&As::default(), SESSION, attempt("wrong but long")).await;
        answer.refused(401, "wrong_credentials");
    }
    let answer = house
        .post(&As::default(), SESSION, attempt(PASSWORD))
        .await
        .refused(429, "throttled");
    assert_eq!(answer.headers["retry-after"], "1");
    house.advance(1_000);
    house.post(&As::default(), SESSION, attempt(PASSWORD)).await.expect(200);
    house
        .post(&As::default(), SESSION, attempt("wrong but long"))
        .await
        .refused(401, "wrong_credentials");
}

#[tokio::test]
async fn whoever_fails_elsewhere_keeps_nobody_out() {
    let house = House::new();
    house.person("ada@example.org", Role::Member).await;
    let attempt = |address: &str, password: &str| {
        let body = json!({"email": "ada@example.org", "password": password});
        let peer: SocketAddr = address.parse().unwrap();
        let mut request = request(&As::default(), Method::POST, SESSION, Some(body));
        request.extensions_mut().insert(ConnectInfo(peer));
        house.send(request)
    };
    for _ in 0..5 {
        let answer = attempt("198.51.100.7:1", "wrong but long").await;
        answer.refused(401, "wrong_credentials");
    }
    attempt("198.51.100.7:1", PASSWORD).await.refused(429, "throttled");
    attempt("203.0.113.9:1", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn an_address_that_tries_many_accounts_has_to_wait() {
    let house = House::new();
    let attempt = |nth: usize| json!({"email": format!("nobody{nth}@example.org"), "password": "wrong but long"});
    for nth in 0..30 {
        let answer = house.post(&As::default(), SESSION, attempt(nth)).await;
        answer.refused(401, "wrong_credentials");
    }
    house
        .post(&As::default(), SESSION, attempt(30))
        .await
        .refused(429, "throttled");
}

#[tokio::test]
async fn bodies_that_can_not_be_read_are_refused_in_words() {
    let house = House::new();
    let send = |body: &'static str| {
        Request::post(SESSION)
            .header("content-type", "application/json")
            .header("host", "fossick.test")
            .body(Body::from(body))
            .unwrap()
    };
    for body in [
        "",
        "{",
        "[]",
        "{\"email\": 7}",
        "{\"email\": \"a\", \"password\": \"b\", \"extra\": 1}",
        "\u{0}",
        "{\"email\": \"a\\u0000\", \"password\": \"b\"}",
    ] {
        let answer = house.send(send(body)).await.refused(422, "invalid");
        assert!(
            !answer.json["detail"].as_str().unwrap().contains("Failed to"),
            "{}",
            answer.text
        );
    }
    let huge = format!("{{\"email\": \"{}\"}}", "a".repeat(3 << 20));
    let request = Request::post(SESSION)
        .header("content-type", "application/json")
        .body(Body::from(huge))
        .unwrap();
    house.send(request).await.refused(413, "too_large");
}

#[tokio::test]
async fn every_answer_carries_careful_headers_and_an_id() {
    let house = House::new();
    for path in [SESSION, "/api/v1/nothing", "/1/nothing", "/healthz", "/sources"] {
        let answer = house.get(&As::default(), path).await;
        for name in [
            "content-security-policy",
            "x-content-type-options",
            "referrer-policy",
            "x-request-id",
        ] {
            assert!(answer.headers.contains_key(name), "{path}: {name}");
        }
    }
    house
        .get(&As::default(), "/api/v1/nothing")
        .await
        .refused(404, "not_found");
    house
        .call(&As::default(), Method::PUT, SESSION, None)
        .await
        .refused(405, "method_not_allowed");
}
