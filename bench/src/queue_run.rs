//! A queue under load: tasks enqueued, a worker that drains them, and what both took.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use model::{Clock, SystemClock, Timestamp};
use queue::{Outcome, QueueLimits, Registry, Run, Stop, Task, Worker, WorkerConfig};
use serde::{Deserialize, Serialize};
use store::{Config, Database, NewTask, Store};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::gauge::{self, Measure, Spent, instant, real, tree_cpu_s};

pub(crate) const QUEUE: &str = "bench";
/// How many tasks the worker runs at once.
pub(crate) const SLOTS: u32 = 500;
/// How many tasks are enqueued in one transaction.
const ENQUEUED_AT_ONCE: usize = 500;

/// Where the queue is.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// A data folder of its own.
    Sqlite(PathBuf),
    /// A database of its own, and the number of the server's first process.
    Postgres { url: String, server: u32, dir: PathBuf },
}

impl Place {
    pub(crate) fn open(&self) -> Result<Store> {
        let config = match self {
            Self::Sqlite(dir) => Config {
                data_dir: dir.clone(),
                database: Database::Sqlite,
            },
            Self::Postgres { url, dir, .. } => Config {
                data_dir: dir.clone(),
                database: Database::Postgres { url: url.clone() },
            },
        };
        Ok(Store::open(&config)?)
    }

    /// Whether the database is another process.
    pub(crate) fn is_server(&self) -> bool {
        matches!(self, Self::Postgres { .. })
    }

    /// Processor time of a server beside this process.
    fn server_cpu_s(&self) -> Result<f64> {
        match self {
            Self::Sqlite(_) => Ok(0.0),
            Self::Postgres { server, .. } => tree_cpu_s(*server),
        }
    }

    /// How often the log of the database was made durable so far.
    ///
    /// SQLite counts committed transactions in the third word of its shared memory; with synchronous=FULL each of them
    /// is one fsync, and checkpoints add a few. PostgreSQL counts fsyncs of its log itself, and tells after a second.
    fn syncs(&self) -> Result<u64> {
        match self {
            Self::Sqlite(dir) => {
                let bytes = std::fs::read(dir.join(format!("{}-shm", store::SQLITE_FILE)));
                let bytes = bytes.context("the shared memory of SQLite")?;
                let word = bytes.get(8..12).context("the shared memory of SQLite is short")?;
                Ok(u32::from_ne_bytes(word.try_into()?).into())
            }
            Self::Postgres { url, .. } => {
                gauge::pause(Duration::from_millis(1_200));
                let mut client = postgres::Client::connect(url, postgres::NoTls)?;
                let row = client.query_one("SELECT wal_sync FROM pg_stat_wal", &[])?;
                Ok(u64::try_from(row.get::<_, i64>(0))?)
            }
        }
    }
}

/// What draining took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drained {
    pub(crate) tasks: f64,
    pub(crate) wall_s: f64,
    /// This process and the server.
    pub(crate) cpu_s: f64,
    pub(crate) server_cpu_s: f64,
    pub(crate) syncs: f64,
}

impl Drained {
    pub(crate) fn rate(&self) -> f64 {
        self.tasks / self.wall_s
    }

    pub(crate) fn cpu_us(&self) -> f64 {
        self.cpu_s / self.tasks * 1e6
    }
}

/// Counters of the database, read before and after.
pub(crate) struct Counted {
    syncs: u64,
    server_cpu_s: f64,
}

impl Counted {
    pub(crate) fn start(place: &Place) -> Result<Self> {
        Ok(Self {
            syncs: place.syncs()?,
            server_cpu_s: place.server_cpu_s()?,
        })
    }

    pub(crate) fn end(self, place: &Place, tasks: usize, spent: Spent) -> Result<Drained> {
        // In this order: the first waits until the server's ended processes are counted.
        let syncs = place.syncs()?;
        let server_cpu_s = place.server_cpu_s()? - self.server_cpu_s;
        Ok(Drained {
            tasks: real(tasks),
            wall_s: spent.wall_s,
            cpu_s: spent.cpu_s + server_cpu_s,
            server_cpu_s,
            syncs: real(syncs.saturating_sub(self.syncs)),
        })
    }
}

/// The arguments of every task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Args {
    /// Which one.
    pub(crate) at: usize,
}

/// What the tasks share: how many have run, and when each began.
#[derive(Debug)]
pub(crate) struct Tally {
    wanted: usize,
    run: AtomicUsize,
    all: Notify,
    began: std::sync::Mutex<Vec<(usize, Instant)>>,
    notes_times: bool,
}

