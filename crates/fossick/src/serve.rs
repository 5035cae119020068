//! `fossick serve`: API, web UI, workers and services on one data folder, until told to stop.

mod connections;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use api::metrics::PrometheusHandle;
use api::{Parts, Settings};
use axum::Router;
use axum::extract::{ConnectInfo, Request};
use connector::registry::Environment;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::connections::Limits;
use crate::app::{App, Role, Services};
use crate::config::Config;
use crate::{client, first_light, socket};

/// How often what was measured is folded into its buckets.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// Runs the server. `try_folder` is a folder to search at once, shared with everyone.
pub(crate) async fn serve(config: Config, try_folder: Option<&Path>) -> anyhow::Result<()> {
    let app = tokio::task::spawn_blocking(move || App::open(config, Role::Owner)).await??;
    let app = Arc::new(app);
    let shutdown = CancellationToken::new();
    let tracker = TaskTracker::new();
    let listener = TcpListener::bind(app.config.listen).await.with_context(|| {
        format!(
            "can't listen on {}: stop what does, or choose another address with --listen",
            app.config.listen
        )
    })?;
    let address = listener.local_addr().context("the listening address")?;
    let metrics = install_metrics()?;
    let router = router(&app, shutdown.clone(), Some(metrics.clone()))?;
    tracker.spawn(keep_metrics(metrics, shutdown.clone()));
    let (local, local_file) = socket::bind(app.store.data_dir()).await?;
    local_file.keep_address(address)?;
    app.start(&tracker, app.all_queues(), Services::All, &shutdown);
    // Not waited for: a second signal is listened for until the end.
    let signals = TaskTracker::new();
    signals.spawn(end_on_signal(shutdown.clone()));
    let outside: fn(&SocketAddr, &mut Request<_>) = |peer, request| {
        request.extensions_mut().insert(ConnectInfo(*peer));
    };
    let (limits, both) = (Limits::default(), (tracker.clone(), shutdown.clone()));
    tracker.spawn(connections::serve(
        listener,
        router.clone(),
        outside,
        limits,
        both.clone(),
    ));
    // Whoever can open the socket is the operator, and needs no introduction.
    tracker.spawn(connections::serve(
        local,
        api::for_operator(router),
        |_, _| {},
        limits,
        both,
    ));
    tracing::info!(%address, "Fossick listens on http://{address}");
    let link = setup_link(&app, address).await?;
    first_light::say_where(link.as_deref(), address);
    if let Some(folder) = try_folder {
        tokio::select! {
            tried = first_light::run(&app, folder) => if let Err(error) = tried {
                tracing::error!("the first sync did not come to an end: {error:#}");
            },
            () = shutdown.cancelled() => {}
        }
    }
    shutdown.cancelled().await;
    tracker.close();
    tracker.wait().await;
    tokio::task::spawn_blocking(move || app.close()).await?;
    Ok(())
}

/// The whole HTTP API over an opened data folder.
pub(crate) fn router(
    app: &App,
    shutdown: CancellationToken,
    metrics: Option<PrometheusHandle>,
) -> anyhow::Result<Router> {
    let index = app
        .index
        .clone()
        .context("a process that serves owns the search index")?;
    let config = &app.config;
    let queue_limits = app
        .all_queues()
        .into_iter()
        .map(|limits| (limits.queue, limits.running_max))
        .collect();
    Ok(api::router(Parts {
        store: app.store.clone(),
        index,
        environment: Environment {
            data_dir: app.store.data_dir().to_owned(),
            allowed_roots: config.allowed_roots.clone(),
            is_administrator: false,
            client: app.client.clone(),
            clock: Arc::clone(&app.clock),
            pages_max: None,
        },
        clock: Arc::clone(&app.clock),
        settings: Settings {
            base_url: config
                .base_url
                .as_deref()
                .map(str::parse)
                .transpose()
                .context("the setting `base_url`")?,
            trusted_proxies: config.trusted_proxies.clone(),
            has_open_metrics: config.has_open_metrics,
            allowed_roots: config.allowed_roots.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: app.clock.now(),
        },
        queue_limits,
        shutdown,
        metrics,
    }))
}

/// Has this process count what it does.
fn install_metrics() -> anyhow::Result<PrometheusHandle> {
    let (recorder, handle) = api::metrics::recorder();
    metrics::set_global_recorder(recorder).map_err(|error| anyhow::anyhow!("figures can't be counted: {error}"))?;
    api::metrics::describe();
    Ok(handle)
}

/// Folds what was measured into its buckets from time to time, so that it does not grow where nobody asks for it.
async fn keep_metrics(metrics: PrometheusHandle, shutdown: CancellationToken) {
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(METRICS_UPKEEP) => metrics.run_upkeep(),
        }
    }
}

/// A one-time link that makes the first administrator, while there is none.
async fn setup_link(app: &App, address: SocketAddr) -> anyhow::Result<Option<String>> {
    let now = app.clock.now();
    let Some(token) = api::create_setup_link(&app.store, now).await? else {
        return Ok(None);
    };
    let base = app
        .config
        .base_url
        .clone()
        .unwrap_or_else(|| format!("http://{}", client::host(address)));
    Ok(Some(format!("{base}/setup/{}", token.expose())))
}

async fn end_on_signal(shutdown: CancellationToken) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::warn!("can't listen for signals: stop the process with kill");
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = shutdown.cancelled() => return,
    }
    tracing::info!("stopping: running tasks and answers have ten seconds to come to an end");
    shutdown.cancel();
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::warn!("stopped at once by a second signal: what ran goes on at the next start");
    end_now();
}

#[expect(
    clippy::exit,
    reason = "whoever signals twice waits for nothing, not even for threads that are at work; the store is made for it"
)]
fn end_now() -> ! {
    std::process::exit(130)
}
