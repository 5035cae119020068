//! Authentication, inputs, selection and transformation.

use model::record::Content;
use serde_json::{Value as Json, json};

use super::server::Server;
use super::{manifest, page, parse, source, sync};

async fn authorized(authenticator: &str, config: Json) -> (super::server::Seen, String) {
    let server = Server::json(|_| page([1]));
    let requester = format!("        authenticator: {authenticator}");
    let source = source(&manifest(&server, &requester, "", ""), config);
    let run = sync(&source).await;
    (server.seen().remove(0), run.pages[0].url.replace(&server.url, ""))
}

#[tokio::test]
async fn every_kind_of_authentication_is_sent_as_written() {
    let config = json!({"api_key": "0012e5", "user": "me", "how": {"kind": "basic"}});
    let (seen, _) = authorized(
        "{type: BearerAuthenticator, api_token: \"{{ config['api_key'] }}\"}",
        config.clone(),
    )
    .await;
    assert_eq!(seen.header("authorization"), Some("Bearer 0012e5"));

    let basic =
        "{type: BasicHttpAuthenticator, username: \"{{ config['user'] }}\", password: \"{{ config['api_key'] }}\"}";
    let (seen, _) = authorized(basic, config.clone()).await;
    assert_eq!(seen.header("authorization"), Some("Basic bWU6MDAxMmU1"));

    let header = "{type: ApiKeyAuthenticator, api_token: \"{{ config['api_key'] }}\", header: X-Api-Key}";
    let (seen, _) = authorized(header, config.clone()).await;
    assert_eq!(seen.header("x-api-key"), Some("0012e5"));

    let selective = format!(
        "{{type: SelectiveAuthenticator, authenticator_selection_path: [how, kind], authenticators: {{none: {{type: NoAuth}}, basic: {basic}}}}}"
    );
    let (seen, _) = authorized(&selective, config.clone()).await;
    assert_eq!(seen.header("authorization"), Some("Basic bWU6MDAxMmU1"));
}

#[tokio::test]
async fn a_key_in_the_query_is_sent_but_not_kept() {
    let option = "{type: RequestOption, inject_into: request_parameter, field_name: key}";
    let authenticator =
        format!("{{type: ApiKeyAuthenticator, api_token: \"{{{{ config['api_key'] }}}}\", inject_into: {option}}}");
    let (seen, kept) = authorized(&authenticator, json!({"api_key": "a b/c+d"})).await;
    assert_eq!(seen.query("key").as_deref(), Some("a b/c+d"));
    assert_eq!(kept, "/things?key=***");
}

#[tokio::test]
async fn inputs_are_worked_out_and_those_without_a_value_left_out() {
    let server = Server::json(|_| page([1]));
    let requester = "        request_headers: {X-A: \"{{ config['a'] }}\", X-B: '1'}
        request_parameters:
          since: \"{{ day_delta(-1, format='%Y-%m-%d') }}\"
          missing: \"{{ config['missing'] }}\"
          many: \"{{ config['many'] }}\"
          flag: true
          \"{{ config['a'] }}\": named";
    let source = source(
        &manifest(&server, requester, "", ""),
        json!({"a": "x", "many": ["1", "2"]}),
    );
    sync(&source).await;
    assert_eq!(
        server.targets(),
        ["/things?since=2024-03-09&many=1&many=2&flag=True&x=named"]
    );
    assert_eq!(server.seen()[0].header("x-a"), Some("x"));
}

#[tokio::test]
async fn bodies_are_json_forms_or_text() {
    for (body, kind, expected) in [
        (
            "request_body_json: {a: \"{{ config['n'] }}\", b: [\"{{ 'x' }}\", 2], c: \"{{ config['missing'] }}\"}",
            "application/json",
            r#"{"a":7,"b":["x",2]}"#,
        ),
        (
            "request_body_data: {a: \"{{ config['n'] }}\", b: 'x y'}",
            "application/x-www-form-urlencoded",
            "a=7&b=x+y",
        ),
        ("request_body_data: \"<q>{{ config['n'] }}</q>\"", "", "<q>7</q>"),
        (
            "request_body: {type: RequestBodyJsonObject, value: {q: z}}",
            "application/json",
            r#"{"q":"z"}"#,
        ),
    ] {
        let server = Server::json(|_| page([1]));
        let requester = format!("        http_method: POST\n        {body}");
        sync(&source(&manifest(&server, &requester, "", ""), json!({"n": 7}))).await;
        let seen = server.seen().remove(0);
        assert_eq!((seen.method.as_str(), seen.body.as_str()), ("POST", expected));
        assert_eq!(seen.header("content-type").unwrap_or_default(), kind);
    }
}

