//! `GET /metrics`: figures in Prometheus' text format.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use index::Stats;
use store::SyncTotals;

use super::System;
use super::status::{IndexStatus, index_status};
use crate::caller::Caller;
use crate::network::Client;
use crate::problem::{Code, Problem, Refusal};
use crate::routes::queues::{QueueView, views};

/// Figures for Prometheus: requests, queues, tasks, syncs, the search index, the database.
///
/// For the machine itself, administrators and the operator, unless the setting `open_metrics` opens them to everyone.
/// A request that came through a proxy does not count as the machine's own.
#[utoipa::path(get, path = "/metrics", tag = "system", operation_id = "metrics",
    responses((status = 200, body = String, content_type = "text/plain"), Refusal))]
pub(super) async fn metrics(
    State(system): State<System>,
    client: Client,
    caller: Caller,
) -> Result<([(HeaderName, HeaderValue); 1], String), Problem> {
    let is_local = !client.is_proxied && client.address.is_some_and(|address| address.is_loopback());
    if !is_local && !caller.is_administrator() && !system.api.settings.has_open_metrics {
        return Err(Problem::new(
            Code::NotSignedIn,
            "figures are for the machine itself and for administrators; the setting `open_metrics` opens them to everyone",
        ));
    }
    let mut text = system
        .metrics
        .as_ref()
        .map(metrics_exporter_prometheus::PrometheusHandle::render)
        .unwrap_or_default();
    text.push_str(&gauges(&system).await?);
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], text))
}

/// What is counted when it is asked for.
async fn gauges(system: &System) -> Result<String, Problem> {
    let (index, staging) = (system.index.clone(), system.api.store.staging().clone());
    let looked = tokio::task::spawn_blocking(move || {
        let free = staging.free_bytes().unwrap_or(0);
        Ok::<_, index::Error>((index.payload()?, index.stats()?, free))
    });
    let (payload, stats, free_bytes) = looked.await.map_err(Problem::bug)??;
    let (limits, now) = (system.limits.clone(), system.api.clock.now());
    let read = system.api.store.read::<_, store::Error, _>(move |tx| {
        let seen_after = now.plus_ms(-WORKER_GONE_MS);
        let workers = tx.list_workers()?;
        Ok(Found {
            index: index_status(tx, payload.as_ref(), stats)?,
            queues: views(tx, &limits, now)?,
            syncs: tx.sync_totals()?,
            workers: workers.iter().filter(|worker| worker.seen_at > seen_after).count(),
            database_bytes: tx.database_bytes()?,
        })
    });
    let found = read.await?;
    let settings = &system.api.settings;
    let mut page = Page::default();
    page.family(
        "fossick_build_info",
        "gauge",
        "The version that runs.",
        &[(labels(&[("version", &settings.version)]), 1)],
    );
    let started_s = u64::try_from(settings.started_at.0 / 1_000).unwrap_or(0);
    page.gauge(
        "process_start_time_seconds",
        "When the process started, in seconds since 1970.",
        started_s,
    );
    queues(&mut page, &found.queues);
    syncs(&mut page, &found.syncs);
    sizes(&mut page, &found, stats, free_bytes);
    Ok(page.text)
}

fn sizes(page: &mut Page, found: &Found, stats: Stats, free_bytes: u64) {
    page.gauge(
        "fossick_workers",
        "Workers that were seen in the last minute.",
        found.workers as u64,
    );
    page.gauge(
        "fossick_index_documents",
        "Documents in the search index.",
        found.index.documents,
    );
    page.gauge(
        "fossick_index_segments",
        "Segments of the search index.",
        stats.segments,
    );
    page.gauge(
        "fossick_index_size_bytes",
        "What the search index takes on disk.",
        stats.bytes,
    );
    page.gauge(
        "fossick_index_behind_changes",
        "Changes that the search index has not seen yet.",
        found.index.behind,
    );
    page.gauge(
        "fossick_database_size_bytes",
        "What the database takes on disk.",
        found.database_bytes,
    );
    page.gauge(
        "fossick_disk_free_bytes",
        "What is free where raw pages are kept.",
        free_bytes,
    );
}

/// A worker that was not seen for this long is gone.
const WORKER_GONE_MS: i64 = 60_000;

/// What the store says.
struct Found {
    index: IndexStatus,
    queues: Vec<QueueView>,
    syncs: Vec<SyncTotals>,
    workers: usize,
    database_bytes: u64,
}

fn queues(page: &mut Page, queues: &[QueueView]) {
    let mut tasks = Vec::new();
    let mut paused = Vec::new();
    for queue in queues {
        for (state, count) in [
            ("available", queue.available),
            ("running", queue.running),
            ("scheduled", queue.scheduled),
            ("retryable", queue.retryable),
            ("pending", queue.pending),
            ("discarded", queue.discarded),
        ] {
            tasks.push((labels(&[("queue", &queue.name), ("state", state)]), count));
        }
        paused.push((labels(&[("queue", &queue.name)]), u64::from(queue.paused)));
    }
    page.family(
        "fossick_tasks",
        "gauge",
        "Tasks by queue and state; discarded ones as far as the history goes back.",
        &tasks,
    );
    page.family(
        "fossick_queue_paused",
        "gauge",
        "1 where a person paused the queue.",
        &paused,
    );
}

fn syncs(page: &mut Page, totals: &[SyncTotals]) {
    let states: Vec<(String, u64)> = totals
        .iter()
        .map(|one| (labels(&[("state", one.state.as_str())]), one.syncs))
        .collect();
    page.family(
        "fossick_syncs",
        "gauge",
        "Syncs by the state that they are in.",
        &states,
    );
    let sum = |count: fn(&SyncTotals) -> u64| totals.iter().map(count).sum::<u64>();
    page.counter(
        "fossick_sync_pages_total",
        "Raw pages that syncs have read.",
        sum(|one| one.pages),
    );
    let records = [
        ("seen", sum(|one| one.records_seen)),
        ("changed", sum(|one| one.records_changed)),
        ("deleted", sum(|one| one.records_deleted)),
    ];
    let records: Vec<(String, u64)> = records
        .into_iter()
        .map(|(what, count)| (labels(&[("what", what)]), count))
        .collect();
    page.family(
        "fossick_sync_records_total",
        "counter",
        "Records that syncs have seen, found changed or found gone.",
        &records,
    );
    page.counter(
        "fossick_sync_failures_total",
        "Things that went wrong in syncs.",
        sum(|one| one.failures),
    );
}

/// Families of figures in the text format.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.family(name, "gauge", help, &[(String::new(), value)]);
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.family(name, "counter", help, &[(String::new(), value)]);
    }

    fn family(&mut self, name: &str, kind: &str, help: &str, rows: &[(String, u64)]) {
        // Writing to a text can't fail.
        let _written = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for (labels, value) in rows {
            let _written = writeln!(self.text, "{name}{labels} {value}");
        }
    }
}

/// Labels in braces, their values escaped.
fn labels(labels: &[(&str, &str)]) -> String {
    let labels: Vec<String> = labels
        .iter()
        .map(|(name, value)| {
            let value = value.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n");
            format!("{name}=\"{value}\"")
        })
        .collect();
    format!("{{{}}}", labels.join(","))
}
