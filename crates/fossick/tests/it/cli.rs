//! The command line, as a person and as a script use it: the real binary, with and without a server.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::Value;
use store::FolderLock;
use testkit::TestDatabase;

use crate::place::{Ended, Place, files_below};
use crate::provider::Provider;

#[test]
fn without_a_server_a_folder_is_added_synced_and_searched() {
    let place = Place::new();
    let added = place.add();
    assert!(added.out.contains("synced: 2 records seen, 2 changed"), "{added:?}");
    assert_eq!(place.titles("walnut"), ["Harvest plan"]);
    let text = place.done(&["search", "aples"]).out;
    assert!(
        text.contains("invoice.txt") && text.contains("1 hit in what is shared with everyone"),
        "{text}"
    );
    assert!(
        !text.contains('\u{1b}'),
        "no colours where there is no terminal: {text}"
    );
    let sources = place.done(&["source", "list", "--json"]).json();
    assert_eq!(
        (&sources["items"][0]["name"], &sources["items"][0]["records"]),
        (&"Team".into(), &2.into())
    );
    place.write("new.txt", "A pebble");
    std::fs::remove_file(place.path("files/invoice.txt")).unwrap();
    let synced = place.done(&["source", "sync", "team", "--full", "--json"]).json();
    assert_eq!(
        (&synced["records_deleted"], &synced["state"]),
        (&1.into(), &"completed".into())
    );
    assert_eq!(place.titles("pebble"), ["new.txt"]);
    assert!(place.titles("apples").is_empty());
    assert!(
        place
            .done(&["source", "delete", "Team", "--yes"])
            .out
            .contains("nobody finds")
    );
    assert!(place.titles("pebble").is_empty());
}

#[test]
fn what_is_not_shared_is_found_by_the_operator_only() {
    let place = Place::new();
    let added = place.done(&["source", "add", "folder", "files", "--sync"]);
    assert!(added.err.contains("nobody but the operator"), "{added:?}");
    assert!(place.titles("walnut").is_empty());
    assert!(
        place
            .done(&["search", "walnut", "--as", "operator"])
            .out
            .contains("Harvest plan")
    );
    place.done(&["user", "add", "ada@example.org"]);
    let hers = place.done(&["search", "walnut", "--as", "user:ada@example.org"]);
    assert!(hers.out.contains("0 hits for ada@example.org"), "{hers:?}");
    place.done(&["source", "share", "files", "everyone"]);
    let hers = place.done(&["search", "walnut", "--as", "user:ada@example.org"]);
    assert!(hers.out.contains("1 hit for"), "{hers:?}");
    assert_eq!(place.run(&["search", "x", "--as", "user:eve@example.org"]).code, 3);
}

