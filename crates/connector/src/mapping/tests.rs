//! Mappings as people write them, as they are guessed, and records of any shape.

mod bad;
mod guesses;

use model::record::Body;
use model::{Acl, Document, Principal, RecordId, Revision, SourceId, Timestamp};
use serde_json::{Value, json};

use super::Mapping;

fn mapping(stream: &str) -> Mapping {
    let indented = stream.replace('\n', "\n    ");
    Mapping::parse(
        &format!("version: 1\nstreams:\n  cards:\n    {indented}\n"),
        "search.yaml",
    )
    .unwrap()
}

fn document_of(mapping: &Mapping, body: &Body) -> Option<Document> {
    mapping.document(RecordId(7), Revision(2), SourceId(3), "cards", body)
}

fn document(stream: &str, data: Value) -> Document {
    let body = Body {
        data,
        ..Body::default()
    };
    document_of(&mapping(stream), &body).unwrap()
}

#[test]
fn a_mapping_makes_a_document() {
    let stream = r#"
kind: card
title: [/missing, /name]
body: [/desc, "/checklists/*/items/*/name", "@text"]
url: [/bad_url, /url]
path: "{board.name}/{list.name}"
people: [/owner, /members]
created_at: /made
changed_at: /touched
facets:
  label: "/labels/*/name"
  points: /points
acl:
  - ["trello/member/{members.*.id}", "trello/board/{board.id}"]
"#;
    let body = Body {
        data: json!({
            "name": " Pay the\n<b>invoice</b> ", "desc": "<p>By <i>Friday</i></p>", "points": 3,
            "checklists": [{"items": [{"name": "one"}, {"name": "two"}]}, {"items": []}],
            "url": "https://example.org/c/1", "bad_url": "javascript:alert(1)",
            "board": {"name": "Office", "id": "b1"}, "list": {"name": "To do"},
            "owner": {"id": 1, "fullName": "A Person"}, "members": [{"id": "m1", "username": "two"}, {"id": "m2"}, "A Person"],
            "labels": [{"name": "red"}, {"name": null}, {"name": "blue"}, {"name": "red"}],
            "made": "2026-01-01", "touched": 1_769_860_800
        }),
        text: "From the <file>".to_owned(),
        acl: Acl::any_of(["trello/org/9".parse().unwrap()]),
        changed_at: None,
    };
    let document = document_of(&mapping(stream), &body).unwrap();
    let principal = |text: &str| text.parse::<Principal>().unwrap();
    assert_eq!(
        document,
        Document {
            record: RecordId(7),
            revision: Revision(2),
            source: SourceId(3),
            stream: "cards".to_owned(),
            kind: "card".to_owned(),
            title: "Pay the invoice".to_owned(),
            body: "By Friday\n\none\ntwo\n\nFrom the <file>".to_owned(),
            url: Some("https://example.org/c/1".to_owned()),
            path: Some("Office/To do".to_owned()),
            people: vec!["A Person".to_owned(), "two".to_owned(), "m2".to_owned()],
            created_at: Some(Timestamp(1_767_225_600_000)),
            changed_at: Some(Timestamp(1_769_860_800_000)),
            facets: [
                ("label".to_owned(), vec!["red".to_owned(), "blue".to_owned()]),
                ("points".to_owned(), vec!["3".to_owned()])
            ]
            .into(),
            acl: Acl::any_of([principal("trello/org/9")]).and_any_of([
                principal("trello/member/m1"),
                principal("trello/member/m2"),
                principal("trello/board/b1")
            ]),
        }
    );
}

#[test]
fn keys_that_are_left_out_are_guessed_and_empty_lists_are_not() {
    let data = json!({"name": "N", "title": "T", "author": "A", "updated_at": "2026-01-31", "state": "open"});
    let guessed = document("title: /name", data.clone());
    assert_eq!(
        (guessed.title.as_str(), guessed.people.as_slice()),
        ("N", ["A".to_owned()].as_slice())
    );
    assert_eq!(guessed.facets["status"], ["open"]);
    assert!(guessed.changed_at.is_some());
    assert_eq!(guessed.kind, "card");
    let none = document("people: []\nfacets: {}\nchanged_at: []", data);
    assert!(none.people.is_empty() && none.facets.is_empty() && none.changed_at.is_none());
    assert_eq!(none.title, "T");
}

#[test]
fn a_set_of_principals_that_can_not_be_told_is_met_by_nobody() {
    let stream = "acl:\n  - [\"x/user/{users.*.id}\"]\n  - [\"x/team/{team}\"]";
    let document = document(stream, json!({"users": [], "team": {"no": "name"}}));
    // Both sets are empty, which one says as well as two.
    assert_eq!(document.acl.sets(), [std::collections::BTreeSet::new()]);
}

