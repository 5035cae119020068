//! Guesses from names.

use model::connector::StreamInfo;
use model::record::Body;
use model::{RecordId, Revision, SourceId};
use serde_json::{Value, json};

use crate::mapping::Mapping;

fn stream(name: &str, fields: &[&str]) -> StreamInfo {
    let properties: serde_json::Map<String, Value> = fields.iter().map(|&name| (name.to_owned(), json!({}))).collect();
    StreamInfo {
        name: name.to_owned(),
        incremental: false,
        exact_listing: false,
        primary_key: Vec::new(),
        schema: json!({"properties": properties}),
    }
}

const ISSUES: &str = "version: 1
streams:
  issues:
    kind: issue
    title: /title
    body: [/body, \"@text\"]
    url: /html_url
    path: []
    people: /user
    created_at: []
    changed_at: [\"@changed_at\", /updated_at]
    facets:
      status: /state
      label: /labels
";

#[test]
fn a_schema_leads_to_a_guess_that_can_be_read_and_changed() {
    let fields = [
        "id",
        "title",
        "body",
        "html_url",
        "user",
        "state",
        "labels",
        "updated_at",
    ];
    let guess = Mapping::guess(&[stream("issues", &fields)], &[]);
    assert_eq!(guess.to_yaml(), ISSUES);
    assert_eq!(Mapping::parse(ISSUES, "guess.yaml").unwrap(), guess);
}

#[test]
fn samples_lead_to_a_guess_where_there_is_no_schema() {
    let sample = (
        "people".to_owned(),
        json!({"name": "A", "email": "a@example.org", "title": null}),
    );
    let yaml = Mapping::guess(&[stream("people", &[])], &[sample]).to_yaml();
    assert!(yaml.contains("title: /name\n"), "{yaml}");
}

#[test]
fn a_stream_that_nobody_knows_is_found_by_its_usual_names() {
    let mapping = Mapping::guess(&[], &[]);
    let body = Body {
        data: json!({
            "subject": "Hello", "description": "<p>World</p>", "owner": {"login": "ann"},
            "link": "https://example.org", "modified": "2026-01-31T00:00:00Z", "tags": ["a", "b"]
        }),
        ..Body::default()
    };
    let document = mapping
        .document(RecordId(1), Revision(1), SourceId(1), "companies", &body)
        .unwrap();
    assert_eq!((document.title.as_str(), document.body.as_str()), ("Hello", "World"));
    assert_eq!(document.kind, "company");
    assert_eq!(document.url.as_deref(), Some("https://example.org/"));
    assert_eq!(document.people, ["ann"]);
    assert_eq!(document.facets["label"], ["a", "b"]);
    assert!(document.changed_at.is_some());
}

#[test]
fn a_search_yaml_is_completed_for_the_streams_that_it_does_not_name() {
    let yaml = "version: 1\nstreams:\n  cards:\n    title: /desc\n";
    let streams = [stream("cards", &["name"]), stream("boards", &["name"])];
    let mapping = Mapping::parse(yaml, "search.yaml").unwrap().complete(&streams, &[]);
    let yaml = mapping.to_yaml();
    assert!(yaml.contains("title: /desc\n"), "{yaml}");
    assert!(
        yaml.contains("  boards:\n    kind: board\n    title: /name\n"),
        "{yaml}"
    );
}

#[test]
fn kinds_are_one_of_what_the_stream_has_many_of() {
    for (name, kind) in [
        ("cards", "card"),
        ("boxes", "box"),
        ("status", "status"),
        ("news", "news"),
        ("addresses", "address"),
        ("data", "data"),
        ("s", "s"),
        ("{odd}", "{odd}"),
    ] {
        let document = Mapping::guess(&[], &[])
            .document(RecordId(1), Revision(1), SourceId(1), name, &Body::default())
            .unwrap();
        assert_eq!(document.kind, kind);
    }
}
