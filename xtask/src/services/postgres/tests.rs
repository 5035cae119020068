//! Tests of what needs no server; `make test` starts the real one.

use super::*;

#[test]
fn the_major_version_is_read_from_what_initdb_says() {
    assert_eq!(
        major_version("initdb (PostgreSQL) 15.14 (Debian 15.14-0)\n"),
        Some("15")
    );
    assert_eq!(major_version("initdb (PostgreSQL) 17beta1\n"), Some("17"));
    assert_eq!(major_version("initdb"), None);
}

#[test]
fn a_taken_port_is_passed_over() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = taken.local_addr().expect("its address").port();
    assert_ne!(free_port(port.min(u16::MAX - 200)), Some(port));
}

#[test]
fn each_checkout_has_a_fallback_folder_of_its_own() {
    assert_eq!(fallback_folder(Path::new("/a")), fallback_folder(Path::new("/a")));
    assert_ne!(fallback_folder(Path::new("/a")), fallback_folder(Path::new("/b")));
}

#[test]
fn a_tail_is_the_last_lines_and_says_when_there_are_none() {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let log = scratch.path().join("log");
    assert!(tail(&log, 2).contains("unreadable"));
    fs::write(&log, "one\ntwo\nthree\n").expect("written");
    assert_eq!(tail(&log, 2), "two\nthree");
}
