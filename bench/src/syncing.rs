//! A folder from its first file to its last hit, against the bare work: walk, extract, index.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use extract::Limits;
use extract::pool::{Command, ExtractPool};
use index::{Index, Options, SearchRequest};
use model::{Clock, SyncMode, SyncState, SystemClock, Visibility};
use queue::{QueueLimits, Worker, WorkerConfig};
use store::{NewSource, Store};
use tasks::{Retention, Road, RoadParts};
use tokio_util::sync::CancellationToken;

use crate::bare_folder::{self, Means};
use crate::documents::documents;
use crate::gauge::{self, Measure, Spent, real};
use crate::report::{Aim, Report};
use crate::texts::Texts;
use crate::{Bench, EXTRACT_CHILD, fresh_folder};

/// Child processes that read files, on both sides.
const CHILDREN: usize = 2;
const FILES_PER_FOLDER: usize = 100;

/// Measures and reports.
pub(crate) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    let texts = Texts::load(&bench.work)?;
    let folder = fresh_folder(&bench.work.join("sync"))?;
    let files = bench.scale(10_000, 200);
    let bytes = write_files(&folder.join("files"), &texts, files)?;
    report.note(format!(
        "{files} files of text, Markdown and HTML, {:.1} MB, made of Debian's package descriptions (hash {})",
        real(bytes) / 1e6,
        texts.hash
    ));
    report.note(format!(
        "both sides: {CHILDREN} extraction children, 1 index writer thread, a commit after 700 ms; processor time includes \
         the children; ours ends when the last file is found"
    ));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let (ours, again) = runtime.block_on(sync(&folder, files))?;
    let options = Options::default();
    let means = Means {
        pool: pool()?,
        threads: CHILDREN,
        like: &folder.join("data/index"),
        writer_threads: options.writer_threads,
        writer_memory_bytes: options.writer_memory_bytes,
    };
    let (bare, indexed) = bare_folder::run(&folder.join("files"), &folder.join("bare"), &means)?;
    if indexed != files as u64 {
        bail!("the bare loop indexed {indexed} of {files} files");
    }
    let count = real(files);
    report.group("first sync of a folder");
    report.figure("ours: files per CPU second", count / ours.cpu_s, "/s", Aim::None);
    report.figure("bare: files per CPU second", count / bare.cpu_s, "/s", Aim::None);
    report.figure("ours ÷ bare, by CPU", bare.cpu_s / ours.cpu_s, "×", Aim::AtLeast(0.5));
    report.figure("ours: files per second, wall", count / ours.wall_s, "/s", Aim::None);
    report.figure("bare: files per second, wall", count / bare.wall_s, "/s", Aim::None);
    report.figure("ours ÷ bare, by wall", bare.wall_s / ours.wall_s, "×", Aim::None);
    report.group("full sync again, nothing changed");
    report.figure("files per CPU second", count / again.cpu_s, "/s", Aim::None);
    report.figure("files per second, wall", count / again.wall_s, "/s", Aim::None);
    fs::remove_dir_all(folder)?;
    Ok(())
}

