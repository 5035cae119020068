//! A whole road in this process: store, index, worker; files are read by the real binary's child.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use extract::pool::{Command, ExtractPool};
use index::{Index, SearchRequest};
use model::{Clock, RecordId, SourceId, SyncId, SyncMode, SystemClock, Visibility};
use queue::{QueueLimits, Worker, WorkerConfig};
use serde_json::{Value, json};
use store::{Database, NewSource, QueueCounts, Store, SyncRow};
use tasks::{FetchLimits, Retention, Road, RoadParts};
use tempfile::TempDir;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long anything may take before a test gives up on it.
const DEADLINE: Duration = Duration::from_mins(2);

/// The real binary.
pub(crate) fn binary() -> PathBuf {
    env!("CARGO_BIN_EXE_fossick").into()
}

/// A road over a folder of its own.
pub(crate) struct TestRoad {
    pub(crate) dir: TempDir,
    pub(crate) store: Store,
    pub(crate) index: Index,
    road: Arc<Road>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl TestRoad {
    /// An empty installation on SQLite.
    pub(crate) async fn new() -> Self {
        Self::at(tempfile::tempdir().expect("a temporary folder")).await
    }

    /// An installation in an existing folder.
    pub(crate) async fn at(dir: TempDir) -> Self {
        Self::with(dir, Database::Sqlite).await
    }

    /// An installation with this database.
    pub(crate) async fn with(dir: TempDir, database: Database) -> Self {
        let data_dir = dir.path().join("data");
        let store = open(&data_dir, database).await;
        let index = Index::open(&data_dir.join("index"), &index::Options::default()).unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let now = clock.now();
        store
            .write(move |tx| {
                tx.add_destination(tasks::INDEX, now)?;
                tx.enqueue_uploads(now)
            })
            .await
            .unwrap();
        let road = road(&store, &clock, Some(&index), binary());
        Self {
            dir,
            store,
            index,
            road,
            clock,
        }
    }

    /// From now on no file is read: what is found was known.
    pub(crate) fn without_reader(mut self) -> Self {
        self.road = road(&self.store, &self.clock, Some(&self.index), "/bin/false".into());
        self
    }

    /// Where the test's files are.
    pub(crate) fn files(&self) -> PathBuf {
        self.dir.path().join("files")
    }

    /// Writes a file of the test's folder.
    pub(crate) fn write_file(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.files().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Adds a source that everyone may see.
    pub(crate) async fn add_source(&self, connector: &str, config: Value, manifest: Option<&str>) -> SourceId {
        let (store, connector, manifest) = (self.store.clone(), connector.to_owned(), manifest.map(str::to_owned));
        let add = move || add_source(&store, &connector, config, manifest.as_deref());
        tokio::task::spawn_blocking(add).await.unwrap()
    }

    /// Adds the test's folder.
    pub(crate) async fn add_folder(&self) -> SourceId {
        std::fs::create_dir_all(self.files()).unwrap();
        self.add_source("folder", json!({ "path": self.files() }), None).await
    }

    /// Runs a sync of the source to its end and answers how it ended.
    pub(crate) async fn sync(&self, source: SourceId, mode: SyncMode) -> SyncRow {
        let now = self.clock.now();
        let (sync, _) = self
            .store
            .write(move |tx| tx.start_sync(source, mode, now))
            .await
            .unwrap();
        self.run_until_idle().await;
        self.sync_row(sync).await
    }

    pub(crate) async fn sync_row(&self, sync: SyncId) -> SyncRow {
        self.store.read(move |tx| tx.sync(sync)).await.unwrap()
    }

    /// Runs a worker until no task can be claimed or runs.
    pub(crate) async fn run_until_idle(&self) {
        self.run_queues(&["fetch", "parse", "upload", "housekeeping"]).await;
    }

    /// Runs a worker on some queues until nothing in them can be claimed or runs.
    pub(crate) async fn run_queues(&self, queues: &[&str]) {
        self.run_until(&[&self.road], queues, |queue| {
            queue.available + queue.running + queue.retryable + queue.scheduled == 0
        })
        .await;
    }

    /// A road of another process: it shares what is in the database, and nothing else.
    pub(crate) async fn another(&self, database: Database) -> Another {
        let store = if matches!(database, Database::Sqlite) {
            self.store.clone()
        } else {
            open(&self.dir.path().join("data"), database).await
        };
        Another(road(&store, &self.clock, None, binary()))
    }

    /// This road, as one of several.
    pub(crate) fn one(&self) -> Another {
        Another(Arc::clone(&self.road))
    }

    /// Runs a worker on each of these roads until none of the queues has anything left to do now.
    pub(crate) async fn run_together(&self, roads: &[Another], queues: &[&str]) {
        let roads: Vec<_> = roads.iter().map(|road| &road.0).collect();
        self.run_until(&roads, queues, |queue| {
            queue.available + queue.running + queue.retryable == 0
        })
        .await;
    }

    async fn run_until(&self, roads: &[&Arc<Road>], queues: &[&str], is_done: impl Fn(&QueueCounts) -> bool) {
        let shutdown = CancellationToken::new();
        let tracker = tokio_util::task::TaskTracker::new();
        let mut running = Vec::new();
        for (at, road) in roads.iter().enumerate() {
            let limits = |queue: &&str| QueueLimits {
                queue: (*queue).to_owned(),
                running_max: 4,
                per_source_max: 4 * u32::try_from(roads.len()).unwrap(),
            };
            let config = WorkerConfig {
                name: format!("test-{at}"),
                queues: queues.iter().map(limits).collect(),
                grace: Duration::from_secs(5),
            };
            let (store, clock, road) = (road.store().clone(), Arc::clone(&self.clock), Arc::clone(road));
            let worker = Worker::new(config, store, clock, tasks::registry(), road);
            running.push(tracker.spawn(worker.run(shutdown.clone())));
        }
        let idle = async {
            let mut look = tokio::time::interval(Duration::from_millis(5));
            loop {
                look.tick().await;
                let counts = self.store.read(|tx| tx.count_queues()).await.unwrap();
                let mut ours = counts.iter().filter(|queue| queues.contains(&queue.name.as_str()));
                if ours.all(&is_done) {
                    return;
                }
            }
        };
        let in_time = tokio::time::timeout(DEADLINE, idle).await;
        shutdown.cancel();
        for worker in running {
            worker.await.unwrap().unwrap();
        }
        if in_time.is_err() {
            let tasks = self
                .store
                .read(|tx| tx.list_tasks(&store::TaskFilter::default(), 20))
                .await
                .unwrap();
            panic!("tasks are still open: {tasks:#?}");
        }
    }

    /// Watches the folders of the sources until the guard is dropped.
    pub(crate) fn watch(&self) -> DropGuard {
        let shutdown = CancellationToken::new();
        let watching = tasks::services::watch_folders(Arc::clone(&self.road), shutdown.clone());
        tokio_util::task::TaskTracker::new().spawn(watching);
        shutdown.drop_guard()
    }

    /// Runs what there is to do until a search has a hit.
    pub(crate) async fn run_until_found(&self, query: &str) {
        let found = async {
            let mut look = tokio::time::interval(Duration::from_millis(20));
            while self.titles(query).await.is_empty() {
                look.tick().await;
                self.run_until_idle().await;
            }
        };
        let in_time = tokio::time::timeout(DEADLINE, found).await;
        assert!(in_time.is_ok(), "`{query}` is never found");
    }

    /// Titles of the hits that everyone may see.
    pub(crate) async fn titles(&self, query: &str) -> Vec<String> {
        let asker = self.store.read(|tx| tx.asker_for_everyone()).await.unwrap();
        let answer = self.index.search(&SearchRequest::new(query), &asker).unwrap();
        answer.hits.into_iter().map(|hit| hit.title).collect()
    }

    /// The records of the hits that everyone may see, by title.
    pub(crate) async fn records(&self, query: &str) -> BTreeMap<String, RecordId> {
        let asker = self.store.read(|tx| tx.asker_for_everyone()).await.unwrap();
        let answer = self.index.search(&SearchRequest::new(query), &asker).unwrap();
        answer.hits.into_iter().map(|hit| (hit.title, hit.record)).collect()
    }

    /// How many documents the index holds.
    pub(crate) fn documents(&self) -> u64 {
        self.index.stats().unwrap().documents
    }

    /// Closes everything and answers the folder.
    pub(crate) fn close(self) -> TempDir {
        let Self {
            dir,
            store,
            index,
            road,
            ..
        } = self;
        drop(road);
        drop(index);
        store.close();
        dir
    }
}

/// A road that can be worked on beside others.
pub(crate) struct Another(Arc<Road>);

async fn open(data_dir: &Path, database: Database) -> Store {
    let config = store::Config {
        data_dir: data_dir.to_owned(),
        database,
    };
    let open = tokio::task::spawn_blocking(move || Store::open(&config));
    open.await.unwrap().unwrap()
}

/// `reader` is the program whose child reads files.
fn road(store: &Store, clock: &Arc<dyn Clock>, index: Option<&Index>, reader: PathBuf) -> Arc<Road> {
    let command = Command {
        program: reader,
        args: vec!["extract-child".into()],
        children_max: 2,
    };
    Arc::new(Road::new(RoadParts {
        store: store.clone(),
        clock: Arc::clone(clock),
        index: index.cloned(),
        extract: Arc::new(ExtractPool::new(command, extract::Limits::default())),
        client: outbound::Client::new(outbound::Policy {
            allowed: vec!["127.0.0.1".parse().unwrap()],
            ..outbound::Policy::default()
        }),
        allowed_roots: Vec::new(),
        retention: Retention::default(),
        limits: FetchLimits::default(),
    }))
}

/// Adds a source that everyone may see. Blocks.
pub(crate) fn add_source(store: &Store, connector: &str, config: Value, manifest: Option<&str>) -> SourceId {
    let (connector, manifest) = (connector.to_owned(), manifest.map(str::to_owned));
    let now = SystemClock.now();
    store
        .write_blocking(move |tx| {
            let new = NewSource {
                organization: tx.ensure_organization(now)?,
                owner: None,
                connector: connector.clone(),
                name: connector.clone(),
                config: config.clone(),
                manifest: manifest.clone(),
                search: None,
                visibility: Visibility::Everyone,
            };
            tx.insert_source(&new, now)
        })
        .unwrap()
}
