//! The parts of a running Fossick, put together.
//!
//! [`App::open`] takes a data folder and opens what is in it; [`App::start`] runs workers and services on it until the
//! token is cancelled. The same App serves behind a listener, and stands in for a server when a command finds none.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use extract::pool::{Command, ExtractPool};
use index::Index;
use model::{Clock, SystemClock};
use queue::{QueueLimits, Worker, WorkerConfig};
use store::{Database, FolderLock, Store};
use tasks::{Road, RoadParts};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Config;

/// The first argument of the process that reads hostile files: see `extract`. No command: nobody is to find it.
pub(crate) const EXTRACT_CHILD: &str = "extract-child";

/// How often a folder or a name that somebody holds is tried, and how long is waited in between.
const LOCK_TRIES: u32 = 20;
const LOCK_WAIT: Duration = Duration::from_millis(50);
/// How many expired leases are rescued at a time when a folder changes hands.
const RESCUED_MAX: u32 = 500;

/// An opened data folder with everything that works on it.
#[derive(Debug)]
pub(crate) struct App {
    /// The settings that it was opened with.
    pub(crate) config: Config,
    /// The store.
    pub(crate) store: Store,
    /// The index, where this process owns it.
    pub(crate) index: Option<Index>,
    /// What tells the time.
    pub(crate) clock: Arc<dyn Clock>,
    /// The client of every request to a provider.
    pub(crate) client: outbound::Client,
    road: Arc<Road>,
    pool: Arc<ExtractPool>,
    worker_name: String,
    _lock: Option<FolderLock>,
}

/// What a process takes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Owns the data folder: database file, index, socket.
    Owner,
    /// Shares a PostgreSQL database and the staging folder with an owner.
    WorkerOnly,
}

/// Which loops run beside a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Services {
    /// Also those that begin syncs: schedules, and the watch over folders.
    All,
    /// Only what gives changes their place in the change log, which the search index follows.
    Stamping,
    /// None: another process runs them.
    None,
}

impl App {
    /// Opens the data folder. Blocks while the schema is brought up to date.
    ///
    /// # Errors
    /// When another process owns the folder, naming it; or when something in it can't be used, with the way out.
    pub(crate) fn open(config: Config, role: Role) -> anyhow::Result<Self> {
        let data_dir = config.data_dir.clone();
        let lock = match role {
            Role::WorkerOnly => None,
            Role::Owner => Some(lock(&data_dir)?),
        };
        let database = match &config.database {
            Some(url) => Database::Postgres {
                url: url.expose().to_owned(),
            },
            None => Database::Sqlite,
        };
        crate::folder::refuse_incomplete(&data_dir, config.database.is_some())?;
        let store = Store::open(&store::Config {
            data_dir: data_dir.clone(),
            database,
        })?;
        crate::logs::keep_in(store.signals().lines());
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let index = match role {
            Role::Owner => Some(Index::open(&data_dir.join("index"), &index::Options::default())?),
            Role::WorkerOnly => None,
        };
        let pool = Arc::new(ExtractPool::new(extract_command(&config)?, extract::Limits::default()));
        let client = outbound::Client::new(config.outbound_policy()?);
        let road = Arc::new(Road::new(RoadParts {
            store: store.clone(),
            clock: Arc::clone(&clock),
            index: index.clone(),
            extract: Arc::clone(&pool),
            client: client.clone(),
            allowed_roots: config.allowed_roots.clone(),
            retention: config.retention(),
            limits: config.fetch_limits(),
        }));
        let (worker_name, is_heir) = worker_name(&store, &config.worker_name)?;
        let app = Self {
            config,
            store,
            index,
            clock,
            client,
            road,
            pool,
            worker_name,
            _lock: lock,
        };
        if role == Role::Owner {
            app.take_over()?;
        }
        if is_heir {
            app.void_leases()?;
        }
        Ok(app)
    }

    /// What belongs to becoming a folder's owner: nobody else runs its tasks any more, and the index follows from here.
    fn take_over(&self) -> anyhow::Result<()> {
        let now = self.clock.now();
        self.store.write_blocking(move |tx| {
            tx.add_destination(tasks::INDEX, now)?;
            tx.enqueue_uploads(now)?;
            tx.put_schedule(&tasks::prune_schedule(now))?;
            Ok::<_, store::Error>(())
        })?;
        Ok(())
    }

    /// Takes up what earlier processes left running: everything where no other worker can live, else what a worker of
    /// this name left, which this process has to itself. Other workers of a shared database keep their leases.
    fn void_leases(&self) -> anyhow::Result<()> {
        let now = self.clock.now();
        let is_shared = self.store.is_shared();
        loop {
            let name = self.worker_name.clone();
            let voided = self.store.write_blocking(move |tx| {
                if is_shared {
                    tx.void_leases_of(&name, now, RESCUED_MAX)
                } else {
                    tx.void_leases(now, RESCUED_MAX)
                }
            });
            let (returned, parked) = voided?;
            if returned + parked == 0 {
                return Ok(());
            }
            tracing::info!(
                returned,
                parked,
                "took up {returned} tasks that an earlier process left, parked {parked}"
            );
        }
    }