/// A tree of small files; answers their bytes.
fn write_files(root: &Path, texts: &Texts, count: usize) -> Result<usize> {
    let mut bytes = 0;
    for (at, document) in documents(texts, count).into_iter().enumerate() {
        let dir = root.join(format!("folder {:03}", at / FILES_PER_FOLDER));
        if at % FILES_PER_FOLDER == 0 {
            fs::create_dir_all(&dir)?;
        }
        let (title, body) = (&document.title, &document.body);
        let (ending, text) = match at % 10 {
            0..5 => ("md", format!("# {title}\n\n{}\n", body.replace('\n', "\n\n"))),
            5..8 => ("txt", format!("{title}\n\n{body}\n")),
            _ => (
                "html",
                format!(
                    "<!doctype html><title>{}</title><p>{}</p>\n",
                    escaped(title),
                    escaped(body).replace('\n', "</p>\n<p>")
                ),
            ),
        };
        bytes += text.len();
        fs::write(dir.join(format!("file {at:05}.{ending}")), text)?;
    }
    Ok(bytes)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// The extraction child is this same binary, as the product's is.
fn pool() -> Result<ExtractPool> {
    let command = Command {
        program: std::env::current_exe()?,
        args: vec![EXTRACT_CHILD.into()],
        children_max: CHILDREN,
    };
    Ok(ExtractPool::new(command, Limits::default()))
}

/// A first sync, and a second one over the same files.
async fn sync(folder: &Path, files: usize) -> Result<(Spent, Spent)> {
    let data_dir = folder.join("data");
    let opened = data_dir.clone();
    let (store, index) = tokio::task::spawn_blocking(move || -> Result<_> {
        let config = store::Config {
            data_dir: opened.clone(),
            database: store::Database::Sqlite,
        };
        Ok((
            Store::open(&config)?,
            Index::open(&opened.join("index"), &Options::default())?,
        ))
    })
    .await??;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let pool = Arc::new(pool()?);
    let road = Arc::new(Road::new(RoadParts {
        store: store.clone(),
        clock: Arc::clone(&clock),
        index: Some(index.clone()),
        extract: Arc::clone(&pool),
        client: outbound::Client::new(outbound::Policy::default()),
        allowed_roots: vec![folder.to_owned()],
        retention: Retention::default(),
        limits: tasks::FetchLimits::default(),
    }));
    let config = WorkerConfig {
        name: "bench".to_owned(),
        queues: queues(),
        grace: Duration::from_secs(5),
    };
    let worker = Worker::new(config, store.clone(), clock, tasks::registry(), road);
    let stop = CancellationToken::new();
    let mut working = tokio::task::JoinSet::new();
    working.spawn(worker.run(stop.clone()));
    let source = add_source(&store, &folder.join("files")).await?;
    let measure = Measure::start()?;
    sync_once(&store, source).await?;
    let wall_s = measure.wall_s();
    tokio::task::spawn_blocking(gauge::settle).await?;
    // The children's time counts once they have been waited for; they have nothing to read in the second sync.
    let ending = Arc::clone(&pool);
    tokio::task::spawn_blocking(move || ending.stop()).await?;
    let first = Spent {
        wall_s,
        cpu_s: measure.cpu_s()?,
    };
    let measure = Measure::start()?;
    sync_once(&store, source).await?;
    let again = measure.spent()?;
    let asker = store.read(|tx| tx.asker_for_everyone()).await?;
    let found = tokio::task::spawn_blocking(move || index.search(&SearchRequest::new(""), &asker)).await??;
    if found.nb_hits != files as u64 {
        bail!("{} of {files} files are found after the sync", found.nb_hits);
    }
    stop.cancel();
    while let Some(ended) = working.join_next().await {
        ended??;
    }
    crate::queue_run::close(store).await?;
    Ok((first, again))
}

/// The limits of `fossick serve` as it comes.
fn queues() -> Vec<QueueLimits> {
    let limits = [("fetch", 16), ("parse", 4), ("upload", 4), ("housekeeping", 4)];
    let limits = limits.map(|(queue, running_max)| QueueLimits {
        queue: queue.to_owned(),
        running_max,
        per_source_max: running_max,
    });
    limits.into()
}

async fn add_source(store: &Store, folder: &Path) -> Result<model::SourceId> {
    let now = SystemClock.now();
    let config = serde_json::json!({ "path": folder });
    let added = store.write(move |tx| {
        tx.add_destination(tasks::INDEX, now)?;
        let new = NewSource {
            organization: tx.ensure_organization(now)?,
            owner: None,
            connector: "folder".to_owned(),
            name: "files".to_owned(),
            config: config.clone(),
            manifest: None,
            search: None,
            visibility: Visibility::Everyone,
        };
        tx.insert_source(&new, now)
    });
    added.await.context("the folder could not be added")
}

/// A full sync, until all of it is found.
async fn sync_once(store: &Store, source: model::SourceId) -> Result<()> {
    let now = SystemClock.now();
    let (sync, _) = store
        .write(move |tx| tx.start_sync(source, SyncMode::Full, now))
        .await?;
    let mut look = tokio::time::interval(Duration::from_millis(10));
    loop {
        look.tick().await;
        let row = store.read(move |tx| tx.sync(sync)).await?;
        if row.state.is_final() {
            if row.state != SyncState::Completed || row.failures > 0 {
                bail!(
                    "the sync ended as {} with {} failures: {:?}",
                    row.state,
                    row.failures,
                    row.message
                );
            }
            break;
        }
    }
    let target = store.read(|tx| tx.last_change()).await?.position;
    loop {
        let reached = store.read(|tx| tx.find_destination(tasks::INDEX)).await?;
        if reached.is_some_and(|reached| reached.position >= target) {
            return Ok(());
        }
        look.tick().await;
    }
}
