//! Files without a text: found by name, and what is wrong with each is said where people look.

use std::collections::BTreeMap;

use serde_json::Value;

use super::get;
use crate::place::Place;

/// One page, and nothing on it.
const SCAN: &str = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
    2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
    3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n";

#[test]
fn a_file_without_a_text_is_found_by_name_and_says_what_to_do() {
    let place = Place::new();
    place.write("good.txt", "a file about basalt");
    place.write("cut.docx", "PK\u{3}\u{4} this is no archive");
    place.write("scan.pdf", SCAN);
    place.write("large.txt", &"basalt ".repeat(1_000));
    place.write("photo.jpg", "a picture");
    let _fossick = place.serve();
    place.done(&[
        "source",
        "add",
        "folder",
        "files",
        "--name",
        "Notes",
        "--share",
        "everyone",
        "-c",
        "max_file_bytes=2048",
        "--sync",
    ]);
    let source = place.done(&["source", "list", "--json"]).json()["items"][0].clone();
    assert_eq!((&source["state"], &source["failures"]), (&"synced".into(), &3.into()));
    let groups = get(&place, &format!("/api/v1/sources/{}/failures", source["id"])).1["groups"].clone();
    let listed: BTreeMap<&str, &str> = groups
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (group["reason"].as_str().unwrap(), group["example"].as_str().unwrap()))
        .collect();
    let said = [
        (
            "damaged file",
            "`cut.docx` is damaged: it is no whole archive, as after a copy that was cut short; open it and save it anew",
        ),
        (
            "no text",
            "`scan.pdf` has no text on any page; if it is scanned, save a copy with its text recognised (OCR)",
        ),
        (
            "too large",
            "`large.txt` is too large: it has 6.8 KiB, and `max_file_bytes` of this source is 2 KiB; raise `max_file_bytes`",
        ),
    ];
    assert_eq!(listed.len(), said.len(), "{listed:?}");
    for (reason, words) in said {
        assert!(listed[reason].starts_with(words), "{listed:?}");
    }
    for name in ["cut.docx", "scan.pdf", "large.txt", "photo.jpg"] {
        let hit = place.done(&["search", "--json", name]).json()["hits"][0].clone();
        let record = hit["objectID"].as_str().unwrap();
        let preview = get(&place, &format!("/api/v1/records/{record}/preview")).1;
        let missing = preview["text_missing"].as_str().unwrap_or_else(|| panic!("{preview}"));
        assert!(missing.starts_with(&format!("`{name}` ")), "{missing}");
        let is_listed = listed.values().any(|example| *example == missing);
        assert_eq!(is_listed, name != "photo.jpg", "{missing}");
    }
    // A sync that changes nothing tells nobody anything new.
    place.done(&["source", "sync", "Notes", "--full"]);
    let again = place.done(&["source", "list", "--json"]).json()["items"][0].clone();
    assert_eq!(again["failures"], Value::from(3));
}
