//! Where secrets come from.

use serde_json::json;

use super::*;

#[test]
fn the_form_of_the_argument_says_where_the_value_is() {
    assert_eq!(origin("token"), ("token", Origin::Prompt));
    assert_eq!(origin("token=-"), ("token", Origin::Input));
    assert_eq!(origin("token=@a=b"), ("token", Origin::File("a=b".to_owned())));
    assert_eq!(origin("token=x=y"), ("token", Origin::Given));
}

#[test]
fn secrets_are_read_from_files_and_keep_their_dotted_names() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    std::fs::write(&file, "s3cret\n").unwrap();
    let arguments = [format!("credentials.token=@{}", file.display()), "other=1".to_owned()];
    let secrets = collect(&arguments, Output::new(true)).unwrap();
    assert_eq!(
        Value::Object(secrets),
        json!({"credentials.token": "s3cret", "other": "1"})
    );
}

#[test]
fn unusable_secrets_are_refused_by_name() {
    let refusal = |argument: &str| {
        collect(&[argument.to_owned()], Output::new(true))
            .unwrap_err()
            .to_string()
    };
    assert!(refusal("token=").contains("`token` is empty"));
    assert!(refusal("=x").contains("--secret"));
    assert!(refusal("token=@/does/not/exist").contains("/does/not/exist"));
    let mut fields = Map::new();
    set(&mut fields, "a", json!(1)).unwrap();
    assert!(
        set(&mut fields, "a.b", json!(2))
            .unwrap_err()
            .to_string()
            .contains("`a.b`")
    );
}
