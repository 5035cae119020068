//! `serve --try`: the first minute.

use std::io::{BufRead, BufReader};
use std::process::Command;

use crate::place::Place;

#[test]
fn the_setup_link_waits_for_no_sync_and_a_sync_holds_up_no_end() {
    let mut place = Place::new();
    // Nobody reads anything: the first sync never ends.
    place.set("FOSSICK_QUEUES_FETCH_RUNNING", "0");
    let mut command = place.command(&["serve", "--listen", "0.0.0.0:0", "--try", "files"]);
    let log = std::fs::File::create(place.path("log")).unwrap();
    let mut server = command.stderr(log).spawn().unwrap();
    let mut said = BufReader::new(server.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("/setup/") {
        line.clear();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "the server ended");
    }
    assert!(
        line.contains("http://127.0.0.1:"),
        "an address that a browser can open: {line}"
    );
    let current_sync = || place.done(&["source", "list", "--json"]).json()["items"][0]["current_sync"].clone();
    while current_sync().is_null() {}
    let stopped = Command::new("kill").arg(server.id().to_string()).status().unwrap();
    assert!(stopped.success() && server.wait().unwrap().success());
    let log = std::fs::read_to_string(place.path("log")).unwrap();
    assert!(!log.contains("synced"), "{log}");
}
