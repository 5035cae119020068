//! Files that move, change and vanish.

use model::SyncMode;
use model::record::Content;
use serde_json::Value;

use super::{Scene, landed, listed, one_by_one, parse, plan, read};
use crate::native::folder::page::{self, Line};
use crate::{Connector, ExtractFailure, ExtractFailureKind, ExtractedFile};

#[tokio::test]
async fn a_deleted_file_is_no_longer_listed() {
    let scene = Scene::of(&["a.txt", "b.txt"]);
    scene.remove("a.txt");
    assert_eq!(listed(&scene.folder()).await, ["b.txt"]);
}

#[tokio::test]
async fn changed_paths_land_what_is_there_and_what_is_gone() {
    let scene = Scene::of(&["a.txt", "b.txt", "dir/c.txt", "dir/sub/d.txt", "other.txt"]);
    let folder = scene.folder();
    scene.remove("b.txt");
    let keys = [
        "a.txt",
        "b.txt",
        "dir",
        "never.txt",
        "a.txt",
        "../outside",
        "dir/no/such.txt",
    ]
    .map(str::to_owned);
    let slices = folder.changed_slices(&keys);
    assert_eq!(slices.len(), 1);
    assert_eq!(slices[0].checkpoint_key, None);
    let seen = read(&folder, &slices[0]).await;
    assert!(seen.cursors.is_empty());
    let landed = landed(&folder, &seen);
    let present: Vec<(&str, bool)> = landed
        .iter()
        .map(|(key, body)| (key.as_str(), body.is_some()))
        .collect();
    assert_eq!(
        present,
        [
            ("a.txt", true),
            ("b.txt", false),
            ("dir", false),
            ("dir/c.txt", true),
            ("dir/no/such.txt", false),
            ("dir/sub/d.txt", true),
            ("never.txt", false),
        ]
    );
}

#[tokio::test]
async fn a_file_in_whose_place_is_a_folder_now_is_gone() {
    let scene = Scene::of(&["note", "z.txt"]);
    let folder = scene.folder();
    scene.remove("note");
    scene.write("note/inside.txt", "x");
    let seen = read(&folder, &folder.changed_slices(&["note".to_owned()])[0]).await;
    let landed = landed(&folder, &seen);
    let present: Vec<(&str, bool)> = landed
        .iter()
        .map(|(key, body)| (key.as_str(), body.is_some()))
        .collect();
    assert_eq!(present, [("note", false), ("note/inside.txt", true)]);
}

#[tokio::test]
async fn a_renamed_file_is_gone_at_its_old_place_and_present_at_its_new_one() {
    let scene = Scene::of(&["a.txt", "z/keep.txt"]);
    let folder = scene.folder();
    scene.rename("a.txt", "z/b.txt");
    let slices = folder.changed_slices(&["a.txt".to_owned(), "z/b.txt".to_owned()]);
    let landed = landed(&folder, &read(&folder, &slices[0]).await);
    assert_eq!(landed["a.txt"], None);
    assert_eq!(landed["z/b.txt"].as_ref().unwrap().text, "text of a.txt");
    assert_eq!(landed.len(), 2);
}

#[tokio::test]
async fn a_path_that_the_rules_leave_out_now_is_gone() {
    let scene = Scene::of(&["a.txt", "b.txt"]);
    let folder = scene.folder_with(|config| config.exclude = vec!["a.*".to_owned()]);
    let slices = folder.changed_slices(&["a.txt".to_owned()]);
    let landed = landed(&folder, &read(&folder, &slices[0]).await);
    assert_eq!(landed.get("a.txt"), Some(&None));
}

#[test]
fn many_changed_paths_become_several_slices() {
    let scene = Scene::of(&["a.txt"]);
    let keys: Vec<String> = (0..2_500).map(|i| format!("{i}")).collect();
    assert_eq!(scene.folder().changed_slices(&keys).len(), 3);
    assert!(scene.folder().changed_slices(&[]).is_empty());
}

