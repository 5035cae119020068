//! A folder that can't be read any more.

use std::fs::{Permissions, rename, set_permissions};
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use super::{get, until};
use crate::place::{Place, Server};

/// A folder with five files, two of them in `sub`, synced by a server that may not read everything. `None` where that
/// can't be had.
fn scene() -> Option<(Place, Server)> {
    let mut place = Place::new();
    for name in ["sub/first.txt", "sub/second.txt", "third.txt"] {
        place.write(name, "a file about basalt");
    }
    if !place.drop_rights() {
        return None;
    }
    let server = place.serve();
    place.add();
    assert_eq!(records(&place), 5);
    Some((place, server))
}

fn source(place: &Place) -> Value {
    place.done(&["source", "list", "--json"]).json()["items"][0].clone()
}

fn records(place: &Place) -> u64 {
    source(place)["records"].as_u64().unwrap()
}

fn allow(place: &Place, name: &str, mode: u32) {
    set_permissions(place.path(name), Permissions::from_mode(mode)).unwrap();
}

/// Syncs, and waits until the source needs somebody; answers what it says, which is the same in all places.
fn trouble(place: &Place) -> String {
    place.run(&["source", "sync", "Team", "--full", "--no-wait"]);
    let source = until(|| {
        let source = source(place);
        (source["state"] == "needs_attention" && source["current_sync"].is_null()).then_some(source)
    });
    let failures = get(place, &format!("/api/v1/sources/{}/failures", source["id"])).1;
    assert_eq!(failures["groups"][0]["stage"], "fetch", "{failures}");
    let what = source["state_detail"]["what"].as_str().unwrap().to_owned();
    let example = failures["groups"][0]["example"].as_str().unwrap();
    assert!(example.ends_with(&what), "{example}");
    assert!(place.done(&["source", "show", "Team"]).out.contains(&what));
    assert_eq!(source["last_sync"]["message"], what.as_str(), "{source}");
    what
}

/// Tries again, and waits until nothing is wrong any more.
fn heal(place: &Place) {
    place.done(&["source", "retry", "Team", "--all"]);
    until(|| {
        let source = source(place);
        (source["state"] == "synced" && source["current_sync"].is_null() && source["failures"] == json!(0))
            .then_some(())
    });
    place.done(&["source", "sync", "Team", "--full"]);
}

#[test]
fn of_a_subfolder_that_can_not_be_read_everything_stays_and_the_rest_is_synced_and_swept() {
    let Some((place, _server)) = scene() else { return };
    allow(&place, "files/sub", 0o000);
    place.write("new.txt", "a file about slate");
    std::fs::remove_file(place.path("files/third.txt")).unwrap();
    let what = trouble(&place);
    assert!(
        what.contains("`sub`") && what.contains("what is below was kept"),
        "{what}"
    );
    assert!(what.contains("Allow the server's user to read it"), "{what}");
    until(|| (place.titles("slate") == ["new.txt"]).then_some(()));
    // What is in it is still found, and nothing else.
    until(|| (place.titles("basalt").len() == 2).then_some(()));
    assert_eq!(records(&place), 5);
    allow(&place, "files/sub", 0o755);
    std::fs::remove_file(place.path("files/sub/second.txt")).unwrap();
    heal(&place);
    assert_eq!(records(&place), 4, "now it is known what is gone");
}

#[test]
fn of_a_folder_that_is_away_nothing_is_deleted() {
    let Some((place, _server)) = scene() else { return };
    let (files, away) = (place.path("files"), place.path("away"));
    allow(&place, "files", 0o000);
    let what = trouble(&place);
    let shown = files.display().to_string();
    assert!(
        what.contains(&shown) && what.contains("allow the server's user to read it"),
        "{what}"
    );
    assert_eq!((records(&place), place.titles("basalt").len()), (5, 3));
    allow(&place, "files", 0o755);
    heal(&place);
    rename(&files, &away).unwrap();
    let what = trouble(&place);
    assert!(what.contains(&shown) && what.contains("Nothing was deleted"), "{what}");
    assert_eq!((records(&place), place.titles("basalt").len()), (5, 3));
    // An empty folder in its place: a disk that is not mounted.
    std::fs::create_dir(&files).unwrap();
    let what = trouble(&place);
    assert!(
        what.contains("is empty: mount it") && what.contains("Nothing was deleted"),
        "{what}"
    );
    assert_eq!((records(&place), place.titles("basalt").len()), (5, 3));
    std::fs::remove_dir(&files).unwrap();
    rename(&away, &files).unwrap();
    heal(&place);
    assert_eq!((records(&place), place.titles("basalt").len()), (5, 3));
}
