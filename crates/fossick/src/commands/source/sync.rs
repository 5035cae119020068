//! `fossick source sync`, `replay`, `confirm` and `cancel`.

use clap::Args;
use serde_json::{Value, json};

use super::find;
use crate::client::Client;
use crate::commands::Session;
use crate::commands::wait::Watch;
use crate::exit::{Exit, Refused};
use crate::output::{Output, count, duration, number, text};

/// What `sync` takes.
#[derive(Debug, Args)]
pub(crate) struct SyncArgs {
    /// Its name or id
    source: String,
    /// Read everything, and find what was deleted
    #[arg(long)]
    full: bool,
    /// Do not wait for the end; needs a running server
    #[arg(long)]
    no_wait: bool,
}

/// What `replay` takes.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").args(["parse", "quarantined", "upload"]))]
pub(crate) struct ReplayArgs {
    /// Its name or id
    source: String,
    /// Parse the kept pages again; this is what happens when nothing else is said
    #[arg(long)]
    parse: bool,
    /// Parse only those pages again that could not be parsed
    #[arg(long)]
    quarantined: bool,
    /// Write the documents again
    #[arg(long)]
    upload: bool,
}

impl ReplayArgs {
    fn what(&self) -> &'static str {
        match (self.upload, self.quarantined) {
            (true, _) => "upload",
            (false, true) => "quarantined",
            (false, false) => "parse",
        }
    }
}

/// Syncs now.
pub(super) async fn sync(session: &Session, args: &SyncArgs) -> anyhow::Result<()> {
    let client = session.client().await?;
    let mode = if args.full { "full" } else { "incremental" };
    let source = find(client, &args.source).await?;
    if args.no_wait {
        if !client.is_server() {
            return Err(Refused::usage(
                "no server runs that would do the work: leave out --no-wait, or start `fossick serve`",
            ));
        }
        let answer = client
            .post(
                &format!("/api/v1/sources/{}/sync", text(&source, "id")),
                &json!({ "mode": mode }),
            )
            .await?;
        return session.output.answer(&answer, || {
            let after = if is_followed(&answer) {
                "; a full sync follows the one that is under way"
            } else {
                ""
            };
            format!("`{}` is being synced{after}", text(&source, "name"))
        });
    }
    client.start_work();
    end(session, &start(client, session.output, &source, mode).await?)
}

/// Whether a full sync comes after the one that is answered.
fn is_followed(answer: &Value) -> bool {
    answer.get("followed").and_then(Value::as_bool).unwrap_or(false)
}

/// Starts a sync and watches it until it ends and the index has followed. Answers the sync; where the one that was under
/// way is not what was asked for, the one that follows it.
pub(super) async fn start(client: &Client, output: Output, source: &Value, mode: &str) -> anyhow::Result<Value> {
    let id = text(source, "id");
    let mut watch = Watch::new(client, output)?;
    let answer = client
        .post(&format!("/api/v1/sources/{id}/sync"), &json!({ "mode": mode }))
        .await?;
    let sync = answer.get("sync").unwrap_or(&answer).clone();
    let ended = watch.sync(source, number(&sync, "id")).await?;
    if !is_followed(&answer) {
        return Ok(ended);
    }
    let next = watch.next_sync(source, number(&sync, "id")).await?;
    watch.sync(source, next).await
}

/// Says how a sync ended, and fails if it did not end well.
pub(super) fn end(session: &Session, sync: &Value) -> anyhow::Result<()> {
    let state = text(sync, "state");
    let message = text(sync, "message");
    let took = number(sync, "finished_at").saturating_sub(number(sync, "started_at"));
    let say = |word: &str| {
        let mut line = format!(
            "{word}: {} seen, {} changed, {} deleted",
            count(number(sync, "records_seen"), "record"),
            count(number(sync, "records_changed"), ""),
            count(number(sync, "records_deleted"), ""),
        );
        // Errors are those of records: of a sync that failed none would read as if nothing had gone wrong.
        if state == "completed" {
            line.extend([", ", &count(number(sync, "failures"), "error")]);
        }
        if took > 0 {
            line.extend([", ", &duration(took)]);
        }
        line
    };
    let source = text(sync, "source");
    if state == "completed" {
        session.output.answer(sync, || say("synced"))?;
        if !message.is_empty() {
            session.output.note(message);
        }
        if number(sync, "failures") > 0 {
            session
                .output
                .note(format!("`fossick source failures {source}` lists the errors"));
        }
        return Ok(());
    }
    session.output.answer(sync, || say(&state.replace('_', " ")))?;
    let way_out = match state.as_str() {
        "needs_confirmation" => format!("; if they are really gone: `fossick source confirm {source}`"),
        "failed" => "; what has landed stays, and the next sync goes on from there".to_owned(),
        _ => String::new(),
    };
    let why = if message.is_empty() {
        format!("the sync ended as `{state}`")
    } else {
        message
    };
    Err(Refused::because(Exit::Failure, format!("{why}{way_out}")))
}

/// Parses or uploads again.
pub(super) async fn replay(session: &Session, args: &ReplayArgs) -> anyhow::Result<()> {
    let what = args.what();
    let client = session.client().await?;
    client.start_work();
    let source = find(client, &args.source).await?;
    let path = format!("/api/v1/sources/{}/replay", text(&source, "id"));
    let mut watch = Watch::new(client, session.output)?;
    let answer = client.post(&path, &json!({ "what": what })).await?;
    let pages = number(&answer, "pages");
    watch.source(&source, pages).await?;
    session.output.answer(&answer, || match what {
        "upload" => format!("uploaded again: {}", count(pages, "record")),
        _ => format!("parsed again: {}", count(pages, "page")),
    })
}

/// The sync of a source that has not ended.
async fn open_sync(client: &Client, wanted: &str) -> anyhow::Result<(Value, Value)> {
    let id = text(&find(client, wanted).await?, "id");
    let source = client.get(&format!("/api/v1/sources/{id}")).await?;
    match source.get("current_sync").filter(|sync| sync.is_object()) {
        Some(sync) => Ok((source.clone(), sync.clone())),
        None => Err(Refused::not_found(format!(
            "no sync of `{}` is going on",
            text(&source, "name")
        ))),
    }
}

/// Confirms the deletions that a sync asks about, and waits until they are done.
pub(super) async fn confirm(session: &Session, wanted: &str) -> anyhow::Result<()> {
    let client = session.client().await?;
    let (source, sync) = open_sync(client, wanted).await?;
    client.start_work();
    let id = number(&sync, "id");
    let mut watch = Watch::new(client, session.output)?;
    client
        .post(&format!("/api/v1/syncs/{id}/confirm-sweep"), &json!({}))
        .await?;
    end(session, &watch.sync(&source, id).await?)
}

/// Ends the sync that is going on.
pub(super) async fn cancel(session: &Session, wanted: &str) -> anyhow::Result<()> {
    let client = session.client().await?;
    let (source, sync) = open_sync(client, wanted).await?;
    let answer = client
        .post(&format!("/api/v1/syncs/{}/cancel", text(&sync, "id")), &json!({}))
        .await?;
    session.output.answer(&answer, || {
        format!(
            "the sync of `{}` is cancelled; what has landed stays",
            text(&source, "name")
        )
    })
}