#[test]
fn a_file_that_moves_while_a_page_is_made_is_recognised() {
    let scene = Scene::of(&["new.txt", "one.txt"]);
    std::fs::hard_link(scene.root.join("one.txt"), scene.root.join("two.txt")).unwrap();
    let line = |key: &str, inode| Line {
        device: 1,
        inode,
        ..Line::gone(key.to_owned())
    };
    let present = |key: &str, inode| Line {
        is_gone: false,
        ..line(key, inode)
    };
    let mut lines = vec![
        present("moved.txt", 7),
        present("new.txt", 7),
        present("one.txt", 8),
        present("two.txt", 8),
    ];
    page::recognise_moves(&mut lines, &scene.root);
    let gone: Vec<bool> = lines.iter().map(|line| line.is_gone).collect();
    assert_eq!(gone, [true, false, false, false], "hard links are two files");
    assert_eq!(lines[0].path, "moved.txt");
}

#[tokio::test]
async fn a_file_that_changed_after_it_was_listed_lands_as_it_is_now() {
    let scene = Scene::of(&["a.txt"]);
    let folder = scene.folder();
    let seen = read(&folder, &plan(&folder, SyncMode::Full)).await;
    scene.write("a.txt", "something else and longer");
    let body = landed(&folder, &seen).remove("a.txt").unwrap().unwrap();
    assert_eq!(body.text, "something else and longer");
    assert_eq!(
        body.data["hash"],
        blake3::hash(b"something else and longer").to_hex().as_str()
    );
    assert_eq!(body.data["size"], 25);
}

#[tokio::test]
async fn a_file_that_changes_under_extraction_is_read_again() {
    let scene = Scene::of(&["a.txt"]);
    let folder = scene.folder();
    let seen = read(&folder, &plan(&folder, SyncMode::Full)).await;
    let mut readings = 0;
    let parsed = folder
        .parse(
            &seen.pages[0],
            &mut one_by_one(|file| {
                let path = file.path;
                readings += 1;
                let text = std::fs::read_to_string(path).unwrap();
                if readings == 1 {
                    std::fs::write(path, "written meanwhile").unwrap();
                }
                Ok(ExtractedFile {
                    text,
                    ..ExtractedFile::default()
                })
            }),
        )
        .unwrap();
    assert_eq!(readings, 2);
    let Content::Present(body) = &parsed.landings[0].content else {
        panic!("the file is there")
    };
    assert_eq!(body.text, "written meanwhile");
    assert_eq!(body.data["size"], 17);
}

