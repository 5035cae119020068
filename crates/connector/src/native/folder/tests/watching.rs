//! Changes as they are told. Each wait has a deadline that only a failure reaches.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Scene;
use crate::native::folder::watch::{Change, Watch, WatchSettings};

const QUICK: WatchSettings = WatchSettings {
    quiet_ms: 30,
    delay_ms_max: 500,
    paths_max: 100,
    look_every_ms: 50,
};

fn watch(scene: &Scene) -> Watch {
    scene.folder().watch(QUICK).unwrap()
}

async fn next(watch: &mut Watch) -> Change {
    let waited = tokio::time::timeout(Duration::from_secs(20), watch.next()).await;
    waited
        .expect("no change was told in time")
        .expect("the watch has ended")
}

/// Collects changed files until all of `wanted` were told; fails on a rescan.
async fn files(watch: &mut Watch, wanted: &[&str]) -> BTreeSet<String> {
    let mut told = BTreeSet::new();
    while !wanted.iter().all(|file| told.contains(*file)) {
        match next(watch).await {
            Change::Files(files) => told.extend(files),
            Change::Rescan { why } => panic!("a rescan was asked for: {why}"),
        }
    }
    told
}

async fn rescan(watch: &mut Watch) -> String {
    loop {
        if let Change::Rescan { why } = next(watch).await {
            return why;
        }
    }
}

#[tokio::test]
async fn writes_renames_and_removals_are_told() {
    let scene = Scene::of(&["a.txt", "dir/b.txt", "node_modules/x.js"]);
    let mut watch = watch(&scene);
    scene.write("a.txt", "changed");
    scene.write("dir/new.txt", "new");
    files(&mut watch, &["a.txt", "dir/new.txt"]).await;
    scene.rename("a.txt", "dir/a.txt");
    files(&mut watch, &["a.txt", "dir/a.txt"]).await;
    scene.remove("dir/b.txt");
    files(&mut watch, &["dir/b.txt"]).await;
}

#[tokio::test]
async fn what_is_left_out_is_not_told() {
    let scene = Scene::of(&["a.txt", "node_modules/x.js", ".git/index"]);
    let mut watch = watch(&scene);
    scene.write("node_modules/x.js", "changed");
    scene.write(".git/index", "changed");
    scene.write("key.pem", "secret");
    scene.write("last.txt", "");
    let told = files(&mut watch, &["last.txt"]).await;
    assert_eq!(told.into_iter().collect::<Vec<_>>(), ["last.txt"]);
}

#[tokio::test]
async fn files_in_new_folders_are_told_and_watched() {
    let scene = Scene::of(&["a.txt"]);
    let mut watch = watch(&scene);
    scene.write("x/y/z/one.txt", "one");
    files(&mut watch, &["x/y/z/one.txt"]).await;
    scene.write("x/y/z/two.txt", "two");
    files(&mut watch, &["x/y/z/two.txt"]).await;
    std::fs::remove_dir_all(scene.root.join("x")).unwrap();
    files(&mut watch, &["x/y/z/one.txt", "x/y/z/two.txt"]).await;
}

#[tokio::test]
async fn a_moved_folder_asks_for_a_rescan() {
    let scene = Scene::of(&["dir/a.txt", "b.txt"]);
    let mut watch = watch(&scene);
    scene.rename("dir", "other");
    let why = rescan(&mut watch).await;
    assert!(why.contains("`dir`"), "{why}");
    scene.write("other/new.txt", "");
    files(&mut watch, &["other/new.txt"]).await;
}

#[tokio::test]
async fn a_folder_moved_in_is_told_file_by_file() {
    let scene = Scene::of(&["a.txt"]);
    let outside = scene.temp.path().join("outside");
    std::fs::create_dir_all(outside.join("sub")).unwrap();
    std::fs::write(outside.join("sub/x.txt"), "x").unwrap();
    let mut watch = watch(&scene);
    std::fs::rename(&outside, scene.root.join("inside")).unwrap();
    files(&mut watch, &["inside/sub/x.txt"]).await;
}

#[tokio::test]
async fn more_changes_than_can_be_named_ask_for_a_rescan() {
    let scene = Scene::of(&["a.txt"]);
    let settings = WatchSettings {
        paths_max: 10,
        quiet_ms: 200,
        ..QUICK
    };
    let mut watch = scene.folder().watch(settings).unwrap();
    for i in 0..50 {
        scene.write(&format!("{i}.txt"), "x");
    }
    let why = rescan(&mut watch).await;
    assert!(why.contains("files changed"), "{why}");
}

#[tokio::test]
async fn a_changed_gitignore_asks_for_a_rescan() {
    let scene = Scene::of(&["a.txt"]);
    let mut watch = watch(&scene);
    scene.write(".gitignore", "a.txt\n");
    let why = rescan(&mut watch).await;
    assert!(why.contains(".gitignore"), "{why}");
}

#[tokio::test]
async fn a_listener_that_is_behind_loses_nothing() {
    let scene = Scene::of(&["a.txt"]);
    let settings = WatchSettings {
        quiet_ms: 1,
        delay_ms_max: 1,
        paths_max: 1_000,
        ..QUICK
    };
    let mut watch = scene.folder().watch(settings).unwrap();
    let names: Vec<String> = (0..60).map(|i| format!("{i}.txt")).collect();
    for name in &names {
        scene.write(name, "x");
        tokio::task::yield_now().await;
    }
    let wanted: Vec<&str> = names.iter().map(String::as_str).collect();
    files(&mut watch, &wanted).await;
}

#[tokio::test]
async fn a_root_that_goes_away_is_told() {
    let scene = Scene::of(&["a.txt"]);
    let mut watch = watch(&scene);
    std::fs::rename(&scene.root, scene.temp.path().join("elsewhere")).unwrap();
    let why = rescan(&mut watch).await;
    assert!(why.contains("moved or removed") || why.contains("mounted"), "{why}");
}

#[tokio::test]
async fn a_root_that_was_replaced_is_watched_again() {
    let scene = Scene::of(&["a.txt"]);
    let mut watch = watch(&scene);
    std::fs::rename(&scene.root, scene.temp.path().join("elsewhere")).unwrap();
    std::fs::create_dir(&scene.root).unwrap();
    // It may have been gone for a moment first.
    while !rescan(&mut watch).await.contains("mounted") {}
    scene.write("new.txt", "x");
    files(&mut watch, &["new.txt"]).await;
}
