//! `fossick task …`.

use clap::Subcommand;
use model::{Clock, SystemClock, TaskState, Timestamp};
use serde_json::{Value, json};

use super::search::check_known;
use super::{Session, lines, queue, source};
use crate::client::{Client, encoded};
use crate::output::{Align, Output, Table, clock, count, number, text, when};

/// What can be done with tasks.
#[derive(Debug, Subcommand)]
pub(crate) enum TaskCommand {
    /// List tasks, the newest first
    List {
        /// Only in this state, such as running, retryable or discarded
        #[arg(long)]
        state: Option<TaskState>,
        /// Only of this queue
        #[arg(long)]
        queue: Option<String>,
        /// Only of this kind
        #[arg(long)]
        kind: Option<String>,
        /// Only for this source, by name or id
        #[arg(long)]
        source: Option<String>,
        /// List at most this many
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Show one, with its attempts, its errors and the last lines that it logged
    Show {
        /// The task's id
        id: i64,
    },
    /// Run it again
    Retry {
        /// The task's id
        id: i64,
    },
    /// End it
    Cancel {
        /// The task's id
        id: i64,
    },
}

/// Every kind of task.
const KINDS: [&str; 9] = [
    "start_sync",
    "plan_sync",
    "fetch_slice",
    "parse_page",
    "upload_changes",
    "sweep_sync",
    "replay_source",
    "purge_source",
    "prune",
];

/// How many lines of a task's log are shown.
const LINES_SHOWN: usize = 50;

/// Does it.
pub(super) async fn run(session: &Session, command: TaskCommand) -> anyhow::Result<()> {
    let client = session.client().await?;
    let output = session.output;
    match command {
        TaskCommand::List {
            state,
            queue,
            kind,
            source,
            limit,
        } => {
            check_names(client, queue.as_slice(), kind.as_slice()).await?;
            let mut path = "/api/v1/tasks?".to_owned();
            let source = match source {
                Some(wanted) => Some(text(&source::find(client, &wanted).await?, "id")),
                None => None,
            };
            let filters = [
                ("state", state.map(|state| state.to_string())),
                ("queue", queue),
                ("kind", kind),
                ("source", source),
            ];
            for (name, value) in filters {
                if let Some(value) = value {
                    path.extend([name, "=", &encoded(&value), "&"]);
                }
            }
            let tasks = client.list_some(path.trim_end_matches(['?', '&']), limit).await?;
            if output.is_json {
                return output.json(&json!({ "items": tasks }));
            }
            output.table(&table(&tasks, SystemClock.now()), "there are no such tasks")
        }
        TaskCommand::Show { id } => {
            let mut task = client.get(&format!("/api/v1/tasks/{id}")).await?;
            let mut log = client
                .list_some(&format!("/api/v1/tasks/{id}/log"), LINES_SHOWN)
                .await?;
            log.reverse();
            if output.is_json {
                task["log"] = log.into();
                return output.json(&task);
            }
            show(output, &task)?;
            if !log.is_empty() {
                output.line("\nlog:")?;
            }
            log.iter()
                .try_for_each(|line| output.line(format!("  {}", lines::words(line))))
        }
        TaskCommand::Retry { id } => act(session, client, id, "retry", "runs again").await,
        TaskCommand::Cancel { id } => act(session, client, id, "cancel", "is cancelled").await,
    }
}

/// Refuses queues that there are none of, and kinds that no task can have.
async fn check_names(client: &Client, queues: &[String], kinds: &[String]) -> anyhow::Result<()> {
    if !queues.is_empty() {
        check_known("queue", queues, &queue::names(client).await?)?;
    }
    check_known("kind of task", kinds, &KINDS.map(str::to_owned))
}

async fn act(session: &Session, client: &Client, id: i64, verb: &str, done: &str) -> anyhow::Result<()> {
    let answer = client.post(&format!("/api/v1/tasks/{id}/{verb}"), &json!({})).await?;
    let is_server = client.is_server();
    session.output.answer(&answer, || format!("task {id} {done}"))?;
    if verb == "retry" && !is_server {
        session
            .output
            .note("no server runs: it waits for the next `fossick serve`");
    }
    Ok(())
}

fn table(tasks: &[Value], now: Timestamp) -> Table {
    let mut table = Table::new(&[
        ("id", Align::Right),
        ("kind", Align::Left),
        ("queue", Align::Left),
        ("state", Align::Left),
        ("attempt", Align::Right),
        ("source", Align::Left),
        ("when", Align::Left),
        ("error", Align::Left),
    ]);
    for task in tasks {
        table.row(vec![
            text(task, "id"),
            text(task, "kind"),
            text(task, "queue"),
            text(task, "state"),
            format!("{}/{}", text(task, "attempt"), text(task, "max_attempts")),
            source_name(task),
            moment(task, now),
            trouble(task, now),
        ]);
    }
    table
}

/// A source is named by its id, or by an object that has a name.
fn source_name(task: &Value) -> String {
    match task.get("source") {
        Some(source @ Value::Object(_)) => text(source, "name"),
        _ => text(task, "source"),
    }
}

/// Its last failure, or what it waits for.
fn trouble(task: &Value, now: Timestamp) -> String {
    let error = text(task, "error");
    if text(task, "class") != "wait_until" || text(task, "state") != "scheduled" || error.is_empty() {
        return error;
    }
    format!(
        "waiting until {}: {error}",
        clock(Timestamp(number(task, "run_at")), now)
    )
}

/// When it ended, runs, or was made; whatever says most.
fn moment(task: &Value, now: Timestamp) -> String {
    let at = ["finished_at", "run_at", "created_at"]
        .iter()
        .find_map(|field| task.get(*field).and_then(Value::as_i64));
    at.map_or_else(String::new, |at| when(Timestamp(at), now))
}

fn show(output: Output, task: &Value) -> anyhow::Result<()> {
    let now = SystemClock.now();
    output.line(format!(
        "task {}: {} on queue {}",
        text(task, "id"),
        text(task, "kind"),
        text(task, "queue")
    ))?;
    output.line(format!("  state    {}, {}", text(task, "state"), moment(task, now)))?;
    output.line(format!(
        "  attempt  {} of {}",
        text(task, "attempt"),
        text(task, "max_attempts")
    ))?;
    for (label, field) in [
        ("priority", "priority"),
        ("args    ", "args"),
        ("worker  ", "worker"),
        ("error   ", "error"),
    ] {
        let value = if field == "error" {
            trouble(task, now)
        } else {
            text(task, field)
        };
        if !value.is_empty() {
            output.line(format!("  {label} {value}"))?;
        }
    }
    let errors = task
        .get("errors")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    if errors.is_empty() {
        return Ok(());
    }
    output.line(format!(
        "\n{}:",
        count(errors.len().try_into().unwrap_or(i64::MAX), "failed attempt")
    ))?;
    let mut table = Table::new(&[
        ("attempt", Align::Right),
        ("at", Align::Left),
        ("class", Align::Left),
        ("message", Align::Left),
    ]);
    for error in errors {
        table.row(vec![
            text(error, "attempt"),
            when(Timestamp(number(error, "at")), now),
            text(error, "class"),
            text(error, "message"),
        ]);
    }
    output.table(&table, "")
}

#[cfg(test)]
mod tests {
    //! The table of tasks, and what they can be.

