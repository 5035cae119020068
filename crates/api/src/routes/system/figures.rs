//! `GET /metrics`: figures in Prometheus' text format.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};

use super::System;
use super::status::index_status;
use crate::caller::Caller;
use crate::network::Client;
use crate::problem::{Code, Problem, Refusal};
use crate::routes::queues::views;

/// Figures for Prometheus: requests and their latency, queues, the search index.
///
/// For the machine itself, administrators and the operator, unless the settings open them to everyone.
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
    let index = system.index.clone();
    let looked = tokio::task::spawn_blocking(move || Ok::<_, index::Error>((index.payload()?, index.stats()?)));
    let (payload, stats) = looked.await.map_err(Problem::bug)??;
    let (limits, now) = (system.limits.clone(), system.api.clock.now());
    let read = system.api.store.read::<_, store::Error, _>(move |tx| {
        Ok((index_status(tx, payload.as_ref(), stats)?, views(tx, &limits, now)?))
    });
    let (index, queues) = read.await?;
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, rows: &[(String, u64)]| {
        let mut out = format!("# HELP {name} {help}\n# TYPE {name} gauge\n");
        for (labels, value) in rows {
            // Writing to a text can't fail.
            let _written = writeln!(out, "{name}{labels} {value}");
        }
        text.push_str(&out);
    };
    let mut tasks = Vec::new();
    for queue in &queues {
        let counts = [
            ("available", queue.available),
            ("running", queue.running),
            ("scheduled", queue.scheduled),
            ("retryable", queue.retryable),
            ("pending", queue.pending),
        ];
        let name = queue.name.replace(['\\', '"', '\n'], "_");
        for (state, count) in counts {
            tasks.push((format!("{{queue=\"{name}\",state=\"{state}\"}}"), count));
        }
    }
    let one = |value: u64| vec![(String::new(), value)];
    gauge("fossick_tasks", "Tasks by queue and state.", &tasks);
    gauge(
        "fossick_index_documents",
        "Documents in the search index.",
        &one(index.documents),
    );
    gauge(
        "fossick_index_behind",
        "Changes that the search index has not seen yet.",
        &one(index.behind),
    );
    gauge(
        "fossick_index_bytes",
        "Size of the search index on disk.",
        &one(stats.bytes),
    );
    Ok(text)
}
