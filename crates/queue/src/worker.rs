//! The worker: claims within the limits of its queues, runs what it claimed, and shuts down gracefully.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use model::queue::Failure;
use model::{Clock, Timestamp};
use store::{ClaimLimits, Claimed, Event, Store, WorkerRow};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::lease::{LEASE_MS, Leases, RENEW_EVERY};
use crate::turn::{Ended, Turn, Turned};
use crate::{Outcome, Registry, Run, Stop};

/// How often a worker looks by itself.
const POLL: Duration = Duration::from_secs(5);
/// How many ended attempts one turn writes at most.
const ENDED_MAX: usize = 500;
/// Attempts of tasks that have ended in this process, by kind and outcome.
const ATTEMPTS: &str = "fossick_task_attempts_total";
/// How long they took, in seconds, by kind.
const ATTEMPT_SECONDS: &str = "fossick_task_attempt_duration_seconds";
/// How many tasks one turn tells of one by one.
const TOLD_MAX: usize = 32;

/// How much of one queue a worker runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueLimits {
    /// The queue.
    pub queue: String,
    /// How many of its tasks this worker runs at once.
    pub running_max: u32,
    /// How many tasks of one source run at once in this queue, all workers together.
    pub per_source_max: u32,
}

/// How a worker works.
#[derive(Debug, Clone)]
pub struct WorkerConfig {
    /// Its name, unique among the workers that live.
    pub name: String,
    /// The queues that it claims from.
    pub queues: Vec<QueueLimits>,
    /// How long running tasks may take to come to an end at shutdown.
    pub grace: Duration,
}

/// A worker over tasks whose context is `C`.
pub struct Worker<C> {
    config: WorkerConfig,
    store: Store,
    clock: Arc<dyn Clock>,
    registry: Arc<Registry<C>>,
    context: Arc<C>,
    pub(crate) pace: Pace,
}

/// How often a worker looks by itself; tests take other times.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// For tasks: the safety net under the wake-ups.
    pub(crate) poll: Duration,
    /// For what has become of its claims.
    pub(crate) renew: Duration,
}

impl<C> std::fmt::Debug for Worker<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// What a running worker keeps track of.
struct Work<C> {
    worker: Worker<C>,
    leases: Leases,
    tracker: TaskTracker,
    running: HashMap<String, u32>,
    /// Bounded by what is claimed: a slot is free again only once its end was received.
    ended: mpsc::Sender<Ended>,
    started_at: Timestamp,
}

impl<C: Send + Sync + 'static> Worker<C> {
    /// A worker that has not started.
    pub fn new(
        config: WorkerConfig,
        store: Store,
        clock: Arc<dyn Clock>,
        registry: Registry<C>,
        context: Arc<C>,
    ) -> Self {
        Self {
            config,
            store,
            clock,
            registry: Arc::new(registry),
            context,
            pace: Pace {
                poll: POLL,
                renew: RENEW_EVERY,
            },
        }
    }

    /// Works until `shutdown` is cancelled, then gives running tasks their grace time and returns the rest.
    ///
    /// Not cancel-safe: cancel `shutdown` and await this instead of dropping it.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), store::Error> {
        let Pace { poll, renew } = self.pace;
        let slots: usize = self.config.queues.iter().map(|queue| queue.running_max as usize).sum();
        let (ended, mut endings) = mpsc::channel(slots.max(1));
        let leases = Leases::start(self.store.clone(), Arc::clone(&self.clock), renew)
            .map_err(|error| store::Error::Setup(format!("can't start the thread that renews leases: {error}")))?;
        let mut signal = self.store.signals().tasks();
        let started_at = self.clock.now();
        let mut work = Work {
            worker: self,
            leases,
            tracker: TaskTracker::new(),
            running: HashMap::new(),
            ended,
            started_at,
        };
        let mut waiting: Vec<Ended> = Vec::new();
        let mut last_rescue = Timestamp(0);
        while !shutdown.is_cancelled() {
            // Registered before the turn looks, so that nothing enqueued meanwhile is missed.
            signal.mark_unchanged();
            let now = work.worker.clock.now();
            let since_rescue = now.since_ms(last_rescue);
            // Below zero: the clock was set back.
            let rescues = !(0..LEASE_MS / 4).contains(&since_rescue);
            let wait = match work.turn(&mut waiting, rescues, now).await {
                Ok(next_due_at) => {
                    if rescues {
                        last_rescue = now;
                    }
                    next_due_at.map_or(poll, |at| until(at, work.worker.clock.now()).min(poll))
                }
                Err(error) => {
                    tracing::warn!(%error, "can't reach the queue: {error}");
                    if !error.is_passing() {
                        work.end_apart(&mut waiting, now).await;
                    }
                    Duration::from_secs(1)
                }
            };
            tokio::select! {
                biased;
                () = shutdown.cancelled() => {}
                received = endings.recv_many(&mut waiting, ENDED_MAX), if waiting.is_empty() => { let _: usize = received; }
                changed = signal.changed() => { if changed.is_err() { break } }
                () = tokio::time::sleep(wait) => {}
            }
            while let Ok(ended) = endings.try_recv() {
                waiting.push(ended);
            }
        }
        work.shut_down(endings, waiting).await
    }
}

