//! Waiting for work: with its progress, until it is done, until Ctrl-C.

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use model::{Clock, SystemClock, Timestamp};
use serde_json::Value;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::client::Client;
use crate::exit::{Exit, Refused};
use crate::output::{Output, Progress, clock, count, duration, items, number, text};

/// Looks at the work from time to time, and at what holds it up.
struct Look<'a> {
    client: &'a Client,
    output: Output,
    every: Interval,
    /// What was said already.
    said: BTreeSet<String>,
}

impl<'a> Look<'a> {
    fn new(client: &'a Client, output: Output) -> Self {
        let mut every = interval(LOOK_EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            client,
            output,
            every,
            said: BTreeSet::new(),
        }
    }

    /// Waits for the next look. Answers the server's status.
    ///
    /// # Errors
    /// When nothing goes on any more, and nobody else can see to it that something does.
    async fn next(&mut self) -> anyhow::Result<Value> {
        self.every.tick().await;
        let status = self.client.get("/api/v1/status").await?;
        let held = held(&status, self.client.is_server());
        // This process holds the folder: nobody can change anything before it ends.
        if !self.client.is_server() && !held.is_empty() && !is_moving(&status) {
            return Err(Refused::because(Exit::Failure, held.join("; ")));
        }
        for why in held {
            if self.said.insert(why.clone()) {
                self.output.note(why);
            }
        }
        Ok(status)
    }
}

/// The queues whose tasks nobody takes up, and why.
fn held(status: &Value, is_server: bool) -> Vec<String> {
    let queues = status.get("queues").and_then(Value::as_array).into_iter().flatten();
    let is_shared = text(status, "store") == "postgres";
    queues
        .filter(|queue| number(queue, "available") > 0)
        .filter_map(|queue| {
            let name = text(queue, "name");
            if is_paused(queue) {
                let way_out = if is_server { "" } else { " first" };
                Some(format!(
                    "the queue `{name}` is paused: `fossick queue resume {name}`{way_out}"
                ))
            } else if is_unattended(queue) && !is_shared {
                Some(format!(
                    "nobody works on the queue `{name}`: the setting `queues.{name}.running` is 0"
                ))
            } else {
                None
            }
        })
        .collect()
}

/// Whether something runs or can run.
fn is_moving(status: &Value) -> bool {
    let mut queues = status.get("queues").and_then(Value::as_array).into_iter().flatten();
    queues.any(|queue| {
        let is_held = is_paused(queue) || is_unattended(queue);
        number(queue, "running") > 0 || !is_held && number(queue, "available") + number(queue, "retryable") > 0
    })
}

fn is_paused(queue: &Value) -> bool {
    queue.get("paused").and_then(Value::as_bool).unwrap_or(false)
}

/// Whether the process that answers runs no tasks of the queue.
fn is_unattended(queue: &Value) -> bool {
    queue.get("limit").is_none_or(Value::is_null)
}

/// How often work is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(150);
/// How many of a source's syncs are looked through for the one that is waited for.
const SYNCS_LOOKED_AT: usize = 20;
/// The states of tasks that are not done.
const OPEN_STATES: [&str; 4] = ["available", "running", "retryable", "scheduled"];

/// Watches work. Make one before the work is started: from then on Ctrl-C ends the watching instead of the process.
pub(super) struct Watch<'a> {
    client: &'a Client,
    output: Output,
    interrupt: Signal,
}

impl<'a> Watch<'a> {
    /// Nothing is watched yet.
    pub(super) fn new(client: &'a Client, output: Output) -> anyhow::Result<Self> {
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self {
            client,
            output,
            interrupt,
        })
    }

    /// Waits for the end of a sync, and for the index. Answers the sync as it ended.
    pub(super) async fn sync(&mut self, source: &Value, sync: i64) -> anyhow::Result<Value> {
        let name = text(source, "name");
        let progress = Progress::new(self.output, format!("syncing {name}"));
        let look = Look::new(self.client, self.output);
        let watch = sync_ends(look, source, sync, progress);
        or_interrupt(
            self.client,
            &mut self.interrupt,
            &format!("the sync of `{name}`"),
            watch,
        )
        .await
    }

    /// Waits until a full sync that follows a sync has begun. Answers its id.
    pub(super) async fn next_sync(&mut self, source: &Value, sync: i64) -> anyhow::Result<i64> {
        let name = text(source, "name");
        let watch = sync_begins(Look::new(self.client, self.output), source, sync);
        or_interrupt(
            self.client,
            &mut self.interrupt,
            &format!("the sync of `{name}`"),
            watch,
        )
        .await
    }

    /// Waits until no task of a source is open, and for the index. `total` is how many there were.
    pub(super) async fn source(&mut self, source: &Value, total: i64) -> anyhow::Result<()> {
        let name = text(source, "name");
        let progress = Progress::new(self.output, name.clone());
        let look = Look::new(self.client, self.output);
        let watch = tasks_end(look, source, total, progress);
        or_interrupt(
            self.client,
            &mut self.interrupt,
            &format!("the work on `{name}`"),
            watch,
        )
        .await
    }

    /// Waits until the index has followed everything that has landed.
    pub(super) async fn index(&mut self, what: &str) -> anyhow::Result<()> {
        let mut progress = Progress::new(self.output, what);
        let mut look = Look::new(self.client, self.output);
        let watch = index(&mut look, &mut progress);
        or_interrupt(self.client, &mut self.interrupt, "the index", watch).await
    }
}

