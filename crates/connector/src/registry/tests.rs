//! Names and configurations.

use std::sync::Arc;

use model::{SyncMode, SystemClock, Timestamp};
use serde_json::{Value, json};

use super::{Environment, build, connectors};
use crate::Error;

fn environment() -> Environment {
    Environment {
        data_dir: "/nowhere/data".into(),
        allowed_roots: Vec::new(),
        is_administrator: true,
        client: outbound::Client::new(outbound::Policy::default()),
        clock: Arc::new(SystemClock),
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
