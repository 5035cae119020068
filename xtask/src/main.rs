//! Chores of the project, in plain Rust instead of shell scripts: `cargo xtask` lists them.
//!
//! The Makefile only delegates to what is here; the checks that belong to no compiler live in [`tidy`].

mod bench;
mod one_build;
mod packages;
mod programs;
mod say;
mod services;
mod setup;
mod steps;
mod stopwatch;
mod tidy;
mod typescript;
mod web;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const HELP: &str = "\
cargo xtask <chore>

  setup [build|test]            look for what is needed; install it (root and apt-get) or name it
  web                           build the web UI, when anything in web/ has changed
  test                          every test; says what this machine cannot run
  check                         format, tidy, the web UI's lints, clippy
  tidy                          the checks of STYLE.md that no compiler makes
  gen                           write the generated files again
  typescript <openapi.json>     print the types of the API's description
  bench [index|search|sync|queue|serve|build|cold-build]
                                measure, and record in bench/results/; `--small` only looks whether it works
  bench peers                   fetch Celery and its brokers, which the queue is measured against
  bless                         accept what the snapshot tests found
  services start [postgres]     start what the tests talk to, on loopback, in services/
  services stop [postgres]
  services status";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<()> {
    let root = repository()?;
    match words {
        [] | ["help" | "--help" | "-h"] => {
            say::line(HELP);
            Ok(())
        }
        ["setup"] => setup::run(&root, setup::For::Test),
        ["setup", what] => setup::run(&root, what.parse()?),
        ["web"] => web::build(&root),
        ["test"] => steps::test(&root),
        ["check"] => steps::check(&root),
        ["tidy"] => tidy::run(&root),
        ["gen"] => tidy::generated::write(&root),
        ["typescript", description] => {
            say::line(typescript::from_file(&root, description)?.trim_end());
            Ok(())
        }
        ["bench", words @ ..] => bench::run(&root, words),
        ["bless"] => steps::bless(&root),
        ["services", "start"] | ["services", "start", "postgres"] => services::postgres::start(&root).map(|_| ()),
        ["services", "stop"] | ["services", "stop", "postgres"] => services::postgres::stop(&root),
        ["services", "status"] => services::postgres::status(&root),
        other => bail!("unknown chore `{}`\n\n{HELP}", other.join(" ")),
    }
}

/// The repository's folder: the parent of this crate's.
fn repository() -> Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_path_buf)
        .context("the xtask crate has no parent folder")
}