impl<C: Send + Sync + 'static> Work<C> {
    /// One transaction: ends what has ended, claims what comes next. Answers when the next waiting task is due.
    async fn turn(
        &mut self,
        waiting: &mut Vec<Ended>,
        rescues: bool,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, store::Error> {
        self.let_go(waiting);
        let mut freed: HashMap<&str, u32> = HashMap::new();
        for ended in waiting.iter() {
            *freed.entry(ended.claimed.queue.as_str()).or_default() += 1;
        }
        let config = &self.worker.config;
        let claims = config.queues.iter().filter_map(|limits| {
            let running = self.running.get(&limits.queue).copied().unwrap_or(0);
            let running = running.saturating_sub(freed.get(limits.queue.as_str()).copied().unwrap_or(0));
            let free = limits.running_max.saturating_sub(running);
            (free > 0).then(|| ClaimLimits {
                queue: limits.queue.clone(),
                tasks_max: free,
                per_source_max: limits.per_source_max,
                worker: config.name.clone(),
                lease_until: now.plus_ms(LEASE_MS),
            })
        });
        // In one order everywhere: two workers that lock the same queues the other way round would wait for each other.
        let mut claims: Vec<ClaimLimits> = claims.collect();
        claims.sort_by(|a, b| a.queue.cmp(&b.queue));
        let turn = Turn {
            claims,
            rescue: rescues.then(|| self.leases.all()),
            ..self.ending(waiting.clone(), now)
        };
        let seen = rescues.then(|| self.seen(now));
        let turned = self.worker.store.write(move |tx| {
            if let Some(seen) = &seen {
                tx.see_worker(seen)?;
            }
            turn.run(tx)
        });
        let turned = turned.await?;
        self.tell(waiting, &turned, rescues);
        self.free(waiting);
        for claimed in turned.claimed {
            self.start(claimed);
        }
        Ok(turned.next_due_at)
    }

    /// A turn that only ends these.
    fn ending(&self, ended: Vec<Ended>, now: Timestamp) -> Turn<C> {
        Turn {
            ended,
            claims: Vec::new(),
            rescue: None,
            lease_until: now.plus_ms(LEASE_MS),
            registry: Arc::clone(&self.worker.registry),
            now,
        }
    }

    /// Renews these claims no more: they have ended.
    fn let_go(&self, ended: &[Ended]) {
        for ended in ended {
            self.leases.remove(ended.claimed.id, ended.claimed.fence);
        }
    }

    fn free(&mut self, ended: &mut Vec<Ended>) {
        for ended in ended.drain(..) {
            if let Some(running) = self.running.get_mut(&ended.claimed.queue) {
                *running = running.saturating_sub(1);
            }
        }
    }

    /// Ends each attempt in a transaction of its own, after the store refused to end them together: one that can't be
    /// ended must not hold up the others. It counts as lost with its worker once its lease runs out.
    async fn end_apart(&mut self, waiting: &mut Vec<Ended>, now: Timestamp) {
        for one in waiting.iter() {
            let turn = self.ending(vec![one.clone()], now);
            if let Err(error) = self.worker.store.write(move |tx| turn.run(tx)).await {
                let (task, kind) = (one.claimed.id, &one.claimed.kind);
                tracing::error!(task.id = %task, task.kind = kind, %error,
                    "the end of task `{task}` ({kind}) can't be kept, so it will be tried again: {error}");
            }
        }
        self.free(waiting);
    }

    /// Tells those who watch. A turn that moves many tasks only says that many have moved.
    fn tell(&self, ended: &[Ended], turned: &Turned, has_seen_worker: bool) {
        let moved = ended.len() + turned.claimed.len();
        if moved == 0 && !has_seen_worker {
            return;
        }
        let mut events = vec![Event::Queues];
        if moved <= TOLD_MAX {
            events.extend(ended.iter().map(|ended| Event::Task(ended.claimed.id)));
            events.extend(turned.claimed.iter().map(|claimed| Event::Task(claimed.id)));
        }
        self.worker.store.tell(&events);
    }

    fn seen(&self, now: Timestamp) -> WorkerRow {
        let queues: Vec<&str> = self
            .worker
            .config
            .queues
            .iter()
            .map(|limits| limits.queue.as_str())
            .collect();
        WorkerRow {
            name: self.worker.config.name.clone(),
            queues: queues.join(","),
            running: self.running.values().map(|running| i64::from(*running)).sum(),
            started_at: self.started_at,
            seen_at: now,
        }
    }

    fn start(&mut self, claimed: Claimed) {
        *self.running.entry(claimed.queue.clone()).or_default() += 1;
        let stopping = CancellationToken::new();
        self.leases.add(claimed.id, claimed.fence, stopping.clone());
        let claimed = Arc::new(claimed);
        let run = Run {
            store: self.worker.store.clone(),
            clock: Arc::clone(&self.worker.clock),
            claimed: Arc::clone(&claimed),
            stopping,
        };
        let attempt = self.worker.registry.run(Arc::clone(&self.worker.context), run);
        let ended = self.ended.clone();
        let span = tracing::info_span!("task.run", task.id = %claimed.id, task.kind = claimed.kind,
            source.id = claimed.source.map(|source| source.0));
        let clock = Arc::clone(&self.worker.clock);
        let began = clock.now();
        let work = async move {
            let how = AssertUnwindSafe(attempt).catch_unwind().await.unwrap_or_else(|panic| {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                let text = text.unwrap_or_else(|| "without a message".to_owned());
                Err(Stop::Failed(Failure::Retry(format!(
                    "a fault in Fossick: the task panicked: {text}"
                ))))
            });
            if let Err(Stop::Failed(failure)) = &how {
                tracing::warn!(task.id = %claimed.id, task.kind = claimed.kind, class = failure.class(),
                    "task `{}` ({}) failed: {failure}", claimed.id, claimed.kind);
            }
            measure(&claimed.kind, &how, clock.now().since_ms(began));
            // Only a worker that has ended drops the receiver, and then the lease tells the next one.
            drop(
                ended
                    .send(Ended {
                        claimed,
                        how,
                        jitter: rand::random::<f64>(),
                    })
                    .await,
            );
        };
        self.tracker.spawn(work.instrument(span));
    }

    async fn shut_down(
        mut self,
        mut endings: mpsc::Receiver<Ended>,
        mut waiting: Vec<Ended>,
    ) -> Result<(), store::Error> {
        self.leases.stop_all();
        self.tracker.close();
        let grace = tokio::time::sleep(self.worker.config.grace);
        tokio::pin!(grace);
        loop {
            self.let_go(&waiting);
            if self.leases.all().is_empty() {
                break;
            }
            tokio::select! {
                () = &mut grace => break,
                ended = endings.recv() => waiting.extend(ended),
            }
        }
        let now = self.worker.clock.now();
        let name = self.worker.config.name.clone();
        let turn = self.ending(waiting.clone(), now);
        let rest = self.leases.all();
        let left = rest.len();
        self.running.clear();
        let written = self.worker.store.write(move |tx| {
            turn.run(tx)?;
            tx.return_tasks(&rest)?;
            tx.drop_workers(&name, now.plus_ms(-86_400_000))
        });
        written.await?;
        if left > 0 {
            tracing::warn!(left, "returned {left} tasks that did not end in the grace time");
        }
        Ok(())
    }
}

/// Counts an attempt that has ended.
fn measure(kind: &str, how: &Result<Outcome, Stop>, took_ms: i64) {
    let outcome = match how {
        Ok(_) => "completed",
        Err(Stop::Failed(failure)) => failure.class(),
        Err(Stop::StoreUnavailable(_)) => "store_unavailable",
        Err(Stop::LeaseLost) => "lease_lost",
        Err(Stop::ShuttingDown) => "returned",
    };
    let kind = ("kind", kind.to_owned());
    metrics::counter!(ATTEMPTS, &[kind.clone(), ("outcome", outcome.to_owned())]).increment(1);
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of one attempt")]
    metrics::histogram!(ATTEMPT_SECONDS, &[kind]).record(took_ms.max(0) as f64 / 1_000.0);
}

fn until(at: Timestamp, now: Timestamp) -> Duration {
    Duration::from_millis(at.since_ms(now).max(1).try_into().unwrap_or(1))
}
