//! A provider that misbehaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::{RECORDS, Scene, get, page, until, well};
use crate::server::{Asked, Reply, Server};

/// Ill from the second page on.
fn from_page_two(asked: &Asked, ill: impl FnOnce() -> Reply) -> Reply {
    if asked.page() < 2 { well(asked) } else { ill() }
}

#[test]
fn a_429_is_waited_out_and_told_with_its_time() {
    let refusals = AtomicUsize::new(0);
    let scene = Scene::new(move |asked| {
        from_page_two(asked, || match refusals.fetch_add(1, Ordering::SeqCst) {
            0 => Reply::status(429).header("retry-after", &4),
            _ => well(asked),
        })
    });
    scene.fall_ill();
    let source = until(|| Some(scene.source()).filter(|source| source["state"] == "waiting"));
    let detail = &source["state_detail"];
    let what = detail["what"].as_str().unwrap();
    let limit = format!("waiting for the limit of `{}`", scene.provider.host());
    assert!(what.starts_with(&limit), "{what}");
    assert!(
        detail["until"].as_i64() > source["current_sync"]["started_at"].as_i64(),
        "{source}"
    );
    // The wait is told a moment before the task steps aside.
    let task = until(|| Some(scene.fetches().remove(0)).filter(|task| task["state"] != "running"));
    assert_eq!(
        (&task["state"], &task["attempt"], &task["errors"]),
        (&json!("scheduled"), &json!(0), &json!([])),
        "no failed attempt: {task}"
    );
    // In words for people, with the time of day.
    for line in [
        &["source", "list"][..],
        &["source", "show", "Api"],
        &["task", "list"],
        &["task", "show", &task["id"].to_string()],
    ] {
        let said = scene.place.done(line).out;
        // The wait may be over by now; then nothing is said about it.
        let is_over = scene.fetches()[0]["state"] != "scheduled";
        assert!(
            is_over || (said.contains("until ") && said.contains(" UTC")),
            "{line:?}: {said}"
        );
    }
    scene.wait_until_well();
    assert_eq!(scene.records(), RECORDS);
    let asked: Vec<_> = scene.provider.asked().into_iter().map(|asked| asked.page()).collect();
    assert_eq!(
        asked,
        [1, 2, 3, 4, 1, 2, 2, 3, 4],
        "nothing was asked twice but what was refused"
    );
}

#[test]
fn a_provider_that_fails_for_a_while_is_tried_until_it_is_well() {
    let failures = AtomicUsize::new(0);
    let scene = Scene::new(move |asked| {
        from_page_two(asked, || match failures.fetch_add(1, Ordering::SeqCst) {
            0..5 => Reply::status(500),
            _ => well(asked),
        })
    });
    scene.fall_ill();
    scene.wait_until_well();
    assert_eq!(scene.records(), RECORDS);
    let task = scene.fetches().remove(0);
    assert_eq!(task["state"], "completed");
    let errors = task["errors"].as_array().unwrap();
    assert_eq!((errors.len(), &errors[0]["class"]), (2, &json!("retry")), "{task}");
}

/// A provider that stays ill: the sync fails with these words, nothing is lost, and a retry goes on where it stood.
fn stays_ill(scene: &Scene, reason: &str, words: &[&str]) {
    scene.fall_ill();
    let ended = scene.hasten();
    assert_eq!(ended["state"], "failed", "{ended}");
    assert_eq!(
        scene.records(),
        RECORDS,
        "what has landed is neither lost nor swept away"
    );
    let source = scene.source();
    assert_eq!(source["state"], "needs_attention", "{source}");
    let failures = scene.failures();
    assert_eq!(
        (&failures[0]["stage"], &failures[0]["reason"], &failures[0]["count"]),
        (&json!("fetch"), &json!(reason), &json!(1)),
        "{failures}"
    );
    let task = scene.fetches().remove(0);
    assert_eq!(task["state"], "discarded", "{task}");
    let id = task["id"].to_string();
    let everywhere = [
        source["state_detail"]["what"].as_str().unwrap().to_owned(),
        failures[0]["example"].as_str().unwrap().to_owned(),
        scene.place.done(&["source", "show", "Api"]).out,
        scene.place.done(&["source", "failures", "Api"]).out,
    ];
    for text in &everywhere {
        for word in words {
            assert!(text.contains(word), "`{word}` is missing in: {text}");
        }
        assert!(!text.contains("stream `boards`: stream"), "{text}");
    }
    // The tasks say what happened; the way out is the source's.
    for line in [&["task", "list"][..], &["task", "show", &id]] {
        let said = scene.place.done(line).out;
        assert!(said.contains("stream `boards`") && said.contains("discarded"), "{said}");
    }
    scene.recover();
    scene.place.done(&["source", "retry", "Api", "--all"]);
    scene.wait_until_well();
    assert_eq!(scene.records(), RECORDS);
}

