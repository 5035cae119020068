//! What is wrong is named with its place and the way out, and no record is too odd.

use model::record::Body;
use model::{RecordId, Revision, SourceId};
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::mapping::Mapping;

#[track_caller]
fn refused(yaml: &str, words: &[&str]) {
    let error = Mapping::parse(yaml, "search.yaml").unwrap_err().to_string();
    for word in words {
        assert!(error.contains(word), "{error}");
    }
    assert!(!error.contains('\n'), "{error}");
}

#[test]
fn errors_name_file_line_and_the_way_out() {
    refused(
        "version: 1\nstreams:\n  cards:\n    titel: /name\n",
        &["search.yaml:4:5:", "`titel`", "did you mean `title`?", "`cards`"],
    );
    refused(
        "version: 1\nstrems: {}\n",
        &["search.yaml:2:1:", "did you mean `streams`?"],
    );
    refused(
        "version: 1\nstreams:\n  cards:\n    zzz: 1\n",
        &["search.yaml:4:5:", "`changed_at`"],
    );
    refused("streams: {}\n", &["search.yaml:1:1:", "`version: 1` is missing"]);
    refused("version: 2\n", &["search.yaml:1:10:", "version 1"]);
    refused("version: 1\nstreams: []\n", &["search.yaml:2:10:", "a list", "map"]);
    refused(
        "version: 1\nstreams:\n  cards: yes please\n",
        &["search.yaml:3:10:", "`yes please`"],
    );
    refused("- a\n", &["search.yaml:1:1:"]);
    refused("", &["search.yaml:1:1:"]);
}

#[test]
fn values_that_make_no_sense_are_refused_in_their_place() {
    let stream = |line: &str| format!("version: 1\nstreams:\n  cards:\n    {line}\n");
    refused(&stream("title: {name}"), &["search.yaml:4:12:", "quote"]);
    refused(&stream("title: [[/a]]"), &["search.yaml:4:13:", "a list"]);
    refused(&stream("title: '{name'"), &["search.yaml:4:12:", "does not close"]);
    refused(&stream("title: 'name}'"), &["closes a brace"]);
    refused(&stream("title: '{a + b}'"), &["nothing is calculated"]);
    refused(&stream("title: '{}'"), &["`{}`"]);
    refused(&stream("title: /a//b"), &["empty name"]);
    refused(&stream("body: '@txt'"), &["`@txt`", "did you mean `@text`?"]);
    refused(&stream("search: maybe"), &["true or false"]);
    refused(&stream("facets: [a]"), &["a list", "map"]);
    refused(&stream("facets: { 'a b': /x }"), &["`a b`"]);
    refused(&stream("acl: ['a/b/c']"), &["list"]);
    refused(
        &stream("acl: [[/members]]"),
        &["search.yaml:4:12:", "`<authority>/<kind>/<id>`"],
    );
    refused(&stream("acl: [['{x}/user/{y}']]"), &["authority in plain text"]);
    refused(&stream("acl: [['fos{x}/user/{y}']]"), &["authority in plain text"]);
    refused(&stream("acl: [['fossick/everyone/1']]"), &["provider"]);
    refused(&stream("skip: { field: /x, is: 1 }"), &["list"]);
    refused(&stream("skip: [{ is: 1 }]"), &["lacks `field`"]);
    refused(&stream("skip: [{ field: /x }]"), &["exactly one"]);
    refused(&stream("skip: [{ field: /x, is: 1, present: true }]"), &["exactly one"]);
    refused(&stream("skip: [{ field: /x, iss: 1 }]"), &["did you mean `is`?"]);
    refused(&stream("skip: [{ field: /x, is: { a: 1 } }]"), &["a map"]);
    refused(&stream("title: /a\n    title: /b"), &["search.yaml:5:5:"]);
}

