//! Configurations that are wrong, and folders that can't be read.

use std::path::Path;
use std::sync::Arc;

use model::{SyncMode, SystemClock, Timestamp};
use serde_json::{Value, json};

use super::{Scene, Seen, landed, listed, plan, read, read_some};
use crate::native::folder::{EstimateLimits, Folder, FolderConfig, FolderGuard};
use crate::reader::{Ask, Event};
use crate::{Connector, Error};

#[track_caller]
fn refused(config: &Value, words: &[&str]) {
    let Err(Error::FixConfiguration(message)) = FolderConfig::parse(config) else {
        panic!("`{config}` was taken");
    };
    for word in words {
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn a_wrong_configuration_is_refused_with_the_way_out() {
    refused(
        &json!({"path": "/srv", "inclde": []}),
        &["`inclde`", "did you mean `include`?"],
    );
    refused(&json!({"path": "/srv", "zzzzzz": 1}), &["`zzzzzz`", "`exclude`"]);
    refused(&json!({}), &["`path`"]);
    refused(&json!({"path": ""}), &["`path`"]);
    refused(&json!({"path": 7}), &["`path`"]);
    refused(&json!({"path": "docs"}), &["absolute"]);
    refused(&json!({"path": "/srv", "include": "*.pdf"}), &["`include`", "list"]);
    refused(&json!({"path": "/srv", "exclude": ["a", 7]}), &["`exclude[1]`"]);
    refused(
        &json!({"path": "/srv", "hidden": "yes"}),
        &["`hidden`", "true or false"],
    );
    refused(&json!({"path": "/srv", "max_file_bytes": 0}), &["`max_file_bytes`"]);
    refused(&json!({"path": "/srv", "max_file_bytes": -1}), &["`max_file_bytes`"]);
    refused(&json!([]), &["object"]);
}

#[test]
fn every_key_of_the_schema_is_taken() {
    let schema = FolderConfig::schema();
    let mut config = json!({"path": "/srv"});
    for (key, property) in schema["properties"].as_object().unwrap() {
        if let Some(default) = property.get("default") {
            config[key] = default.clone();
        }
    }
    assert_eq!(FolderConfig::parse(&config).unwrap(), FolderConfig::of("/srv".into()));
    assert_eq!(config.as_object().unwrap().len(), 8);
}

#[test]
fn a_member_may_not_switch_off_what_protects_credentials() {
    let mut config = FolderConfig::of("/srv".into());
    config.default_excludes = false;
    let member = FolderGuard::default();
    let error = Folder::new(config.clone(), member, Arc::new(SystemClock)).unwrap_err();
    assert!(error.to_string().contains("administrator"), "{error}");
    let administrator = FolderGuard {
        is_administrator: true,
        ..FolderGuard::default()
    };
    assert!(Folder::new(config, administrator, Arc::new(SystemClock)).is_ok());
}

#[tokio::test]
async fn a_missing_empty_or_false_root_is_an_error_that_lists_nothing() {
    let scene = Scene::of(&["file.txt", "empty/"]);
    for (path, word) in [
        ("missing", "mounted"),
        ("empty", "empty"),
        ("file.txt", "can't be read"),
    ] {
        let folder = scene.folder_with(|config| config.path = scene.root.join(path));
        let slice = plan(&folder, SyncMode::Full);
        let checked = folder.check().await.unwrap_err();
        let (seen, result) = read_some(&folder, &slice, None, usize::MAX).await;
        let Err(Error::FixConfiguration(message)) = result else {
            panic!("`{path}` was listed")
        };
        assert!(message.contains(word), "{message}");
        assert_eq!(
            format!("{checked}. Nothing was deleted"),
            message,
            "a sync says what people fear for"
        );
        assert!(seen.pages.is_empty() && seen.cursors.is_empty());
        assert!(folder.estimate(&EstimateLimits::default()).is_err());
    }
}

#[tokio::test]
async fn a_root_that_is_away_when_a_page_is_parsed_fails_the_page_and_not_its_files() {
    let scene = Scene::of(&["a.txt"]);
    let folder = scene.folder();
    let seen = read(&folder, &plan(&folder, SyncMode::Full)).await;
    scene.remove("a.txt");
    let parsed = folder.parse(&seen.pages[0], &mut super::plain_text);
    assert!(matches!(parsed, Err(Error::Retry(_))), "{parsed:?}");
    let changed = folder.changed_slices(&["a.txt".to_owned()]).remove(0);
    let (seen, result) = read_some(&folder, &changed, None, usize::MAX).await;
    assert!(
        result.is_err() && seen.pages.is_empty(),
        "an empty root deletes nothing"
    );
}

/// Makes a folder below `root` that nobody can list, whoever they are: its path is longer than the system takes.
#[cfg(unix)]
fn make_unreadable(root: &Path) {
    let name = "n".repeat(200);
    let mut inner = root.join("inner");
    let mut outer = root.join("outer");
    for _ in 0..15 {
        inner.push(&name);
        outer.push(&name);
    }
    std::fs::create_dir_all(&inner).unwrap();
    std::fs::create_dir_all(&outer).unwrap();
    std::fs::rename(root.join("inner"), outer.join("inner")).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn an_unreadable_folder_is_named_and_spared_and_the_cursor_stays() {
    let scene = Scene::of(&["a.txt", "z.txt"]);
    make_unreadable(&scene.root);
    let folder = scene.folder();
    let slice = plan(&folder, SyncMode::Full);
    let (seen, result) = read_some(&folder, &slice, None, usize::MAX).await;
    let Err(Error::Incomplete(message)) = result else {
        panic!("the listing passed for complete")
    };
    assert!(
        message.contains("`outer/") && message.contains("what is below was kept as it was"),
        "{message}"
    );
    assert!(seen.log.iter().any(|line| line.contains("`outer/")), "{:?}", seen.log);
    assert!(
        seen.cursors.is_empty(),
        "the next incremental sync starts where this one did"
    );
    let landed = landed(&folder, &seen);
    assert_eq!(
        landed.keys().collect::<Vec<_>>(),
        ["a.txt", "z.txt"],
        "the rest was read"
    );
    let spared = spared(&folder, &seen);
    assert_eq!(spared.len(), 2, "for names that are UTF-8, and others");
    assert!(
        spared[0].starts_with("outer/n") && spared[1].starts_with("/outer/n"),
        "{spared:?}"
    );
    assert_eq!(
        (landed.len(), seen.positions.last()),
        (2, Some(&None)),
        "there is nothing to go on with"
    );
    // Once the folder can be read, the next listing ends well.
    std::fs::remove_dir_all(scene.root.join("outer")).unwrap();
    let again = read(&folder, &plan(&folder, SyncMode::Full)).await;
    assert_eq!(super::landed(&folder, &again).len(), 2);
    assert!(self::spared(&folder, &again).is_empty());
    assert_eq!(again.cursors.len(), 1);
}

/// What the pages spare.
#[cfg(unix)]
fn spared(folder: &Folder, seen: &Seen) -> Vec<String> {
    let of = |page| super::parse(folder, page).spared;
    seen.pages.iter().flat_map(of).collect()
}

#[cfg(unix)]
#[tokio::test]
async fn a_root_that_goes_away_after_an_unreadable_folder_is_no_complete_listing() {
    let scene = Scene::of(&["a.txt"]);
    make_unreadable(&scene.root);
    let folder = scene.folder();
    let (mut reader, mut listener) = crate::Reader::new();
    let slice = plan(&folder, SyncMode::Full);
    let reading = folder.read(&slice, None, &mut reader);
    let listening = async {
        loop {
            tokio::select! {
                Some(Ask::Number(answer)) = listener.asks.recv() => answer.send(model::Number(1)).unwrap(),
                Some(envelope) = listener.events.recv() => {
                    if matches!(envelope.event, Event::Page { .. }) {
                        std::fs::rename(&scene.root, scene.temp.path().join("away")).unwrap();
                    }
                    envelope.done.send(()).unwrap();
                }
                else => return,
            }
        }
    };
    tokio::select! {
        result = reading => {
            let Err(Error::FixConfiguration(message)) = result else {
                panic!("a folder that is away passed for listed: {result:?}")
            };
            assert!(message.contains("Nothing was deleted"), "{message}");
        }
        () = listening => panic!("the reading did not end"),
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_changed_path_that_can_not_be_looked_at_stays_as_it_was() {
    let scene = Scene::of(&["a.txt"]);
    let folder = scene.folder();
    let too_long = format!("{}/x.txt", "n".repeat(300));
    let slice = folder.changed_slices(&[too_long]).remove(0);
    let seen = read(&folder, &slice).await;
    assert!(landed(&folder, &seen).is_empty());
    assert_eq!(seen.log.len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn links_out_of_the_folder_are_refused_to_everyone() {
    use std::os::unix::fs::symlink;
    let scene = Scene::of(&["a.txt"]);
    let outside = scene.temp.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("secret.txt"), "secret").unwrap();
    symlink(&outside, scene.root.join("out")).unwrap();
    symlink(outside.join("secret.txt"), scene.root.join("out.txt")).unwrap();
    let folder = scene.folder_with(|config| config.follow_symlinks = true);
    let seen = read(&folder, &plan(&folder, SyncMode::Full)).await;
    assert_eq!(landed(&folder, &seen).keys().collect::<Vec<_>>(), ["a.txt"]);
    assert!(
        seen.log
            .iter()
            .any(|line| line.contains("`out.txt`") && line.contains("leads out")),
        "{:?}",
        seen.log
    );
    let guard = FolderGuard {
        allowed_roots: vec![outside],
        ..scene.guard()
    };
    let approved = Folder::new(folder.config().clone(), guard, Arc::new(SystemClock)).unwrap();
    assert_eq!(listed(&approved).await, ["a.txt", "out.txt", "out/secret.txt"]);
}

/// Puts a pipe in a place, which would keep whoever opens it waiting for a writer.
#[cfg(unix)]
fn make_pipe(path: &Path) {
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_gitignore_that_is_no_file_keeps_its_folder_out_and_everything_else_is_read() {
    use std::os::unix::fs::symlink;
    let scene = Scene::of(&["a.txt", "large/x.txt", "link/x.txt", "pipe/x.txt", "z.txt", "tag/x.txt"]);
    make_pipe(&scene.root.join("pipe/.gitignore"));
    make_pipe(&scene.root.join("tag/CACHEDIR.TAG"));
    symlink("/dev/zero", scene.root.join("link/.gitignore")).unwrap();
    scene.write("large/.gitignore", &"x\n".repeat(1 << 20));
    let folder = scene.folder();
    let (seen, result) = read_some(&folder, &plan(&folder, SyncMode::Full), None, usize::MAX).await;
    let Err(Error::Incomplete(message)) = result else {
        panic!("the listing passed for complete")
    };
    for place in ["`large`", "`link`", "`pipe`"] {
        assert!(message.contains(place) && message.contains("`.gitignore`"), "{message}");
    }
    let landed = landed(&folder, &seen);
    assert_eq!(landed.keys().collect::<Vec<_>>(), ["a.txt", "tag/x.txt", "z.txt"]);
    let spared = spared(&folder, &seen);
    assert_eq!(spared, ["large", "/large", "link", "/link", "pipe", "/pipe"]);
    let all = scene.folder_with(|config| config.gitignore = false);
    assert_eq!(listed(&all).await.len(), 6);
    make_pipe(&scene.root.join(".gitignore"));
    let refused = folder.check().await.unwrap_err().to_string();
    assert!(refused.contains("`gitignore` to false"), "{refused}");
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_file_is_not_waited_for() {
    use crate::native::folder::open::{Links, open_regular};
    let scene = Scene::of(&["a.txt"]);
    let pipe = scene.root.join("pipe");
    make_pipe(&pipe);
    let link = scene.root.join("link");
    std::os::unix::fs::symlink("a.txt", &link).unwrap();
    for links in [Links::Follow, Links::Refuse] {
        assert!(open_regular(&pipe, links).unwrap().is_none());
        assert!(open_regular(&scene.root, links).unwrap().is_none());
        assert_eq!(open_regular(&link, links).unwrap().is_some(), links == Links::Follow);
        assert!(open_regular(&scene.root.join("a.txt"), links).unwrap().is_some());
    }
}

#[tokio::test]
async fn the_data_folder_is_never_read_not_even_from_above() {
    let scene = Scene::of(&["a.txt", "data/staging/page", "data/key"]);
    let guard = FolderGuard {
        data_dir: scene.root.join("data"),
        ..scene.guard()
    };
    let folder = Folder::new(scene.config(), guard.clone(), Arc::new(SystemClock)).unwrap();
    assert_eq!(listed(&folder).await, ["a.txt"]);
    let inside = FolderConfig::of(scene.root.join("data/staging"));
    let folder = Folder::new(inside, guard, Arc::new(SystemClock)).unwrap();
    assert!(folder.check().await.unwrap_err().to_string().contains("data folder"));
}

#[tokio::test]
async fn foreign_streams_slices_and_pages_are_refused() {
    let scene = Scene::of(&["a.txt"]);
    let folder = scene.folder();
    let error = folder
        .plan(&["fils".to_owned()], SyncMode::Full, &[], Timestamp(0))
        .unwrap_err();
    assert!(error.to_string().contains("did you mean `files`?"), "{error}");
    assert!(folder.plan(&[], SyncMode::Full, &[], Timestamp(0)).unwrap().is_empty());
    let mut slice = plan(&folder, SyncMode::Full);
    slice.args = json!({"what": "everything"});
    let (_, result) = read_some(&folder, &slice, None, usize::MAX).await;
    assert!(matches!(result, Err(Error::FixConfiguration(_))));
    let seen = read(&folder, &plan(&folder, SyncMode::Full)).await;
    let mut page = seen.pages[0].clone();
    page.body = b"{\"path\":\"a.txt\"}\nnonsense\n".to_vec();
    let Err(Error::Unparsable(message)) = folder.parse(&page, &mut super::plain_text) else {
        panic!("nonsense was parsed")
    };
    assert!(message.contains("line 2"), "{message}");
    page.body = b"{\"path\":\"../../etc/passwd\"}\n".to_vec();
    let parsed = folder.parse(&page, &mut super::plain_text).unwrap();
    assert_eq!((parsed.landings.len(), parsed.rejected.len()), (0, 1));
}

#[tokio::test]
async fn a_listener_that_stops_ends_the_reading() {
    let scene = Scene::of(&["a.txt"]);
    let folder = scene.folder();
    let slice = plan(&folder, SyncMode::Full);
    let (mut reader, listener) = crate::Reader::new();
    drop(listener);
    let result = folder.read(&slice, None, &mut reader).await;
    assert_eq!(result, Err(Error::Stopped));
}
