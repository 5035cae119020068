//! Lost nothing: the real process is killed with `kill -9` again and again in the middle of everything.
//!
//! The test looks at the store from outside, kills the server the moment it has seen it stage a page, land one, commit
//! the index or sweep, starts it again, and goes on until each phase has been hit often enough. Afterwards every
//! record must be there once, nothing may be stuck, and the index must agree with the store.

mod checks;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use model::{SourceId, SyncMode, SyncState, Timestamp};
use serde_json::json;
use store::{Database, Store, TaskFilter};
use testkit::TestDatabase;

use crate::provider::Provider;
use crate::support::{add_source, binary};

/// Kills in each phase, and all together, at least.
const KILLS_PER_PHASE: usize = 10;
const KILLS: usize = 50;
/// The test gives up when this many did not reach every phase often enough.
const KILLS_MAX: usize = 400;
/// The server, on a port of its own.
const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];
/// Kills of a worker on PostgreSQL.
const WORKER_KILLS: usize = 12;
/// How long a state that must come may take.
const PATIENCE: Duration = Duration::from_mins(3);
/// Files in the folder, and boards and cards of the provider.
const FILES: usize = 3_000;
const BOARDS: usize = 60;
const CARDS: usize = 25;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Staged,
    Landed,
    Indexed,
    Swept,
}

const PHASES: [Phase; 4] = [Phase::Staged, Phase::Landed, Phase::Indexed, Phase::Swept];

/// What can be seen of the road from outside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Seen {
    staged: u64,
    landed: u64,
    indexed: i64,
    swept: u64,
    is_sweeping: bool,
    is_over: bool,
}

/// xorshift64*: the same kills for the same seed, as far as the machine's timing allows.
struct Seed(u64);

impl Seed {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % limit
    }
}

struct Scene {
    dir: tempfile::TempDir,
    /// On PostgreSQL a worker process is killed, beside a server that lives on.
    database: Option<TestDatabase>,
    provider: Provider,
    sources: [SourceId; 2],
    round: usize,
}

#[test]
fn nothing_is_lost_doubled_or_stuck_however_often_the_process_is_killed() {
    let mut scene = Scene::new(None);
    let mut seed = Seed(0x5EED_F055_1C4B_0001);
    let mut kills = [0_usize; PHASES.len()];
    let mut tries = 0;
    while kills.iter().sum::<usize>() < KILLS || kills.iter().any(|count| *count < KILLS_PER_PHASE) {
        assert!(tries < KILLS_MAX, "kills by phase: {kills:?}");
        tries += 1;
        let wanted = (0..PHASES.len()).min_by_key(|at| kills[*at]).unwrap();
        let mut server = scene.start(&SERVE);
        let came = scene.wait_for(PHASES[wanted], &mut server);
        if came {
            // Not always at the very beginning of what was seen.
            spin(Duration::from_micros(seed.below(12_000)));
        }
        kill(server);
        if !came {
            scene.change_the_world();
        } else if PHASES[wanted] != Phase::Swept || scene.is_sweeping() {
            // A sweep may have ended before the kill; then it was not in the middle of one.
            kills[wanted] += 1;
        }
    }
    scene.finish();
    say(&format!(
        "kills by phase: {:?}",
        PHASES.iter().zip(kills).collect::<Vec<_>>()
    ));
}

#[test]
fn on_postgresql_nothing_is_lost_when_a_worker_beside_the_server_is_killed() {
    let Some(database) = TestDatabase::create() else {
        return;
    };
    let mut scene = Scene::new(Some(database));
    let mut seed = Seed(0x5EED_F055_1C4B_0002);
    // The server plans, uploads and sweeps; fetching and parsing is the worker's.
    let server = scene.start(&SERVE);
    let mut kills = 0;
    while kills < WORKER_KILLS {
        let mut worker = scene.start(&["worker", "-Q", "fetch,parse"]);
        let wanted = if kills % 2 == 0 { Phase::Staged } else { Phase::Landed };
        let came = scene.wait_for(wanted, &mut worker);
        spin(Duration::from_micros(seed.below(12_000)));
        kill(worker);
        if came {
            kills += 1;
        } else {
            scene.change_the_world();
        }
    }
    kill(server);
    scene.finish();
}

