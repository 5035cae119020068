//! What is refused, what is warned about, and where.

use super::compile;

/// A manifest with one stream, into which the tests write what they are about.
fn manifest(retriever: &str, stream: &str) -> String {
    format!(
        "version: 6.0.0
type: DeclarativeSource
check:
  type: CheckStream
  stream_names: [things]
streams:
  - type: DeclarativeStream
    name: things
    primary_key: id
    schema_loader: {{type: InlineSchemaLoader, schema: {{type: object}}}}
{stream}
    retriever:
      type: SimpleRetriever
      requester: {{type: HttpRequester, url_base: 'https://api.example.com', path: things}}
      record_selector: {{type: RecordSelector, extractor: {{type: DpathExtractor, field_path: []}}}}
{retriever}
"
    )
}

fn problem(text: &str) -> String {
    compile(text).map(|(_, warnings)| warnings).unwrap_err()
}

#[test]
fn an_unknown_component_is_refused_by_name_stream_place_and_line() {
    let text = manifest(
        "      paginator: {type: DefaultPaginator, pagination_strategy: {type: TeaLeaves}}",
        "",
    );
    assert_eq!(
        problem(&text),
        "the manifest can't be used: stream `things`, line 16: the component `TeaLeaves` is not supported \
         (at `streams[0].retriever.paginator.pagination_strategy`)"
    );
}

#[test]
fn custom_code_is_refused_by_its_class_with_and_without_a_type() {
    for custom in [
        "{type: CustomPaginationStrategy, class_name: source_x.components.Pages}",
        "{class_name: source_x.components.Pages}",
    ] {
        let text = manifest(
            &format!("      paginator: {{type: DefaultPaginator, pagination_strategy: {custom}}}"),
            "",
        );
        let why = problem(&text);
        assert!(
            why.contains("`source_x.components.Pages`") && why.contains("not supported"),
            "{why}"
        );
    }
}

#[test]
fn every_refused_stream_is_named_in_one_error() {
    let text = "streams:
  - {type: DeclarativeStream, name: a, retriever: {type: AsyncRetriever}}
  - {type: StateDelegatingStream, name: b}
  - {type: DeclarativeStream, name: c}
  - {type: DeclarativeStream}
";
    let why = problem(text);
    for part in [
        "4 problems",
        "stream `a`, line 2: the component `AsyncRetriever` is not supported",
        "stream `b`, line 3: the component `StateDelegatingStream` is not supported",
        "stream `c`, line 4: a stream needs a `retriever`",
        "line 5: a stream needs a `name`",
    ] {
        assert!(why.contains(part), "{part} in {why}");
    }
}

#[test]
fn malformed_yaml_names_the_line() {
    let why = problem("streams:\n  - name: a\n   retriever: {\n");
    assert!(
        why.starts_with("line 3") && why.contains("can't be read as YAML"),
        "{why}"
    );
    let why = problem(&"- 1\n".repeat(260_000));
    assert!(why.contains("more values, anchors or levels than are read"), "{why}");
    let why = problem("- just\n- a list\n");
    assert_eq!(why, "a manifest is a map with `streams`, this is a list");
    assert!(problem("").contains("this is nothing"));
    assert!(problem("streams: []").contains("has no streams"));
    assert!(problem("streams: 3").contains("`streams` is a list, this is a number"));
}

#[test]
fn a_broken_expression_is_refused_with_its_line() {
    let text = manifest(
        "",
        "    incremental_sync:
      type: DatetimeBasedCursor
      cursor_field: updated
      datetime_format: '%Y'
      start_datetime: \"{{ config['start' }}\"",
    );
    let why = problem(&text);
    assert!(
        why.contains("stream `things`, line 15: in `{{ config['start' }}`"),
        "{why}"
    );
}

#[test]
fn references_are_followed_and_own_keys_win() {
    let text = "definitions:
  base:
    type: HttpRequester
    url_base: https://api.example.com
    http_method: GET
    path: wrong
  stream:
    type: DeclarativeStream
    retriever:
      type: SimpleRetriever
      requester: {$ref: '#/definitions/base', path: \"{{ parameters['path'] }}\"}
      record_selector: '#/definitions/selector'
  selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: [data]}}
streams:
  - {$ref: '#/definitions/stream', $parameters: {name: a, path: /a, primary_key: id}}
  - {$ref: '#/definitions/stream', $parameters: {name: b, path: /b}}
