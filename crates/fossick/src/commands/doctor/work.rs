//! What goes on: sources that wait for a person, tasks that are stuck, paused queues, the index.

use index::Index;
use model::{Position, TaskState, Timestamp};
use store::{FollowerPosition, Store, TaskFilter, TaskRow};

use super::Findings;
use crate::beside::{self, Beside};
use crate::client::{Client, Missing};
use crate::config::Config;
use crate::output::{count, number, text};

/// How many tasks of a state are looked at.
const TASKS_LOOKED_AT: u32 = 1_000;
/// How long a worker may be silent, with tasks running under its name.
const SILENT_MS: i64 = 5 * 60_000;
/// From here on the index is said to be behind.
const BEHIND_MANY: i64 = 10_000;

/// Sources that wait for a person.
pub(super) async fn sources(store: &Store, found: &mut Findings) {
    let sources = match beside::all_sources(store).await {
        Ok(sources) => sources,
        Err(error) => return found.fail("sources", format!("{error}"), ""),
    };
    let mut waiting = 0;
    for source in &sources {
        let Some(attention) = &source.attention else { continue };
        waiting += 1;
        found.warn(
            "sources",
            format!("`{}` needs attention: {}", source.name, text(attention, "what")),
            format!("`fossick source show {}` says more", source.id),
        );
    }
    if waiting == 0 {
        found.ok(
            "sources",
            format!(
                "{}, none waits for a person",
                count(i64::try_from(sources.len()).unwrap_or(0), "source")
            ),
        );
    }
}

async fn in_state(store: &Store, state: TaskState) -> Result<Vec<TaskRow>, store::Error> {
    let filter = TaskFilter {
        state: Some(state),
        ..TaskFilter::default()
    };
    store.read(move |tx| tx.list_tasks(&filter, TASKS_LOOKED_AT)).await
}

/// Tasks that nobody works on any more, or that ended their worker too often.
pub(super) async fn tasks(store: &Store, now: Timestamp, found: &mut Findings) {
    let looked = async {
        let workers = store.read(|tx| tx.list_workers()).await?;
        let running = in_state(store, TaskState::Running).await?;
        let pending = in_state(store, TaskState::Pending).await?;
        Ok::<_, store::Error>((workers, running, pending))
    };
    let (workers, running, pending) = match looked.await {
        Ok(looked) => looked,
        Err(error) => return found.fail("tasks", format!("{error}"), ""),
    };
    let is_alive = |task: &TaskRow| {
        let name = task.worker.as_deref().unwrap_or_default();
        workers
            .iter()
            .any(|worker| worker.name == name && now.since_ms(worker.seen_at) < SILENT_MS)
    };
    let orphans: Vec<&TaskRow> = running.iter().filter(|task| !is_alive(task)).collect();
    let parked: Vec<&TaskRow> = pending.iter().filter(|task| task.class.is_some()).collect();
    if let Some(first) = orphans.first() {
        found.warn(
            "tasks",
            format!(
                "{} run under workers that are silent, such as task {}",
                orphans.len(),
                first.id
            ),
            "they are taken up again when a server or worker starts, or when their lease ends",
        );
    }
    if let Some(first) = parked.first() {
        found.warn(
            "tasks",
            format!(
                "{} are parked after ending their worker several times, such as task {}",
                parked.len(),
                first.id
            ),
            format!(
                "`fossick task show {}` says more; `fossick task retry` runs one again",
                first.id
            ),
        );
    }
    if orphans.is_empty() && parked.is_empty() {
        found.ok(
            "tasks",
            format!(
                "{} run, none is stuck",
                count(i64::try_from(running.len()).unwrap_or(0), "task")
            ),
        );
    }
}

/// Queues that a person paused.
pub(super) async fn queues(store: &Store, found: &mut Findings) {
    match store.read(|tx| tx.list_paused_queues()).await {
        Ok(paused) if paused.is_empty() => found.ok("queues", "none is paused"),
        Ok(paused) => found.warn(
            "queues",
            format!("paused: {}", paused.join(", ")),
            format!("`fossick queue resume {}`", paused.first().map_or("", String::as_str)),
        ),
        Err(error) => found.fail("queues", format!("{error}"), ""),
    }
}

/// The index knows a position of this database's history, and is not far behind.
pub(super) async fn index(config: &Config, opened: &Beside, found: &mut Findings) {
    let looked = if opened.has_server {
        of_server(config).await
    } else {
        of_folder(config, &opened.store).await
    };
    match looked {
        Ok(Some(behind)) if behind > BEHIND_MANY => found.warn(
            "index",
            format!("{} behind the database", count(behind, "change")),
            "it catches up by itself while a server runs; is the queue `upload` paused?",
        ),
        Ok(Some(behind)) => found.ok(
            "index",
            format!("agrees with the database, {} behind", count(behind, "change")),
        ),
        Ok(None) => found.warn(
            "index",
            "is missing, damaged, not yet built to its end, or of another history than the database",
            "nothing to do: the next `fossick serve` builds it anew",
        ),
        Err(error) => found.fail("index", format!("{error:#}"), "`fossick reindex` builds it anew"),
    }
}

async fn of_server(config: &Config) -> anyhow::Result<Option<i64>> {
    let client = Client::open(config, Missing::Refuse).await?;
    let status = client.get("/api/v1/status").await?;
    client.close().await?;
    Ok(Some(number(&status["index"], "behind")))
}

/// How far the index of a folder that nobody owns is behind; `None` when it has to be built anew.
async fn of_folder(config: &Config, store: &Store) -> anyhow::Result<Option<i64>> {
    let dir = config.data_dir.join("index");
    let payload = tokio::task::spawn_blocking(move || Index::look(&dir)).await??;
    let Some(payload) = payload.filter(|payload| payload.built_through.is_none()) else {
        return Ok(None);
    };
    let position = Position(payload.position);
    let follower = FollowerPosition {
        position,
        token: payload.change_token,
    };
    let (is_known, behind) = store
        .read(move |tx| Ok::<_, store::Error>((tx.knows_position(follower)?, tx.count_behind(position)?)))
        .await?;
    Ok(is_known.then_some(i64::try_from(behind).unwrap_or(i64::MAX)))
}
