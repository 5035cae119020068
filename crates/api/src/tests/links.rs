//! One-time links: setting up, invitations, new passwords.

use axum::http::Method;
use model::{Role, Scope};
use serde_json::json;

use super::house::{As, House, PASSWORD, browser, operator};
use crate::{create_reset_link, create_setup_link};

const HALF_HOUR: i64 = 30 * 60_000;

#[tokio::test]
async fn the_set_up_link_makes_the_first_administrator_once() {
    let house = House::new();
    let token = create_setup_link(&house.store, house.now()).await.unwrap().unwrap();
    let path = format!("/api/v1/links/{}", token.expose());
    let link = house.get(&As::default(), &path).await.expect(200);
    assert_eq!(link.json["kind"], "setup");
    assert_eq!(link.json["expires_at"], house.now().plus_ms(HALF_HOUR).0);
    let answers = json!({"name": "Ada Fisher", "email": "ada@example.org", "password": PASSWORD});
    let session = house.post(&As::default(), &path, answers.clone()).await.expect(200);
    assert_eq!(session.json["user"]["role"], "administrator");
    let ada = browser(&session);
    assert_eq!(
        house.get(&ada, "/api/v1/session").await.json["user"]["name"],
        "Ada Fisher"
    );
    house.get(&As::default(), &path).await.refused(404, "link_expired");
    house
        .post(&As::default(), &path, answers)
        .await
        .refused(404, "link_expired");
    house.sign_in("ada@example.org").await;
    assert_eq!(create_setup_link(&house.store, house.now()).await.unwrap(), None);
}

#[tokio::test]
async fn a_set_up_link_ends_when_somebody_else_becomes_an_administrator() {
    let house = House::new();
    let token = create_setup_link(&house.store, house.now()).await.unwrap().unwrap();
    house.person("admin@example.org", Role::Administrator).await;
    let path = format!("/api/v1/links/{}", token.expose());
    let answers = json!({"name": "Ada Fisher", "email": "ada@example.org", "password": PASSWORD});
    house
        .post(&As::default(), &path, answers)
        .await
        .refused(404, "link_expired");
    let (bob, _) = house.somebody("bob@example.org", Role::Member).await;
    let change = json!({"role": "administrator"});
    let user = format!("/api/v1/users/{bob}");
    house
        .call(&operator(), Method::PATCH, &user, Some(change))
        .await
        .expect(200);
    house.get(&As::default(), &path).await.refused(404, "link_expired");
}

#[tokio::test]
async fn a_link_ends_after_its_time() {
    let house = House::new();
    let token = create_setup_link(&house.store, house.now()).await.unwrap().unwrap();
    house.advance(HALF_HOUR);
    let path = format!("/api/v1/links/{}", token.expose());
    house.get(&As::default(), &path).await.refused(404, "link_expired");
    let answers = json!({"name": "Ada", "email": "ada@example.org", "password": PASSWORD});
    house
        .post(&As::default(), &path, answers)
        .await
        .refused(404, "link_expired");
}

#[tokio::test]
async fn of_two_who_use_a_link_at_once_one_succeeds() {
    let house = House::new();
    let token = create_setup_link(&house.store, house.now()).await.unwrap().unwrap();
    let path = format!("/api/v1/links/{}", token.expose());
    let answers = |email: &str| json!({"name": "Somebody", "email": email, "password": PASSWORD});
    let nobody = As::default();
    let (one, two) = tokio::join!(
        house.post(&nobody, &path, answers("a@example.org")),
        house.post(&nobody, &path, answers("b@example.org")),
    );
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404]);
}

#[tokio::test]
async fn answers_that_can_not_be_used_leave_the_link_usable() {
    let house = House::new();
    let token = create_setup_link(&house.store, house.now()).await.unwrap().unwrap();
    let path = format!("/api/v1/links/{}", token.expose());
    let good = json!({"name": "Ada", "email": "ada@example.org", "password": PASSWORD});
    for (field, value) in [
        ("password", "short"),
        ("password", "aaaaaaaaaaaaaaaa"),
        ("email", "ada"),
        ("email", "a b@example.org"),
        ("name", "  "),
        ("name", "line\nbreak"),
    ] {
        let mut answers = good.clone();
        answers[field] = value.into();
        let refused = house.post(&As::default(), &path, answers).await.refused(422, "invalid");
        assert_eq!(refused.json["fields"][0]["name"], field);
    }
    house.post(&As::default(), &path, good).await.expect(200);
}

#[tokio::test]
async fn a_new_password_ends_all_sessions_keys_and_the_old_password() {
    let house = House::new();
    let (id, before) = house.somebody("ada@example.org", Role::Member).await;
    let key = house.key(id, &[Scope::Read]).await;
    let token = create_reset_link(&house.store, id, house.now()).await.unwrap();
    let path = format!("/api/v1/links/{}", token.expose());
    let link = house.get(&As::default(), &path).await.expect(200);
    assert_eq!(
        (link.json["kind"].as_str(), link.json["email"].as_str()),
        (Some("reset"), Some("ada@example.org"))
    );
    let session = house
        .post(&As::default(), &path, json!({"password": "quite another one"}))
        .await
        .expect(200);
    assert_eq!(house.get(&before, "/api/v1/session").await.json["signed_in"], false);
    house.get(&key, "/api/v1/sources").await.refused(401, "wrong_key");
    assert_eq!(
        house.get(&browser(&session), "/api/v1/session").await.json["signed_in"],
        true
    );
    let old = json!({"email": "ada@example.org", "password": PASSWORD});
    house
        .post(&As::default(), "/api/v1/session", old)
        .await
        .refused(401, "wrong_credentials");
}
