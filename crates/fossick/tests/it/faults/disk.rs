//! A disk that fills up: a small one of its own, which takes root to mount.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use super::{RECORDS, Scene, get, until, well};
use crate::place::is_root;

/// A disk of 64 MiB, unmounted when the test is over.
struct Disk {
    root: PathBuf,
}

impl Disk {
    /// `None`, said, where it can't be had.
    fn mount(root: &Path) -> Option<Self> {
        std::fs::create_dir_all(root).unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64m,mode=755", "fossick-test"])
            .arg(root)
            .output();
        if !is_root() || !mount.is_ok_and(|mount| mount.status.success()) {
            testkit::skip("a disk that fills up takes root to mount");
            return None;
        }
        Some(Self { root: root.to_owned() })
    }

    /// What fills it.
    fn ballast(&self) -> PathBuf {
        self.root.join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("--lazy").arg(&self.root).status();
        assert!(unmounted.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}

/// Fills a disk until so many bytes are free; with 0, until not one more can be written.
fn fill(ballast: &Path, free: usize) {
    let mut file = File::options().create(true).append(true).open(ballast).unwrap();
    for size in [1 << 20, 4 << 10, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
    if free > 0 {
        let length = file.metadata().unwrap().len();
        file.set_len(length - u64::try_from(free).unwrap()).unwrap();
    }
}

/// A provider whose second page comes when the disk is full but for `free` bytes.
fn scene(free: usize, free_mib: &str) -> Option<(Scene, Disk)> {
    let home = tempfile::tempdir().unwrap();
    let disk = Disk::mount(&home.path().join("disk"))?;
    let ballast = disk.ballast();
    let settings = [("FOSSICK_FETCH_FREE_MIB", free_mib)];
    let scene = Scene::on(home, &disk.root, &settings, move |asked| {
        if asked.page() == 2 && !ballast.exists() {
            fill(&ballast, free);
        }
        well(asked)
    });
    Some((scene, disk))
}

/// Waits until the source says that it waits for space.
fn wait_for_words(scene: &Scene) -> String {
    until(|| {
        let source = scene.source();
        let what = source["state_detail"]["what"].as_str().unwrap_or_default();
        (source["state"] == "waiting" && what.starts_with("waiting for space")).then(|| what.to_owned())
    })
}

#[test]
fn on_a_nearly_full_disk_fetching_stops_first_and_goes_on_by_itself() {
    let Some((scene, disk)) = scene(10 << 20, "20") else {
        return;
    };
    scene.fall_ill();
    let what = wait_for_words(&scene);
    assert!(what.contains("20 MiB are kept") && what.contains("free some"), "{what}");
    let task = until(|| scene.fetches().into_iter().find(|task| task["state"] == "scheduled"));
    assert_eq!((&task["attempt"], &task["errors"]), (&json!(0), &json!([])), "{task}");
    assert!(task["error"].as_str().unwrap().contains("space on the disk"), "{task}");
    // Everything else works.
    assert_eq!(get(&scene.place, "/readyz").0, 200);
    assert_eq!(scene.records(), RECORDS);
    scene.place.done(&["queue", "pause", "upload"]);
    scene.place.done(&["queue", "resume", "upload"]);
    std::fs::remove_file(disk.ballast()).unwrap();
    scene.recover();
    scene.wait_until_well();
    assert_eq!(scene.records(), RECORDS);
    drop(scene);
    drop(disk);
}

#[test]
fn on_a_full_disk_searches_are_answered_and_all_goes_on_once_there_is_space() {
    let Some((scene, disk)) = scene(0, "0") else { return };
    // As long as its log has room, the database can still be written.
    let padding = "# granite\n".repeat(20_000);
    let manifest = std::fs::read_to_string(scene.place.path("api.yaml")).unwrap() + &padding;
    std::fs::write(scene.place.path("large.yaml"), manifest).unwrap();
    scene.fall_ill();
    let what = wait_for_words(&scene);
    assert!(what.contains("free some"), "{what}");
    let base_url = format!("base_url={}", scene.provider.url);
    let refused = until(|| {
        let line = [
            "source",
            "add",
            "http",
            "--manifest",
            "large.yaml",
            "--name",
            "Large",
            "-c",
            &base_url,
        ];
        Some(scene.place.run(&line)).filter(|ended| ended.code != 0)
    });
    assert!(
        refused.err.contains("is full") && refused.err.contains("free some space"),
        "{refused:?}"
    );
    let (status, problem) = get(&scene.place, "/readyz");
    assert_eq!((status, &problem["code"]), (507, &json!("disk_full")), "{problem}");
    let log = until(|| {
        let log = std::fs::read_to_string(scene.place.path("log")).unwrap();
        log.contains("the disk that holds the database is full; free some space")
            .then_some(log)
    });
    assert!(log.lines().count() < 2_000, "it does not flood the log");
    let found = scene.place.done(&["search", "--json", "granite"]).json();
    assert_eq!(found["nbHits"], json!(RECORDS), "searches are answered");
    std::fs::remove_file(disk.ballast()).unwrap();
    scene.recover();
    scene.wait_until_well();
    assert_eq!(get(&scene.place, "/readyz").0, 200);
    let found = scene.place.done(&["search", "--json", "granite"]).json();
    assert_eq!(found["nbHits"], json!(RECORDS));
    let checks = scene.place.run(&["doctor", "--json", "--listen", "127.0.0.1:0"]).json();
    let database = checks["checks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|check| check["name"] == "database");
    assert_eq!(database.unwrap()["verdict"], "ok", "{checks}");
    drop(scene);
    drop(disk);
}
