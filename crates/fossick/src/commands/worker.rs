//! `fossick worker`: workers beside a server, on the database that they share.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::{App, Role, Services};
use crate::cli::WorkerArgs;
use crate::config::Config;
use crate::exit::Refused;
use crate::output::Output;

/// Runs workers until told to stop.
pub(super) async fn run(config: Config, output: Output, args: &WorkerArgs) -> anyhow::Result<()> {
    if config.database.is_none() {
        return Err(Refused::usage(
            "a worker of its own needs a PostgreSQL database that it shares with the server (setting `database`): \
             SQLite in the data folder belongs to one process, and `fossick serve` runs workers itself",
        ));
    }
    let mut queues = Vec::new();
    for name in &args.queues {
        let limits = config.queues.of(name.trim());
        queues.push(limits.ok_or_else(|| {
            Refused::usage(format!(
                "there is no queue `{name}`: choose from fetch, parse, upload, housekeeping"
            ))
        })?);
    }
    if args.queues.iter().any(|name| name.trim() == "upload") {
        output.note("uploads to the search index wait for the process that owns it, which is the server");
    }
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let app = tokio::task::spawn_blocking(move || App::open(config, Role::WorkerOnly)).await??;
    let (tracker, shutdown) = (TaskTracker::new(), CancellationToken::new());
    app.start(&tracker, queues, Services::None, &shutdown);
    tracing::info!("working on {}", args.queues.join(", "));
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = shutdown.cancelled() => {}
    }
    tracing::info!("stopping: running tasks have ten seconds to come to an end");
    shutdown.cancel();
    tracker.close();
    tracker.wait().await;
    tokio::task::spawn_blocking(move || app.close()).await?;
    Ok(())
}
