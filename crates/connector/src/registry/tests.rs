//! Names and configurations.

use std::sync::Arc;

use model::{SyncMode, SystemClock, Timestamp};
use serde_json::{Value, json};

use super::{Environment, build, connectors, describe, take_secrets};
use crate::Error;

fn environment() -> Environment {
    Environment {
        data_dir: "/nowhere/data".into(),
        allowed_roots: Vec::new(),
        is_administrator: true,
        client: outbound::Client::new(outbound::Policy::default()),
        clock: Arc::new(SystemClock),
        pages_max: None,
    }
}

fn refusal(name: &str, config: &Value, manifest: Option<&str>, search: Option<&str>) -> String {
    match build(name, config, &Value::Null, manifest, search, &environment()) {
        Err(Error::FixConfiguration(message)) => message,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("`{name}` was built"),
    }
}

#[test]
fn a_folder_is_built_with_its_mapping() {
    let temp = tempfile::tempdir().unwrap();
    let config = json!({"path": temp.path()});
    let built = build("folder", &config, &Value::Null, None, None, &environment()).unwrap();
    assert!(built.folder.is_some());
    assert_eq!(built.connector.streams().unwrap()[0].name, "files");
    let slices = built
        .connector
        .plan(&["files".to_owned()], SyncMode::Full, &[], Timestamp(0))
        .unwrap();
    assert_eq!(slices.len(), 1);
    let body = model::record::Body {
        data: json!({"kind": "pdf", "name": "a.pdf", "path": "b/a.pdf", "extension": "pdf", "authors": ["A B"]}),
        text: "Invoice".to_owned(),
        ..model::record::Body::default()
    };
    let (record, revision, source) = (model::RecordId(1), model::Revision(1), model::SourceId(1));
    let document = built
        .mapping
        .document(record, revision, source, "files", &body)
        .unwrap();
    assert_eq!(
        (document.kind.as_str(), document.title.as_str(), document.body.as_str()),
        ("pdf", "a.pdf", "Invoice")
    );
    assert_eq!((document.path.as_deref(), document.url), (Some("b/a.pdf"), None));
    assert_eq!(document.facets["extension"], ["pdf"]);
}

#[test]
fn what_can_not_be_built_says_why() {
    assert!(refusal("foldr", &json!({}), None, None).contains("did you mean `folder`?"));
    assert!(refusal("folder", &json!({"path": "/srv", "pth": 1}), None, None).contains("did you mean `path`?"));
    assert!(refusal("folder", &json!({"path": "/srv"}), Some("x"), None).contains("manifest"));
    assert!(refusal("http", &json!({}), None, None).contains("needs a manifest"));
    let wrong = refusal(
        "folder",
        &json!({"path": "/srv"}),
        None,
        Some("version: 1\nstrems: {}\n"),
    );
    assert!(wrong.starts_with("search.yaml:2:1:"), "{wrong}");
}

#[test]
fn every_connector_is_described() {
    for connector in connectors() {
        assert_eq!(connector.config_schema["type"], "object", "{}", connector.name);
        assert!(!connector.description.is_empty());
    }
}

const MANIFEST: &str = r#"
version: 6.0.0
type: DeclarativeSource
check:
  type: CheckStream
  stream_names: [cards]
streams:
  - type: DeclarativeStream
    name: cards
    primary_key: id
    retriever:
      type: SimpleRetriever
      requester:
        type: HttpRequester
        url_base: https://api.example.org
        path: /cards
        authenticator:
          type: BearerAuthenticator
          api_token: "{{ config['credentials']['token'] }}"
      record_selector:
        type: RecordSelector
        extractor: {type: DpathExtractor, field_path: []}
    schema_loader:
      type: InlineSchemaLoader
      schema: {type: object, properties: {id: {}, name: {}, desc: {}, html_url: {}}}
spec:
  type: Spec
  connection_specification:
    type: object
    required: [credentials]
    properties:
      credentials:
        type: object
        properties:
          token: {type: string, airbyte_secret: true}
          account: {type: string}
"#;

