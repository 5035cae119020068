//! Naming things.

use serde_json::json;

use super::*;
use crate::exit::{Exit, code};

#[test]
fn things_are_named_by_id_or_name_and_never_guessed() {
    let all = || {
        vec![
            json!({"id": 1, "name": "Notes"}),
            json!({"id": 2, "name": "notes"}),
            json!({"id": 3, "name": "Team"}),
        ]
    };
    assert_eq!(pick("source", "name", "2", &all()).unwrap()["name"], "notes");
    assert_eq!(pick("source", "name", "Notes", &all()).unwrap()["id"], 1);
    assert_eq!(pick("source", "name", "TEAM", &all()).unwrap()["id"], 3);
    let error = pick("source", "name", "NOTES", &all()).unwrap_err();
    assert_eq!(code(&error), Exit::Usage);
    assert!(error.to_string().contains("1 or 2"), "{error}");
    let error = pick("source", "name", "Taem", &all()).unwrap_err();
    assert_eq!(code(&error), Exit::NotFound);
    assert!(error.to_string().contains("did you mean `Team`?"), "{error}");
    let error = pick("source", "name", "Finance", &all()).unwrap_err();
    assert!(error.to_string().contains("`fossick source list`"), "{error}");
}

#[test]
fn a_name_that_looks_like_a_number_is_still_found() {
    let all = vec![json!({"id": 1, "name": "2024"})];
    assert_eq!(pick("source", "name", "2024", &all).unwrap()["id"], 1);
}
