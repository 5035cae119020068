//! Healthy and damaged data folders.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use model::{Clock, SystemClock, Visibility};
use serde_json::json;
use store::{Database, FolderLock, NewSource, Store};

use super::*;

struct Patient {
    dir: tempfile::TempDir,
}

impl Patient {
    /// A data folder with one source that has a secret.
    async fn new() -> Self {
        let made = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        let data = made.data();
        let fill = move || {
            let store = Store::open(&store::Config {
                data_dir: data,
                database: Database::Sqlite,
            })
            .unwrap();
            let now = SystemClock.now();
            let source = store
                .write_blocking(move |tx| {
                    let new = NewSource {
                        organization: tx.ensure_organization(now)?,
                        owner: None,
                        connector: "folder".to_owned(),
                        name: "Notes".to_owned(),
                        config: json!({}),
                        manifest: None,
                        search: None,
                        visibility: Visibility::Everyone,
                    };
                    tx.insert_source(&new, now)
                })
                .unwrap();
            let sealed = store.sealer().seal(&format!("source/{source}"), b"{}").unwrap();
            store
                .write_blocking(move |tx| tx.set_source_secrets(source, Some(&sealed)))
                .unwrap();
            let attention = json!({"what": "the token was refused", "whose_turn": "you"});
            store
                .write_blocking(move |tx| tx.attend_source(source, Some(&attention)))
                .unwrap();
            store.close();
        };
        tokio::task::spawn_blocking(fill).await.unwrap();
        made
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    async fn examine(&self) -> Findings {
        let flags = [
            ("data_dir", self.data().display().to_string()),
            ("listen", "127.0.0.1:0".to_owned()),
        ];
        examine(self.dir.path(), &flags, false).await
    }
}

fn verdict<'a>(findings: &'a Findings, name: &str) -> (Verdict, &'a str) {
    let worst = findings
        .checks
        .iter()
        .filter(|check| check.name == name)
        .max_by_key(|check| check.verdict as u8);
    let worst = worst.unwrap_or_else(|| panic!("no check `{name}`: {findings:#?}"));
    (worst.verdict, worst.what.as_str())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_folder_has_nothing_broken() {
    let patient = Patient::new().await;
    let findings = patient.examine().await;
    assert_eq!(findings.count(Verdict::Fail), 0, "{findings:#?}");
    for name in [
        "settings",
        "base URL",
        "clock",
        "data folder",
        "server",
        "port",
        "key file",
        "database",
        "secrets",
        "tasks",
        "queues",
    ] {
        assert_eq!(verdict(&findings, name).0, Verdict::Ok, "{name}: {findings:#?}");
    }
    let (sources, what) = verdict(&findings, "sources");
    assert!(
        sources == Verdict::Warn && what.contains("the token was refused"),
        "{what}"
    );
    assert_eq!(verdict(&findings, "index").0, Verdict::Warn);
    assert!(!patient.data().join("index").exists());
    assert_eq!(as_json(&findings)["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_is_noticed() {
    let patient = Patient::new().await;
    let file = patient.data().join("fossick.db");
    let mut bytes = std::fs::read(&file).unwrap();
    for byte in bytes.iter_mut().skip(4096 * 3).take(4096 * 20) {
        *byte = 0x55;
    }
    std::fs::write(&file, bytes).unwrap();
    let findings = patient.examine().await;
    assert!(findings.count(Verdict::Fail) > 0, "{findings:#?}");
    std::fs::write(&file, "this is no database, but it is long enough to look like one").unwrap();
    let findings = patient.examine().await;
    assert_eq!(verdict(&findings, "database").0, Verdict::Fail);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_schema_is_told_and_left_as_it_is() {
    let patient = Patient::new().await;
    let file = patient.data().join("fossick.db");
    make_older(&file);
    let before = std::fs::read(&file).unwrap();
    let findings = patient.examine().await;
    let (database, what) = verdict(&findings, "database");
    assert!(
        database == Verdict::Warn && what.contains("older (0 instead of"),
        "{what}"
    );
    assert_eq!(findings.count(Verdict::Fail), 0, "{findings:#?}");
    assert!(render(&findings, false).contains("`fossick serve`"));
    assert!(std::fs::read(&file).unwrap() == before, "looking changed it");
}

/// Has a database say that it was written before there were versions: in its header, as SQLite describes it.
fn make_older(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    bytes[60..64].fill(0);
    std::fs::write(file, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_key_file_is_not_replaced_by_looking() {
    let patient = Patient::new().await;
    let key = patient.data().join("key");
    std::fs::remove_file(&key).unwrap();
    let findings = patient.examine().await;
    assert_eq!(verdict(&findings, "key file").0, Verdict::Fail);
    assert!(!key.exists());
    // Another installation's key opens nothing.
    std::fs::write(&key, format!("1 {}\n", "ab".repeat(32))).unwrap();
    let findings = patient.examine().await;
    let (secrets, what) = verdict(&findings, "secrets");
    assert!(secrets == Verdict::Fail && what.contains("`Notes`"), "{what}");
    assert_eq!(verdict(&findings, "key file").0, Verdict::Warn, "readable by others");
}

#[tokio::test(flavor = "multi_thread")]
async fn open_folders_holders_and_missing_folders_are_told() {
    let patient = Patient::new().await;
    std::fs::set_permissions(patient.data(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let lock = FolderLock::try_take(&patient.data()).unwrap().unwrap();
    let findings = patient.examine().await;
    assert_eq!(verdict(&findings, "data folder").0, Verdict::Warn);
    assert_eq!(verdict(&findings, "server").0, Verdict::Fail);
    assert_eq!(verdict(&findings, "database").0, Verdict::Fail);
    drop(lock);
    std::fs::remove_dir_all(patient.data()).unwrap();
    let findings = patient.examine().await;
    assert_eq!(verdict(&findings, "data folder").0, Verdict::Fail);
    assert!(!patient.data().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_are_told_with_their_place() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("fossick.toml"), "\nlisten = \"nonsense\"").unwrap();
    let findings = examine(dir.path(), &[], false).await;
    let (settings, what) = verdict(&findings, "settings");
    assert!(settings == Verdict::Fail && what.contains("fossick.toml:2"), "{what}");
}

#[test]
fn addresses_that_do_not_fit_are_told() {
    let check = |listen: &str, base_url: &str, proxies: &str| {
        let dir = tempfile::tempdir().unwrap();
        let flags = [
            ("listen", listen.to_owned()),
            ("base_url", base_url.to_owned()),
            ("trusted_proxies", proxies.to_owned()),
        ];
        let mut findings = Findings::default();
        place::settings(&Config::load(dir.path(), &flags).unwrap(), &mut findings);
        verdict(&findings, "base URL").0
    };
    assert_eq!(check("127.0.0.1:3677", "", ""), Verdict::Ok);
    assert_eq!(check("0.0.0.0:3677", "", ""), Verdict::Warn);
    assert_eq!(check("0.0.0.0:3677", "http://search.lan:3677", ""), Verdict::Ok);
    assert_eq!(check("127.0.0.1:3677", "http://search.lan", ""), Verdict::Warn);
    assert_eq!(check("127.0.0.1:3677", "http://localhost:3677", ""), Verdict::Ok);
    assert_eq!(check("127.0.0.1:3677", "http://[::1]:3677/", ""), Verdict::Ok);
    assert_eq!(check("127.0.0.1:3677", "https://search.example.org", ""), Verdict::Warn);
    assert_eq!(
        check("127.0.0.1:3677", "https://search.example.org", "127.0.0.1"),
        Verdict::Ok
    );
}

#[test]
fn a_clock_that_was_never_set_is_told() {
    let mut findings = Findings::default();
    place::clock(model::Timestamp(0), &mut findings);
    assert_eq!(findings.count(Verdict::Fail), 1);
    assert!(render(&findings, false).starts_with("fail  clock"));
}
