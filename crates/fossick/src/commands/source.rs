//! `fossick source …`: sources, and what is done with them.

mod add;
mod check;
mod draft;
mod failures;
mod read;
mod secrets;
mod show;
mod sync;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Session, confirm, lines, pick};
use crate::client::Client;
use crate::output::text;

/// What can be done with sources.
#[derive(Debug, Subcommand)]
pub(crate) enum SourceCommand {
    /// Add a source: `folder <path>`, or `http --manifest <file>`
    Add(add::AddArgs),
    /// List sources, their state and how many records they have
    List,
    /// Show one source, its streams and its last syncs
    Show(One),
    /// Try a configuration, or an existing source, against the real thing
    Check(draft::DraftArgs),
    /// List the streams, read a few records, and show the mapping to documents that is guessed from them
    Discover(check::DiscoverArgs),
    /// Read a few records and print them as JSON lines, without keeping anything
    Read(read::ReadArgs),
    /// Say who finds a source's content
    Share(ShareArgs),
    /// Make somebody else its owner
    Give {
        /// Its name or id
        source: String,
        /// The e-mail address or id of its owner from now on
        user: String,
    },
    /// Sync now, and wait for the end
    Sync(sync::SyncArgs),
    /// Parse or upload again what was downloaded before
    Replay(sync::ReplayArgs),
    /// Confirm the deletions that a sync asks about
    Confirm(One),
    /// End the sync that is going on; what has landed stays
    Cancel(One),
    /// Stop syncing by itself
    Pause(One),
    /// Sync by itself again
    Resume(One),
    /// Make its content invisible at once, and remove it
    Delete(DeleteArgs),
    /// Print the lines that its syncs and tasks logged
    Log(LogArgs),
    /// List what went wrong, grouped by reason
    Failures(failures::FailuresArgs),
    /// Try again what went wrong
    Retry(failures::RetryArgs),
}

/// Names one source.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// Its name or id
    source: String,
}

/// What `log` takes.
#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// Its name or id
    source: String,
    #[command(flatten)]
    lines: lines::LineArgs,
}

/// What `share` takes.
#[derive(Debug, Args)]
pub(crate) struct ShareArgs {
    /// Its name or id
    source: String,
    /// `everyone`, `owner`, or `group:<name>`, which may be repeated
    #[arg(required = true, value_name = "WHOM")]
    with: Vec<String>,
}

/// What `delete` takes.
#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    /// Its name or id
    source: String,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Does it.
pub(super) async fn run(session: &Session, command: SourceCommand) -> anyhow::Result<()> {
    match command {
        SourceCommand::Add(args) => add::run(session, &args).await,
        SourceCommand::List => show::list(session).await,
        SourceCommand::Show(one) => show::show(session, &one.source).await,
        SourceCommand::Check(args) => check::check(session, &args).await,
        SourceCommand::Discover(args) => check::discover(session, &args).await,
        SourceCommand::Read(args) => read::run(session, &args).await,
        SourceCommand::Share(args) => share(session, &args).await,
        SourceCommand::Give { source, user } => give(session, &source, &user).await,
        SourceCommand::Sync(args) => sync::sync(session, &args).await,
        SourceCommand::Replay(args) => sync::replay(session, &args).await,
        SourceCommand::Confirm(one) => sync::confirm(session, &one.source).await,
        SourceCommand::Cancel(one) => sync::cancel(session, &one.source).await,
        SourceCommand::Pause(one) => pause(session, &one.source, "pause").await,
        SourceCommand::Resume(one) => pause(session, &one.source, "resume").await,
        SourceCommand::Delete(args) => delete(session, &args).await,
        SourceCommand::Log(args) => log(session, &args).await,
        SourceCommand::Failures(args) => failures::list(session, &args).await,
        SourceCommand::Retry(args) => failures::retry(session, &args).await,
    }
}

/// The source that a person means.
pub(super) async fn find(client: &Client, wanted: &str) -> anyhow::Result<Value> {
    pick("source", "name", wanted, &client.list("/api/v1/sources").await?)
}

async fn share(session: &Session, args: &ShareArgs) -> anyhow::Result<()> {
    let client = session.client().await?;
    let source = find(client, &args.source).await?;
    let visibility = draft::visibility(client, &args.with).await?;
    let path = format!("/api/v1/sources/{}", text(&source, "id"));
    let answer = client.patch(&path, &json!({ "visibility": visibility })).await?;
    session.output.answer(&answer, || {
        format!("`{}` is shared with {}", text(&answer, "name"), show::shared(&answer))
    })
}

async fn give(session: &Session, wanted: &str, user: &str) -> anyhow::Result<()> {
    let client = session.client().await?;
    let source = find(client, wanted).await?;
    let owner = super::user::find(client, user).await?;
    let path = format!("/api/v1/sources/{}", text(&source, "id"));
    let answer = client.patch(&path, &json!({ "owner": owner["id"] })).await?;
    session.output.answer(&answer, || {
        format!("`{}` belongs to {} now", text(&answer, "name"), text(&owner, "email"))
    })
}

async fn log(session: &Session, args: &LogArgs) -> anyhow::Result<()> {
    let source = find(session.client().await?, &args.source).await?;
    lines::print(
        session,
        &format!("/api/v1/sources/{}/log", text(&source, "id")),
        &args.lines,
    )
    .await
}

async fn pause(session: &Session, wanted: &str, verb: &str) -> anyhow::Result<()> {
    let client = session.client().await?;
    let source = find(client, wanted).await?;
    let answer = client
        .post(&format!("/api/v1/sources/{}/{verb}", text(&source, "id")), &json!({}))
        .await?;
    session
        .output
        .answer(&answer, || format!("{verb}d `{}`", text(&source, "name")))
}

async fn delete(session: &Session, args: &DeleteArgs) -> anyhow::Result<()> {
    let client = session.client().await?;
    let source = find(client, &args.source).await?;
    let name = text(&source, "name");
    confirm(
        args.yes,
        &format!(
            "Delete the source `{name}` with its {} records?",
            text(&source, "records")
        ),
    )?;
    client
        .delete(&format!("/api/v1/sources/{}", text(&source, "id")))
        .await?;
    session.output.answer(&json!({ "deleted": source["id"] }), || {
        format!("deleted `{name}`: nobody finds its content any more; what it holds is removed in the background")
    })
}