#[test]
fn text_that_is_no_yaml_is_refused_with_its_line() {
    refused(
        "version: 1\nstreams:\n  cards:\n    title: @text\n",
        &["search.yaml:4:", "quoted"],
    );
    refused("version: 1\nstreams: [\n", &["search.yaml:"]);
    refused("version: 1\n\tstreams: {}\n", &["search.yaml:1", "spaces"]);
    let many = format!("[{}]", "&a 1,".repeat(50_500));
    refused(
        &many,
        &["search.yaml:1", "more values, anchors or levels than are read"],
    );
    refused(&"[".repeat(10_000), &["search.yaml:1"]);
    refused(&format!("version: 1\n#{}", "x".repeat(300 << 10)), &["bytes", "limit"]);
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n\
                d: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e]\n\
                g: [*f,*f,*f,*f,*f,*f,*f,*f]\n";
    refused(bomb, &["search.yaml:"]);
}

/// Any JSON, with the names of fields that mappings look at.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::collection::vec(any::<char>(), 0..20).prop_map(|text| Value::from(String::from_iter(text))),
        words("<>&;#/abc \"'!-ptdr").prop_map(Value::from),
        words("0123456789:TZ+. -").prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    let known = [
        "title",
        "body",
        "url",
        "people",
        "updated_at",
        "labels",
        "name",
        "",
        "0",
        "*",
    ];
    prop::sample::select(known.to_vec()).prop_map(str::to_owned)
}

/// Texts of up to 30 of these characters.
fn words(alphabet: &'static str) -> impl Strategy<Value = String> {
    let alphabet: Vec<char> = alphabet.chars().collect();
    prop::collection::vec(prop::sample::select(alphabet), 0..30).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn any_record_makes_a_sound_document(data in json(), text in words("ab \n\0ü")) {
        let yaml = "version: 1\nstreams:\n  a:\n    title: '{title}{name}'\n    body: ['', /body, /*/name, '@text']\n    \
                    acl: [['x/y/{people}']]\n    skip: [{ field: /labels/*/name, is: x }]\n";
        let mapping = Mapping::parse(yaml, "search.yaml").unwrap();
        let body = Body { data, text, ..Body::default() };
        for stream in ["a", "unknown", ""] {
            let Some(document) = mapping.document(RecordId(1), Revision(1), SourceId(1), stream, &body) else { continue };
            prop_assert!(!document.title.trim().is_empty() && !document.title.contains('\n'));
            prop_assert!(document.url.iter().all(|url| url.starts_with("http")));
            prop_assert!(!document.body.contains('\0'));
        }
    }

    #[test]
    fn any_text_is_a_mapping_or_an_error(yaml in words("version: 1\nstreams: - {}[]/'\"&*@!|>%`#,?")) {
        let _either = Mapping::parse(&yaml, "search.yaml");
    }

    #[test]
    fn any_template_is_read_or_refused_and_survives_being_written(source in words("{}/@ab.* \"\\~üT\u{7f}:#-")) {
        let yaml = format!("version: 1\nstreams:\n  a:\n    title: {}\n", Value::from(source.as_str()));
        if let Ok(mapping) = Mapping::parse(&yaml, "search.yaml") {
            let again = Mapping::parse(&mapping.to_yaml(), "again.yaml");
            prop_assert_eq!(again.ok(), Some(mapping));
        }
    }
}

#[test]
fn a_large_field_and_many_values_do_not_multiply() {
    let yaml = "version: 1\nstreams:\n  s:\n    facets: { f: '{many} {large}' }\n";
    let mapping = Mapping::parse(yaml, "search.yaml").unwrap();
    let many: Vec<Value> = (0..1_000).map(Value::from).collect();
    let body = Body {
        data: serde_json::json!({"many": many, "large": "x".repeat(1 << 20)}),
        ..Body::default()
    };
    let document = mapping
        .document(RecordId(1), Revision(1), SourceId(1), "s", &body)
        .unwrap();
    assert!(document.facets.values().flatten().count() <= 4);
}
