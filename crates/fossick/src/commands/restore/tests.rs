//! Round trips through real stores, and backups that must not be believed.

use model::{Clock, SystemClock, Timestamp, Visibility};
use serde_json::json;
use store::NewSource;

use super::*;
use crate::commands::backup::{self, BackupArgs};
use crate::config::Config;
use crate::exit::code;

/// A data folder with one source that has a secret, and a staged page.
struct Installation {
    dir: tempfile::TempDir,
}

impl Installation {
    fn new() -> Self {
        let made = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        let store = made.open("data");
        let now = SystemClock.now();
        let source = store
            .write_blocking(move |tx| {
                let new = NewSource {
                    organization: tx.ensure_organization(now)?,
                    owner: None,
                    connector: "folder".to_owned(),
                    name: "Notes".to_owned(),
                    config: json!({"path": "/srv/notes"}),
                    manifest: None,
                    search: None,
                    visibility: Visibility::Everyone,
                };
                tx.insert_source(&new, now)
            })
            .unwrap();
        let sealed = store
            .sealer()
            .seal(&format!("source/{source}"), br#"{"token":"s3cret"}"#)
            .unwrap();
        store
            .write_blocking(move |tx| tx.set_source_secrets(source, Some(&sealed)))
            .unwrap();
        store.staging().put(source, model::Number(7), b"a raw page").unwrap();
        store.close();
        made
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn open(&self, data: &str) -> Store {
        Store::open(&store::Config {
            data_dir: self.path(data),
            database: Database::Sqlite,
        })
        .unwrap()
    }

    fn session(&self, data: &str) -> Session {
        let flags = [("data_dir", self.path(data).display().to_string())];
        Session::new(Config::load(self.dir.path(), &flags).unwrap(), Output::new(true))
    }

    async fn back_up(&self, to: &str) -> anyhow::Result<()> {
        backup::run(&self.session("data"), &BackupArgs::to(self.path(to))).await
    }

    async fn restore(&self, from: &str, data: &str, force: bool) -> anyhow::Result<()> {
        run(
            &self.session(data),
            &RestoreArgs {
                from: self.path(from),
                force,
            },
        )
        .await
    }

    /// What a restored folder must hold.
    async fn check(&self, data: &str) {
        let (store, data) = tokio::task::spawn_blocking({
            let settings = store::Config {
                data_dir: self.path(data),
                database: Database::Sqlite,
            };
            move || (Store::open(&settings).unwrap(), settings.data_dir)
        })
        .await
        .unwrap();
        let sources = store.read(|tx| tx.list_sources(SourceId(0), 10)).await.unwrap();
        assert_eq!(sources.len(), 1);
        let source = &sources[0];
        assert_eq!(source.name, "Notes");
        let place = format!("source/{}", source.id);
        let opened = store
            .sealer()
            .unseal(&place, source.secrets.as_deref().unwrap())
            .unwrap();
        assert_eq!(opened, br#"{"token":"s3cret"}"#);
        assert_eq!(
            store.staging().get(&format!("{}/000000000007", source.id)).unwrap(),
            b"a raw page"
        );
        assert!(!data.join("index").exists());
        tokio::task::spawn_blocking(move || store.close()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_an_older_schema_is_backed_up_as_it_is() {
    let made = tokio::task::spawn_blocking(Installation::new).await.unwrap();
    let version = |file: &Path| std::fs::read(file).unwrap()[60..64].to_vec();
    let file = made.path("data").join(store::SQLITE_FILE);
    // The schema's version in the header, as SQLite describes it.
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[60..64].fill(0);
    std::fs::write(&file, bytes).unwrap();
    made.back_up("older").await.unwrap();
    assert_eq!(version(&file), [0; 4], "the backup changed what it copied");
    let copy = made.path("older").join(store::SQLITE_FILE);
    assert_eq!(version(&copy), [0; 4]);
    assert!(std::fs::metadata(&copy).unwrap().len() > 4096, "and it holds nothing");
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_backed_up_is_there_again_from_a_folder_and_from_archives() {
    let made = tokio::task::spawn_blocking(Installation::new).await.unwrap();
    for (at, name) in ["folder", "plain.tar", "small.tar.zst"].into_iter().enumerate() {
        made.back_up(name).await.unwrap();
        let wanted = if name == "folder" { 0o700 } else { 0o600 };
        assert_eq!(mode(&made.path(name)), wanted, "{name}");
        let data = format!("restored-{at}");
        made.restore(name, &data, false).await.unwrap();
        made.check(&data).await;
        assert_eq!(mode(&made.path(&data)), 0o700);
        assert_eq!(mode(&made.path(&data).join("key")), 0o600);
    }
    // Nothing half done lies about.
    let left: Vec<_> = std::fs::read_dir(made.dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("partial") || name.contains("scratch"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_not_empty_is_refused_and_put_aside_when_forced() {
    let made = tokio::task::spawn_blocking(Installation::new).await.unwrap();
    made.back_up("backup.tar").await.unwrap();
    let error = made.restore("backup.tar", "data", false).await.unwrap_err();
    assert!(error.to_string().contains("--force"), "{error}");
    std::fs::create_dir_all(made.path("data/index")).unwrap();
    made.restore("backup.tar", "data", true).await.unwrap();
    made.check("data").await;
    let aside = entries(&made.path("data"))
        .unwrap()
        .into_iter()
        .find(|path| is_aside(path))
        .unwrap();
    assert!(aside.join("fossick.db").is_file() && aside.join("key").is_file() && aside.join("index").is_dir());
    // Once more: what was put aside before stays.
    made.restore("backup.tar", "data", true).await.unwrap();
    assert!(aside.join("fossick.db").is_file());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_beside_another_holder_of_the_folder_is_refused() {
    let made = tokio::task::spawn_blocking(Installation::new).await.unwrap();
    let lock = FolderLock::try_take(&made.path("data")).unwrap().unwrap();
    assert_eq!(code(&made.back_up("b").await.unwrap_err()), Exit::Unreachable);
    assert!(!made.path("b").exists());
    drop(lock);
    made.back_up("b").await.unwrap();
    let _lock = FolderLock::try_take(&made.path("data")).unwrap().unwrap();
    assert_eq!(
        code(&made.restore("b", "data", true).await.unwrap_err()),
        Exit::Unreachable
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_goes_to_a_new_place_outside_of_the_data_folder() {
    let made = tokio::task::spawn_blocking(Installation::new).await.unwrap();
    assert_eq!(code(&made.back_up("data/backup").await.unwrap_err()), Exit::Usage);
    std::fs::write(made.path("there.tar"), "x").unwrap();
    assert_eq!(code(&made.back_up("there.tar").await.unwrap_err()), Exit::Usage);
    assert_eq!(std::fs::read(made.path("there.tar")).unwrap(), b"x");
    assert_eq!(
        code(&made.restore("missing", "new", false).await.unwrap_err()),
        Exit::NotFound
    );
    assert!(!made.path("new").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_backup_changes_nothing() {
    let made = tokio::task::spawn_blocking(Installation::new).await.unwrap();
    let refused = async |name: &str| {
        let error = format!("{:#}", made.restore(name, "new", false).await.unwrap_err());
        assert!(entries(&made.path("new")).unwrap().is_empty(), "{name}: {error}");
        error
    };
    made.back_up("flipped").await.unwrap();
    let page = made.path("flipped/staging/1/000000000007");
    std::fs::write(&page, "another page").unwrap();
    assert!(refused("flipped").await.contains("damaged"));
    std::fs::remove_file(&page).unwrap();
    assert!(refused("flipped").await.contains("is missing"));
    made.back_up("unfinished").await.unwrap();
    std::fs::remove_file(made.path("unfinished/backup.json")).unwrap();
    assert!(refused("unfinished").await.contains("not finished"));
    made.back_up("more").await.unwrap();
    std::fs::write(made.path("more/lock"), "").unwrap();
    assert!(refused("more").await.contains("which no backup"));
    made.back_up("cut.tar").await.unwrap();
    let bytes = std::fs::read(made.path("cut.tar")).unwrap();
    std::fs::write(made.path("cut.tar"), &bytes[..bytes.len() / 2]).unwrap();
    refused("cut.tar").await;
    std::fs::write(made.path("noise.tar"), vec![7; 4096]).unwrap();
    refused("noise.tar").await;
    std::fs::write(made.path("noise.tar.zst"), [ZSTD.as_slice(), &[7; 64]].concat()).unwrap();
    refused("noise.tar.zst").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_leads_elsewhere_is_refused() {
    let made = tokio::task::spawn_blocking(Installation::new).await.unwrap();
    let mut links = tar::Builder::new(File::create(made.path("links.tar")).unwrap());
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    links.append_link(&mut header, "key", "/etc/passwd").unwrap();
    links.finish().unwrap();
    let error = format!("{:#}", made.restore("links.tar", "new", false).await.unwrap_err());
    assert!(error.contains("is no file"), "{error}");
    let mut up = tar::Builder::new(File::create(made.path("up.tar")).unwrap());
    let mut header = tar::Header::new_gnu();
    header.set_size(1);
    header.as_old_mut().name[..9].copy_from_slice(b"../escape");
    header.set_cksum();
    up.append(&header, &b"x"[..]).unwrap();
    up.finish().unwrap();
    let error = format!("{:#}", made.restore("up.tar", "new", false).await.unwrap_err());
    assert!(error.contains("which no backup"), "{error}");
    assert!(!made.path("escape").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_is_noticed_before_anything_takes_its_place() {
    let made = tokio::task::spawn_blocking(Installation::new).await.unwrap();
    made.back_up("b").await.unwrap();
    // Somebody put another installation's key into it, and made the list fit.
    let other = format!("1 {}\n", "ab".repeat(32));
    std::fs::write(made.path("b/key"), &other).unwrap();
    let mut contents = Contents::parse(&std::fs::read(made.path("b/backup.json")).unwrap()).unwrap();
    for file in &mut contents.files {
        if file.name == "key" {
            let mut read = Hashing::new(other.as_bytes());
            std::io::copy(&mut read, &mut std::io::sink()).unwrap();
            *file = read.listed("key");
        }
    }
    assert!(contents.made_at > Timestamp(0));
    std::fs::write(made.path("b/backup.json"), serde_json::to_vec(&contents).unwrap()).unwrap();
    let error = format!("{:#}", made.restore("b", "new", false).await.unwrap_err());
    assert!(error.contains("does not open with the key file"), "{error}");
    assert!(!made.path("new/fossick.db").exists());
}

#[test]
fn what_was_moved_goes_back_when_the_rest_cannot_follow() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    std::fs::write(path("fossick.db"), "old").unwrap();
    std::fs::create_dir(path("aside")).unwrap();
    let mut moves = Moves::default();
    moves.rename(&path("fossick.db"), path("aside/fossick.db")).unwrap();
    let error = moves.rename(&path("missing"), path("aside/missing")).unwrap_err();
    let error = format!("{:#}", moves.undo(error));
    assert!(
        error.starts_with("nothing was changed: can't move") && path("fossick.db").is_file() && !path("aside").exists(),
        "{error}"
    );
    // What can't go back is named with its place.
    std::fs::create_dir(path("aside")).unwrap();
    let mut moves = Moves::default();
    moves.rename(&path("fossick.db"), path("aside/fossick.db")).unwrap();
    std::fs::create_dir(path("fossick.db")).unwrap();
    let error = format!("{:#}", moves.undo(anyhow::anyhow!("no space")));
    assert!(
        error.contains("aside/fossick.db") && path("aside/fossick.db").is_file(),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_backup_leaves_no_folder() {
    let made = tokio::task::spawn_blocking(Installation::new).await.unwrap();
    made.back_up("backup.tar").await.unwrap();
    let bytes = std::fs::read(made.path("backup.tar")).unwrap();
    std::fs::write(made.path("cut.tar"), &bytes[..bytes.len() / 2]).unwrap();
    made.restore("cut.tar", "new", false).await.unwrap_err();
    assert!(!made.path("new").exists());
}