";
    let (manifest, warnings) = compile(text).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    let names: Vec<&str> = manifest.streams.iter().map(|stream| stream.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(manifest.streams[0].primary_key, [["id"]]);
    assert!(manifest.streams[1].primary_key.is_empty());
}

#[test]
fn references_that_lead_nowhere_or_in_circles_are_errors() {
    assert_eq!(
        problem("streams: '#/definitions/none'"),
        "line 1: the reference `#/definitions/none` leads nowhere"
    );
    let why = problem("a: '#/b'\nb: '#/a'\nstreams: []");
    assert!(why.contains("leads back to itself"), "{why}");
    for deep in [
        format!("streams: {}{}", "[".repeat(150), "]".repeat(150)),
        format!("streams: {}{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("streams:\n  {}x", "- ".repeat(100_000)),
    ] {
        problem(&deep);
    }
}

/// `a0` is `seed`; every further one holds `copies` references to the one before, as `form` writes them.
fn grown(seed: &str, levels: usize, copies: usize, form: impl Fn(&str) -> String) -> String {
    let mut lines = vec![format!("a0: {seed}\n")];
    for level in 1..=levels {
        let one = format!("'#/a{}'", level - 1);
        let all = vec![one.as_str(); copies].join(", ");
        lines.push(format!("a{level}: {}\n", form(&all)));
    }
    lines.concat()
}

#[test]
fn references_may_neither_pile_up_nor_multiply() {
    let list = |all: &str| format!("[{all}]");
    let why = problem(&(grown("[x]", 2_000, 1, list) + "streams: []\n"));
    assert!(why.contains("nests deeper than 200"), "{why}");
    let why = problem(&(grown("[x]", 12, 10, list) + "streams: []\n"));
    assert!(why.contains("holds more than 2000000 values"), "{why}");
    let long = "x".repeat(1 << 20);
    let why = problem(&(grown(&long, 3, 10, list) + "streams: []\n"));
    assert!(why.contains("holds more than 2000000 values"), "{why}");
    let handlers = |all: &str| format!("{{type: CompositeErrorHandler, error_handlers: [{all}]}}");
    let many = grown("{type: DefaultErrorHandler}", 12, 10, handlers);
    let text = manifest("", "").replace("path: things", "path: things, error_handler: '#/a12'") + &many;
    assert!(problem(&text).contains("holds more than"), "{}", problem(&text));
}

#[test]
fn parameters_do_not_multiply_what_inherits_them() {
    let filters = vec!["{action: FAIL, http_codes: [400]}"; 1_000].join(", ");
    let handler = format!("{{type: DefaultErrorHandler, response_filters: [{filters}]}}");
    let values = vec!["x"; 5_000].join(", ");
    let parameters = format!("    $parameters: {{list: [{values}]}}");
    let text = manifest("", &parameters).replace(
        "path: things",
        &format!(
            "path: things, error_handler: {{type: CompositeErrorHandler, error_handlers: [{handler}, {handler}]}}"
        ),
    );
    let why = problem(&text);
    assert!(why.contains("holds too much"), "{why}");
    let keys: Vec<String> = (0..300).map(|key| format!("k{key}: 1")).collect();
    let why = problem(&manifest("", &format!("    $parameters: {{{}}}", keys.join(", "))));
    assert!(why.contains("200 `$parameters`"), "{why}");
}

#[test]
fn a_map_of_very_many_keys_is_read() {
    let keys: Vec<String> = (0..60_000).map(|key| format!("  k{key}: 1\n")).collect();
    let (_, warnings) = compile(&(manifest("", "") + "definitions:\n" + &keys.concat())).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
}

#[test]
fn unknown_keys_are_warnings_with_a_suggestion() {
    let text = manifest("      paginater: {type: NoPagination}", "    colour: red");
    let (_, warnings) = compile(&text).unwrap();
    assert_eq!(
        warnings,
        [
            "line 11: `DeclarativeStream` has no key `colour`, it is ignored (at `streams[0]`)",
            "line 16: `SimpleRetriever` has no key `paginater`, it is ignored; is `paginator` meant? \
             (at `streams[0].retriever`)",
        ]
    );
}

#[test]
fn what_is_read_but_not_used_is_a_warning() {
    let text = manifest("", "") + "concurrency_level: {type: ConcurrencyLevel, default_concurrency: 4}\n";
    let (_, warnings) = compile(&text).unwrap();
    assert!(
        warnings[0].starts_with("`concurrency_level` is not used"),
        "{warnings:?}"
    );
}
