//! The worker on both databases: one function per property.

mod leases;
mod schedules;
mod working;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use model::queue::Failure;
use model::{Clock, TaskId, TaskState, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Config, Database, NewTask, Store, TaskFilter, TaskRow};
use tempfile::TempDir;
use testkit::{ManualClock, TestDatabase};
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::worker::Pace;
use crate::{Outcome, QueueLimits, Registry, Run, Stop, Task, Worker, WorkerConfig};

const NOW: Timestamp = Timestamp(1_700_000_000_000);
/// How long anything may take before a test gives up on it.
const DEADLINE: Duration = Duration::from_mins(2);

/// What the test's task is told to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Do {
    Nothing,
    Finish,
    /// Notes which attempt it is, then holds.
    Note,
    Fail(String),
    GiveUp,
    /// Gives up, and what is to be written then can't be.
    GiveUpBadly,
    WaitUntil(i64),
    Panic,
    /// Runs until it may go on or is told to stop.
    Hold,
    /// Like `Hold`, and never listens.
    HoldDeaf,
}

/// What happened.
#[derive(Debug, Default)]
struct Log {
    runs: AtomicUsize,
    running: AtomicU32,
    running_most: AtomicU32,
    began: Notify,
}

struct Context {
    log: Log,
    gate: Semaphore,
}

struct TestTask;

impl Task for TestTask {
    const KIND: &'static str = "test";
    type Args = Do;
    type Context = Context;

    async fn run(context: Arc<Context>, args: Do, run: Run) -> Result<Outcome, Stop> {
        let log = &context.log;
        log.runs.fetch_add(1, Ordering::SeqCst);
        let running = log.running.fetch_add(1, Ordering::SeqCst) + 1;
        log.running_most.fetch_max(running, Ordering::SeqCst);
        log.began.notify_one();
        let outcome = act(&context, args, &run).await;
        log.running.fetch_sub(1, Ordering::SeqCst);
        outcome
    }

    fn discarded(args: &Do, _failure: &Failure, tx: &mut store::Tx<'_>, _now: Timestamp) -> Result<(), store::Error> {
        tx.put_setting("discarded", "yes")?;
        match args {
            Do::GiveUpBadly => Err(store::Error::not_found("thing", 7)),
            _ => Ok(()),
        }
    }
}

async fn act(context: &Context, args: Do, run: &Run) -> Result<Outcome, Stop> {
    match args {
        Do::Nothing => Ok(Outcome::Done),
        Do::Finish => run.finish(|tx| tx.put_setting("landed", "yes")).await,
        Do::Fail(text) => Err(Stop::Failed(Failure::Retry(text))),
        Do::GiveUp | Do::GiveUpBadly => Err(Stop::Failed(Failure::GiveUp("it will never work".to_owned()))),
        Do::WaitUntil(ms) => Err(Stop::Failed(Failure::WaitUntil {
            at: NOW.plus_ms(ms),
            why: "the provider's limit".to_owned(),
        })),
        Do::Panic => panic!("a fault"),
        Do::Hold => hold(context, run).await,
        Do::Note => {
            let attempt = run.attempt().to_string();
            run.note(move |tx| tx.put_setting("noted", &attempt)).await?;
            hold(context, run).await
        }
        Do::HoldDeaf => {
            // For good: one permit lets one go.
            if let Ok(permit) = context.gate.acquire().await {
                permit.forget();
            }
            run.finish(|tx| tx.put_setting("landed", "late")).await
        }
    }
}

async fn hold(context: &Context, run: &Run) -> Result<Outcome, Stop> {
    tokio::select! {
        _ = context.gate.acquire() => Ok(Outcome::Done),
        () = run.stopping().cancelled() => Err(Stop::ShuttingDown),
    }
}

