//! Documents with permissions of their own, from the mapping: whoever may not find them may not read them either.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use serde_json::{Value, json};

use crate::place::Place;
use crate::server::{Reply, Server};

const RECORDS: i64 = 5;
const SEARCH: &str = "version: 1\nstreams:\n  boards:\n    acl:\n      - [\"tracker/member/{owner}\"]\n";

/// Asks the server over its socket, as the operator, who is nobody's member at any provider.
fn ask(place: &Place, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let mut stream = UnixStream::connect(place.data.join("socket")).unwrap();
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: fossick\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

/// What each record answers by its id, as it landed and as a preview.
fn statuses(place: &Place) -> Vec<u16> {
    let paths = (1..=RECORDS).flat_map(|id| ["", "/preview"].map(|part| format!("/api/v1/records/{id}{part}")));
    paths.map(|path| ask(place, "GET", &path, &Value::Null).0).collect()
}

/// Changes the mapping, and waits until everything has landed with it.
fn map_by(place: &Place, search: &Value) {
    let (status, answer) = ask(place, "PATCH", "/api/v1/sources/1", &json!({ "search": search }));
    assert_eq!(status, 200, "{answer}");
    loop {
        let open = |state: &str| {
            let line = ["task", "list", "--json", "--state", state];
            let items = place.done(&line).json()["items"].as_array().unwrap().clone();
            !items.is_empty()
        };
        if !["available", "running", "retryable", "pending"].into_iter().any(open) {
            return;
        }
    }
}

#[test]
fn whoever_may_not_find_a_document_may_not_read_it_either() {
    let provider = Server::start(|_| {
        let items: Vec<Value> = (0..RECORDS)
            .map(|at| json!({ "id": at, "name": format!("board {at} of granite"), "owner": format!("m{at}") }))
            .collect();
        Reply::items(&items)
    });
    let mut place = Place::new();
    place.set("FOSSICK_ALLOW_PRIVATE", "127.0.0.1");
    std::fs::write(place.path("api.yaml"), include_str!("faults/manifest.yaml")).unwrap();
    std::fs::write(place.path("search.yaml"), SEARCH).unwrap();
    let _server = place.serve();
    let base_url = format!("base_url={}", provider.url);
    let add = "source add http --manifest api.yaml --search search.yaml --name Api --share everyone --sync -c";
    let add: Vec<&str> = add.split(' ').chain([base_url.as_str()]).collect();
    place.done(&add);
    let found = || place.run(&["search", "--json", "granite"]).json()["nbHits"].clone();
    let sources = place.done(&["source", "list", "--json"]).json();
    assert_eq!(sources["items"][0]["records"], RECORDS, "they have landed");
    assert_eq!(found(), 0);
    assert_eq!(statuses(&place), [404; 10]);
    // Without the permissions everybody who holds the source sees them; with them, nobody again.
    map_by(&place, &Value::Null);
    assert_eq!((found(), statuses(&place)), (json!(RECORDS), vec![200; 10]));
    map_by(&place, &json!(SEARCH));
    assert_eq!((found(), statuses(&place)), (json!(0), vec![404; 10]));
}
