//! What a command says, and how it ends, when it can't do what was meant.

use serde_json::Value;

use crate::place::{Ended, Place};

/// The code of an error that was printed for programs.
fn problem(ended: &Ended) -> Value {
    serde_json::from_str(&ended.err).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
}

#[test]
fn a_command_line_that_is_not_understood_is_json_for_programs() {
    let place = Place::new();
    for (line, part) in [
        (&["serach", "x", "--json"][..], "search"),
        (&["source", "show", "--json"], "SOURCE"),
        (&["--json", "queue", "pause", "a", "b"], "'b'"),
    ] {
        let ended = place.run(line);
        assert_eq!(ended.code, 2, "{ended:?}");
        let problem = problem(&ended);
        assert_eq!(problem["code"], "invalid");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(part) && !detail.contains("extract"), "{detail}");
    }
    assert!(place.done(&["--help", "--json"]).out.contains("Exit codes"));
    let typo = place.run(&["serach", "x"]);
    assert!(typo.code == 2 && !typo.err.contains("extract-child"), "{typo:?}");
}

#[test]
fn a_search_in_what_is_not_there_says_so() {
    let place = Place::new();
    place.add();
    place.done(&[
        "source",
        "add",
        "folder",
        "files",
        "--name=-odd",
        "--share",
        "everyone",
        "--sync",
    ]);
    let missing = place.run(&["search", "walnut", "--source", "Taem"]);
    assert!(missing.code == 3 && missing.err.contains("`Team`"), "{missing:?}");
    let missing = place.run(&["search", "walnut", "--kind", "dpf"]);
    assert!(missing.code == 3 && missing.err.contains("`markdown`"), "{missing:?}");
    assert!(
        place
            .done(&["search", "walnut", "--source", "team", "--kind", "MarkDown"])
            .out
            .contains("1 hit")
    );
    assert!(
        place
            .done(&["search", "nonesuch", "--kind", "markdown"])
            .out
            .contains("0 hits")
    );
    let odd = place.done(&["search", "walnut", "--source=-odd", "--json"]).json();
    assert_eq!((&odd["nbHits"], &odd["hits"][0]["source"]), (&1.into(), &"-odd".into()));
    // Without an index there is nothing to be found, which is another thing than no hits.
    std::fs::remove_dir_all(place.data.join("index")).unwrap();
    let unbuilt = place.run(&["search", "walnut"]);
    assert!(
        unbuilt.code == 1 && unbuilt.err.contains("fossick reindex"),
        "{unbuilt:?}"
    );
    place.done(&["reindex"]);
    assert_eq!(place.titles("walnut"), ["Harvest plan", "Harvest plan"]);
}

#[test]
fn retrying_what_did_not_fail_is_refused() {
    let place = Place::new();
    place.write("broken.pdf", "%PDF-1.4 this is none");
    place.add();
    let reason = place.run(&["source", "retry", "Team", "--reason", "nope"]);
    assert!(reason.code == 3 && reason.err.contains("`nope`"), "{reason:?}");
    assert_eq!(place.run(&["source", "retry", "Team", "--id", "999"]).code, 3);
    place.done(&["source", "retry", "Team", "--all"]);
}

#[test]
fn mistyped_names_are_refused_with_what_there_is() {
    let place = Place::new();
    place.write("broken.pdf", "%PDF-1.4 this is none");
    place.add();
    for (line, part) in [
        (&["source", "show", "Taem"][..], "did you mean `Team`?"),
        (&["source", "failures", "Team", "--reason", "nope"], "`nope`"),
        (&["task", "list", "--queue", "fetchh"], "`fetch`"),
        (&["task", "list", "--kind", "fetch"], "`fetch_slice`"),
        (&["queue", "pause", "fetchh"], "`fetch`"),
    ] {
        let refused = place.run(line);
        assert!(refused.code == 3 && refused.err.contains(part), "{refused:?}");
    }
    place.done(&["task", "list", "--queue", "parse", "--kind", "parse_page"]);
}

#[test]
fn nobody_waits_for_a_queue_that_nobody_works_on() {
    let mut place = Place::new();
    place.add();
    place.done(&["queue", "pause", "upload"]);
    place.write("new.txt", "A pebble");
    let paused = place.run(&["source", "sync", "Team"]);
    assert!(
        paused.code == 1 && paused.err.contains("fossick queue resume upload"),
        "{paused:?}"
    );
    place.done(&["queue", "resume", "upload"]);
    place.done(&["source", "sync", "Team"]);
    assert_eq!(place.titles("pebble"), ["new.txt"]);
    place.set("FOSSICK_QUEUES_FETCH_RUNNING", "0");
    let unattended = place.run(&["source", "sync", "Team"]);
    assert!(
        unattended.code == 1 && unattended.err.contains("`queues.fetch.running` is 0"),
        "{unattended:?}"
    );
}

#[test]
fn a_lost_key_file_is_not_replaced() {
    let place = Place::new();
    place.add();
    let key = place.data.join("key");
    let kept = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    for line in [
        &["source", "list"][..],
        &["serve", "--listen", "127.0.0.1:0"],
        &["backup", "copy"],
    ] {
        let refused = place.run(line);
        assert!(
            refused.code == 1 && refused.err.contains("put it back from a backup"),
            "{refused:?}"
        );
        assert!(!key.exists());
    }
    std::fs::write(&key, kept).unwrap();
    place.done(&["source", "list"]);
}
