//! What a listing takes, in which order, and how it resumes.

use model::{Clock, SyncMode, Timestamp};
use serde_json::{Value, json};

use super::{Scene, landed, listed, plan, read, read_some};
use crate::Connector;
use crate::native::folder::{EstimateLimits, Folder};

#[tokio::test]
async fn every_file_lands_with_what_is_known_of_it() {
    let scene = Scene::of(&["a.md", "b/c.txt", "photo.jpg", "empty/"]);
    std::fs::write(scene.root.join("void.txt"), "").unwrap();
    let folder = scene.folder();
    let seen = read(&folder, &plan(&folder, SyncMode::Full)).await;
    assert_eq!(seen.positions.last(), Some(&None));
    assert_eq!(seen.cursors, [json!({"since": -120_000})]);
    let landed = landed(&folder, &seen);
    assert_eq!(
        landed.keys().collect::<Vec<_>>(),
        ["a.md", "b/c.txt", "photo.jpg", "void.txt"]
    );
    let body = landed["b/c.txt"].as_ref().unwrap();
    assert_eq!(body.text, "text of b/c.txt");
    assert_eq!(body.data["name"], "c.txt");
    assert_eq!(body.data["folder"], "b");
    assert_eq!(body.data["kind"], "text");
    assert_eq!(body.data["size"], 15);
    assert_eq!(body.data["hash"], blake3::hash(b"text of b/c.txt").to_hex().as_str());
    assert_eq!(body.data["modified_at"], body.changed_at.unwrap().to_string());
    assert_eq!(
        landed["photo.jpg"].as_ref().unwrap().text,
        "",
        "pictures are found by name"
    );
    assert_eq!(landed["void.txt"].as_ref().unwrap().text, "");
}

#[tokio::test]
async fn patterns_hidden_files_and_gitignore_decide_what_is_taken() {
    let scene = Scene::of(&[
        "a.txt",
        "b.pdf",
        ".hidden.txt",
        ".git/config",
        "node_modules/x/a.txt",
        "secrets/server.pem",
        "old/a.txt",
        "src/skip.txt",
        "src/keep.txt",
    ]);
    scene.write(".gitignore", "skip.txt\n");
    assert_eq!(
        listed(&scene.folder()).await,
        ["a.txt", "b.pdf", "old/a.txt", "src/keep.txt"]
    );
    let narrowed = scene.folder_with(|config| {
        config.include = vec!["*.txt".to_owned()];
        config.exclude = vec!["old/".to_owned()];
        config.gitignore = false;
    });
    assert_eq!(listed(&narrowed).await, ["a.txt", "src/keep.txt", "src/skip.txt"]);
    let everything = scene.folder_with(|config| {
        config.hidden = true;
        config.default_excludes = false;
        config.gitignore = false;
    });
    assert_eq!(listed(&everything).await.len(), 10);
}

#[tokio::test]
async fn a_long_listing_resumes_after_any_page_and_misses_nothing() {
    let names: Vec<String> = (0..450).map(|i| format!("d{}/e{}/f{i:03}.txt", i % 7, i % 3)).collect();
    let scene = Scene::of(&names.iter().map(String::as_str).collect::<Vec<_>>());
    // Names that sort differently as texts and as paths.
    scene.write("d1.txt", "");
    scene.write("d1-x/a.txt", "");
    let folder = scene.folder();
    let slice = plan(&folder, SyncMode::Full);
    let whole = read(&folder, &slice).await;
    let pages_total = 452_usize.div_ceil(super::super::page::FILES_MAX);
    assert_eq!(whole.pages.len(), pages_total);
    let all = landed(&folder, &whole);
    assert_eq!(all.len(), 452);
    for pages in 1..pages_total {
        let (mut first, stopped) = read_some(&folder, &slice, None, pages).await;
        assert!(stopped.is_err());
        let position = first.positions.last().cloned().flatten();
        let (rest, ended) = read_some(&folder, &slice, position, usize::MAX).await;
        ended.unwrap();
        assert_eq!(
            first.pages.len() + rest.pages.len(),
            pages_total,
            "nothing is read twice"
        );
        assert_eq!(rest.expected, None);
        first.pages.extend(rest.pages);
        assert_eq!(landed(&folder, &first), all);
    }
}

#[tokio::test]
async fn a_position_that_means_nothing_starts_from_the_beginning() {
    let scene = Scene::of(&["a.txt", "b.txt"]);
    let folder = scene.folder();
    let slice = plan(&folder, SyncMode::Full);
    for position in [
        json!(17),
        json!({"after": "../../etc"}),
        json!({"after": {"x": 1}}),
        Value::Null,
    ] {
        let (seen, result) = read_some(&folder, &slice, Some(position), usize::MAX).await;
        result.unwrap();
        assert_eq!(landed(&folder, &seen).len(), 2);
    }
}

