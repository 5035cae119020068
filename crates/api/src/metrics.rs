//! Figures for Prometheus: what is counted, and the recorder that the binary installs.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

/// Requests, by method, route and status.
pub(crate) const REQUESTS: &str = "fossick_http_requests_total";
/// How long requests took until their answer began, in seconds.
pub(crate) const SECONDS: &str = "fossick_http_request_seconds";
/// Upper ends of the histogram's buckets, in seconds: an answer per keystroke is wanted within 15 ms.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// The recorder to install for the process, and the handle to put into [`crate::Parts::metrics`].
pub fn recorder() -> (PrometheusRecorder, PrometheusHandle) {
    let builder = PrometheusBuilder::new();
    let builder = match builder.set_buckets_for_metric(Matcher::Full(SECONDS.to_owned()), &BUCKETS) {
        Ok(builder) => builder,
        // Only an empty list is refused.
        Err(_empty) => PrometheusBuilder::new(),
    };
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    (recorder, handle)
}