    use model::Timestamp;
    use serde_json::json;

    #[test]
    fn the_kinds_are_those_that_a_worker_knows() {
        let known = format!("{:?}", tasks::registry());
        assert_eq!(known.matches('"').count(), super::KINDS.len() * 2, "{known}");
        for kind in super::KINDS {
            assert!(known.contains(&format!("\"{kind}\"")), "{kind} is none of {known}");
        }
    }

    #[test]
    fn tasks_are_listed_with_their_last_error() {
        let now = Timestamp(1_800_000_000_000);
        let tasks = [
            json!({"id": 31, "kind": "fetch_slice", "queue": "fetch", "state": "retryable", "attempt": 2, "max_attempts": 25,
                "source": 1, "run_at": now.plus_ms(30_000).0, "error": "429: wait\na minute"}),
            json!({"id": 30, "kind": "fetch_slice", "queue": "fetch", "state": "scheduled", "attempt": 0, "max_attempts": 25,
                "source": 1, "run_at": now.plus_ms(300_000).0, "class": "wait_until", "error": "the limit of `api.example.com`"}),
            json!({"id": 4, "kind": "prune", "queue": "housekeeping", "state": "completed", "attempt": 1, "max_attempts": 3,
                "source": {"id": 2, "name": "Team"}, "finished_at": now.plus_ms(-7_200_000).0}),
        ];
        insta::assert_snapshot!(super::table(&tasks, now).render(false));
    }
}
