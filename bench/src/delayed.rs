//! A million tasks that wait for tomorrow cost disk and no memory; and a worker with nothing to do does nothing.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use model::{Clock, SystemClock};
use queue::Task;
use tokio_util::sync::CancellationToken;

use crate::Bench;
use crate::gauge::{Memory, instant, own_cpu_s, real};
use crate::queue_run::{Idle, Place, Tally, close, enqueue, open, worker};
use crate::report::{Aim, Report};

const DAY_MS: i64 = 86_400_000;
/// Two of the worker's own looks fall into it.
const IDLE: Duration = Duration::from_secs(11);

/// Measures and reports.
pub(crate) async fn measure(bench: &Bench, dir: &Path, report: &mut Report) -> Result<()> {
    let tasks = bench.scale(1_000_000, 10_000);
    let store = open(&Place::Sqlite(dir.to_owned())).await?;
    let tally = Arc::new(Tally::new(1, false));
    let stop = CancellationToken::new();
    let mut working = tokio::task::JoinSet::new();
    working.spawn(worker(&store, &tally).run(stop.clone()));
    report.group(format!("SQLite: {tasks} delayed tasks beside a worker"));
    enqueue(&store, Idle::KIND, 1_000, SystemClock.now().plus_ms(DAY_MS)).await?;
    let before = Memory::of("self")?;
    let started = instant();
    enqueue(&store, Idle::KIND, tasks, SystemClock.now().plus_ms(DAY_MS)).await?;
    let rate = real(tasks) / instant().duration_since(started).as_secs_f64();
    let after = Memory::of("self")?;
    report.figure("enqueued", rate, "/s", Aim::None);
    report.figure("anonymous memory before", before.anonymous_mib, "MiB", Aim::None);
    report.figure("anonymous memory after", after.anonymous_mib, "MiB", Aim::None);
    let grown = after.anonymous_mib - before.anonymous_mib;
    report.figure("grown by", grown, "MiB", Aim::AtMost(10.0));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let cpu_s = own_cpu_s();
    tokio::time::sleep(IDLE).await;
    let share = (own_cpu_s() - cpu_s) / IDLE.as_secs_f64() * 100.0;
    report.figure("CPU of one core while idle", share, "%", Aim::AtMost(0.1));
    stop.cancel();
    while let Some(ended) = working.join_next().await {
        ended??;
    }
    close(store).await
}