#[test]
fn beside_a_server_the_same_commands_ask_it() {
    let place = Place::new();
    let _server = place.serve();
    place.add();
    assert_eq!(place.titles("walnut"), ["Harvest plan"]);
    assert_eq!(place.done(&["queue", "pause", "parse"]).code, 0);
    let queues = place.done(&["queue", "list"]).out;
    assert!(
        queues
            .lines()
            .any(|line| line.starts_with("parse") && line.contains("paused")),
        "{queues}"
    );
    let health = place.run(&["doctor", "--json", "--listen", "127.0.0.1:0"]);
    let checks = health.json();
    let of = |name: &str| {
        let all = checks["checks"].as_array().unwrap();
        all.iter()
            .find(|check| check["name"] == name)
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(
        (&of("server")["verdict"], &of("queues")["verdict"]),
        (&"ok".into(), &"warn".into()),
        "{checks}"
    );
    assert_eq!(health.code, 0, "{health:?}");
    place.done(&["queue", "resume", "parse"]);
    let tasks = place.done(&["task", "list", "--json", "--state", "completed"]).json();
    let id = tasks["items"][0]["id"].to_string();
    assert!(place.done(&["task", "show", &id]).out.contains("completed"));
    assert!(place.done(&["reindex"]).out.contains("2 documents"));
    assert!(
        place
            .done(&["config"])
            .err
            .contains("the server of this data folder listens on")
    );
    assert_eq!(place.titles("walnut"), ["Harvest plan"]);
    let second = place.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(second.code == 5 && second.err.contains("in use"), "{second:?}");
    assert_eq!(place.run(&["restore", "anything", "--force"]).code, 5);
}

#[test]
fn without_a_server_the_index_is_built_and_nothing_is_synced_unasked() {
    let place = Place::new();
    place.add();
    place.write("later.txt", "a pebble that came later");
    let syncs = || place.done(&["source", "show", "Team", "--json"]).json()["syncs"].clone();
    let before = syncs();
    assert!(place.done(&["reindex"]).out.contains("2 documents"));
    assert_eq!(syncs(), before);
    assert!(place.titles("pebble").is_empty());
    let settings = place.done(&["config"]);
    assert!(!settings.err.contains("listens on"), "{settings:?}");
}

#[test]
fn a_backup_beside_a_running_server_is_restored_elsewhere_and_its_index_built_anew() {
    let mut place = Place::new();
    let server = place.serve();
    place.add();
    place.done(&["backup", "backup.tar.zst"]);
    place.write("later.txt", "a pebble that came later");
    place.done(&["source", "sync", "Team"]);
    drop(server);
    let refused = place.run(&["restore", "backup.tar.zst"]);
    assert!(refused.code == 1 && refused.err.contains("--force"), "{refused:?}");
    place.data = place.path("restored");
    let restored = place.done(&["restore", "backup.tar.zst"]);
    assert!(restored.out.contains("1 source"), "{restored:?}");
    // Nobody asks for it: the next start finds that the index does not belong to this database.
    let server = place.serve();
    let is_found = (0..1_000).any(|_| place.run(&["search", "walnut"]).out.contains("Harvest plan"));
    assert!(is_found, "the index is built anew");
    assert!(place.titles("pebble").is_empty());
    drop(server);
    assert_eq!(place.run(&["doctor"]).code, 0);
}

#[test]
fn ctrl_c_leaves_a_sync_to_the_server_and_says_so() {
    let place = Place::new();
    let _server = place.serve();
    place.done(&["source", "add", "folder", "files", "--name", "Team"]);
    place.done(&["queue", "pause", "fetch"]);
    place.done(&["queue", "pause", "housekeeping"]);
    let watching = place.command(&["source", "sync", "Team"]).spawn().unwrap();
    // Until the sync is there, the command may not have begun to listen for signals.
    while place.done(&["source", "list", "--json"]).json()["items"][0]["current_sync"].is_null() {}
    let killed = Command::new("kill")
        .args(["-INT", &watching.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let ended = Ended::new(&watching.wait_with_output().unwrap());
    assert_eq!(ended.code, 130, "{ended:?}");
    assert!(ended.err.contains("goes on in the server"), "{ended:?}");
    place.done(&["source", "cancel", "Team"]);
}

#[test]
fn exit_codes_say_what_kind_of_failure_it_was() {
    let place = Place::new();
    let missing = place.run(&["source", "list"]);
    assert!(
        missing.code == 3 && missing.err.contains("no data folder"),
        "{missing:?}"
    );
    assert!(!place.data.exists());
    place.done(&["source", "add", "folder", "files"]);
    assert_eq!(place.run(&["source", "show", "nothing"]).code, 3);
    assert_eq!(place.run(&["task", "show", "999"]).code, 3);
    assert_eq!(place.run(&["sauce"]).code, 2);
    assert_eq!(place.run(&["source", "sync", "files", "--no-wait"]).code, 2);
    assert_eq!(
        place.run(&["source", "delete", "files"]).code,
        2,
        "nobody is there to say yes"
    );
    let worker = place.run(&["worker", "-Q", "fetch"]);
    assert!(worker.code == 2 && worker.err.contains("PostgreSQL"), "{worker:?}");
    let refused = place.run(&["source", "add", "folder", "no/such/folder"]);
    assert!(
        refused.code == 1 && refused.err.contains("no/such/folder"),
        "{refused:?}"
    );
    let refused = place.run(&["source", "show", "nothing", "--json"]);
    let problem: Value = serde_json::from_str(&refused.err).unwrap();
    assert_eq!(
        (problem["code"].as_str(), refused.out.as_str()),
        (Some("not_found"), "")
    );
    let _lock = FolderLock::try_take(&place.data).unwrap().unwrap();
    let locked = place.run(&["source", "list"]);
    assert!(locked.code == 5 && locked.err.contains("in use"), "{locked:?}");
}

#[test]
fn a_source_is_checked_discovered_and_read_before_it_is_added() {
    let place = Place::new();
    let checked = place.done(&["source", "check", "folder", "files"]).out;
    assert!(checked.contains("it works") && checked.contains("2 files"), "{checked}");
    let wrong = place.run(&["source", "check", "folder", "nothing-here"]);
    assert!(wrong.code == 1 && wrong.out.contains("nothing-here"), "{wrong:?}");
    assert!(
        place
            .done(&["source", "discover", "folder", "files"])
            .out
            .contains("files")
    );
    let read = place.done(&["source", "read", "folder", "files", "-n", "1"]).out;
    let line: Value = serde_json::from_str(read.trim_end()).unwrap();
    assert!(line["text"].as_str().unwrap().contains("walnut"), "{line}");
    assert!(!place.data.exists(), "nothing was kept");
    // The same of a source that exists, with and without a server.
    place.done(&["source", "add", "folder", "files", "--name", "Team"]);
    assert_eq!(place.done(&["source", "read", "Team"]).out.lines().count(), 2);
    let _server = place.serve();
    assert_eq!(place.done(&["source", "read", "Team"]).out.lines().count(), 2);
    assert!(place.done(&["source", "check", "Team"]).out.contains("it works"));
    assert_eq!(place.run(&["source", "read", "Team", "--stream", "nope"]).code, 3);
}

#[test]
fn a_secret_goes_in_and_never_comes_out() {
    let place = Place::new();
    let manifest = "version: 6.0.0\ntype: DeclarativeSource\ncheck: {type: CheckStream, stream_names: [issues]}\nstreams:\n  - type: DeclarativeStream\n    name: issues\n    primary_key: [id]\n    retriever:\n      type: SimpleRetriever\n      requester:\n        type: HttpRequester\n        url_base: https://tracker.example.org\n        path: /issues\n        http_method: GET\n        authenticator: {type: BearerAuthenticator, api_token: \"{{ config['token'] }}\"}\n      record_selector:\n        type: RecordSelector\n        extractor: {type: DpathExtractor, field_path: [items]}\nspec:\n  type: Spec\n  connection_specification:\n    type: object\n    required: [token]\n    properties:\n      token: {type: string, airbyte_secret: true}\n";
    std::fs::write(place.path("tracker.yaml"), manifest).unwrap();
    let line = [
        "source",
        "add",
        "http",
        "--manifest",
        "tracker.yaml",
        "--secret",
        "token=-",
        "--json",
    ];
    let mut adding = place.command(&line).stdin(Stdio::piped()).spawn().unwrap();
    adding.stdin.take().unwrap().write_all(b"hunter2-token\n").unwrap();
    let added = Ended::new(&adding.wait_with_output().unwrap());
    assert_eq!(added.code, 0, "{added:?}");
    for line in [
        &["source", "show", "tracker", "--json"][..],
        &["source", "list", "--json"],
        &["task", "list", "--json"],
        &["source", "discover", "tracker", "--no-samples", "--json"],
        &["doctor"],
        &["config", "--json"],
    ] {
        let ended = place.done(line);
        assert!(!format!("{ended:?}").contains("hunter2"), "{line:?}: {ended:?}");
    }
    for entry in files_below(&place.data) {
        let bytes = std::fs::read(&entry).unwrap();
        assert!(
            !bytes.windows(7).any(|window| window == b"hunter2"),
            "{}",
            entry.display()
        );
    }
    let warned = place.run(&[
        "source",
        "check",
        "http",
        "--manifest",
        "tracker.yaml",
        "--secret",
        "token=hunter3",
        "--log",
        "off",
    ]);
    assert!(warned.err.contains("can be seen by others"), "{warned:?}");
}

#[test]
fn discover_reads_a_few_records_and_guesses_from_them() {
    let place = Place::new();
    let provider = Provider::start(3, 2);
    std::fs::write(place.path("boards.yaml"), Provider::manifest()).unwrap();
    let url = format!("base_url={}", provider.url);
    let discover = |more: &[&str]| {
        let line = [
            "source",
            "discover",
            "http",
            "--manifest",
            "boards.yaml",
            "-c",
            &url,
            "--json",
        ];
        place.done(&[&line[..], more].concat()).json()
    };
    let found = discover(&["--set", "allow_private=127.0.0.1"]);
    let titles: Vec<&str> = found["documents"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|document| document["stream"] == "boards")
        .map(|document| document["title"].as_str().unwrap())
        .collect();
    assert_eq!(
        titles,
        ["board 0 of granite", "board 1 of granite", "board 2 of granite"]
    );
    // What the provider may not be asked is a warning: the streams are known all the same.
    let refused = discover(&[]);
    assert_eq!(refused["documents"], Value::Array(Vec::new()));
    assert!(
        refused["warnings"]
            .to_string()
            .contains("no records of stream `boards`"),
        "{refused}"
    );
    assert_eq!(refused["streams"], found["streams"]);
    assert_eq!(discover(&["--no-samples"])["warnings"], Value::Array(Vec::new()));
    assert!(!place.data.exists(), "nothing was kept");
}

#[test]
fn whoever_leaves_hands_over_what_they_own() {
    let place = Place::new();
    place.done(&["user", "add", "ada@example.org"]);
    place.done(&["user", "add", "ben@example.org"]);
    // Nobody is an administrator here, and nobody is asked to be one first.
    place.done(&["user", "disable", "ben@example.org"]);
    place.done(&["user", "enable", "ben@example.org"]);
    place.add();
    place.done(&["source", "give", "Team", "ada@example.org"]);
    let refused = place.run(&["user", "delete", "ada@example.org", "--yes"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.err.contains("--sources-to"), "{refused:?}");
    place.done(&[
        "user",
        "delete",
        "ada@example.org",
        "--yes",
        "--sources-to",
        "ben@example.org",
    ]);
    let shown = place.done(&["source", "show", "Team", "--json"]).json();
    assert!(shown.to_string().contains("ben"), "{shown}");
}

#[test]
fn people_and_groups_are_looked_after() {
    let place = Place::new();
    let invited = place.done(&["user", "add", "ada@example.org", "--role", "administrator"]);
    assert!(invited.out.contains("http://127.0.0.1:3677/invite/"), "{invited:?}");
    place.done(&["group", "add", "Sales"]);
    place.done(&["group", "add-member", "Sales", "user:ada@example.org"]);
    let groups = place.done(&["group", "list"]).out;
    assert!(groups.contains("Sales") && groups.contains("user:"), "{groups}");
    place.done(&["source", "add", "folder", "files", "--share", "group:Sales", "--sync"]);
    let hers = place.done(&["search", "walnut", "--as", "user:ada@example.org"]);
    assert!(hers.out.contains("1 hit for"), "{hers:?}");
    let id = place.done(&["search", "walnut", "--as", "operator", "--json"]).json()["hits"][0]["objectID"].clone();
    let explained = place.done(&["explain", "access", id.as_str().unwrap(), "ada@example.org"]);
    assert!(
        explained.out.contains("to which ada@example.org belongs") && explained.out.contains("is invited"),
        "{explained:?}"
    );
    place.done(&["group", "remove-member", "Sales", "user:ada@example.org"]);
    let explained = place.done(&["explain", "access", id.as_str().unwrap(), "ada@example.org"]);
    assert!(
        explained.out.contains("may not see") && !explained.out.contains("belongs"),
        "{explained:?}"
    );
    let hers = place.done(&["search", "walnut", "--as", "user:ada@example.org"]);
    assert!(hers.out.contains("0 hits for"), "{hers:?}");
    assert_eq!(place.run(&["user", "reset-link", "eve@example.org"]).code, 3);
    assert_eq!(place.run(&["group", "add-member", "Sales", "ada"]).code, 2);
    assert!(place.done(&["key", "list"]).out.contains("no API keys"));
}

#[test]
fn a_data_folder_with_a_long_path_works_beside_a_server() {
    let mut place = Place::new();
    place.data = place.path(&"d".repeat(150));
    let server = place.serve();
    place.add();
    assert_eq!(place.titles("walnut"), ["Harvest plan"]);
    drop(server);
    // What the killed server left is no hindrance.
    assert_eq!(place.titles("walnut"), ["Harvest plan"]);
    let _server = place.serve();
    assert_eq!(place.titles("walnut"), ["Harvest plan"]);
}

#[test]
fn on_postgresql_workers_run_beside_the_server_and_a_backup_says_what_it_lacks() {
    let Some(database) = TestDatabase::create() else { return };
    let mut place = Place::new();
    place.database = Some(database);
    place.add();
    assert_eq!(place.titles("walnut"), ["Harvest plan"]);
    assert_eq!(place.run(&["doctor"]).code, 0);
    let server = place.serve();
    let mut worker = place
        .command(&["worker", "-Q", "fetch,parse", "--set", "worker_name=second"])
        .spawn()
        .unwrap();
    let mut said = BufReader::new(worker.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("working on fetch, parse") {
        line.clear();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "the worker ended");
    }
    place.write("new.txt", "A pebble");
    place.done(&["source", "sync", "Team", "--full"]);
    assert_eq!(place.titles("pebble"), ["new.txt"]);
    let log = place.done(&["source", "log", "Team"]).out;
    // The server's own, because nobody watched the folder before it started, may be one of them or another.
    assert!(log.matches("full sync completed").count() >= 2, "{log}");
    let stopped = Command::new("kill").arg(worker.id().to_string()).status().unwrap();
    assert!(
        stopped.success() && worker.wait().unwrap().success(),
        "a worker stops when told to"
    );
    let kept = place.done(&["backup", "backup"]);
    assert!(kept.err.contains("pg_dump"), "{kept:?}");
    assert!(place.path("backup/key").is_file() && !place.path("backup/fossick.db").exists());
    assert!(!place.done(&["config"]).out.contains("postgres://"));
    drop(server);
    place.data = place.path("restored");
    let restored = place.done(&["restore", "backup"]);
    assert!(restored.err.contains("pg_restore"), "{restored:?}");
    // With the same database, everything is there again; its index is built anew.
    place.done(&["reindex"]);
    assert_eq!(place.titles("pebble"), ["new.txt"]);
    let unknown = place.run(&["worker", "-Q", "fish"]);
    assert!(unknown.code == 2 && unknown.err.contains("`fish`"), "{unknown:?}");
}

#[test]
fn completions_and_settings_are_printed() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish"] {
        assert!(place.done(&["completions", shell]).out.contains("fossick"), "{shell}");
    }
    std::fs::write(place.path("fossick.toml"), "listen = \"127.0.0.1:4000\"\n").unwrap();
    let settings = place.done(&["config", "--json"]).json();
    let listen = settings["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "listen")
        .unwrap();
    assert_eq!(listen["value"], "127.0.0.1:4000");
    assert!(
        listen["origin"].as_str().unwrap().ends_with("fossick.toml:1"),
        "{listen}"
    );
    let help = place.done(&["source", "add", "--help"]).out;
    assert!(help.contains("--share") && !help.contains("extract-child"), "{help}");
    assert!(place.done(&["--help"]).out.contains("Exit codes"));
}
