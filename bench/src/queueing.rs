//! Tasks per second, on both databases, each against its own statements bare; then latency, a million delayed tasks,
//! and Celery.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use model::{Clock, SystemClock};
use queue::Task;

use crate::gauge::{instant, parent_of, percentile, real};
use crate::queue_run::{Drained, Idle, Place, SLOTS, Writing, close, drain, enqueue, open};
use crate::report::{Aim, Report};
use crate::{Bench, bare_queue, celery, delayed, fresh_folder, pickup};

/// What a peer on PostgreSQL takes for a task, worker and server together: see the reference in README.md.
const PEER_CPU_US: f64 = 75.0;

/// Measures and reports.
pub(crate) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let folder = fresh_folder(&bench.work.join("queue"))?;
    let sync_ms = sync_ms(&folder)?;
    report.group("the disk");
    report.figure("fdatasync of 8 KiB appended, p50", sync_ms, "ms", Aim::None);
    report.note(format!(
        "tasks with retries, history and events on; one worker with {SLOTS} slots; SQLite synchronous=FULL, PostgreSQL with \
         fsync and synchronous_commit on; the bare loop runs the same statements at the mean batch size of ours"
    ));
    let sqlite = Place::Sqlite(folder.join("sqlite"));
    let rate = runtime.block_on(
        Side {
            bench,
            place: &sqlite,
            aims: &SQLITE,
        }
        .measure(report, sync_ms),
    )?;
    match &bench.postgres {
        Some(url) => {
            let database = Scratch::create(url)?;
            let place = Place::Postgres {
                url: database.url.clone(),
                server: database.server,
                dir: folder.join("postgres"),
            };
            runtime.block_on(
                Side {
                    bench,
                    place: &place,
                    aims: &POSTGRES,
                }
                .measure(report, sync_ms),
            )?;
            database.remove()?;
        }
        None => report.skip("PostgreSQL: no server was named"),
    }
    runtime.block_on(delayed::measure(bench, &folder.join("delayed"), report))?;
    celery::measure(bench, rate, report);
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

/// What is aimed at on one database.
struct Aims {
    name: &'static str,
    rate: Aim,
    cpu_us: Aim,
}

const SQLITE: Aims = Aims {
    name: "SQLite",
    rate: Aim::None,
    cpu_us: Aim::AtMost(60.0),
};
const POSTGRES: Aims = Aims {
    name: "PostgreSQL",
    rate: Aim::AtLeast(10_000.0),
    cpu_us: Aim::AtMost(PEER_CPU_US),
};

struct Side<'s> {
    bench: &'s Bench,
    place: &'s Place,
    aims: &'s Aims,
}

impl Side<'_> {
    /// Answers the rate of tasks without effects.
    async fn measure(&self, report: &mut Report, sync_ms: f64) -> Result<f64> {
        let tasks = self.bench.scale(40_000, 2_000);
        report.group(format!("{}: tasks without effects", self.aims.name));
        let rate = self.fill(Idle::KIND, tasks).await?;
        report.figure("enqueued, 500 in a transaction", rate, "/s", Aim::None);
        let ours = drain(self.place, tasks).await?;
        tell(report, "ours", &ours, self.aims.rate, self.aims.cpu_us);
        let batch = (ours.tasks / ours.syncs.max(1.0)).round().clamp(1.0, f64::from(SLOTS));
        report.figure("ours: tasks per fsync", batch, "", Aim::None);
        // Once more for the bare loop, over the same history.
        self.fill(Idle::KIND, tasks).await?;
        let (place, now) = (self.place.clone(), SystemClock.now().0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a batch of at most some hundred"
        )]
        let size = batch as usize;
        let bare = tokio::task::spawn_blocking(move || bare_queue::drain(&place, size, tasks, now)).await??;
        tell(report, "bare", &bare, Aim::None, Aim::None);
        report.figure(
            "ours ÷ bare, by CPU",
            bare.cpu_us() / ours.cpu_us(),
            "×",
            Aim::AtLeast(0.5),
        );
        report.figure("ours ÷ bare, by wall", ours.rate() / bare.rate(), "×", Aim::None);
        let written = self.bench.scale(10_000, 500);
        report.group(format!("{}: tasks that write one row", self.aims.name));
        self.fill(Writing::KIND, written).await?;
        let writing = drain(self.place, written).await?;
        tell(report, "ours", &writing, Aim::None, Aim::None);
        let store = open(self.place).await?;
        pickup::measure(self.bench, &store, self.aims.name, sync_ms, report).await?;
        close(store).await?;
        Ok(ours.rate())
    }

    /// Enqueues tasks; answers how many a second.
    async fn fill(&self, kind: &'static str, tasks: usize) -> Result<f64> {
        let store = open(self.place).await?;
        let started = instant();
        enqueue(&store, kind, tasks, SystemClock.now()).await?;
        let rate = real(tasks) / instant().duration_since(started).as_secs_f64();
        close(store).await?;
        Ok(rate)
    }
}

fn tell(report: &mut Report, who: &str, drained: &Drained, rate: Aim, cpu_us: Aim) {
    report.figure(format!("{who}: tasks per second, wall"), drained.rate(), "/s", rate);
    report.figure(format!("{who}: CPU per task"), drained.cpu_us(), "µs", cpu_us);
    if drained.server_cpu_s > 0.0 {
        let server = drained.server_cpu_s / drained.tasks * 1e6;
        report.figure(format!("{who}: of that in the server"), server, "µs", Aim::None);
    }
    report.figure(
        format!("{who}: fsyncs per second"),
        drained.syncs / drained.wall_s,
        "/s",
        Aim::None,
    );
}

/// What one durable append takes here.
fn sync_ms(folder: &Path) -> Result<f64> {
    let mut file = File::create(folder.join("sync"))?;
    let block = [7_u8; 8 << 10];
    let mut times = Vec::new();
    for _ in 0..100 {
        let started = instant();
        file.write_all(&block)?;
        file.sync_data()?;
        times.push(instant().duration_since(started).as_secs_f64() * 1e3);
    }
    Ok(percentile(&mut times, 0.5))
}

/// A database that is gone afterwards.
struct Scratch {
    admin: String,
    url: String,
    name: String,
    /// The number of the server's first process.
    server: u32,
}

impl Scratch {
    fn create(admin: &str) -> Result<Self> {
        let mut client = postgres::Client::connect(admin, postgres::NoTls)?;
        let name = format!("bench_{}", std::process::id());
        client.batch_execute(&format!("CREATE DATABASE {name}"))?;
        let own: i32 = client.query_one("SELECT pg_backend_pid()", &[])?.get(0);
        let (before, _) = admin
            .rsplit_once('/')
            .context("a PostgreSQL URL ends with the database")?;
        Ok(Self {
            admin: admin.to_owned(),
            url: format!("{before}/{name}"),
            server: parent_of(u32::try_from(own)?)?,
            name,
        })
    }

    fn remove(self) -> Result<()> {
        let mut client = postgres::Client::connect(&self.admin, postgres::NoTls)?;
        Ok(client.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name))?)
    }
}
