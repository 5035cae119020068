//! The event stream: what is told, from where on, and to whom who does not listen.

use std::time::Duration;

use axum::body::BodyDataStream;
use axum::http::Method;
use futures_util::StreamExt;
use model::{LogLevel, Role, SourceId, Visibility};
use serde_json::{Value as Json, json};
use store::{Event, NewLine, NewTask};
use tower::ServiceExt;

use super::house::{As, House, request};
use crate::Caller;
use crate::routes::events::listener::{Listener, Start};

/// Opens an event stream.
pub(super) async fn events(house: &House, caller: &As, path: &str) -> BodyDataStream {
    stream(house, request(caller, Method::GET, path, None)).await
}

async fn stream(house: &House, request: axum::http::Request<axum::body::Body>) -> BodyDataStream {
    let response = house.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    response.into_body().into_data_stream()
}

/// Everything up to the first text that holds `marker`.
async fn until(stream: &mut BodyDataStream, marker: &str) -> String {
    let mut text = String::new();
    while !text.contains(marker) {
        text.push_str(&String::from_utf8_lossy(&stream.next().await.unwrap().unwrap()));
    }
    text
}

async fn say(house: &House, source: SourceId, messages: Vec<String>) -> i64 {
    let now = house.now();
    let said = house.store.write(move |tx| {
        let lines: Vec<NewLine> = messages
            .iter()
            .map(|message| NewLine::of_source(LogLevel::Info, source, message))
            .collect();
        tx.insert_lines(&lines, now)?;
        tx.last_line()
    });
    said.await.map_err(|error: store::Error| error).unwrap()
}

async fn house() -> (House, As, SourceId) {
    let house = House::new();
    let (owner, caller) = house.somebody("owner@example.org", Role::Member).await;
    let (source, _) = house.source("Mine", owner, Visibility::Owner).await;
    (house, caller, source)
}

/// The messages of the lines in a stream's text, with their ids.
fn lines(text: &str) -> Vec<(i64, String)> {
    let mut found = Vec::new();
    for event in text.split("\n\n").filter(|event| event.contains("event: log")) {
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        let line: Json = serde_json::from_str(field("data: ")).unwrap();
        let id: i64 = field("id: ").parse().unwrap();
        assert_eq!(line["id"], id);
        found.push((id, line["message"].as_str().unwrap().to_owned()));
    }
    found
}

#[tokio::test]
async fn whoever_comes_back_hears_every_line_that_was_said_meanwhile() {
    let (house, caller, source) = house().await;
    let mut stream = events(&house, &caller, "/api/v1/events").await;
    say(&house, source, vec!["one".to_owned(), "two".to_owned()]).await;
    let first = lines(&until(&mut stream, "two").await);
    let messages: Vec<&str> = first.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(messages, ["one", "two"]);
    drop(stream);
    let missed: Vec<String> = (0..1_200).map(|n| format!("missed {n}.")).collect();
    say(&house, source, missed.clone()).await;
    let mut again = request(&caller, Method::GET, "/api/v1/events", None);
    again
        .headers_mut()
        .insert("last-event-id", first[0].0.to_string().parse().unwrap());
    let mut stream = self::stream(&house, again).await;
    let text = until(&mut stream, "missed 1199.").await;
    // What else moved meanwhile is to be read again.
    assert!(text.starts_with("event: lagged"), "{}", &text[..100]);
    let heard: Vec<String> = lines(&text).into_iter().map(|(_, text)| text).collect();
    assert_eq!(heard[0], "two");
    assert_eq!(heard[1..], missed);
}

#[tokio::test]
async fn a_reader_who_does_not_read_is_let_go() {
    let (house, _, source) = house().await;
    say(&house, source, (0..300).map(|n| format!("line {n}.")).collect()).await;
    let (api, signals) = (house.api(), house.store.signals());
    let start = Start::of(None, Some(0), 300);
    let listener = Listener::new(
        api,
        Caller::Operator,
        (signals.events(), signals.lines_written()),
        start,
    );
    let (out, mut waiting) = tokio::sync::mpsc::channel(4);
    // Ends although the server goes on.
    listener.run(out, Duration::from_millis(1)).await;
    let mut waited = 0;
    while waiting.recv().await.is_some() {
        waited += 1;
    }
    assert_eq!(waited, 4);
}