#[test]
fn a_manifest_is_built_with_a_guessed_mapping_and_its_secrets_apart() {
    let mut config = json!({"credentials": {"token": "s3cret-token", "account": "a"}});
    let secrets = take_secrets("http", Some(MANIFEST), &mut config);
    assert_eq!(config, json!({"credentials": {"account": "a"}}));
    assert_eq!(
        Value::from(secrets.clone()),
        json!({"credentials.token": "s3cret-token"})
    );
    let built = build("http", &config, &secrets.into(), Some(MANIFEST), None, &environment()).unwrap();
    assert_eq!(built.connector.streams().unwrap()[0].name, "cards");
    let source = built.source.unwrap();
    assert!(!source.hide_secrets("the s3cret-token is").contains("s3cret"));
    let yaml = built.mapping.to_yaml();
    assert!(
        yaml.contains("title: /name\n    body: [/desc, \"@text\"]\n    url: /html_url\n"),
        "{yaml}"
    );
    let description = describe("http", Some(MANIFEST)).unwrap();
    assert_eq!(
        (description.streams, description.secret_fields),
        (vec!["cards".to_owned()], vec!["credentials.token".to_owned()])
    );
}

#[test]
fn secrets_inside_of_lists_are_kept_apart_and_hidden() {
    let manifest = MANIFEST.replace(
        "          account: {type: string}",
        "          account: {type: string}
      accounts: {type: array, items: {type: object, properties: {name: {}, pass: {type: string, airbyte_secret: true}}}}
      words: {type: array, items: {type: string, airbyte_secret: true}}",
    );
    let accounts = json!([{"name": "visible", "pass": "hidden-1"}, {"pass": "hidden-2"}]);
    let whole = json!({"credentials": {"account": "a"}, "accounts": accounts, "words": ["hidden-3"]});
    let mut config = whole.clone();
    let secrets = take_secrets("http", Some(&manifest), &mut config);
    assert_eq!(config, json!({"credentials": {"account": "a"}}));
    let built = build("http", &config, &secrets.into(), Some(&manifest), None, &environment()).unwrap();
    let shown = built.source.unwrap().hide_secrets(&whole.to_string());
    assert!(shown.contains("visible") && !shown.contains("hidden-"), "{shown}");
}

#[test]
fn a_search_yaml_takes_the_place_of_the_guess() {
    let search = "version: 1\nstreams:\n  cards:\n    title: /desc\n";
    let secrets = json!({"credentials": {"token": "s3cret-token"}});
    let built = build(
        "http",
        &json!({}),
        &secrets,
        Some(MANIFEST),
        Some(search),
        &environment(),
    )
    .unwrap();
    assert!(built.mapping.to_yaml().contains("title: /desc\n"));
}

#[test]
fn a_search_yaml_names_streams_that_the_source_has() {
    let search = "version: 1\nstreams:\n  crads:\n    acl: [[x/member/1]]\n";
    let config = json!({"credentials": {"token": "s3cret-token"}});
    assert_eq!(
        refusal("http", &config, Some(MANIFEST), Some(search)),
        "search.yaml:3:3: the source has no stream `crads`; did you mean `cards`?"
    );
    assert_eq!(
        refusal("folder", &json!({"path": "/srv"}), None, Some(search)),
        "search.yaml:3:3: the source has no stream `crads`; known are `files`"
    );
    let manifest = MANIFEST.replace("stream_names: [cards]", "stream_names: [cards, crads]");
    let why = refusal("http", &config, Some(&manifest), None);
    assert_eq!(
        why,
        "the manifest can't be used: line 6: the manifest has no stream `crads`; did you mean `cards`? \
         (at `check.stream_names`)"
    );
}

#[test]
fn secrets_go_to_their_place_whatever_stands_there() {
    let environment = environment();
    for config in [json!({"credentials": 7}), json!({}), Value::Null] {
        let secrets = json!({"credentials.token": "s3cret-token"});
        assert!(
            build("http", &config, &secrets, Some(MANIFEST), None, &environment).is_ok(),
            "{config}"
        );
    }
    for (config, secrets) in [(json!([]), json!({})), (json!({}), json!("token"))] {
        let refused = build("http", &config, &secrets, Some(MANIFEST), None, &environment);
        assert!(matches!(refused, Err(Error::FixConfiguration(_))));
    }
    assert!(refusal("http", &json!({}), Some(" \n"), None).contains("needs a manifest"));
    assert!(refusal("http", &json!({}), Some("type: [\n"), None).contains("line"));
    let mut config = json!({"path": "/srv"});
    assert!(take_secrets("folder", None, &mut config).is_empty() && take_secrets("nope", None, &mut config).is_empty());
    assert_eq!(config, json!({"path": "/srv"}));
}
