//! `test` and `check`: steps in an order, each timed, all of them run, and what was skipped said at the end.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::stopwatch::Stopwatch;
use crate::{one_build, programs, say, services, setup, tidy, web};

/// Tests that are not done by then hang: on an idle machine with 2 cores they take a few minutes.
const HUNG_AFTER: Duration = Duration::from_mins(25);

/// Every test of the repository. What this machine cannot run is skipped and named.
pub(crate) fn test(root: &Path) -> Result<()> {
    let mut steps = Steps::default();
    let skips = programs::target_folder(root).join("skipped-tests");
    drop(std::fs::remove_file(&skips));
    let postgres = steps.run("services", || match services::postgres::find_programs() {
        Some(_) => Ok(Done::With(services::postgres::start(root)?)),
        None => Ok(Done::Skipped(
            "PostgreSQL is not installed: the tests run on SQLite alone",
        )),
    });
    steps.run("web build", || on_web(root, || web::build(root)));
    // Apart, because how long a build takes says nothing about whether a test hangs.
    steps.run("cargo build", || {
        programs::run(programs::cargo(root).args(["test", "--workspace", "--no-run"])).map(Into::into)
    });
    steps.run("cargo test", || {
        let mut command = programs::cargo(root);
        command.env("TEST_SKIPS", &skips);
        if let Some(url) = &postgres {
            command.env("TEST_POSTGRES_URL", url);
            let authority = services::postgres::authority_file(root);
            if authority.exists() {
                command.env("TEST_POSTGRES_CA", authority);
            }
        }
        programs::run_within(HUNG_AFTER, command.args(["test", "--workspace", "--no-fail-fast"])).map(Into::into)
    });
    // Written by the tests themselves; none of them was skipped when it is not there.
    let skipped = std::fs::read_to_string(&skips).unwrap_or_default();
    steps
        .lines
        .extend(skipped.lines().map(|line| format!("{:24}  {line}", "")));
    steps.run("web tests", || on_web(root, || npm_run(root, "test")));
    steps.run("browser tests", || match programs::find_chromium() {
        None => Ok(Done::Skipped("no Chromium on this machine")),
        Some(chromium) => on_web(root, || browser_tests(root, &chromium)),
    });
    steps.end()
}

/// Everything that looks at the code without running it. After `test`, because clippy checks what is built already
/// a second time: its artefacts are its own.
pub(crate) fn check(root: &Path) -> Result<()> {
    let mut steps = Steps::default();
    steps.run("cargo fmt", || {
        programs::run(programs::cargo(root).args(["fmt", "--all", "--check"])).map(Into::into)
    });
    steps.run("one build", || one_build::check(root).map(Into::into));
    steps.run("tidy", || tidy::run(root).map(Into::into));
    steps.run("web check", || on_web(root, || npm_run(root, "check")));
    steps.run("clippy", || {
        let words = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
        programs::run(programs::cargo(root).args(words)).map(Into::into)
    });
    steps.end()
}

/// Runs the tests and accepts what their snapshots found.
pub(crate) fn bless(root: &Path) -> Result<()> {
    let mut command = programs::cargo(root);
    programs::run(command.env("INSTA_UPDATE", "always").args(["test", "--workspace"]))
}

fn browser_tests(root: &Path, chromium: &Path) -> Result<()> {
    // The tests above have built it with the same profile and features, so this only looks.
    programs::run(programs::cargo(root).args(["build", "-p", "fossick"]))?;
    let mut command = programs::npm(root);
    command
        .env("FOSSICK_BIN", programs::target_folder(root).join("debug/fossick"))
        .env("FOSSICK_CHROMIUM", chromium);
    programs::run_within(HUNG_AFTER, command.args(["run", "e2e"]))
}

fn npm_run(root: &Path, script: &str) -> Result<()> {
    web::install(root)?;
    programs::run(programs::npm(root).args(["run", script]))
}

fn on_web(root: &Path, step: impl FnOnce() -> Result<()>) -> Result<Done> {
    if !web::exists(root) {
        return Ok(Done::Skipped("web/ has no package.json"));
    }
    if !setup::has_node() {
        return Ok(Done::Skipped("Node or npm is missing or too old"));
    }
    step().map(Into::into)
}

/// How a step ended when it did not fail.
enum Done {
    Plainly,
    With(String),
    Skipped(&'static str),
}

impl From<()> for Done {
    fn from((): ()) -> Self {
        Self::Plainly
    }
}

#[derive(Default)]
struct Steps {
    lines: Vec<String>,
    failed: Vec<&'static str>,
}

impl Steps {
    /// Runs one step; a failure is said at once and does not keep the next ones from running.
    fn run(&mut self, name: &'static str, step: impl FnOnce() -> Result<Done>) -> Option<String> {
        say::step(name);
        let stopwatch = Stopwatch::start();
        let result = step();
        let spent = format!("{name:<14} {:>7.1} s", stopwatch.elapsed().as_secs_f64());
        match result {
            Ok(Done::Plainly) => self.lines.push(format!("{spent}  passed")),
            Ok(Done::With(text)) => {
                self.lines.push(format!("{spent}  passed"));
                return Some(text);
            }
            Ok(Done::Skipped(why)) => self.lines.push(format!("{spent}  SKIPPED: {why}")),
            Err(why) => {
                say::error(&format!("{why:#}"));
                self.lines.push(format!("{spent}  FAILED"));
                self.failed.push(name);
            }
        }
        None
    }

    fn end(self) -> Result<()> {
        say::step("summary");
        for line in self.lines {
            say::line(&line);
        }
        if !self.failed.is_empty() {
            bail!("failed: {}", self.failed.join(", "));
        }
        Ok(())
    }
}
