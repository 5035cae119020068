//! The benchmarks whose figures we publish: each beside its limit, in one run.
//!
//! `cargo xtask bench` builds this in the release profile, runs it and records what it found. README.md has the rules.

mod bare_folder;
mod bare_queue;
mod celery;
mod delayed;
mod dice;
mod documents;
mod gauge;
mod indexing;
mod installation;
mod pickup;
mod queries;
mod queue_run;
mod queueing;
mod raw_index;
mod raw_search;
mod report;
mod say;
mod searching;
mod server;
mod serving;
mod statements;
mod syncing;
mod texts;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::report::Report;

const HELP: &str = "\
bench <what> [--small] [--work <folder>] [--out <file>] [--postgres <url>] [--fossick <program>] [--peers <folder>]

  corpus    fetch the text that everything is made of, and say what it is
  index     documents into the index, against Tantivy
  sync      a folder, end to end, against walk + extract + index
  search    queries in process, against Tantivy's own
  serve     a running server: the same queries through HTTP, start, memory at rest, size
  queue     tasks, against the bare statements, and against Celery";

/// The hidden command that reads files for the folder sync, as the product's own binary has it.
const EXTRACT_CHILD: &str = "extract-child";

/// What a run was asked for.
#[derive(Debug)]
pub(crate) struct Bench {
    is_small: bool,
    /// Where corpora and scratch data are kept; on a real disk, or durability would cost nothing.
    pub(crate) work: PathBuf,
    out: Option<PathBuf>,
    /// A PostgreSQL server whose role may make databases.
    pub(crate) postgres: Option<String>,
    /// The product's binary.
    pub(crate) fossick: Option<PathBuf>,
    /// A folder with Celery in a virtual environment.
    pub(crate) peers: Option<PathBuf>,
}

impl Bench {
    /// How much of something: the published amount, or enough to see that it works.
    pub(crate) fn scale(&self, full: usize, small: usize) -> usize {
        if self.is_small { small } else { full }
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().map(String::as_str) == Some(EXTRACT_CHILD) {
        return u8::try_from(extract::child::main()).unwrap_or(1).into();
    }
    match parse(words).and_then(|(what, bench)| run(&what, &bench)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::line(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn parse(words: Vec<String>) -> Result<(String, Bench)> {
    let mut words = words.into_iter();
    let what = words.next().context(HELP)?;
    let mut bench = Bench {
        is_small: false,
        work: PathBuf::from("target/bench"),
        out: None,
        postgres: None,
        fossick: None,
        peers: None,
    };
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("`{word}` needs a value"));
        match word.as_str() {
            "--small" => bench.is_small = true,
            "--work" => bench.work = value()?.into(),
            "--out" => bench.out = Some(value()?.into()),
            "--postgres" => bench.postgres = Some(value()?),
            "--fossick" => bench.fossick = Some(value()?.into()),
            "--peers" => bench.peers = Some(value()?.into()),
            _ => bail!("unknown word `{word}`\n\n{HELP}"),
        }
    }
    std::fs::create_dir_all(&bench.work)?;
    bench.work = bench.work.canonicalize()?;
    Ok((what, bench))
}

fn run(what: &str, bench: &Bench) -> Result<()> {
    let mut report = Report::new(what, bench.is_small);
    match what {
        "corpus" => corpus(bench, &mut report)?,
        "index" => indexing::run(bench, &mut report)?,
        "sync" => syncing::run(bench, &mut report)?,
        "search" => searching::run(bench, &mut report)?,
        "serve" => serving::run(bench, &mut report)?,
        "queue" => queueing::run(bench, &mut report)?,
        other => bail!("unknown benchmark `{other}`\n\n{HELP}"),
    }
    bench.out.as_deref().map_or(Ok(()), |file| report.write(file))
}

fn corpus(bench: &Bench, report: &mut Report) -> Result<()> {
    let texts = texts::Texts::load(&bench.work)?;
    let words = |text: &String| text.split_whitespace().count();
    let all: usize = texts
        .packages
        .iter()
        .flat_map(|package| &package.paragraphs)
        .map(words)
        .sum();
    report.group(format!("Debian's package descriptions, hash {}", texts.hash));
    report.figure("descriptions", gauge::real(texts.packages.len()), "", report::Aim::None);
    report.figure("words", gauge::real(all), "", report::Aim::None);
    Ok(())
}

/// An empty folder at `path`, whatever was there before.
pub(crate) fn fresh_folder(path: &Path) -> Result<PathBuf> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("could not empty `{}`", path.display()));
        }
        _ => {}
    }
    std::fs::create_dir_all(path)?;
    Ok(path.to_owned())
}