#[tokio::test]
async fn a_file_that_vanished_after_it_was_listed_lands_nothing() {
    let scene = Scene::of(&["a.txt", "b.txt"]);
    let folder = scene.folder();
    let seen = read(&folder, &plan(&folder, SyncMode::Full)).await;
    scene.remove("a.txt");
    let parsed = parse(&folder, &seen.pages[0]);
    assert_eq!(parsed.landings.len(), 1);
    assert!(parsed.rejected.is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_put_in_a_listed_files_place_is_not_followed() {
    let scene = Scene::of(&["a.txt", "dir/b.txt", "c.txt"]);
    let secret = scene.temp.path().join("secret");
    std::fs::create_dir(&secret).unwrap();
    std::fs::write(secret.join("b.txt"), "secret").unwrap();
    let folder = scene.folder();
    let seen = read(&folder, &plan(&folder, SyncMode::Full)).await;
    scene.remove("a.txt");
    std::os::unix::fs::symlink(secret.join("b.txt"), scene.root.join("a.txt")).unwrap();
    scene.rename("dir", "dir2");
    std::os::unix::fs::symlink(&secret, scene.root.join("dir")).unwrap();
    let landed = landed(&folder, &seen);
    assert_eq!(landed.keys().collect::<Vec<_>>(), ["c.txt"]);
}

#[tokio::test]
async fn a_file_that_can_not_be_extracted_is_found_by_name_and_listed_as_failure() {
    let scene = Scene::of(&["locked.pdf", "odd.docx"]);
    let folder = scene.folder();
    let seen = read(&folder, &plan(&folder, SyncMode::Full)).await;
    let parsed = folder
        .parse(
            &seen.pages[0],
            &mut one_by_one(|file| {
                let (reason, kind) = if file.media_type == "application/pdf" {
                    ("password protected", ExtractFailureKind::File)
                } else {
                    ("unsupported format", ExtractFailureKind::Unsupported)
                };
                Err(ExtractFailure {
                    reason: reason.to_owned(),
                    detail: format!("`{}`: {reason}", file.path.display()),
                    kind,
                })
            }),
        )
        .unwrap();
    assert_eq!(parsed.landings.len(), 2);
    assert_eq!(parsed.rejected.len(), 1, "a format that nothing reads is no failure");
    assert_eq!(parsed.rejected[0].reason, "password protected");
    assert_eq!(parsed.rejected[0].key.as_ref().unwrap().0, "locked.pdf");
    for landing in &parsed.landings {
        let Content::Present(body) = &landing.content else {
            panic!("both are there")
        };
        assert_eq!(body.text, "");
        assert!(body.data["extraction_error"].is_string());
    }
}

#[tokio::test]
async fn what_a_document_says_of_itself_lands_unless_it_says_nothing() {
    let scene = Scene::of(&["a.pdf", "b.pdf"]);
    let folder = scene.folder();
    let seen = read(&folder, &plan(&folder, SyncMode::Full)).await;
    let parsed = folder
        .parse(
            &seen.pages[0],
            &mut one_by_one(|file| {
                let title = if file.path.ends_with("a.pdf") {
                    "  Annual\nreport "
                } else {
                    "Microsoft Word - x.doc"
                };
                Ok(ExtractedFile {
                    text: "te\0xt".to_owned(),
                    title: Some(title.to_owned()),
                    authors: vec!["Some One".to_owned()],
                    pages: Some(3),
                    truncated: true,
                    reader: 1,
                })
            }),
        )
        .unwrap();
    let bodies: Vec<_> = parsed
        .landings
        .iter()
        .map(|landing| match &landing.content {
            Content::Present(body) => body,
            Content::Gone => panic!("both are there"),
        })
        .collect();
    assert_eq!(bodies[0].data["title"], "Annual report");
    assert_eq!(bodies[0].data["authors"][0], "Some One");
    assert_eq!(bodies[0].data["pages"], 3);
    assert_eq!(bodies[0].data["truncated"], true);
    assert_eq!(bodies[0].text, "text");
    assert_eq!(bodies[1].data.get("title"), None::<&Value>);
}

#[cfg(unix)]
#[tokio::test]
async fn what_the_disk_will_not_show_is_told_apart_from_what_is_gone() {
    let scene = Scene::of(&["a.txt", "dir/b.txt", "dir/c.txt"]);
    let folder = scene.folder();
    let seen = read(&folder, &plan(&folder, SyncMode::Full)).await;
    // A link that leads to itself is an error of every path through it, as a disk that does not answer would be.
    scene.rename("dir", "away");
    std::os::unix::fs::symlink("dir", scene.root.join("dir")).unwrap();
    let parsed = parse(&folder, &seen.pages[0]);
    let landed: Vec<_> = parsed.landings.iter().map(|landing| landing.key.0.as_str()).collect();
    assert_eq!(landed, ["a.txt"]);
    let kept: Vec<_> = parsed
        .rejected
        .iter()
        .map(|one| (one.key.as_ref().unwrap().0.as_str(), one.reason.as_str()))
        .collect();
    assert_eq!(
        kept,
        [("dir/b.txt", "unreadable file"), ("dir/c.txt", "unreadable file")],
        "they count as seen"
    );
    assert!(parsed.rejected[0].detail.contains("dir/b.txt"), "{parsed:?}");
}
