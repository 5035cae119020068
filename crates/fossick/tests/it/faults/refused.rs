//! A document that the search index does not take: it is set aside with its reason, and holds up nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::{get, until};
use crate::place::Place;
use crate::server::{Reply, Server};

/// What becomes of the records: sixty facets of the same labels, which together have a limit.
fn mapping() -> String {
    let facets: Vec<String> = (0..60).map(|at| format!("      label{at}: \"/labels/*\"\n")).collect();
    format!(
        "version: 1\nstreams:\n  boards:\n    title: /name\n    facets:\n{}",
        facets.concat()
    )
}

/// A hundred labels that are as long as labels may be.
fn large() -> Vec<String> {
    (0..100).map(|at| format!("{at} {}", "𝄞".repeat(190))).collect()
}

#[test]
fn one_document_that_the_index_refuses_holds_up_no_other_and_is_found_once_it_is_mended() {
    let is_mended = Arc::new(AtomicBool::new(false));
    let theirs = Arc::clone(&is_mended);
    let provider = Server::start(move |_asked| {
        let items: Vec<_> = (0..20)
            .map(|at| {
                let is_large = at == 7 && !theirs.load(Ordering::SeqCst);
                let labels = if is_large { large() } else { vec!["small".to_owned()] };
                json!({ "id": at, "name": format!("board {at} of granite"), "labels": labels })
            })
            .collect();
        Reply::items(&items)
    });
    let mut place = Place::new();
    place.set("FOSSICK_ALLOW_PRIVATE", "127.0.0.1");
    std::fs::write(place.path("api.yaml"), include_str!("manifest.yaml")).unwrap();
    std::fs::write(place.path("search.yaml"), mapping()).unwrap();
    let _fossick = place.serve();
    let base_url = format!("base_url={}", provider.url);
    place.done(&[
        "source",
        "add",
        "http",
        "--manifest",
        "api.yaml",
        "--search",
        "search.yaml",
        "--name",
        "Api",
        "--share",
        "everyone",
        "-c",
        &base_url,
        "--sync",
    ]);
    let found = || place.done(&["search", "--json", "granite"]).json()["nbHits"].clone();
    assert_eq!(found(), 19, "all others are found");
    let source = || place.done(&["source", "list", "--json"]).json()["items"][0].clone();
    assert_eq!((&source()["records"], &source()["failures"]), (&json!(20), &json!(1)));
    let failures = || get(&place, &format!("/api/v1/sources/{}/failures", source()["id"])).1["groups"].clone();
    let group = &failures()[0];
    assert_eq!(
        (&group["stage"], &group["reason"], &group["count"]),
        (&json!("upload"), &json!("document too large"), &json!(1)),
        "{group}"
    );
    let example = group["example"].as_str().unwrap();
    assert!(
        example.contains("bytes together, at most 4194304 are indexed"),
        "{example}"
    );
    let said = place.done(&["source", "failures", "Api"]).out;
    assert!(said.contains("upload") && said.contains("document too large"), "{said}");
    // A retry changes nothing as long as the document stays as it is.
    place.done(&["source", "retry", "Api", "--all"]);
    assert_eq!((found(), failures().as_array().unwrap().len()), (json!(19), 1));
    // The provider mends its record.
    is_mended.store(true, Ordering::SeqCst);
    place.done(&["source", "sync", "Api", "--full"]);
    until(|| (found() == json!(20) && failures() == json!([])).then_some(()));
    assert_eq!(source()["state"], "synced");
}
