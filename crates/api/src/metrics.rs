//! Figures for Prometheus: what is counted as it happens, and the recorder that the binary installs.
//!
//! Everything that the store knows is read from it when it is asked for (`routes/system/figures.rs`): that way it counts
//! what all processes have done, also before the last start. Only what no row tells is counted here.

pub use metrics_exporter_prometheus::PrometheusHandle;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusRecorder};

/// Requests, by method, route and status.
pub(crate) const REQUESTS: &str = "fossick_http_requests_total";
/// How long requests took until their answer began, in seconds, by method and route.
pub(crate) const SECONDS: &str = "fossick_http_request_duration_seconds";
/// Upper ends of that histogram's buckets, in seconds: an answer per keystroke is wanted within 15 ms.
const REQUEST_BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// Ends of the buckets of every other duration, in seconds: tasks take from a millisecond to the better part of a day.
const BUCKETS: [f64; 11] = [0.001, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0, 120.0, 600.0, 3_600.0];

/// The recorder to install for the process, and the handle to put into [`crate::Parts::metrics`]. Whoever installs it
/// calls the handle's `run_upkeep` every few seconds.
pub fn recorder() -> (PrometheusRecorder, PrometheusHandle) {
    let recorder = builder().unwrap_or_default().build_recorder();
    let handle = recorder.handle();
    (recorder, handle)
}

fn builder() -> Result<PrometheusBuilder, metrics_exporter_prometheus::BuildError> {
    // Only an empty list is refused.
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(SECONDS.to_owned()), &REQUEST_BUCKETS)?
        .set_buckets_for_metric(Matcher::Suffix("_duration_seconds".to_owned()), &BUCKETS)
}

/// Says what the counted figures are; for the installed recorder.
pub fn describe() {
    metrics::describe_counter!(REQUESTS, "Answered requests, by method, route and status.");
    metrics::describe_histogram!(SECONDS, "Seconds until an answer began, by method and route.");
    metrics::describe_counter!(
        "fossick_task_attempts_total",
        "Attempts of tasks that ended in this process, by kind and outcome."
    );
    metrics::describe_histogram!(
        "fossick_task_attempt_duration_seconds",
        "Seconds that attempts of tasks took in this process, by kind."
    );
}
