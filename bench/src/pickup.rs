//! How soon an idle worker begins a task, from the moment when the enqueuer knows that it is kept.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use model::{Clock, SystemClock};
use queue::Task;
use store::{NewTask, Store};
use tokio_util::sync::CancellationToken;

use crate::Bench;
use crate::gauge::{instant, percentile};
use crate::queue_run::{Args, Idle, QUEUE, Tally, worker};
use crate::report::{Aim, Report};

/// Long enough for the worker to be idle again.
const BETWEEN: Duration = Duration::from_millis(40);

/// Measures and reports.
pub(crate) async fn measure(bench: &Bench, store: &Store, name: &str, sync_ms: f64, report: &mut Report) -> Result<()> {
    let tasks = bench.scale(150, 20);
    let tally = Arc::new(Tally::new(tasks, true));
    let stop = CancellationToken::new();
    let enqueuing = async {
        let mut kept = Vec::new();
        for at in 0..tasks {
            tokio::time::sleep(BETWEEN).await;
            let now = SystemClock.now();
            let started = instant();
            let written = store.write(move |tx| tx.enqueue(&NewTask::new(Idle::KIND, &Args { at }, QUEUE, now), now));
            written.await?;
            kept.push((started, instant()));
        }
        tally.all().await;
        stop.cancel();
        Ok::<_, store::Error>(kept)
    };
    let (ended, kept) = tokio::join!(worker(store, &tally).run(stop.clone()), enqueuing);
    ended?;
    let kept = kept?;
    let mut latencies = Vec::new();
    for (at, began) in tally.began() {
        let (_, since) = kept.get(at).context("every task was enqueued")?;
        latencies.push(began.saturating_duration_since(*since).as_secs_f64() * 1e3);
    }
    let mut enqueues: Vec<f64> = kept
        .iter()
        .map(|(from, to)| to.duration_since(*from).as_secs_f64() * 1e3)
        .collect();
    report.group(format!("{name}: one task at a time, the worker idle"));
    report.figure(
        "enqueue until kept, p50",
        percentile(&mut enqueues, 0.5),
        "ms",
        Aim::None,
    );
    let aim = (2.0 * sync_ms + 2.0) * 100.0;
    report.figure(
        "from kept to begun, p50",
        percentile(&mut latencies, 0.5),
        "ms",
        Aim::AtMost(aim.round() / 100.0),
    );
    report.figure(
        "from kept to begun, p95",
        percentile(&mut latencies, 0.95),
        "ms",
        Aim::None,
    );
    Ok(())
}
