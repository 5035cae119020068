//! Hard days, as people see them: the real binary, a provider that misbehaves, and what commands and API say.
//!
//! Every scene begins with a good sync. Then something goes wrong; what has landed must stay, the words must say what,
//! where and the way out, and all must go on once the cause is gone.

mod disk;
mod parked;
mod partitions;
mod provider;
mod refused;
mod spared;
mod unread;
mod unreadable;

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::place::{Place, Server as Fossick};
use crate::server::{Asked, Reply, Server};

/// How long something that must come may take.
const PATIENCE: Duration = Duration::from_mins(2);
/// Records of the provider on its good days.
const RECORDS: usize = 40;

/// A server of ours, and a provider that is well until it is told otherwise.
struct Scene {
    place: Place,
    _fossick: Fossick,
    provider: Server,
    is_ill: Arc<AtomicBool>,
}

impl Scene {
    /// Adds the provider as a source and syncs it. `ill` answers instead of it once it is ill.
    fn new(ill: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::with(&[], ill)
    }

    /// The same with settings.
    fn with(settings: &[(&'static str, &str)], ill: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().to_owned();
        Self::on(home, &root, settings, ill)
    }

    /// The same with the data folder below `root`.
    fn on(
        home: TempDir,
        root: &Path,
        settings: &[(&'static str, &str)],
        ill: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let is_ill = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&is_ill);
        let provider = Server::start(move |asked| {
            if theirs.load(Ordering::SeqCst) {
                ill(asked)
            } else {
                well(asked)
            }
        });
        let mut place = Place::at(home);
        place.data = root.join("data");
        place.set("FOSSICK_ALLOW_PRIVATE", "127.0.0.1");
        for (name, value) in settings {
            place.set(name, value);
        }
        std::fs::write(place.path("api.yaml"), include_str!("faults/manifest.yaml")).unwrap();
        let fossick = place.serve();
        let base_url = format!("base_url={}", provider.url);
        let line = [
            "source",
            "add",
            "http",
            "--manifest",
            "api.yaml",
            "--name",
            "Api",
            "--share",
            "everyone",
            "-c",
            &base_url,
        ];
        place.done(&line);
        let scene = Self {
            place,
            _fossick: fossick,
            provider,
            is_ill,
        };
        scene.place.done(&["source", "sync", "Api", "--full"]);
        assert_eq!(scene.records(), RECORDS);
        scene
    }

    /// From now on the provider is ill, and a full sync runs.
    fn fall_ill(&self) {
        self.is_ill.store(true, Ordering::SeqCst);
        self.place.done(&["source", "sync", "Api", "--full", "--no-wait"]);
    }

    /// From now on the provider is well.
    fn recover(&self) {
        self.is_ill.store(false, Ordering::SeqCst);
    }

    /// The source as `source list --json` shows it.
    fn source(&self) -> Value {
        let sources = self.place.done(&["source", "list", "--json"]).json();
        sources["items"][0].clone()
    }

    /// Its tasks that read, the newest first.
    fn fetches(&self) -> Vec<Value> {
        let line = ["task", "list", "--json", "--kind", "fetch_slice"];
        self.place.done(&line).json()["items"].as_array().unwrap().clone()
    }

    /// How many records are there and found.
    fn records(&self) -> usize {
        let source = self.source();
        let found = self.place.done(&["search", "--json", "granite"]).json();
        assert_eq!(found["nbHits"], source["records"], "{found}");
        usize::try_from(source["records"].as_u64().unwrap()).unwrap()
    }

    /// The groups of failures, from the API.
    fn failures(&self) -> Value {
        let id = &self.source()["id"];
        get(&self.place, &format!("/api/v1/sources/{id}/failures")).1["groups"].clone()
    }

    /// Waits until the newest sync has ended, and lets tasks run at once that wait for their next attempt.
    fn hasten(&self) -> Value {
        until(|| {
            for task in self.fetches() {
                if task["state"] == "retryable" {
                    // It may run by itself in between.
                    self.place.run(&["task", "retry", &task["id"].to_string()]);
                }
            }
            let source = self.source();
            source["current_sync"].is_null().then(|| source["last_sync"].clone())
        })
    }

    /// Waits until everything has gone on and nothing is wrong any more.
    fn wait_until_well(&self) {
        let ended = self.hasten();
        assert_eq!(ended["state"], "completed", "{ended}");
        assert_eq!(self.failures(), json!([]));
        let source = self.source();
        assert_eq!(source["state"], "synced", "{source}");
    }
}

/// A page of the provider on its good days: ten records, and a link to the next.
fn well(asked: &Asked) -> Reply {
    match asked.page() * 10 {
        ..=RECORDS => page(asked.page(), asked.page() * 10 < RECORDS),
        _ => Reply::items(&[]),
    }
}

/// A page with ten records; `has_next`: with a link to the next.
fn page(number: usize, has_next: bool) -> Reply {
    let items: Vec<_> = ((number - 1) * 10..number * 10)
        .map(|at| json!({ "id": at, "name": format!("board {at} of granite") }))
        .collect();
    let next = has_next.then(|| format!("/boards?page={}", number + 1));
    Reply::text(json!({ "items": items, "next": next }).to_string())
}

/// Asks the server over its socket, as the operator. Answers the status and the body.
fn get(place: &Place, path: &str) -> (u16, Value) {
    let mut stream = UnixStream::connect(place.data.join("socket")).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: fossick\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_else(|_text| body.into()))
}

/// Looks again and again until something has come.
fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let began = now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "it does not come");
        std::thread::yield_now();
    }
}

#[expect(clippy::disallowed_methods, reason = "a test gives up on what does not come")]
fn now() -> Instant {
    Instant::now()
}