impl Tally {
    pub(crate) fn new(wanted: usize, notes_times: bool) -> Self {
        Self {
            wanted,
            run: AtomicUsize::new(0),
            all: Notify::new(),
            began: std::sync::Mutex::default(),
            notes_times,
        }
    }

    fn count(&self, at: usize) {
        if self.notes_times {
            self.began
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .push((at, instant()));
        }
        if self.run.fetch_add(1, Ordering::AcqRel) + 1 == self.wanted {
            self.all.notify_one();
        }
    }

    pub(crate) async fn all(&self) {
        self.all.notified().await;
    }

    /// When each task began, by its number.
    pub(crate) fn began(&self) -> Vec<(usize, Instant)> {
        self.began
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
}

/// Does nothing.
pub(crate) struct Idle;

impl Task for Idle {
    const KIND: &'static str = "bench_idle";
    type Args = Args;
    type Context = Tally;

    async fn run(tally: Arc<Tally>, args: Args, _run: Run) -> Result<Outcome, Stop> {
        tally.count(args.at);
        Ok(Outcome::Done)
    }
}

/// Writes one row, and completes in the same transaction.
pub(crate) struct Writing;

impl Task for Writing {
    const KIND: &'static str = "bench_writing";
    type Args = Args;
    type Context = Tally;

    async fn run(tally: Arc<Tally>, args: Args, run: Run) -> Result<Outcome, Stop> {
        let name = format!("bench/{}", args.at);
        let ended = run.finish(move |tx| tx.put_setting(&name, "written")).await?;
        tally.count(args.at);
        Ok(ended)
    }
}

/// Enqueues tasks of a kind, several hundred in a transaction.
pub(crate) async fn enqueue(store: &Store, kind: &'static str, count: usize, at: Timestamp) -> Result<()> {
    let mut first = 0;
    while first < count {
        let numbers = first..(first + ENQUEUED_AT_ONCE).min(count);
        first = numbers.end;
        let now = SystemClock.now();
        let written = store.write(move |tx| {
            numbers.clone().try_for_each(|number| {
                let new = NewTask::new(kind, &Args { at: number }, QUEUE, now).at(at.max(now));
                tx.enqueue(&new, now).map(drop)
            })
        });
        written.await?;
    }
    Ok(())
}

/// A worker over the benchmark's queue; ends with the token.
pub(crate) fn worker(store: &Store, tally: &Arc<Tally>) -> Worker<Tally> {
    let config = WorkerConfig {
        name: "bench".to_owned(),
        queues: vec![QueueLimits {
            queue: QUEUE.to_owned(),
            running_max: SLOTS,
            per_source_max: SLOTS,
        }],
        grace: Duration::from_secs(5),
    };
    let registry = Registry::default().with::<Idle>().with::<Writing>();
    Worker::new(
        config,
        store.clone(),
        Arc::new(SystemClock),
        registry,
        Arc::clone(tally),
    )
}

/// Opens the queue, runs everything that waits, and closes it. The clock stops when the last end is written.
pub(crate) async fn drain(place: &Place, tasks: usize) -> Result<Drained> {
    let at = place.clone();
    let before = async move || tokio::task::spawn_blocking(move || Counted::start(&at)).await?;
    // PostgreSQL's sessions tell what they did when they end; SQLite forgets when the last one does.
    let (store, counted) = if place.is_server() {
        let counted = before().await?;
        (open(place).await?, counted)
    } else {
        let store = open(place).await?;
        (store, before().await?)
    };
    let tally = Arc::new(Tally::new(tasks, false));
    let stop = CancellationToken::new();
    let measure = Measure::start()?;
    let all = async {
        tally.all().await;
        stop.cancel();
    };
    let (ended, ()) = tokio::join!(worker(&store, &tally).run(stop.clone()), all);
    ended?;
    let spent = measure.spent()?;
    let open_queues = store.read(|tx| tx.count_queues()).await?;
    if open_queues
        .iter()
        .any(|queue| queue.name == QUEUE && (queue.available > 0 || queue.running > 0))
    {
        bail!("tasks are left in the queue after all have run: {open_queues:?}");
    }
    let at = place.clone();
    let after = async move || tokio::task::spawn_blocking(move || counted.end(&at, tasks, spent)).await?;
    if place.is_server() {
        close(store).await?;
        after().await
    } else {
        let drained = after().await;
        close(store).await?;
        drained
    }
}

/// Opens the store of a place.
pub(crate) async fn open(place: &Place) -> Result<Store> {
    let place = place.clone();
    tokio::task::spawn_blocking(move || place.open()).await?
}

/// Closes a store, so that its file is whole and its sessions have ended.
pub(crate) async fn close(store: Store) -> Result<()> {
    Ok(tokio::task::spawn_blocking(move || store.close()).await?)
}
