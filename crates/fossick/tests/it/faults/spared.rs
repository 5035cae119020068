//! One stream that stays ill spares its own records only: what was deleted in the others goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::place::{Place, Server as Fossick};
use crate::server::{Asked, Reply, Server};

/// The manifest of the other scenes with a second stream like its first.
fn manifest() -> String {
    let text = include_str!("manifest.yaml");
    let from = text.find("  - type: DeclarativeStream").unwrap();
    let to = text.find("spec:").unwrap();
    let second = text[from..to].replace("boards", "cards");
    format!("{}{second}{}", &text[..to], &text[to..])
}

fn reply(asked: &Asked, is_ill: bool) -> Reply {
    let is_cards = asked.path() == ["cards"];
    if is_cards && is_ill {
        return Reply::text(r#"{"error":"this key may not read cards"}"#).with_status(403);
    }
    // Four boards are deleted.
    let count = if !is_cards && is_ill { 6 } else { 10 };
    let name = if is_cards { "card" } else { "board" };
    let items: Vec<Value> = (0..count)
        .map(|at| json!({ "id": at, "name": format!("{name} {at} of granite") }))
        .collect();
    Reply::items(&items)
}

/// A server of ours with the provider as a source.
fn added(provider: &Server) -> (Place, Fossick) {
    let mut place = Place::new();
    place.set("FOSSICK_ALLOW_PRIVATE", "127.0.0.1");
    std::fs::write(place.path("api.yaml"), manifest()).unwrap();
    let server = place.serve();
    let base_url = format!("base_url={}", provider.url);
    let add = "source add http --manifest api.yaml --name Api --share everyone -c";
    let add: Vec<&str> = add.split(' ').chain([base_url.as_str()]).collect();
    place.done(&add);
    (place, server)
}

#[test]
fn that_a_person_has_to_sign_in_is_said_before_a_sweep_that_waits_for_one() {
    let (is_signed_out, is_small) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let theirs = (Arc::clone(&is_signed_out), Arc::clone(&is_small));
    let provider = Server::start(move |asked| {
        let is_cards = asked.path() == ["cards"];
        if is_cards && theirs.0.load(Ordering::SeqCst) {
            return Reply::text(r#"{"error":"sign in"}"#).with_status(401);
        }
        let count = if theirs.1.load(Ordering::SeqCst) { 2 } else { 10 };
        let items: Vec<Value> = (0..count).map(|at| json!({ "id": at, "name": "granite" })).collect();
        Reply::items(&items)
    });
    let (place, _server) = added(&provider);
    let sync = || {
        place.run(&["source", "sync", "Api", "--full"]);
        place.done(&["source", "list", "--json"]).json()["items"][0].clone()
    };
    assert_eq!(sync()["state"], "synced");
    is_signed_out.store(true, Ordering::SeqCst);
    is_small.store(true, Ordering::SeqCst);
    // A listing by pages has to lack a record twice.
    sync();
    let source = sync();
    assert_eq!(source["current_sync"]["state"], "needs_confirmation", "{source}");
    let detail = &source["state_detail"];
    assert_eq!(
        (&source["state"], &detail["action"]),
        (&json!("needs_attention"), &json!("edit"))
    );
    assert!(detail["what"].as_str().unwrap().contains("401"), "{detail}");
    is_signed_out.store(false, Ordering::SeqCst);
    let source = sync();
    assert_eq!(source["state_detail"]["action"], "confirm_sweep", "{source}");
}

#[test]
fn a_stream_that_stays_ill_keeps_no_deletion_of_another_from_being_seen() {
    let is_ill = Arc::new(AtomicBool::new(false));
    let theirs = Arc::clone(&is_ill);
    let provider = Server::start(move |asked| reply(asked, theirs.load(Ordering::SeqCst)));
    let (place, _server) = added(&provider);
    let found = |query: &str| place.done(&["search", "--json", query]).json()["nbHits"].clone();
    let sync = || {
        place.run(&["source", "sync", "Api", "--full"]);
        let sources = place.done(&["source", "list", "--json"]).json();
        sources["items"][0]["last_sync"].clone()
    };
    assert_eq!(sync()["state"], "completed");
    assert_eq!((found("board"), found("card")), (json!(10), json!(10)));
    is_ill.store(true, Ordering::SeqCst);
    let first = sync();
    assert_eq!(
        (&first["state"], &first["records_deleted"]),
        (&json!("failed"), &json!(0))
    );
    let message = first["message"].as_str().unwrap();
    assert!(message.contains("cards") && message.contains("403"), "{first}");
    // A listing by pages may miss something once, so that only the second counts.
    let second = sync();
    assert_eq!(
        (&second["state"], &second["records_deleted"]),
        (&json!("failed"), &json!(4))
    );
    let message = second["message"].as_str().unwrap();
    assert!(message.contains("403"), "the cause, not that it went on: {second}");
    assert_eq!((found("board"), found("card")), (json!(6), json!(10)));
    is_ill.store(false, Ordering::SeqCst);
    assert_eq!(sync()["state"], "completed");
    assert_eq!((found("board"), found("card")), (json!(10), json!(10)));
}
