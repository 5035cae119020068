//! One of a stream's partitions can't be read: the others are, now and later, and it is once it can be.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::place::Place;
use crate::server::{Asked, Reply, Server};

/// The manifest of the other scenes, read once for each of the places.
fn manifest() -> String {
    let router = "      partition_router:
        type: ListPartitionRouter
        values: \"{{ config['places'] }}\"
        cursor_field: place
";
    let text = include_str!("manifest.yaml").replace("path: /boards", "path: \"/{{ stream_partition.place }}\"");
    text.replace("      record_selector:\n", &format!("{router}      record_selector:\n"))
        .replace(
            "    properties:\n      base_url:",
            "    properties:\n      places: {type: array}\n      base_url:",
        )
}

/// `count` boards of each place; none of the one that is gone.
fn reply(asked: &Asked, count: usize, is_gone: bool) -> Reply {
    let place = asked.path()[0];
    if place == "gone" && is_gone {
        return Reply::text(r#"{"error":"no such place"}"#).with_status(404);
    }
    let items: Vec<Value> = (0..count)
        .map(|at| json!({ "id": format!("{place}-{at}"), "name": format!("board {at} of granite, {place}") }))
        .collect();
    Reply::items(&items)
}

#[test]
fn a_partition_that_is_gone_keeps_no_other_from_being_read() {
    let (is_gone, count) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(2)));
    let theirs = (Arc::clone(&is_gone), Arc::clone(&count));
    let provider =
        Server::start(move |asked| reply(asked, theirs.1.load(Ordering::SeqCst), theirs.0.load(Ordering::SeqCst)));
    let mut place = Place::new();
    place.set("FOSSICK_ALLOW_PRIVATE", "127.0.0.1");
    std::fs::write(place.path("api.yaml"), manifest()).unwrap();
    let _server = place.serve();
    let base_url = format!("base_url={}", provider.url);
    let add = "source add http --manifest api.yaml --name Api --share everyone -c";
    let places = [r#"places=["a","gone","b"]"#, "-c", base_url.as_str()];
    let add: Vec<&str> = add.split(' ').chain(places).collect();
    place.done(&add);
    let found = || place.done(&["search", "--json", "granite"]).json()["nbHits"].clone();
    let last_sync = || place.done(&["source", "list", "--json"]).json()["items"][0]["last_sync"].clone();
    let failures = || place.done(&["source", "failures", "Api", "--json"]).json();
    place.run(&["source", "sync", "Api"]);
    let first = last_sync();
    assert_eq!(
        (&first["state"], &first["failures"]),
        (&json!("completed"), &json!(1)),
        "{first}"
    );
    let message = first["message"].as_str().unwrap();
    assert!(
        message.contains("`place` = `gone`") && message.contains("404"),
        "{message}"
    );
    assert!(failures().to_string().contains("`place` = `gone`"), "{}", failures());
    assert_eq!(found(), 4);
    // What comes later in the others is found, too, and the one that is gone is told of once.
    count.store(3, Ordering::SeqCst);
    place.run(&["source", "sync", "Api"]);
    let second = last_sync();
    assert_eq!((&second["failures"], found()), (&json!(1), json!(6)), "{second}");
    assert_eq!(failures()["groups"][0]["count"], 1, "{}", failures());
    is_gone.store(false, Ordering::SeqCst);
    place.done(&["source", "retry", "Api", "--all"]);
    place.run(&["source", "sync", "Api"]);
    assert_eq!((found(), &failures()["groups"]), (json!(9), &json!([])));
}