impl Scene {
    fn new(database: Option<TestDatabase>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let files = dir.path().join("files");
        std::fs::create_dir(&files).unwrap();
        let provider = Provider::start(BOARDS, CARDS);
        let store = open(dir.path(), database.as_ref());
        let folder = add_source(&store, "folder", json!({ "path": files }), None);
        let api = add_source(
            &store,
            "http",
            json!({ "base_url": provider.url }),
            Some(Provider::manifest()),
        );
        store.close();
        let mut scene = Self {
            dir,
            database,
            provider,
            sources: [folder, api],
            round: 0,
        };
        scene.change_the_world();
        scene
    }

    /// Changes what there is, and asks for full syncs of it. The server is down.
    fn change_the_world(&mut self) {
        let files = self.dir.path().join("files");
        let round = self.round;
        self.round += 1;
        for at in 0..FILES {
            let path = files.join(format!("d{}/f{at}.txt", at % 20));
            // A third of the files comes and goes.
            if (at + round).is_multiple_of(3) && round > 0 {
                drop(std::fs::remove_file(&path));
            } else if !path.exists() || at % 5 == round % 5 {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, format!("file {at} of round {round}, about basalt")).unwrap();
            }
        }
        self.provider.set(BOARDS - (round % 3) * 10, CARDS);
        let store = self.open();
        for source in self.sources {
            // After the one that the watcher of the folder may have begun just before the server died.
            store
                .write_blocking(move |tx| tx.start_sync_anew(source, Timestamp(1)))
                .unwrap();
        }
        store.close();
    }

    fn open(&self) -> Store {
        open(self.dir.path(), self.database.as_ref())
    }

    fn start(&self, command: &[&str]) -> Child {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.dir.path().join("log"))
            .unwrap();
        let mut process = Command::new(binary());
        if let Some(database) = &self.database {
            process.env("FOSSICK_DATABASE", database.url());
            if command[0] == "serve" {
                process
                    .env("FOSSICK_QUEUES_FETCH_RUNNING", "0")
                    .env("FOSSICK_QUEUES_PARSE_RUNNING", "0");
            }
        }
        process
            .args(command)
            .arg("--data-dir")
            .arg(self.dir.path().join("data"))
            .env("FOSSICK_ALLOW_PRIVATE", "127.0.0.1")
            .env("FOSSICK_WORKER_NAME", command[0])
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap()
    }

    /// Waits until something of this phase was seen; false when all is done instead.
    fn wait_for(&self, wanted: Phase, server: &mut Child) -> bool {
        let store = self.open();
        let first = self.look(&store);
        let began = now();
        let answer = loop {
            let now = self.look(&store);
            let has_come = match wanted {
                Phase::Staged => now.staged > first.staged,
                Phase::Landed => now.landed > first.landed,
                Phase::Indexed => now.indexed > first.indexed,
                // Not one that the process before this was killed in and that this one has not gone on with yet.
                Phase::Swept => (now.is_sweeping && !first.is_sweeping) || now.swept > first.swept,
            };
            if has_come {
                break true;
            }
            if now.is_over {
                break false;
            }
            assert!(
                server.try_wait().unwrap().is_none(),
                "the server ended by itself: {}",
                self.log()
            );
            assert!(
                began.elapsed() < PATIENCE,
                "nothing happens any more: {now:?}\n{}\n{}",
                tasks(&store),
                self.log()
            );
            std::thread::yield_now();
        };
        store.close();
        answer
    }

    fn look(&self, store: &Store) -> Seen {
        let sources = self.sources;
        store
            .read_blocking(|tx| {
                let mut seen = Seen {
                    is_over: true,
                    ..Seen::default()
                };
                for source in sources {
                    for sync in tx.list_syncs(source, None, 50)? {
                        seen.staged += sync.pages;
                        seen.landed += sync.records_seen;
                        seen.swept += sync.records_deleted;
                        seen.is_sweeping |= sync.state == SyncState::Sweeping;
                        seen.is_over &= sync.state.is_final();
                    }
                }
                let index = tx.find_destination(tasks::INDEX)?.unwrap_or_default();
                seen.indexed = index.position.0;
                seen.is_over &= tx.count_behind(index.position)? == 0;
                for queue in tx.count_queues()? {
                    let open = [
                        queue.available,
                        queue.running,
                        queue.scheduled,
                        queue.retryable,
                        queue.pending,
                    ];
                    seen.is_over &= open.iter().all(|count| *count == 0);
                }
                Ok::<_, store::Error>(seen)
            })
            .unwrap()
    }

    /// Whether a sweep stands half done. The server is down.
    fn is_sweeping(&self) -> bool {
        let store = self.open();
        let seen = self.look(&store);
        store.close();
        seen.is_sweeping
    }

    /// Lets everything come to its end once more, and looks at every record.
    fn finish(&self) {
        // What a listing by pages has missed goes with the second complete sync that misses it; the first may be one
        // that went on where an earlier one had failed.
        for round in 0..4 {
            if round > 0 {
                self.sync_again();
            }
            let mut server = self.start(&SERVE);
            let worker = self
                .database
                .is_some()
                .then(|| self.start(&["worker", "-Q", "fetch,parse"]));
            self.wait_for_the_end(&mut server);
            worker.into_iter().for_each(kill);
            kill(server);
        }
        let store = self.open();
        self.check_tasks(&store);
        self.check_syncs(&store);
        self.check_pages(&store);
        let live = self.check_records(&store);
        self.check_index(&store, live);
        store.close();
    }

    fn sync_again(&self) {
        let store = self.open();
        for source in self.sources {
            store
                .write_blocking(move |tx| tx.start_sync(source, SyncMode::Full, Timestamp(1)).map(drop))
                .unwrap();
        }
        store.close();
    }

    fn wait_for_the_end(&self, server: &mut Child) {
        let store = self.open();
        let began = now();
        while !self.look(&store).is_over {
            assert!(
                server.try_wait().unwrap().is_none(),
                "the server ended by itself: {}",
                self.log()
            );
            assert!(
                began.elapsed() < PATIENCE,
                "does not come to an end: {:?}\n{}\n{}",
                self.look(&store),
                tasks(&store),
                self.log()
            );
            std::thread::yield_now();
        }
        store.close();
    }

    fn log(&self) -> String {
        let text = std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().rev().take(30).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

fn open(dir: &Path, database: Option<&TestDatabase>) -> Store {
    Store::open(&store::Config {
        data_dir: dir.join("data"),
        database: database.map_or(Database::Sqlite, |database| Database::Postgres { url: database.url() }),
    })
    .unwrap()
}

fn tasks(store: &Store) -> String {
    let tasks = store
        .read_blocking(|tx| tx.list_tasks(&TaskFilter::default(), 200))
        .unwrap();
    let open: Vec<_> = tasks.into_iter().filter(|task| !task.state.is_final()).collect();
    format!("{open:#?}")
}

/// `kill -9`: the process has no say in it.
fn kill(mut server: Child) {
    server.kill().unwrap();
    server.wait().unwrap();
}

fn spin(time: Duration) {
    let began = now();
    while began.elapsed() < time {
        std::hint::spin_loop();
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a real process may take is real time")]
fn now() -> Instant {
    Instant::now()
}

/// Past the test harness, which would keep it to itself.
fn say(line: &str) {
    use std::io::Write;
    writeln!(std::io::stderr(), "{line}").unwrap();
}