async fn selected(path: &str, answer: Json) -> Vec<Json> {
    let server = Server::json(move |_| answer.clone());
    let text = manifest(&server, "", "", "").replace("field_path: [data]", &format!("field_path: {path}"));
    let source = source(&text, json!({"where": "deep"}));
    sync(&source).await.ids(&source)
}

#[tokio::test]
async fn records_are_found_at_paths_with_wildcards_and_expressions() {
    let nested =
        json!({"groups": [{"items": [{"id": 1}]}, {"items": [{"id": 2}, {"id": 3}]}], "deep": {"x": {"id": 4}}});
    assert_eq!(selected("[]", json!([{"id": 1}, {"id": 2}])).await, [1, 2]);
    assert_eq!(selected("[]", json!({"id": 9})).await, [9]);
    assert_eq!(selected("[groups, '*', items, '*']", nested.clone()).await, [1, 2, 3]);
    assert_eq!(selected("[groups, '1', items]", nested.clone()).await, [2, 3]);
    assert_eq!(selected("[\"{{ config['where'] }}\", '*']", nested.clone()).await, [4]);
    let several = json!([{"data": [{"id": 5}]}, {"none": 1}, {"data": [{"id": 6}, {"id": 7}]}]);
    assert_eq!(selected("[data]", several.clone()).await, [5, 6, 7]);
    assert_eq!(selected("['2', data]", several).await, [6, 7]);
    assert_eq!(selected("[none, at, all]", nested).await, Vec::<Json>::new());
}

#[tokio::test]
async fn fields_are_added_and_removed() {
    let server = Server::json(
        |_| json!({"data": [{"id": 1, "name": "A", "inner": {"keep": 1, "drop": 2}, "x_a": 1, "x_b": 2}]}),
    );
    let stream = "    transformations:
      - type: AddFields
        fields:
          - {path: [greeting], value: \"Hello {{ record['name'] }}\"}
          - {path: [deep, er], value: '{{ record.id + 1 }}'}
          - {path: [text], value: '{{ record.id }}', value_type: string}
      - type: AddFields
        condition: \"{{ record['name'] == 'B' }}\"
        fields: [{path: [only_b], value: 'yes'}]
      - type: RemoveFields
        field_pointers: [[inner, drop], ['x_*'], [name]]";
    let source = source(&manifest(&server, "", "", stream), json!({}));
    assert_eq!(
        sync(&source).await.records(&source),
        [json!({"id": 1, "inner": {"keep": 1}, "greeting": "Hello A", "deep": {"er": 2}, "text": "1"})]
    );
}

#[tokio::test]
async fn keys_are_declared_values_or_the_content() {
    let server = Server::json(|_| json!({"data": [{"id": 1, "a": {"b": "x"}}, {"id": 2}, "text", {"a": {"b": null}}]}));
    let text = manifest(&server, "", "", "");
    let composite = source(
        &text.replace("primary_key: id", "primary_key: [[id], [a, b]]"),
        json!({}),
    );
    let run = super::try_sync(&composite, model::SyncMode::Full, &[]).await.0;
    let parsed = parse(&composite, &run.pages[0]);
    let keys: Vec<&str> = parsed.landings.iter().map(|landing| landing.key.0.as_str()).collect();
    assert_eq!(keys, [r#"[1,"x"]"#, "[2,null]"], "a part of a key may be missing");
    let reasons: Vec<&str> = parsed
        .rejected
        .iter()
        .map(|rejected| rejected.reason.as_str())
        .collect();
    assert_eq!(reasons, ["not an object", "no primary key"]);

    let keyless = source(&text.replace("    primary_key: id\n", ""), json!({}));
    let parsed = parse(&keyless, &run.pages[0]);
    assert_eq!(parsed.landings.len(), 3);
    assert_ne!(parsed.landings[0].key, parsed.landings[1].key);
    assert!(matches!(&parsed.landings[0].content, Content::Present(body) if body.data["id"] == 1));
}
