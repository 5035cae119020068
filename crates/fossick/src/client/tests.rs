//! Answers and refusals.

use serde_json::json;

use super::*;
use crate::exit;

fn refused(status: u16, body: &Value) -> anyhow::Error {
    read_answer(status, body.to_string().as_bytes()).unwrap_err()
}

#[test]
fn a_refusal_says_its_detail_and_has_the_exit_code_of_its_status() {
    let error = refused(
        404,
        &json!({"code": "not_found", "title": "No", "detail": "there is no source `7`"}),
    );
    assert_eq!(
        (exit::code(&error), error.to_string().as_str()),
        (Exit::NotFound, "there is no source `7`")
    );
    assert_eq!(exit::document(&error)["code"], "not_found");
    assert_eq!(exit::code(&refused(403, &json!({}))), Exit::NotAllowed);
    assert_eq!(exit::code(&refused(401, &json!({}))), Exit::NotAllowed);
    assert_eq!(exit::code(&refused(500, &json!({}))), Exit::Failure);
}

#[test]
fn fields_are_named() {
    let problem = json!({"detail": "some fields", "fields": [
        {"name": "name", "message": "is empty"}, {"name": "config.path", "message": "is not\u{1b}[1m absolute"}]});
    assert_eq!(
        refused(422, &problem).to_string(),
        "`name` is empty; `config.path` is not\u{fffd}[1m absolute"
    );
}

#[test]
fn an_answer_that_is_no_json_is_still_an_error() {
    let error = read_answer(502, b"<html>").unwrap_err();
    assert!(error.to_string().contains("502"), "{error}");
    assert_eq!(read_answer(204, b"").unwrap(), Value::Null);
}

#[test]
fn parts_of_a_path_are_encoded() {
    assert_eq!(encoded("a b/ü?&"), "a%20b%2F%C3%BC%3F%26");
}

#[tokio::test]
async fn a_mistyped_data_folder_does_not_become_an_installation() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("data");
    let flags = [("data_dir", missing.display().to_string())];
    let config = Config::load(dir.path(), &flags).unwrap();
    let error = Client::open(&config, Missing::Refuse).await.unwrap_err();
    assert_eq!(exit::code(&error), Exit::NotFound);
    assert!(!missing.exists());
}

#[tokio::test]
async fn a_locked_folder_without_a_socket_is_unreachable() {
    let dir = tempfile::tempdir().unwrap();
    let _lock = FolderLock::try_take(dir.path()).unwrap().unwrap();
    let error = refuse_locked(dir.path()).unwrap_err();
    assert_eq!(exit::code(&error), Exit::Unreachable);
    assert!(error.to_string().contains(&std::process::id().to_string()), "{error}");
}

#[test]
fn links_name_an_address_that_a_browser_can_open() {
    assert_eq!(host("0.0.0.0:3677".parse().unwrap()), "127.0.0.1:3677");
    assert_eq!(host("[::]:80".parse().unwrap()), "[::1]:80");
    assert_eq!(host("192.0.2.7:3677".parse().unwrap()), "192.0.2.7:3677");
}
