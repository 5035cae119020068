//! `fossick source failures` and `retry`.

use clap::Args;
use model::{Clock, SystemClock, Timestamp};
use serde_json::{Value, json};

use super::find;
use crate::client::encoded;
use crate::commands::Session;
use crate::commands::wait::Watch;
use crate::exit::Refused;
use crate::output::{Align, Table, count, number, text, when};

/// What `failures` takes.
#[derive(Debug, Args)]
pub(crate) struct FailuresArgs {
    /// Its name or id
    source: String,
    /// List each failure with this reason
    #[arg(long)]
    reason: Option<String>,
    /// List at most this many
    #[arg(long, default_value_t = 100, requires = "reason")]
    limit: usize,
}

/// What `retry` takes.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["all", "reason", "id"]))]
pub(crate) struct RetryArgs {
    /// Its name or id
    source: String,
    /// Everything that went wrong
    #[arg(long)]
    all: bool,
    /// Everything with this reason
    #[arg(long)]
    reason: Option<String>,
    /// These failures, as `failures --reason` lists them; may be repeated
    #[arg(long)]
    id: Vec<i64>,
}

/// Lists what went wrong.
pub(super) async fn list(session: &Session, args: &FailuresArgs) -> anyhow::Result<()> {
    let client = session.client().await?;
    let source = find(client, &args.source).await?;
    let base = format!("/api/v1/sources/{}/failures", text(&source, "id"));
    let now = SystemClock.now();
    let output = session.output;
    if let Some(reason) = &args.reason {
        let failures = client
            .list_some(&format!("{base}?reason={}", encoded(reason)), args.limit)
            .await?;
        if failures.is_empty() {
            let what = format!("no failures with the reason `{reason}`");
            return Err(has_none(&source, &what));
        }
        if output.is_json {
            return output.json(&json!({ "items": failures }));
        }
        return output.table(&failure_table(&failures, now), "");
    }
    let answer = client.get(&base).await?;
    if output.is_json {
        return output.json(&answer);
    }
    let mut table = Table::new(&[
        ("count", Align::Right),
        ("stage", Align::Left),
        ("reason", Align::Left),
        ("example", Align::Left),
    ]);
    for group in answer.get("groups").and_then(Value::as_array).into_iter().flatten() {
        table.row(vec![
            count(number(group, "count"), ""),
            text(group, "stage"),
            text(group, "reason"),
            text(group, "example"),
        ]);
    }
    output.table(&table, "nothing went wrong")
}

fn has_none(source: &Value, what: &str) -> anyhow::Error {
    let name = text(source, "name");
    Refused::not_found(format!(
        "`{name}` has {what}: `fossick source failures {name}` lists what there is"
    ))
}

fn failure_table(failures: &[Value], now: Timestamp) -> Table {
    let mut table = Table::new(&[
        ("id", Align::Right),
        ("at", Align::Left),
        ("stage", Align::Left),
        ("record", Align::Left),
        ("detail", Align::Left),
    ]);
    for failure in failures {
        table.row(vec![
            text(failure, "id"),
            when(Timestamp(number(failure, "at")), now),
            text(failure, "stage"),
            text(failure, "record_key"),
            text(failure, "detail"),
        ]);
    }
    table
}

/// Tries again.
pub(super) async fn retry(session: &Session, args: &RetryArgs) -> anyhow::Result<()> {
    let body = match (&args.reason, args.all) {
        (Some(reason), _) => json!({ "reason": reason }),
        (None, true) => json!({ "all": true }),
        (None, false) => json!({ "ids": args.id }),
    };
    let client = session.client().await?;
    client.start_work();
    let source = find(client, &args.source).await?;
    let mut watch = Watch::new(client, session.output)?;
    let answer = client
        .post(
            &format!("/api/v1/sources/{}/failures/retry", text(&source, "id")),
            &body,
        )
        .await?;
    let tasks = number(&answer, "tasks");
    if tasks == 0 && !args.all {
        let what = match &args.reason {
            Some(reason) => format!("no failures with the reason `{reason}`"),
            None => "no such failures".to_owned(),
        };
        return Err(has_none(&source, &what));
    }
    watch.source(&source, tasks).await?;
    session
        .output
        .answer(&answer, || format!("tried again: {}", count(tasks, "task")))
}