#[tokio::test]
async fn tasks_and_queues_are_told_of() {
    let (house, caller, source) = house().await;
    let now = house.now();
    let task = house
        .store
        .write(move |tx| {
            tx.enqueue(
                &NewTask::new("parse_page", &json!({}), "parse", now).for_source(source),
                now,
            )
        })
        .await
        .map_err(|error: store::Error| error)
        .unwrap();
    let mut stream = events(&house, &caller, "/api/v1/events").await;
    house.store.tell(&[Event::Queues, Event::Task(task)]);
    let text = until(&mut stream, "event: queues").await;
    assert!(
        text.contains("event: task") && text.contains("\"state\":\"available\""),
        "{text}"
    );
    let path = format!("/api/v1/tasks/{task}/cancel");
    house.call(&caller, Method::POST, &path, None).await.expect(200);
    until(&mut stream, "\"state\":\"cancelled\"").await;
}

#[tokio::test]
async fn a_log_is_read_backwards_in_pages_and_forwards_from_a_line() {
    let (house, caller, source) = house().await;
    say(&house, source, (1..=5).map(|n| format!("{n}")).collect()).await;
    let get = async |query: &str| {
        let page = house
            .get(&caller, &format!("/api/v1/sources/{source}/log?{query}"))
            .await
            .expect(200)
            .json;
        let texts: Vec<String> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line["message"].as_str().unwrap().to_owned())
            .collect();
        (texts.join(" "), page["next"].as_str().unwrap_or_default().to_owned())
    };
    let (newest, next) = get("limit=2").await;
    assert_eq!(newest, "5 4");
    assert_eq!(
        get(&format!("limit=9&after={next}")).await,
        ("3 2 1".to_owned(), String::new())
    );
    let (forwards, next) = get("limit=2&since=0").await;
    assert_eq!(forwards, "1 2");
    assert_eq!(get(&format!("limit=9&since=0&after={next}")).await.0, "3 4 5");
    assert_eq!(get("level=warn").await.0, "");
    house
        .get(&caller, &format!("/api/v1/sources/{source}/log?level=loud"))
        .await
        .refused(422, "invalid");
    house
        .get(&caller, "/api/v1/sources/99/log")
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn who_is_an_administrator_no_more_hears_no_more_than_a_member() {
    let house = House::new();
    let (owner, _) = house.somebody("owner@example.org", Role::Member).await;
    let (id, caller) = house.somebody("admin@example.org", Role::Administrator).await;
    let (private, _) = house.source("Private", owner, Visibility::Owner).await;
    let (shared, _) = house.source("Shared", owner, Visibility::Everyone).await;
    let mut stream = events(&house, &caller, "/api/v1/events").await;
    let pause = async |source: SourceId| {
        let paused = house.store.write(move |tx| tx.pause_source(source, true));
        paused.await.map_err(|error: store::Error| error).unwrap();
    };
    let told = |source: SourceId| format!("{{\"id\":{source},\"state\":\"paused\"}}");
    pause(private).await;
    until(&mut stream, &told(private)).await;
    let demoted = house.store.write(move |tx| {
        let mut row = tx.lock_user(id)?;
        row.role = Role::Member;
        tx.update_user(&row)
    });
    demoted.await.map_err(|error: store::Error| error).unwrap();
    pause(private).await;
    pause(shared).await;
    let text = until(&mut stream, &told(shared)).await;
    assert!(!text.contains(&told(private)), "{text}");
}

#[tokio::test]
async fn one_person_leaves_streams_to_the_others() {
    let (house, caller, _) = house().await;
    let (_, other) = house.somebody("other@example.org", Role::Member).await;
    let mut open = Vec::new();
    for _ in 0..10 {
        open.push(events(&house, &caller, "/api/v1/events").await);
    }
    let refused = house.get(&caller, "/api/v1/events").await.refused(429, "throttled");
    assert_eq!(refused.headers["retry-after"], "15");
    let _other = events(&house, &other, "/api/v1/events").await;
}
