//! Celery from its own packages, on Redis and on durable `RabbitMQ`: what teams run today, in the same run.
//!
//! A script of ours beside it starts the broker on a free port, enqueues, then starts the worker and watches the queue
//! run dry. `cargo xtask bench peers` fetches what it needs; without it the comparison is left out, visibly.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::Bench;
use crate::report::{Aim, Report};

#[derive(Debug, Deserialize)]
struct Found {
    version: String,
    tasks_per_s: f64,
    worker_cpu_us: f64,
    broker_cpu_us: f64,
}

/// Measures and reports; `ours` is the rate of our tasks on SQLite.
pub(crate) fn measure(bench: &Bench, ours: f64, report: &mut Report) {
    report.group("Celery, prefork with 2 processes, tasks without effects");
    let python = bench.peers.as_ref().map(|peers| peers.join("venv/bin/python"));
    let Some(python) = python.filter(|python| python.exists()) else {
        report.skip("Celery: not here; `cargo xtask bench peers` fetches it");
        return;
    };
    for (broker, name) in [("redis", "Redis"), ("rabbitmq", "durable RabbitMQ")] {
        match ask(bench, &python, broker) {
            Ok(found) => {
                report.note(format!("{name}: Celery {}", found.version));
                report.figure(
                    format!("{name}: tasks per second, wall"),
                    found.tasks_per_s,
                    "/s",
                    Aim::None,
                );
                report.figure(
                    format!("{name}: CPU per task, worker"),
                    found.worker_cpu_us,
                    "µs",
                    Aim::None,
                );
                report.figure(
                    format!("{name}: CPU per task, broker"),
                    found.broker_cpu_us,
                    "µs",
                    Aim::None,
                );
                let ratio = ours / found.tasks_per_s;
                report.figure(
                    format!("ours on SQLite ÷ Celery on {name}"),
                    ratio,
                    "×",
                    Aim::AtLeast(10.0),
                );
            }
            Err(error) => report.skip(format!("Celery on {name}: {error:#}")),
        }
    }
}

fn ask(bench: &Bench, python: &Path, broker: &str) -> Result<Found> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("celery/drain.py");
    let work = bench.work.join("celery");
    std::fs::create_dir_all(&work)?;
    let output = Command::new(python)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(script)
        .args([
            "--broker",
            broker,
            "--tasks",
            &bench.scale(8_000, 500).to_string(),
            "--work",
        ])
        .arg(&work)
        .stdin(Stdio::null())
        .output()
        .context("could not start Python")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said
            .lines()
            .rev()
            .find(|line| !line.trim().is_empty())
            .unwrap_or("no reason given");
        anyhow::bail!("{last}");
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().last().context("the script said nothing")?;
    serde_json::from_str(line).with_context(|| format!("the script said `{line}`"))
}