    /// Runs a worker over these queues, and beside it the loops that `services` names, until `shutdown` is cancelled.
    pub(crate) fn start(
        &self,
        tracker: &TaskTracker,
        queues: Vec<QueueLimits>,
        services: Services,
        shutdown: &CancellationToken,
    ) {
        let config = WorkerConfig {
            name: self.worker_name.clone(),
            queues,
            grace: Duration::from_secs(10),
        };
        let worker = Worker::new(
            config,
            self.store.clone(),
            Arc::clone(&self.clock),
            tasks::registry(),
            Arc::clone(&self.road),
        );
        let stop = shutdown.clone();
        tracker.spawn(async move {
            if let Err(error) = worker.run(stop.clone()).await {
                tracing::error!(%error, "the worker ended: {error}");
                stop.cancel();
            }
        });
        tracker.spawn(tasks::services::keep_log(
            self.store.clone(),
            Arc::clone(&self.clock),
            shutdown.clone(),
        ));
        let (store, clock) = (&self.store, &self.clock);
        if services != Services::None {
            tracker.spawn(tasks::services::stamp_changes(
                store.clone(),
                Arc::clone(clock),
                shutdown.clone(),
            ));
        }
        if services == Services::All {
            tracker.spawn(tasks::services::fire_schedules(
                store.clone(),
                Arc::clone(clock),
                shutdown.clone(),
            ));
            tracker.spawn(tasks::services::watch_folders(Arc::clone(&self.road), shutdown.clone()));
        }
    }

    /// The queues of a process that runs everything.
    pub(crate) fn all_queues(&self) -> Vec<QueueLimits> {
        let limits = &self.config.queues;
        ["fetch", "parse", "upload", "housekeeping"]
            .iter()
            .filter_map(|name| limits.of(name))
            .filter(|limits| limits.running_max > 0)
            .collect()
    }

    /// Ends the children and the writer, once nothing runs any more. Blocks.
    pub(crate) fn close(&self) {
        self.pool.stop();
        if let Err(error) = tasks::services::write_lines(&self.store, self.clock.now()) {
            tracing::warn!(%error, "the last lines of the log were not kept: {error}");
        }
        self.store.close();
    }
}

/// Takes the folder. Waits a moment for it: a child of a process that was killed while it was being started holds the
/// lock until it is on its own feet, and a supervisor restarts faster than that.
fn lock(data_dir: &Path) -> anyhow::Result<FolderLock> {
    for _ in 0..LOCK_TRIES {
        if let Some(lock) = FolderLock::try_take(data_dir)? {
            return Ok(lock);
        }
        std::thread::park_timeout(LOCK_WAIT);
    }
    let holder = FolderLock::holder(data_dir).map_or_else(String::new, |pid| format!(" (process {pid})"));
    bail!(
        "the data folder `{}` is in use by another Fossick{holder}: stop it, or name another folder with --data-dir",
        data_dir.display()
    );
}

/// What this process calls itself among the workers, and whether what an earlier one of that name left is its own.
///
/// On SQLite the data folder's lock says so, whatever the name. On PostgreSQL only a name that was given and that no
/// living process has is inherited: process ids are alike on several hosts, and in containers nearly always.
fn worker_name(store: &Store, given: &str) -> anyhow::Result<(String, bool)> {
    let chance = rand::random::<u32>();
    if given.is_empty() {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let host = Some(host.trim()).filter(|host| !host.is_empty()).unwrap_or("fossick");
        return Ok((
            format!("{host}-{}-{chance:08x}", std::process::id()),
            !store.is_shared(),
        ));
    }
    // The server may learn a moment later that an earlier process has died.
    for _ in 0..LOCK_TRIES {
        if store.take_worker_name(given)? {
            return Ok((given.to_owned(), true));
        }
        std::thread::park_timeout(LOCK_WAIT);
    }
    let own = format!("{given}-{chance:08x}");
    tracing::warn!(
        "another process that lives is called `{given}` among the workers, so this one calls itself `{own}`: give each a \
         `worker_name` of its own, or none"
    );
    Ok((own, false))
}

/// The extraction child is this same binary.
pub(crate) fn extract_command(config: &Config) -> anyhow::Result<Command> {
    let program: PathBuf = std::env::current_exe().context("can't tell where this program is")?;
    Ok(Command {
        program,
        args: vec![EXTRACT_CHILD.into()],
        children_max: config.extract_children,
    })
}