#[tokio::test]
async fn the_number_of_files_is_told_before_the_end() {
    let names: Vec<String> = (0..900).map(|i| format!("{i}.txt")).collect();
    let scene = Scene::of(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let folder = scene.folder();
    let seen = read(&folder, &plan(&folder, SyncMode::Full)).await;
    assert_eq!(seen.expected, Some(900));
}

#[tokio::test]
async fn an_incremental_listing_reads_what_changed_since_the_last() {
    let scene = Scene::of(&["old.txt", "dir/old.txt"]);
    let folder = scene.folder();
    let cursor = |since: i64| model::connector::Cursor {
        key: "files".to_owned(),
        value: json!({"since": since}),
    };
    let plan = |since: i64| {
        let slices = folder.plan(
            &["files".to_owned()],
            SyncMode::Incremental,
            &[cursor(since)],
            Timestamp(7),
        );
        slices.unwrap().remove(0)
    };
    let now = model::SystemClock.now().0;
    let everything = read(&folder, &plan(now - 3_600_000)).await;
    assert_eq!(landed(&folder, &everything).len(), 2);
    let nothing = read(&folder, &plan(now + 3_600_000)).await;
    assert!(nothing.pages.is_empty());
    assert_eq!(nothing.cursors, [json!({"since": 7 - 120_000})]);
}

#[cfg(unix)]
#[tokio::test]
async fn an_incremental_listing_reads_a_folder_that_was_moved_with_its_old_files() {
    use crate::native::folder::walk::changed_ms;
    let scene = Scene::of(&["dir/sub/old.txt", "still.txt"]);
    let changed = |path: &str| changed_ms(&scene.root.join(path).metadata().unwrap());
    let made = changed("dir/sub/old.txt").max(changed("still.txt"));
    // The file system's clock has to go on between making and moving.
    scene.rename("dir", "moved");
    while changed("moved") <= made {
        scene.rename("moved", "dir");
        scene.rename("dir", "moved");
    }
    let folder = scene.folder();
    let cursor = model::connector::Cursor {
        key: "files".to_owned(),
        value: json!({"since": made + 1}),
    };
    let slices = folder.plan(&["files".to_owned()], SyncMode::Incremental, &[cursor], Timestamp(0));
    let seen = read(&folder, &slices.unwrap()[0]).await;
    assert_eq!(landed(&folder, &seen).keys().collect::<Vec<_>>(), ["moved/sub/old.txt"]);
}

#[cfg(unix)]
#[tokio::test]
async fn names_that_are_not_text_are_read_and_keep_their_key() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let scene = Scene::of(&["a.txt"]);
    let odd = scene.root.join(OsStr::from_bytes(b"caf\xe9"));
    std::fs::create_dir(&odd).unwrap();
    std::fs::write(odd.join("menu.txt"), "soup").unwrap();
    std::fs::write(scene.root.join("line\nbreak \"quoted\".txt"), "x").unwrap();
    let folder = scene.folder();
    let seen = read(&folder, &plan(&folder, SyncMode::Full)).await;
    let landed = landed(&folder, &seen);
    let body = landed["/caf%E9/menu.txt"].as_ref().unwrap();
    assert_eq!(body.text, "soup");
    assert_eq!(body.data["path"], "caf\u{fffd}/menu.txt");
    assert!(landed.contains_key("line\nbreak \"quoted\".txt"));
    assert_eq!(landed.len(), 3);
}

#[cfg(unix)]
#[tokio::test]
async fn links_are_followed_only_when_asked_and_loops_end() {
    use std::os::unix::fs::symlink;
    let scene = Scene::of(&["a/file.txt"]);
    symlink(scene.root.join("a"), scene.root.join("alias")).unwrap();
    symlink(&scene.root, scene.root.join("a/loop")).unwrap();
    symlink("nowhere", scene.root.join("broken")).unwrap();
    symlink("a/file.txt", scene.root.join("link.txt")).unwrap();
    assert_eq!(listed(&scene.folder()).await, ["a/file.txt"]);
    let following = scene.folder_with(|config| config.follow_symlinks = true);
    assert_eq!(listed(&following).await, ["a/file.txt", "alias/file.txt", "link.txt"]);
}

#[test]
fn an_estimate_says_what_would_be_taken() {
    let scene = Scene::of(&["a.pdf", "b.pdf", "c.md", "d/e.rs", ".git/x", "node_modules/y.js"]);
    let estimate = scene.folder().estimate(&EstimateLimits::default()).unwrap();
    assert_eq!((estimate.items, estimate.truncated), (4, false));
    assert_eq!(estimate.bytes, 13 * 2 + 12 + 14);
    assert_eq!((estimate.by_kind[0].kind, estimate.by_kind[0].items), ("pdf", 2));
    assert_eq!(estimate.sample, ["a.pdf", "b.pdf", "c.md", "d/e.rs"]);
    let limits = EstimateLimits {
        items_max: 2,
        ..EstimateLimits::default()
    };
    let estimate = scene.folder().estimate(&limits).unwrap();
    assert_eq!((estimate.items, estimate.truncated), (2, true));
}

/// A clock that goes on by a second whenever it is asked.
#[derive(Debug, Default)]
struct Hasty(std::sync::atomic::AtomicI64);

impl Clock for Hasty {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1_000, std::sync::atomic::Ordering::Relaxed))
    }
}

#[test]
fn an_estimate_ends_when_its_time_is_up() {
    let names: Vec<String> = (0..600).map(|i| format!("{i}.txt")).collect();
    let scene = Scene::of(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let folder = Folder::new(scene.config(), scene.guard(), std::sync::Arc::new(Hasty::default())).unwrap();
    let limits = EstimateLimits {
        time_ms_max: 500,
        ..EstimateLimits::default()
    };
    let estimate = folder.estimate(&limits).unwrap();
    assert_eq!((estimate.items, estimate.truncated), (255, true));
}
