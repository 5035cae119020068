//! What the patterns mean.

use std::path::{Path, PathBuf};

use super::Rules;
use crate::native::folder::FolderConfig;

fn rules(include: &[&str], exclude: &[&str]) -> Rules {
    let mut config = FolderConfig::of(PathBuf::from("/"));
    config.include = include.iter().map(|&text| text.to_owned()).collect();
    config.exclude = exclude.iter().map(|&text| text.to_owned()).collect();
    Rules::new(&config).unwrap()
}

#[test]
fn a_pattern_without_a_slash_matches_at_any_depth() {
    let rules = rules(&["*.pdf"], &["draft*"]);
    assert!(rules.takes(Path::new("a.pdf")));
    assert!(rules.takes(Path::new("x/y/a.pdf")));
    assert!(!rules.takes(Path::new("a.txt")));
    assert!(!rules.takes(Path::new("x/draft.pdf")));
}

#[test]
fn a_pattern_with_a_slash_starts_at_the_root_and_a_folder_means_all_below_it() {
    let rules = rules(&["reports/", "/top.txt"], &["reports/old", "a/*.tmp"]);
    assert!(rules.takes(Path::new("reports/2026/q1.txt")));
    assert!(rules.takes(Path::new("top.txt")));
    assert!(!rules.takes(Path::new("below/top.txt")));
    assert!(!rules.takes(Path::new("reports/old/q1.txt")));
    assert!(!rules.may_hold(Path::new("reports/old/q1.txt")));
    assert!(!rules.may_hold(Path::new("a/x.tmp")));
    assert!(rules.may_hold(Path::new("a/b/x.tmp")), "a star stays within one name");
}

#[test]
fn credentials_and_version_control_are_left_out_in_any_case() {
    let rules = rules(&[], &[]);
    for path in [
        ".git/config",
        "src/node_modules/x/readme.md",
        "deploy/server.PEM",
        "home/.ssh/config",
        "production.env",
        "ID_RSA",
        "a/credentials.json",
        ".hidden",
    ] {
        assert!(!rules.may_hold(Path::new(path)), "{path}");
    }
    for path in [
        "keyboard.txt",
        "environment.md",
        "git/config.txt",
        "target/report.txt",
        "key.txt",
    ] {
        assert!(rules.may_hold(Path::new(path)), "{path}");
    }
}

#[test]
fn a_folder_that_calls_itself_a_cache_is_not_entered() {
    let temp = tempfile::tempdir().unwrap();
    let tag = temp.path().join("CACHEDIR.TAG");
    let rules = rules(&[], &[]);
    std::fs::write(&tag, "something else, long enough to hold a signature if it were one").unwrap();
    assert!(rules.enters(Path::new("target"), temp.path()));
    std::fs::write(&tag, "Signature: 8a477f597d28d172789f06886806bc55\n# a cache").unwrap();
    assert!(!rules.enters(Path::new("target"), temp.path()));
}

#[test]
fn a_pattern_that_is_none_is_named_with_its_place() {
    let mut config = FolderConfig::of(PathBuf::from("/"));
    config.exclude = vec!["ok".to_owned(), "a[b".to_owned()];
    let error = Rules::new(&config).unwrap_err().to_string();
    assert!(error.contains("`exclude[1]`") && error.contains("`a[b`"), "{error}");
    config.exclude = vec!["//".to_owned()];
    let error = Rules::new(&config).unwrap_err().to_string();
    assert!(
        error.contains("`exclude[0]`") && error.contains("names nothing"),
        "{error}"
    );
    config.exclude = vec!["a..b".to_owned()];
    config.include = vec!["../x/**".to_owned()];
    let error = Rules::new(&config).unwrap_err().to_string();
    assert!(error.contains("`include[0]`") && error.contains("out of"), "{error}");
}
