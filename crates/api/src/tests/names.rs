//! Names of sources that are given at the same instant.

use std::sync::Arc;

use axum::http::Method;
use model::Role;
use serde_json::{Value as Json, json};
use store::Database;
use testkit::TestDatabase;
use tokio::task::JoinSet;

use super::house::{As, House};
use super::sources::SOURCES;

/// How many ask at once.
const MANY: usize = 8;

/// Sends all requests at once. One must be answered with `status`, and the others be refused for their name.
async fn one_of_many(house: &Arc<House>, caller: &As, requests: Vec<(Method, String, Json)>, status: u16) {
    let mut answers = JoinSet::new();
    for (method, path, body) in requests {
        let (house, caller) = (Arc::clone(house), caller.clone());
        answers.spawn(async move { house.call(&caller, method, &path, Some(body)).await });
    }
    let (taken, refused): (Vec<_>, Vec<_>) = answers
        .join_all()
        .await
        .into_iter()
        .partition(|answer| answer.status.as_u16() == status);
    assert_eq!(taken.len(), 1, "{refused:?}");
    for answer in refused {
        let answer = answer.refused(409, "conflict");
        assert_eq!(answer.json["fields"][0]["name"], "name", "{}", answer.text);
    }
}

async fn check(house: House) {
    let house = Arc::new(house);
    let folder = house.path().join("documents");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("a.md"), "# A").unwrap();
    let (_, admin) = house.somebody("admin@example.org", Role::Administrator).await;
    let draft = |name: String| json!({"name": name, "connector": "folder", "config": {"path": folder}});
    let adding = || (Method::POST, SOURCES.to_owned(), draft("Documents".to_owned()));
    one_of_many(&house, &admin, (0..MANY).map(|_| adding()).collect(), 201).await;
    let mut renaming = Vec::new();
    for at in 0..MANY {
        let added = house
            .post(&admin, SOURCES, draft(format!("Number {at}")))
            .await
            .expect(201);
        let path = format!("{SOURCES}/{}", added.json["id"]);
        renaming.push((Method::PATCH, path, json!({"name": "Papers"})));
    }
    one_of_many(&house, &admin, renaming, 200).await;
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_sources_that_are_given_one_name_at_once_one_gets_it() {
    check(House::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_sources_that_are_given_one_name_at_once_one_gets_it_on_postgres() {
    let Some(database) = blocking(TestDatabase::create).await else {
        return;
    };
    let url = database.url();
    let house = blocking(|| House::on(Database::Postgres { url }, |_| {})).await;
    check(house).await;
}
