//! Files without a text: what is said of them, and where.

use std::collections::BTreeMap;

use model::SyncMode;
use model::record::Content;

use super::super::config::FILE_BYTES_MAX;
use super::{Scene, one_by_one, plan, read};
use crate::{Connector, ExtractedFile, Parsed};

/// What the preview of each file says of its missing text.
fn told(parsed: &Parsed) -> BTreeMap<&str, &str> {
    let mut told = BTreeMap::new();
    for landing in &parsed.landings {
        let Content::Present(body) = &landing.content else {
            panic!("`{}` is there", landing.key.0)
        };
        let said = body
            .data
            .get("extraction_error")
            .map_or("", |said| said.as_str().unwrap());
        told.insert(landing.key.0.as_str(), said);
    }
    told
}

/// What the list of errors says: file, reason, words.
fn listed(parsed: &Parsed) -> Vec<(&str, &str, &str)> {
    let mut listed = Vec::new();
    for one in &parsed.rejected {
        listed.push((
            one.key.as_ref().unwrap().0.as_str(),
            one.reason.as_str(),
            one.detail.as_str(),
        ));
    }
    listed
}

#[tokio::test]
async fn a_file_above_the_limit_is_found_by_name_and_listed_with_what_to_do() {
    let scene = Scene::of(&["small.txt"]);
    scene.write("large.txt", &"x".repeat(10_000));
    scene.write("photo.jpg", &"x".repeat(10_000));
    let folder = scene.folder_with(|config| config.max_file_bytes = 5 << 10);
    let seen = read(&folder, &plan(&folder, SyncMode::Full)).await;
    let parsed = super::parse(&folder, &seen.pages[0]);
    let said = "`large.txt` is too large: it has 9.7 KiB, and `max_file_bytes` of this source is 5 KiB; raise \
        `max_file_bytes` in the source's settings, or leave it out with `exclude`";
    assert_eq!(listed(&parsed), [("large.txt", "too large", said)]);
    let told = told(&parsed);
    assert_eq!((told["small.txt"], told["large.txt"]), ("", said));
    // Nobody would read it, whatever its size.
    assert!(told["photo.jpg"].contains("is of a kind that is not read"), "{told:?}");
    let body = super::landed(&folder, &seen).remove("large.txt").flatten().unwrap();
    assert_eq!((body.text.as_str(), body.data.get("hash")), ("", None));
}

#[test]
fn what_is_advised_is_what_the_readers_take() {
    assert_eq!(FILE_BYTES_MAX, extract::Limits::default().bytes_in_max);
}

#[tokio::test]
async fn a_higher_limit_is_advised_only_where_it_helps() {
    let scene = Scene::of(&["a.txt"]);
    for name in ["large.pdf", "large.csv"] {
        let file = std::fs::File::create(scene.root.join(name)).unwrap();
        // A hole in the file: no disk is written.
        file.set_len(FILE_BYTES_MAX + (36 << 20)).unwrap();
    }
    let folder = scene.folder();
    let seen = read(&folder, &plan(&folder, SyncMode::Full)).await;
    let parsed = super::parse(&folder, &seen.pages[0]);
    let told = told(&parsed);
    assert!(
        told["large.pdf"].ends_with(
            "it has 100 MiB, and `max_file_bytes` of this source is 64 MiB; split it, because documents above 64 MiB are \
             not read, or leave it out with `exclude`"
        ),
        "{told:?}"
    );
    assert!(told["large.csv"].contains("raise `max_file_bytes`"), "{told:?}");
}

#[tokio::test]
async fn kinds_that_nothing_reads_are_told_of_in_the_preview_alone() {
    let scene = Scene::of(&["photo.jpg", "music.mp3", "sub/data.sqlite"]);
    scene.write("empty.txt", "");
    let folder = scene.folder();
    let seen = read(&folder, &plan(&folder, SyncMode::Full)).await;
    let parsed = super::parse(&folder, &seen.pages[0]);
    assert_eq!(listed(&parsed), []);
    let told = told(&parsed);
    assert_eq!(told["empty.txt"], "`empty.txt` is empty");
    for name in ["photo.jpg", "music.mp3", "sub/data.sqlite"] {
        let said = format!(
            "`{name}` is of a kind that is not read: only its name and path are searched; `exclude` leaves it out"
        );
        assert_eq!(told[name], said);
    }
}

#[tokio::test]
async fn a_pdf_without_any_text_is_listed_and_says_what_to_do() {
    let scene = Scene::of(&["scan.pdf", "words.pdf", "nothing.pdf", "blank.txt"]);
    let folder = scene.folder();
    let seen = read(&folder, &plan(&folder, SyncMode::Full)).await;
    let mut reader = one_by_one(|file| {
        let (text, pages) = match file.key {
            "scan.pdf" => (" \n", Some(3)),
            "words.pdf" => ("words", Some(1)),
            "nothing.pdf" => ("", Some(0)),
            _ => ("", None),
        };
        Ok(ExtractedFile {
            text: text.to_owned(),
            pages,
            reader: 1,
            ..ExtractedFile::default()
        })
    });
    let parsed = folder.parse(&seen.pages[0], &mut reader).unwrap();
    let said = "`scan.pdf` has no text on any page; if it is scanned, save a copy with its text recognised (OCR)";
    assert_eq!(listed(&parsed), [("scan.pdf", "no text", said)]);
    assert_eq!(told(&parsed)["scan.pdf"], said);
    assert_eq!(parsed.landings.len(), 4, "they are found by name all the same");
}
