//! Layers, origins and messages.

use super::*;

fn load(files: &[(&str, &str)], flags: &[(&'static str, String)]) -> anyhow::Result<Config> {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).unwrap();
    }
    Config::load(dir.path(), flags)
}

fn refusal(files: &[(&str, &str)]) -> String {
    format!("{:#}", load(files, &[]).unwrap_err())
}

#[test]
fn later_layers_win_and_every_value_knows_its_origin() {
    let files = [
        (
            "fossick.toml",
            "listen = \"127.0.0.1:1\"\n[queues.fetch]\nrunning = 3\n",
        ),
        ("fossick.local.toml", "listen = \"127.0.0.1:2\"\n"),
        (".env", "# comment\nFOSSICK_LOG=\"debug\"\n"),
    ];
    let config = load(&files, &[("worker_name", "here".to_owned())]).unwrap();
    assert_eq!(config.listen.port(), 2);
    assert!(
        config
            .layers
            .origin("listen")
            .to_string()
            .ends_with("fossick.local.toml:1")
    );
    assert_eq!(config.queues.of("fetch").unwrap().running_max, 3);
    assert!(
        config
            .layers
            .origin("queues.fetch.running")
            .to_string()
            .ends_with("fossick.toml:3")
    );
    assert_eq!(config.log, "debug");
    assert_eq!(config.worker_name, "here");
    assert_eq!(config.layers.origin("base_url"), layers::Origin::Default);
}

#[test]
fn an_unknown_setting_is_refused_with_place_and_suggestion() {
    let text = refusal(&[("fossick.toml", "\nlisten_on = 3\nlistem = \"x\"")]);
    assert!(text.contains("fossick.toml:"), "{text}");
    let text = refusal(&[("fossick.toml", "\nlistem = \"x\"")]);
    assert!(
        text.contains("fossick.toml:2") && text.contains("did you mean `listen`?"),
        "{text}"
    );
    let text = refusal(&[(".env", "FOSSICK_LISTN=3")]);
    assert!(text.contains(".env:1") && text.contains("`listen`"), "{text}");
}

#[test]
fn a_wrong_value_names_setting_origin_and_what_is_expected() {
    let text = refusal(&[("fossick.toml", "listen = \"nonsense\"")]);
    assert!(
        text.contains("`listen`") && text.contains("fossick.toml:1") && text.contains("127.0.0.1:3677"),
        "{text}"
    );
    let text = refusal(&[("fossick.toml", "extract_children = 0")]);
    assert!(text.contains("a whole number from 1 to 64"), "{text}");
    let text = refusal(&[("fossick.toml", "database = \"mysql://somewhere\"")]);
    assert!(text.contains("postgres://"), "{text}");
    let text = refusal(&[("fossick.toml", "listen = [1")]);
    assert!(text.contains("fossick.toml:1"), "{text}");
}

#[test]
fn debug_shows_no_database_password() {
    let config = load(&[("fossick.toml", "database = \"postgres://u:hunter2@h/d\"")], &[]).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn values_that_would_fail_later_are_refused_at_once() {
    let flag = |name: &'static str, value: &str| load(&[], &[(name, value.to_owned())]);
    for (name, value) in [
        ("log", "inof"),
        ("log", "info,connector"),
        ("log", "a=b=c"),
        ("allow_private", "10.0.0.0/64"),
        ("base_url", "https://example.org/search"),
        ("base_url", "https://example.org?a"),
    ] {
        let error = format!("{:#}", flag(name, value).unwrap_err());
        assert!(error.contains(&format!("the setting `{name}`")), "{error}");
    }
    let base = flag("base_url", "https://example.org:8443/").unwrap().base_url;
    assert_eq!(base.as_deref(), Some("https://example.org:8443"));
    for value in [
        "info",
        "off",
        "WARN",
        "info,connector=debug",
        "debug,hyper=info,h2=info",
    ] {
        assert_eq!(flag("log", value).unwrap().log, value);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_not_passed_over() {
    for name in [".env", "fossick.toml"] {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(name), b"FOSSICK_LOG=\xff").unwrap();
        let error = format!("{:#}", Config::load(dir.path(), &[]).unwrap_err());
        assert!(error.contains("can't read") && error.contains(name), "{error}");
    }
}