/// A store with a worker on it.
struct Bench {
    store: Store,
    clock: Arc<ManualClock>,
    context: Arc<Context>,
    tracker: TaskTracker,
    shutdown: CancellationToken,
    _database: Option<TestDatabase>,
    _folder: TempDir,
}

/// Runs a test on both databases.
fn both<F: Future<Output = ()>>(test: impl Fn(Bench) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(test(Bench::over(None)));
    if let Some(database) = TestDatabase::create() {
        let bench = Bench::over(Some(database));
        runtime.block_on(test(bench));
    }
}

impl Bench {
    fn over(database: Option<TestDatabase>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = database
            .as_ref()
            .map_or(Database::Sqlite, |database| Database::Postgres { url: database.url() });
        let open = Config {
            data_dir: folder.path().to_owned(),
            database: place,
        };
        // PostgreSQL's client blocks, which a runtime's thread may not.
        let store = std::thread::spawn(move || Store::open(&open)).join().unwrap().unwrap();
        Self {
            store,
            clock: Arc::new(ManualClock::at(NOW)),
            context: Arc::new(Context {
                log: Log::default(),
                gate: Semaphore::new(0),
            }),
            tracker: TaskTracker::new(),
            shutdown: CancellationToken::new(),
            _database: database,
            _folder: folder,
        }
    }

    fn log(&self) -> &Log {
        &self.context.log
    }

    async fn enqueue(&self, what: &Do, shape: impl Fn(NewTask) -> NewTask + Send + 'static) -> TaskId {
        let (what, now) = (what.clone(), self.clock.now());
        self.store
            .write(move |tx| tx.enqueue(&shape(NewTask::new("test", &what, "q", now)), now))
            .await
            .unwrap()
    }

    /// Starts a worker with so many slots.
    fn work(&self, running_max: u32, per_source_max: u32) {
        self.work_at(None, running_max, per_source_max);
    }

    /// The same, at a pace of its own.
    fn work_at(&self, pace: Option<Pace>, running_max: u32, per_source_max: u32) {
        let config = WorkerConfig {
            name: "w".to_owned(),
            queues: vec![QueueLimits {
                queue: "q".to_owned(),
                running_max,
                per_source_max,
            }],
            grace: Duration::from_millis(200),
        };
        let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&self.clock);
        let registry = Registry::default().with::<TestTask>();
        let mut worker = Worker::new(config, self.store.clone(), clock, registry, Arc::clone(&self.context));
        worker.pace = pace.unwrap_or(worker.pace);
        let shutdown = self.shutdown.clone();
        self.tracker.spawn(async move { worker.run(shutdown).await.unwrap() });
    }

    async fn stop(&self) {
        self.shutdown.cancel();
        self.tracker.close();
        tokio::time::timeout(DEADLINE, self.tracker.wait())
            .await
            .expect("the worker ends");
    }

    async fn task(&self, id: TaskId) -> TaskRow {
        self.store.read(move |tx| tx.task(id)).await.unwrap()
    }

    /// Waits until a task is in this state, and answers it.
    async fn until(&self, id: TaskId, state: TaskState) -> TaskRow {
        let reached = async {
            let mut look = tokio::time::interval(Duration::from_millis(2));
            loop {
                look.tick().await;
                let task = self.task(id).await;
                if task.state == state {
                    return task;
                }
            }
        };
        let in_time = tokio::time::timeout(DEADLINE, reached).await.ok();
        match in_time {
            Some(task) => task,
            None => panic!("task {id} does not become {state}: {:#?}", self.task(id).await),
        }
    }

    async fn setting(&self, name: &'static str) -> Option<String> {
        self.store.read(move |tx| tx.find_setting(name)).await.unwrap()
    }

    async fn count(&self, state: TaskState) -> usize {
        let filter = TaskFilter {
            state: Some(state),
            ..TaskFilter::default()
        };
        self.store
            .read(move |tx| tx.list_tasks(&filter, 10_000))
            .await
            .unwrap()
            .len()
    }
}
