//! What templates become.

mod table;

use std::sync::Arc;

use model::Timestamp;
use serde_json::{Value as Json, json};

use super::{Error, Kind, Scope, Template};

/// 2024-03-10T12:30:45.123Z.
const NOW: Timestamp = Timestamp(1_710_073_845_123);

fn config() -> Json {
    json!({
        "name": "Name", "number": 12, "number_text": "0012", "flag": true, "float": 2.5, "nothing": null,
        "json_text": "{'a': 'b'}",
        "nested": {"list": ["x1", 2, null], "z": "é"},
        "items": [{"id": 1, "name": "one", "ok": true}, {"id": 2, "name": "two", "ok": false}],
    })
}

fn record() -> Json {
    json!({"a": 1, "b": null, "text": "2024-x", "created": "2024-05-06T07:08:09Z", "n": null})
}

fn compile(source: &str) -> Result<Template, Error> {
    Template::compile(source, &["record"], &Arc::new(json!({"from_parameters": "p"})))
}

fn value(source: &str, kind: Kind) -> Option<Json> {
    let (config, record) = (config(), record());
    let scope = Scope::new(&config, NOW).with("record", &record);
    compile(source).unwrap().value(&scope, kind).unwrap()
}

#[test]
fn templates_become_what_they_become_in_python() {
    for (source, expected) in table::TABLE {
        let expected: Json = serde_json::from_str(expected).unwrap();
        assert_eq!(value(source, Kind::Any).unwrap_or(Json::Null), expected, "{source}");
    }
}

#[test]
fn a_kind_keeps_text_that_looks_like_something_else() {
    for (source, kind, expected) in [
        ("{{ '12' }}", Kind::Text, json!("12")),
        ("12", Kind::Text, json!("12")),
        ("1,2", Kind::TextOrList, json!("1,2")),
        ("[1]", Kind::TextOrList, json!([1])),
        ("{{ config['flag'] }}", Kind::TextOrList, json!("True")),
        ("{{ config['number'] }}", Kind::Int, json!(12)),
        ("12.5", Kind::Int, json!("12.5")),
        ("True", Kind::Bool, json!(true)),
    ] {
        assert_eq!(value(source, kind), Some(expected), "{source} as {kind:?}");
    }
}

#[test]
fn nothing_zero_and_false_are_not_true_but_none_is() {
    let (config, record) = (config(), record());
    let scope = Scope::new(&config, NOW).with("record", &record);
    for (source, expected) in [
        ("{{ config['missing'] }}", false),
        ("{{ config['missing']['deeper'] }}", false),
        ("{{ '' }}", false),
        ("{{ 'false' }}", false),
        ("{{ 0 }}", false),
        ("{{ [] }}", false),
        ("{{ 'text' }}", true),
        // As in the reference implementation: `None` is printed, and what is printed is there.
        ("{{ none }}", true),
        ("{{ none < 1 }}", true),
        ("{{ record.a > 0 }}", true),
    ] {
        assert_eq!(compile(source).unwrap().truth(&scope).unwrap(), expected, "{source}");
    }
}

#[test]
fn text_is_left_as_it_is_printed() {
    let (config, record) = (config(), record());
    let scope = Scope::new(&config, NOW).with("record", &record);
    for (source, expected) in [
        ("{{ config['number_text'] }}", "0012"),
        ("'quoted'", "'quoted'"),
        ("1e5", "1e5"),
        ("{{ parameters['from_parameters'] }}/{{ config.number }}", "p/12"),
    ] {
        assert_eq!(compile(source).unwrap().text(&scope).unwrap(), expected, "{source}");
    }
}

#[test]
fn a_variable_that_does_not_exist_is_refused_before_anything_runs() {
    for (source, name) in [
        ("{{ confg['a'] }}", "confg"),
        ("{{ config[key] }}", "key"),
        ("{% if x %}{% endif %}", "x"),
        ("{{ range(3) }}", "range"),
        ("{{ now_utc }}", "now_utc"),
    ] {
        let error = compile(source).unwrap_err();
        assert_eq!(
            error,
            Error::Syntax(format!("the variable `{name}` does not exist here")),
            "{source}"
        );
    }
    compile("{% set x = 1 %}{% for y in [x] %}{{ x + y + loop.index }}{% endfor %}").unwrap();
    compile("{{ record | default(x, boolean=true) if config is defined }}").unwrap_err();
}

#[test]
fn a_broken_template_says_what_is_wrong() {
    for (source, part) in [
        ("{{ config['a' }}", "never closed with `}}`"),
        ("{{ (config }}", "never closed with `}}`"),
        ("{{ max(1 2) }}", "`)` is expected instead of `2`"),
        ("{{ config['a'] ", "never closed with `}}`"),
        ("{{ }}", "nothing between the brackets"),
        ("{{ 'abc }}", "a string is never closed"),
        ("{{ 1 + }}", "a value is expected at the end"),
        ("{{ 1 2 }}", "`2` is not expected here"),
        ("{% if config %}x", "`{% endif %}` is missing"),
        ("{% macro x() %}{% endmacro %}", "`{% macro %}` is not supported"),
        ("{# never", "never closed with `#}`"),
        ("{{ 'a' | regex_search('(') }}", "the pattern `(` can't be read"),
        ("{{ a ? b }}", "`?` does not belong"),
    ] {
        let error = compile(source).unwrap_err().to_string();
        assert!(error.contains(part), "{source}: {error}");
    }
}

#[test]
fn hostile_templates_end() {
    let deep = format!("{{{{ {}1{} }}}}", "(".repeat(500), ")".repeat(500));
    assert!(compile(&deep).unwrap_err().to_string().contains("nests deeper"));
    let minus = format!("{{{{ {}1 }}}}", "-".repeat(500));
    assert!(compile(&minus).unwrap_err().to_string().contains("nests deeper"));
    let config = config();
    let scope = Scope::new(&config, NOW);
    for source in [
        "{{ 'x' * 999999999 }}",
        "{{ 10 ** 999999 }}",
        "{{ 1 // 0 }}",
        "{{ 1 / 0 }}",
    ] {
        let error = compile(source).unwrap().value(&scope, Kind::Any).unwrap_err();
        assert!(matches!(error, Error::Failed(_)), "{source}: {error:?}");
    }
    // Brackets without end stay text.
    assert_eq!(
        value(&"[".repeat(100_000), Kind::Any).unwrap().as_str().map(str::len),
        Some(100_000)
    );
}

#[test]
fn headers_are_found_in_any_case() {
    let config = json!({});
    let headers = json!({"x-next": "7", "link": {"next": {"url": "u"}}});
    let scope = Scope::new(&config, NOW).with_headers(headers.as_object().unwrap());
    for (source, expected) in [
        ("{{ headers['X-Next'] }}", json!(7)),
        ("{{ headers.get('X-NEXT') }}", json!(7)),
        ("{{ headers['link']['next']['url'] }}", json!("u")),
    ] {
        let template = Template::compile(source, &["headers"], &Arc::new(Json::Null)).unwrap();
        assert_eq!(template.value(&scope, Kind::Any).unwrap(), Some(expected), "{source}");
    }
}