async fn sync_ends(mut look: Look<'_>, source: &Value, sync: i64, mut progress: Progress) -> anyhow::Result<Value> {
    let id = text(source, "id");
    let ended = loop {
        look.next().await?;
        let syncs = look
            .client
            .list_some(&format!("/api/v1/sources/{id}/syncs"), SYNCS_LOOKED_AT)
            .await?;
        let Some(row) = syncs.into_iter().find(|row| number(row, "id") == sync) else {
            let name = text(source, "name");
            return Err(Refused::not_found(format!("the source `{name}` or its sync is gone")));
        };
        show(&mut progress, &row);
        if matches!(
            text(&row, "state").as_str(),
            "completed" | "failed" | "cancelled" | "needs_confirmation"
        ) {
            break row;
        }
    };
    index(&mut look, &mut progress).await?;
    Ok(ended)
}

async fn sync_begins(mut look: Look<'_>, source: &Value, after: i64) -> anyhow::Result<i64> {
    let path = format!("/api/v1/sources/{}", text(source, "id"));
    loop {
        look.next().await?;
        let syncs = look.client.list_some(&format!("{path}/syncs"), SYNCS_LOOKED_AT).await?;
        let follows = |sync: &&Value| number(sync, "id") > after && text(sync, "mode") == "full";
        if let Some(next) = syncs.iter().find(follows) {
            return Ok(number(next, "id"));
        }
        if look.client.get(&path).await?.get("paused") == Some(&Value::Bool(true)) {
            let name = text(source, "name");
            return Err(Refused::because(
                Exit::Failure,
                format!("the source `{name}` was paused before its full sync began: resume it, and sync again"),
            ));
        }
    }
}

async fn tasks_end(mut look: Look<'_>, source: &Value, total: i64, mut progress: Progress) -> anyhow::Result<()> {
    let id = text(source, "id");
    loop {
        let status = look.next().await?;
        let mut open = 0;
        for state in OPEN_STATES {
            let path = format!("/api/v1/tasks?source={id}&state={state}&limit=1");
            open += items(&look.client.get(&path).await?).len();
        }
        if open == 0 {
            break;
        }
        // How many of all queues is near enough for a bar.
        let queues = status.get("queues").and_then(Value::as_array).into_iter().flatten();
        let left: i64 = queues
            .map(|queue| number(queue, "available") + number(queue, "running"))
            .sum();
        let done = total.saturating_sub(left).max(0);
        let total = u64::try_from(total).ok();
        progress.show(
            done.try_into().unwrap_or(0),
            total,
            &format!("{} left", count(left, "task")),
        );
    }
    index(&mut look, &mut progress).await
}

fn show(progress: &mut Progress, sync: &Value) {
    let seen = number(sync, "records_seen");
    let expected = sync.get("expected").and_then(Value::as_u64);
    let mut words = vec![match expected {
        Some(expected) => {
            let expected = count(expected.try_into().unwrap_or(seen), "record");
            format!("{} of about {expected}", count(seen, ""))
        }
        None => count(seen, "record"),
    }];
    words.push(count(number(sync, "pages"), "page"));
    if let Some(rate) = sync.get("rate_per_s").and_then(Value::as_f64) {
        words.push(format!("{rate:.0}/s"));
    }
    if let Some(eta) = sync.get("eta_ms").and_then(Value::as_i64) {
        words.push(format!("{} left", duration(eta)));
    }
    if number(sync, "failures") > 0 {
        words.push(count(number(sync, "failures"), "error"));
    }
    let until = number(sync, "waiting_until");
    if until > 0 {
        let until = clock(Timestamp(until), SystemClock.now());
        words.push(format!("waiting until {until} for {}", text(sync, "waiting_for")));
    }
    if text(sync, "state") == "sweeping" {
        words.push("looking for what was deleted".to_owned());
    }
    progress.show(seen.try_into().unwrap_or(0), expected, &words.join(", "));
}

async fn index(look: &mut Look<'_>, progress: &mut Progress) -> anyhow::Result<()> {
    let mut most = 0;
    let mut agreed = 0;
    loop {
        let status = look.next().await?;
        let behind = number(&status["index"], "behind").max(0);
        if behind == 0 {
            // On PostgreSQL a change gets its place a moment after its commit: one look proves nothing.
            agreed += 1;
            if agreed > 1 || text(&status, "store") != "postgres" {
                return Ok(());
            }
            continue;
        }
        agreed = 0;
        most = behind.max(most);
        let done = u64::try_from(most - behind).unwrap_or(0);
        progress.show(
            done,
            u64::try_from(most).ok(),
            &format!("{} for the index", count(behind, "change")),
        );
    }
}

/// Runs `work` until it is done or the person has enough of it.
async fn or_interrupt<T>(
    client: &Client,
    interrupt: &mut Signal,
    what: &str,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    tokio::select! {
        done = work => done,
        _ = interrupt.recv() => Err(Refused::because(Exit::Interrupted, if client.is_server() {
            format!("{what} goes on in the server; `fossick source list` shows how far it is")
        } else {
            format!("stopped: {what} goes on where it was with the next `fossick serve` or sync")
        })),
    }
}
