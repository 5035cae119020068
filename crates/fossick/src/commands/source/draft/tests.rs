//! From arguments to bodies.

use clap::Parser;

use super::*;
use crate::exit::{Exit, code};

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    draft: DraftArgs,
}

fn meant(arguments: &[&str]) -> anyhow::Result<Meant> {
    let line = Line::try_parse_from(std::iter::once("x").chain(arguments.iter().copied())).unwrap();
    line.draft.meant(Output::new(true))
}

fn body(arguments: &[&str]) -> Value {
    match meant(arguments).unwrap() {
        Meant::Described(body) => Value::Object(body),
        Meant::Existing(name) => panic!("meant the source {name}"),
    }
}

fn usage(arguments: &[&str]) -> String {
    let error = meant(arguments).unwrap_err();
    assert_eq!(code(&error), Exit::Usage, "{error}");
    error.to_string()
}

#[test]
fn a_folder_becomes_an_absolute_path_with_its_patterns() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().canonicalize().unwrap().join("team");
    std::fs::create_dir(&folder).unwrap();
    let path = folder.to_str().unwrap();
    let made = body(&[
        "folder",
        path,
        "--include",
        "*.pdf",
        "--exclude",
        "old/",
        "--exclude",
        "*.tmp",
        "-c",
        "gitignore=false",
    ]);
    assert_eq!(
        made,
        json!({"name": "team", "connector": "folder", "visibility": {"to": "owner"},
            "config": {"gitignore": false, "path": path, "include": ["*.pdf"], "exclude": ["old/", "*.tmp"]}})
    );
    assert_eq!(body(&["--path", path]), body(&["folder", path]));
    assert_eq!(body(&["folder", path, "--name", "T"])["name"], "T");
    assert!(Path::new(body(&["folder", "."])["config"]["path"].as_str().unwrap()).is_absolute());
}

#[test]
fn an_http_api_carries_manifest_configuration_and_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (manifest, config) = (
        file("tracker.yaml", "version: 6.0.0"),
        file("c.json", r#"{"since": "2024", "n": 1}"#),
    );
    let (search, token) = (file("search.yaml", "version: 1"), file("token", "abc\n"));
    let made = body(&[
        "http",
        "--manifest",
        &manifest,
        "--config",
        &config,
        "-c",
        "n=2",
        "-c",
        "team.name=a",
        "--secret",
        &format!("token=@{token}"),
        "--search",
        &search,
    ]);
    assert_eq!(
        made,
        json!({"name": "tracker", "connector": "http", "visibility": {"to": "owner"}, "search": "version: 1",
            "config": {"since": "2024", "n": 2, "team": {"name": "a"}}, "manifest": "version: 6.0.0", "secrets": {"token": "abc"}})
    );
    assert_eq!(body(&["--manifest", &manifest])["connector"], "http");
    let broken = file("broken.json", "{");
    assert!(
        format!(
            "{:#}",
            meant(&["--manifest", &manifest, "--config", &broken]).unwrap_err()
        )
        .contains("broken.json")
    );
    assert!(usage(&["--manifest", &manifest, "--config", &file("list.json", "[]")]).contains("no JSON object"));
}

#[test]
fn anything_else_is_an_existing_source_or_refused_with_the_way_out() {
    assert!(matches!(meant(&["Tracker"]).unwrap(), Meant::Existing(name) if name == "Tracker"));
    assert!(usage(&[]).contains("folder <path>"));
    assert!(usage(&["http"]).contains("--manifest"));
    assert!(usage(&["folder"]).contains("folder <path>"));
    assert!(usage(&["folder", ".", "--manifest", "x"]).contains("neither"));
    assert!(usage(&["folder", ".", "-c", "x"]).contains("key=value"));
    assert!(usage(&["http", "--manifest", "x", "--include", "y"]).contains("for folders"));
    assert!(
        meant(&["http", "--manifest", "/does/not/exist"])
            .unwrap_err()
            .to_string()
            .contains("/does/not/exist")
    );
}
