//! Tests of the choice of a user.

use super::*;

#[test]
fn a_user_is_found_by_whole_name() {
    let passwd = "root:x:0:0::/:/bin/sh\npostgres2:x:7:8::/:/bin/sh\npostgres:x:101:102::/:/bin/sh\n";
    assert_eq!(find_user(passwd, "postgres"), Some((101, 102)));
    assert_eq!(find_user(passwd, "post"), None);
    assert_eq!(find_user("postgres:x:many:102", "postgres"), None);
}

#[test]
fn a_folder_is_private_and_made_only_once() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let user = ServiceUser { become_ids: None };
    let folder = scratch.path().join("service");
    user.make_folder(&folder).expect("the first time");
    user.make_folder(&folder).expect("the second time");
    assert_eq!(
        folder.metadata().expect("it exists").permissions().mode() & 0o777,
        0o700
    );
}

#[test]
fn a_link_in_the_place_of_the_folder_is_refused() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let folder = scratch.path().join("service");
    std::os::unix::fs::symlink(scratch.path(), &folder).expect("a link");
    let refused = ServiceUser { become_ids: None }
        .make_folder(&folder)
        .expect_err("a link");
    assert!(refused.to_string().contains("remove it"), "{refused}");
}
