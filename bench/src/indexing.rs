//! Documents per second into the index, against Tantivy itself with the same schema, text, threads, memory and commits.

use std::path::Path;

use anyhow::Result;
use index::{Change, Index, Options, Payload, SCHEMA_VERSION};
use model::Document;

use crate::documents::documents;
use crate::gauge::{Measure, Spent, real};
use crate::raw_index::{Prepared, RawIndex};
use crate::report::{Aim, Report};
use crate::texts::Texts;
use crate::{Bench, fresh_folder};

/// As the upload task hands them over.
pub(crate) const BATCH: usize = 500;
/// Both sides commit after so many documents.
pub(crate) const COMMIT_EVERY: usize = 10_000;

/// Measures and reports.
pub(crate) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    let texts = Texts::load(&bench.work)?;
    let documents = documents(&texts, bench.scale(100_000, 2_000));
    let bytes: usize = documents
        .iter()
        .map(|document| document.title.len() + document.body.len())
        .sum();
    report.note(format!(
        "{} documents, {:.1} MB of text, made of Debian's package descriptions (hash {})",
        documents.len(),
        real(bytes) / 1e6,
        texts.hash
    ));
    let options = Options::default();
    report.note(format!(
        "both sides: {} writer thread, {} MB, a commit every {COMMIT_EVERY} documents; each runs twice, the better run counts",
        options.writer_threads,
        options.writer_memory_bytes / 1_000_000
    ));
    let folder = fresh_folder(&bench.work.join("index"))?;
    let prepared: Vec<Prepared<'_>> = documents.iter().map(Prepared::new).collect::<Result<_>>()?;
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    for round in 0..2 {
        let dir = folder.join(format!("ours-{round}"));
        ours.push(fill(&dir, &documents, &options)?.1);
        raw.push(fill_raw(
            &folder.join(format!("raw-{round}")),
            &dir,
            &prepared,
            &options,
        )?);
    }
    let (ours, raw) = (best(&ours), best(&raw));
    let count = real(documents.len());
    report.group("index");
    report.figure("ours: documents per CPU second", count / ours.cpu_s, "/s", Aim::None);
    report.figure("Tantivy: documents per CPU second", count / raw.cpu_s, "/s", Aim::None);
    report.figure("ours ÷ Tantivy, by CPU", raw.cpu_s / ours.cpu_s, "×", Aim::AtLeast(0.7));
    report.figure("ours: documents per second, wall", count / ours.wall_s, "/s", Aim::None);
    report.figure(
        "Tantivy: documents per second, wall",
        count / raw.wall_s,
        "/s",
        Aim::None,
    );
    report.figure("ours ÷ Tantivy, by wall", raw.wall_s / ours.wall_s, "×", Aim::None);
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

fn best(runs: &[Spent]) -> Spent {
    let first = Spent {
        wall_s: f64::INFINITY,
        cpu_s: f64::INFINITY,
    };
    runs.iter()
        .fold(first, |best, run| if run.cpu_s < best.cpu_s { *run } else { best })
}

/// An index of ours with these documents, and what filling it took.
pub(crate) fn fill(dir: &Path, documents: &[Document], options: &Options) -> Result<(Index, Spent)> {
    let index = Index::open(dir, options)?;
    let upsert = |document: &Document| Change::Upsert(Box::new(document.clone()));
    let batches: Vec<Vec<Change>> = documents
        .chunks(BATCH)
        .map(|batch| batch.iter().map(upsert).collect())
        .collect();
    let measure = Measure::start()?;
    let mut applied = 0;
    for batch in batches {
        applied += batch.len();
        index.apply(batch)?;
        if applied % COMMIT_EVERY < BATCH || applied == documents.len() {
            index.commit(&payload(applied)?)?;
        }
    }
    let spent = measure.settled()?;
    Ok((index, spent))
}

/// What a commit after so many documents carries.
pub(crate) fn payload(applied: usize) -> Result<Payload> {
    Ok(Payload {
        position: i64::try_from(applied)?,
        change_token: 1,
        schema_version: SCHEMA_VERSION,
        mapping_version: "bench".to_owned(),
        rebuild: 0,
        built_through: None,
    })
}

fn fill_raw(dir: &Path, like: &Path, documents: &[Prepared<'_>], options: &Options) -> Result<Spent> {
    let mut raw = RawIndex::create(dir, like, options.writer_threads, options.writer_memory_bytes)?;
    let measure = Measure::start()?;
    for (at, document) in (1_usize..).zip(documents) {
        raw.add(document)?;
        if at % COMMIT_EVERY == 0 || at == documents.len() {
            raw.commit()?;
        }
    }
    measure.settled()
}
