//! A task that kills its worker: parked after the third time, which everybody sees.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{get, now, until};
use crate::place::Place;
use crate::server::{Reply, Server};

/// Deaths that follow each other faster count as one.
const APART: Duration = Duration::from_millis(10_200);

#[test]
#[expect(clippy::too_many_lines, reason = "one story from the first death to the good end")]
fn a_task_that_killed_its_worker_three_times_is_parked_and_told_everywhere() {
    let is_well = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let theirs = std::sync::Arc::clone(&is_well);
    let provider = Server::start(move |_asked| {
        // Whoever asks waits until it is killed.
        while !theirs.load(std::sync::atomic::Ordering::SeqCst) {
            std::thread::yield_now();
            std::thread::park_timeout(Duration::from_millis(20));
        }
        Reply::items(&[json!({ "id": 1, "name": "a board of granite" })])
    });
    let mut place = Place::new();
    place.set("FOSSICK_ALLOW_PRIVATE", "127.0.0.1");
    std::fs::write(place.path("api.yaml"), include_str!("manifest.yaml")).unwrap();
    let mut server = place.serve();
    let base_url = format!("base_url={}", provider.url);
    place.done(&[
        "source",
        "add",
        "http",
        "--manifest",
        "api.yaml",
        "--name",
        "Api",
        "-c",
        &base_url,
    ]);
    place.done(&["source", "sync", "Api", "--no-wait"]);
    let fetch = || -> Option<Value> {
        let tasks = place.done(&["task", "list", "--json", "--kind", "fetch_slice"]).json();
        tasks["items"].get(0).cloned()
    };
    let mut last: Option<Instant> = None;
    for death in 1..=3 {
        until(|| {
            let is_running = fetch().is_some_and(|task| task["state"] == "running");
            (is_running && last.is_none_or(|at| at.elapsed() >= APART)).then_some(())
        });
        drop(server);
        server = place.serve();
        // The death is noted by whoever takes over.
        last = Some(now());
        let state = fetch().unwrap()["state"].clone();
        assert_eq!(state == "pending", death == 3, "after death {death} it is {state}");
    }
    let task = fetch().unwrap();
    let id = task["id"].to_string();
    let errors = task["errors"].as_array().unwrap();
    let crashes = errors.iter().filter(|error| error["class"] == "crash").count();
    assert_eq!(
        (crashes, &task["class"]),
        (3, &json!("parked")),
        "with its history: {task}"
    );
    let shown = place.done(&["task", "show", &id]).out;
    assert!(
        shown.contains("parked, retry it by hand") && shown.contains("3 failed attempts"),
        "{shown}"
    );
    assert!(
        place
            .done(&["task", "list", "--state", "pending"])
            .out
            .contains("parked")
    );
    let source = place.done(&["source", "list", "--json"]).json()["items"][0].clone();
    assert_eq!(source["state"], "needs_attention", "{source}");
    let what = source["state_detail"]["what"].as_str().unwrap();
    assert!(
        what.contains("ended its worker 3 times") && what.contains(&format!("fossick task retry {id}")),
        "{what}"
    );
    let doctor = place.run(&["doctor", "--listen", "127.0.0.1:0"]).out;
    assert!(doctor.contains("parked"), "{doctor}");
    // The cause is gone, and a person lets it run.
    is_well.store(true, std::sync::atomic::Ordering::SeqCst);
    place.done(&["task", "retry", &id]);
    until(|| {
        let source = get(&place, &format!("/api/v1/sources/{}", source["id"])).1;
        (source["state"] == "synced" && source["records"] == 1).then_some(())
    });
    drop(server);
}