#[test]
fn records_are_skipped_by_condition() {
    let stream = "skip:\n  - { field: /closed, is: true }\n  - { field: /state, is: [draft, 7] }\n\
                  when:\n  - { field: /kind, is_not: spam }\n  - { field: /body, present: true }";
    let mapping = mapping(stream);
    let is_found = |data: Value| {
        document_of(
            &mapping,
            &Body {
                data,
                ..Body::default()
            },
        )
        .is_some()
    };
    assert!(is_found(json!({"body": "x"})));
    assert!(is_found(
        json!({"body": "x", "closed": false, "state": "open", "kind": "mail"})
    ));
    assert!(!is_found(json!({"body": "x", "closed": true})));
    assert!(!is_found(json!({"body": "x", "state": "draft"})));
    assert!(
        !is_found(json!({"body": "x", "state": "7"})),
        "a number and its text are the same"
    );
    assert!(!is_found(json!({"body": "x", "kind": "spam"})));
    assert!(!is_found(json!({"body": "  "})));
    assert!(!is_found(json!({})));
    let hidden = self::mapping("search: false");
    assert_eq!(document_of(&hidden, &Body::default()), None);
}

#[test]
fn a_document_always_has_a_title() {
    let titled = |data: Value, text: &str| {
        let body = Body {
            data,
            text: text.to_owned(),
            ..Body::default()
        };
        document_of(&mapping("body: '@text'"), &body).unwrap().title
    };
    assert_eq!(titled(json!({"title": "  ", "name": "x"}), ""), "x");
    assert_eq!(titled(json!({}), "\n  First line\nsecond"), "First line");
    assert_eq!(titled(json!(null), ""), "card 7");
}

#[test]
fn long_values_are_cut_and_hostile_links_dropped() {
    let people: Vec<String> = (0..500).map(|i| format!("p{i}")).collect();
    let data = json!({"title": "ä".repeat(2_000), "body": "ö".repeat(5 << 20), "people": people, "url": "https://x.org/".to_owned() + &"a".repeat(9_000)});
    let document = document("search: true", data);
    assert_eq!(document.title.chars().count(), 501);
    assert!(document.body.len() <= 4 << 20 && document.body.len() > (4 << 20) - 4);
    assert_eq!(document.people.len(), 100);
    assert_eq!(document.url, None);
    for url in [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//example.org",
        "/relative",
        "ftp://x.org",
    ] {
        assert_eq!(self::document("search: true", json!({"url": url})).url, None, "{url}");
    }
}

#[test]
fn rich_text_is_read_for_its_words() {
    let rich = json!({"type": "doc", "version": 1, "content": [
        {"type": "paragraph", "content": [{"type": "text", "text": "Hello"}, {"type": "mention", "attrs": {"id": "u1", "text": "@ann"}}]},
        {"type": "paragraph", "content": []}
    ]});
    assert_eq!(
        document("body: /description", json!({"description": rich})).body,
        "Hello\n@ann"
    );
}

#[test]
fn paths_reach_into_lists_and_braces_can_mean_themselves() {
    let data = json!({"a": [{"b": 1}, {"b": [2, 3]}, 4], "x.y": "dotted", "o": {"k1": {"v": "p"}, "k2": {"v": "q"}}});
    let facet = |template: &str| {
        let found = document(&format!("facets: {{ f: {template:?} }}"), data.clone());
        found.facets.get("f").cloned().unwrap_or_default().join(" ")
    };
    assert_eq!(facet("/a/*/b"), "1 2 3");
    assert_eq!(facet("{a.b}"), "1 2 3");
    assert_eq!(facet("/a/0/b"), "1");
    assert_eq!(facet("{a.9.b}"), "");
    assert_eq!(facet("{/x.y}!"), "dotted!");
    assert_eq!(facet("{o.*.v}{a.0.b}"), "p1 q1");
    assert_eq!(facet("{{{a.0.b}}}"), "{1}");
    assert_eq!(
        facet("{@stream}-{@changed_at}"),
        "",
        "a field without a value makes no text"
    );
    assert_eq!(facet("plain"), "plain");
}

#[test]
fn a_mapping_survives_being_written() {
    for stream in [
        "search: false",
        "title: \"{{x}} {a.b} \\x7f \\\"quoted\\\" \\L ü\"\nkind: 'true'",
        "acl: [['a/b/{c}'], []]\nskip: [{ field: /x, is: [1, 'yes', null, true, 1.5] }]\nwhen: [{ field: /y, present: false }]",
        "facets: {}\npeople: []",
        "kind: '123'\nbody: '@text'",
    ] {
        let mapping = mapping(stream);
        let yaml = mapping.to_yaml();
        let again = Mapping::parse(&yaml, "again.yaml").unwrap_or_else(|error| panic!("{error}\n{yaml}"));
        assert_eq!(again, mapping, "{yaml}");
        assert_eq!(again.version(), mapping.version());
    }
    assert_ne!(mapping("title: /a").version(), mapping("title: /b").version());
}