#[test]
fn a_provider_that_fails_for_ever_is_given_up_and_a_retry_goes_on() {
    let scene = Scene::new(|asked| {
        from_page_two(asked, || {
            Reply::text(json!({ "error": { "message": "down for repair" } }).to_string()).with_status(503)
        })
    });
    let place = format!("`{}/boards`", scene.provider.url);
    stays_ill(
        &scene,
        "kept failing",
        &[
            "stream `boards`",
            &place,
            "answered 503: down for repair",
            "retry it when",
        ],
    );
    let task = until(|| scene.fetches().into_iter().find(|task| task["state"] == "discarded"));
    let errors = task["errors"].as_array().unwrap();
    assert_eq!((errors.len(), &task["attempt"]), (12, &json!(12)), "{task}");
}

#[test]
fn garbage_is_given_up_with_its_first_words() {
    let scene = Scene::new(|asked| from_page_two(asked, || Reply::text("<html>\n<b>Not now")));
    stays_ill(
        &scene,
        "kept failing",
        &[
            "answered something that can't be read as JSON (expected value at line 1 column 1): `<html> <b>Not now`",
            "retry it when",
        ],
    );
}

#[test]
fn a_page_that_links_to_itself_ends_the_sync_at_once() {
    let scene = Scene::new(|asked| {
        from_page_two(asked, || {
            let items = [json!({ "id": 11, "name": "board 11 of granite" })];
            Reply::text(json!({ "items": items, "next": "/boards?page=2" }).to_string())
        })
    });
    let host = format!("the pages of `{}` never end", scene.provider.host());
    stays_ill(
        &scene,
        "wrong configuration",
        &[&host, "see to the `paginator` in the manifest"],
    );
    assert!(scene.provider.asked().len() < 20, "{}", scene.provider.asked().len());
}

#[test]
fn pages_without_end_are_ended_at_the_limit() {
    let scene = Scene::with(&[("FOSSICK_FETCH_PAGES_MAX", "30")], |asked| {
        // Always something new, and always a next page.
        let at = asked.page();
        let items = [json!({ "id": at % RECORDS, "name": format!("board {} of granite", at % RECORDS), "at": at })];
        Reply::text(json!({ "items": items, "next": format!("/boards?page={}", at + 1) }).to_string())
    });
    stays_ill(
        &scene,
        "wrong configuration",
        &[
            "has sent 30 pages and names a next one",
            "raise the setting `fetch.pages_max`",
        ],
    );
}

#[test]
fn a_page_link_to_another_host_is_not_followed() {
    let other = Arc::new(Server::start(|asked| page(asked.page(), false)));
    let url = other.url.replace("127.0.0.1", "localhost");
    let scene = Scene::new(move |asked| {
        let next = format!("{url}/boards?page=2");
        match asked.page() {
            1 => Reply::text(json!({ "items": [{ "id": 0, "name": "board 0 of granite" }], "next": next }).to_string()),
            _ => well(asked),
        }
    });
    stays_ill(
        &scene,
        "wrong configuration",
        &[
            "a page link leads to `localhost`",
            "was not followed",
            "name it in the manifest",
        ],
    );
    assert!(other.asked().is_empty());
}

#[test]
fn a_redirect_to_a_private_address_is_not_followed() {
    let inside = Arc::new(Server::start(|asked| page(asked.page(), false)));
    let url = inside.url.replace("127.0.0.1", "127.0.0.2");
    let scene = Scene::new(move |asked| {
        from_page_two(asked, || {
            Reply::status(302).header("location", &format!("{url}/boards"))
        })
    });
    stays_ill(
        &scene,
        "kept failing",
        &["redirects to another host, `127.0.0.2`", "was not followed"],
    );
    assert!(inside.asked().is_empty());
    // An address inside that the configuration itself names.
    let line = [
        "source",
        "check",
        "http",
        "--manifest",
        "api.yaml",
        "-c",
        "base_url=http://10.0.0.1",
        "--json",
    ];
    let checked = scene.place.run(&line);
    assert!(
        checked.out.contains("`10.0.0.1` is a private address") && checked.out.contains("`allow_private`"),
        "{checked:?}"
    );
    assert_eq!(get(&scene.place, "/readyz").0, 200);
}
