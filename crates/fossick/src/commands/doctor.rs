//! `fossick doctor`: looks for what is wrong, says what to do, changes nothing.

mod data;
mod place;
mod work;

use std::path::Path;

use clap::Args;
use console::Style;
use serde_json::{Value, json};

use store::Schema;

use crate::beside::{self, Found};
use crate::client::has_server;
use crate::config::Config;
use crate::exit::{Exit, Refused};
use crate::output::{Output, clean};

/// What `doctor` takes.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Leave out what reads the whole database
    #[arg(long)]
    quick: bool,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Ok,
    /// Worth a look, but nothing is broken.
    Warn,
    /// Broken.
    Fail,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug)]
struct Check {
    name: &'static str,
    verdict: Verdict,
    what: String,
    way_out: String,
}

/// Everything that was looked at.
#[derive(Debug, Default)]
struct Findings {
    checks: Vec<Check>,
}

impl Findings {
    fn ok(&mut self, name: &'static str, what: impl Into<String>) {
        self.add(name, Verdict::Ok, what, "");
    }

    fn warn(&mut self, name: &'static str, what: impl Into<String>, way_out: impl Into<String>) {
        self.add(name, Verdict::Warn, what, way_out);
    }

    fn fail(&mut self, name: &'static str, what: impl Into<String>, way_out: impl Into<String>) {
        self.add(name, Verdict::Fail, what, way_out);
    }

    fn add(&mut self, name: &'static str, verdict: Verdict, what: impl Into<String>, way_out: impl Into<String>) {
        self.checks.push(Check {
            name,
            verdict,
            what: clean(&what.into()),
            way_out: clean(&way_out.into()),
        });
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.checks.iter().filter(|check| check.verdict == verdict).count()
    }
}

/// Looks at everything. Fails when something is broken.
pub(super) async fn run(
    dir: &Path,
    flags: &[(&'static str, String)],
    args: &DoctorArgs,
    output: Output,
) -> anyhow::Result<()> {
    let findings = examine(dir, flags, args.quick).await;
    let (warned, failed) = (findings.count(Verdict::Warn), findings.count(Verdict::Fail));
    if output.is_json {
        output.json(&as_json(&findings))?;
    } else {
        output.line(render(&findings, output.is_coloured))?;
        if warned + failed == 0 {
            output.line("nothing is wrong")?;
        }
    }
    match failed {
        0 => Ok(()),
        1 => Err(Refused::because(Exit::Failure, "one thing is broken")),
        many => Err(Refused::because(Exit::Failure, format!("{many} things are broken"))),
    }
}

async fn examine(dir: &Path, flags: &[(&'static str, String)], is_quick: bool) -> Findings {
    let mut found = Findings::default();
    let config = match Config::load(dir, flags) {
        Ok(config) => config,
        Err(error) => {
            found.fail(
                "settings",
                format!("{error:#}"),
                "correct it there; `fossick config --about` explains every setting",
            );
            return found;
        }
    };
    place::settings(&config, &mut found);
    place::clock(beside::now(), &mut found);
    if !place::folder(&config, &mut found) {
        return found;
    }
    let server = has_server(&config.data_dir).await;
    place::lock(&config, &server, &mut found);
    let has_server = server.unwrap_or(false);
    place::port(&config, has_server, &mut found).await;
    if place::key_file(&config, &mut found) {
        open_store(&config, is_quick, &mut found).await;
    }
    found
}

/// The checks that need the store.
async fn open_store(config: &Config, is_quick: bool, found: &mut Findings) {
    let opened = match beside::find(config).await {
        Ok(Found::Current(opened)) => opened,
        Ok(Found::Older(older)) => {
            let what = format!(
                "its schema is older ({} instead of {}); what is in it was not looked at",
                older.version,
                Schema::OURS
            );
            let way_out = if config.database.is_some() {
                "start `fossick serve`, which brings it up to date; back it up before with `pg_dump`"
            } else {
                "start `fossick serve`, which brings it up to date and keeps a copy of before"
            };
            return found.warn("database", what, way_out);
        }
        Err(error) => {
            let way_out = if config.database.is_some() {
                "see to it that the database runs and can be reached"
            } else {
                "if the file is damaged, `fossick restore` brings back a backup"
            };
            found.fail("database", format!("can't be opened: {error:#}"), way_out);
            return;
        }
    };
    let store = &opened.store;
    let now = beside::now();
    data::integrity(store, is_quick, found).await;
    data::secrets(store, found).await;
    data::disk(store, found);
    data::times(store, now, found).await;
    work::sources(store, found).await;
    work::tasks(store, now, found).await;
    work::queues(store, found).await;
    work::index(config, &opened, found).await;
    if let Err(error) = opened.close().await {
        found.fail("database", format!("can't be closed: {error:#}"), "");
    }
}

fn as_json(findings: &Findings) -> Value {
    let checks: Vec<Value> = findings
        .checks
        .iter()
        .map(|check| json!({ "name": check.name, "verdict": check.verdict.word(), "what": check.what, "way_out": check.way_out }))
        .collect();
    json!({ "ok": findings.count(Verdict::Fail) == 0, "checks": checks })
}

fn render(findings: &Findings, is_coloured: bool) -> String {
    let mut lines = Vec::new();
    for check in &findings.checks {
        let style = match check.verdict {
            Verdict::Ok => Style::new().green(),
            Verdict::Warn => Style::new().yellow(),
            Verdict::Fail => Style::new().red().bold(),
        };
        let word = format!("{:<4}", check.verdict.word());
        let word = if is_coloured {
            style.force_styling(true).apply_to(word).to_string()
        } else {
            word
        };
        lines.push(format!("{word}  {:<12} {}", check.name, check.what));
        if !check.way_out.is_empty() {
            lines.push(format!("      {:<12} → {}", "", check.way_out));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests;
