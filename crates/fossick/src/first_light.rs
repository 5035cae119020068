//! The first minute: a folder is added, synced with a progress line, and answers a first search in the shell.

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use index::SearchRequest;
use model::{SourceId, SyncId, SyncMode, SyncState, Timestamp, Visibility};
use serde_json::json;
use store::{NewSource, SyncRow};

use crate::app::App;
use crate::client;
use crate::output::{Output, Progress, count};

/// What is searched for to show that it works.
const FIRST_QUERY: &str = "search";

/// Adds `folder` as a source for everyone, unless it is one already, syncs it and answers a first search. May be
/// dropped at any moment: what it has begun is worked on all the same.
pub(crate) async fn run(app: &App, folder: &Path) -> anyhow::Result<()> {
    let folder = folder
        .canonicalize()
        .with_context(|| format!("can't find the folder `{}`", folder.display()))?;
    let source = add(app, &folder).await?;
    let started = app.clock.now();
    let now = started;
    let (sync, _) = app
        .store
        .write(move |tx| tx.start_sync(source, SyncMode::Full, now))
        .await?;
    follow(app, sync, &folder).await?;
    caught_up(app).await?;
    search(app, app.clock.now().since_ms(started)).await
}

async fn add(app: &App, folder: &Path) -> anyhow::Result<SourceId> {
    let path = folder.to_string_lossy().into_owned();
    let config = json!({ "path": path });
    let name = folder.file_name().map_or_else(
        || path.clone(),
        |name| format!("Documents of {}", name.to_string_lossy()),
    );
    let now = app.clock.now();
    let added = app.store.write(move |tx| {
        let known = tx.list_sources(SourceId(0), 1_000)?;
        if let Some(row) = known
            .iter()
            .find(|row| row.connector == "folder" && row.config["path"] == path.as_str())
        {
            return Ok::<_, store::Error>(row.id);
        }
        let new = NewSource {
            organization: tx.ensure_organization(now)?,
            owner: None,
            connector: "folder".to_owned(),
            name: name.clone(),
            config: config.clone(),
            manifest: None,
            search: None,
            visibility: Visibility::Everyone,
        };
        tx.insert_source(&new, now)
    });
    Ok(added.await?)
}

/// Shows how far a sync has come until it ends.
async fn follow(app: &App, sync: SyncId, folder: &Path) -> anyhow::Result<()> {
    let mut progress = Progress::new(Output::new(false), format!("syncing {}", folder.display()));
    let mut events = app.store.signals().events();
    loop {
        let row = app.store.read(move |tx| tx.sync(sync)).await?;
        if row.records_seen > 0 {
            progress.show(row.records_seen, row.total(), &how_far(&row, app.clock.now()));
        }
        if row.state.is_final() || row.state == SyncState::NeedsConfirmation {
            drop(progress);
            let took_ms = row.finished_at.map_or(0, |at| at.since_ms(row.started_at));
            let mut out = std::io::stderr().lock();
            let counts = format!("{} files, {} new or changed", row.records_seen, row.records_changed);
            let folder = folder.display();
            if row.state == SyncState::Completed {
                writeln!(
                    out,
                    "  synced {folder}: {counts}, {} failures, {took_ms} ms",
                    row.failures
                )?;
            } else {
                let state = row.state.as_str().replace('_', " ");
                writeln!(out, "  the sync of {folder} is not complete ({state}): {counts}")?;
            }
            if let Some(message) = row.message {
                writeln!(out, "  {message}")?;
            }
            return Ok(());
        }
        // A lagging receiver has missed some: it looks again, as it does after a while without any.
        drop(tokio::time::timeout(Duration::from_millis(200), events.recv()).await);
    }
}

/// `5,650 of 6,000 files, 1,146/s`.
fn how_far(row: &SyncRow, now: Timestamp) -> String {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let seen = number(row.records_seen);
    let files = match row.expected {
        Some(expected) => format!("{} of {}", count(seen, ""), count(number(expected), "file")),
        None => count(seen, "file"),
    };
    let elapsed_ms = now.since_ms(row.started_at);
    // Of less time a rate says nothing.
    if elapsed_ms < 1_000 {
        return files;
    }
    format!("{files}, {}/s", count(seen.saturating_mul(1_000) / elapsed_ms, ""))
}

/// Waits until the index holds everything that has landed.
async fn caught_up(app: &App) -> anyhow::Result<()> {
    let target = app.store.read(|tx| tx.last_change()).await?.position;
    let mut look = tokio::time::interval(Duration::from_millis(10));
    loop {
        look.tick().await;
        let reached = app.store.read(|tx| tx.find_destination(tasks::INDEX)).await?;
        if reached.is_some_and(|reached| reached.position >= target) {
            return Ok(());
        }
    }
}

async fn search(app: &App, took_ms: i64) -> anyhow::Result<()> {
    let index = app.index.clone().context("this process owns the search index")?;
    let asker = app.store.read(|tx| tx.asker_for_everyone()).await?;
    let answer = tokio::task::spawn_blocking(move || {
        let ask = |query: &str| {
            let request = SearchRequest {
                hits_per_page: 3,
                ..SearchRequest::new(query)
            };
            index.search(&request, &asker)
        };
        let found = ask(FIRST_QUERY)?;
        if found.nb_hits > 0 {
            return Ok((format!("searched for “{FIRST_QUERY}” as everyone"), found));
        }
        // A folder that has nothing to do with that still has something to show.
        Ok::<_, index::Error>(("what changed last, for everyone".to_owned(), ask("")?))
    });
    let (what, answer) = answer.await??;
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n  {what}: {} hits, {took_ms} ms after the start", answer.nb_hits)?;
    for (at, hit) in answer.hits.iter().enumerate() {
        writeln!(
            out,
            "  {}. {}  {}",
            at + 1,
            hit.title,
            hit.path.as_deref().unwrap_or_default()
        )?;
    }
    Ok(())
}

/// Says where to go on.
pub(crate) fn say_where(link: Option<&str>, address: SocketAddr) {
    let text = match link {
        Some(link) => {
            format!("\n  Open this link once, within 30 minutes, to become the first administrator:\n\n    {link}\n")
        }
        None => format!("\n  Fossick is at http://{}\n", client::host(address)),
    };
    let mut out = std::io::stdout().lock();
    let printed = writeln!(out, "{text}");
    if printed.is_err() && std::io::stderr().is_terminal() {
        tracing::warn!("can't print where Fossick listens");
    }
}
