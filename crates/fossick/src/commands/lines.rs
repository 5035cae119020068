//! Lines of a log, as `source log` and `task show` print them.

use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use model::Timestamp;
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval};

use super::Session;
use crate::client::Client;
use crate::output::{clean, items, number, text};

/// How often it is looked for further lines.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How many lines are asked for at a time.
const PAGE: usize = 100;

/// Which lines, and whether to go on.
#[derive(Debug, Args)]
pub(super) struct LineArgs {
    /// Only what matters at least that much
    #[arg(long, value_parser = ["error", "warn", "info"], default_value = "info")]
    level: String,
    /// Print at most the last so many lines
    #[arg(short = 'n', long, default_value_t = 50)]
    limit: usize,
    /// Go on printing what comes, until Ctrl-C
    #[arg(short, long)]
    follow: bool,
}

/// Prints the lines of the log at `path`, an address of the API.
pub(super) async fn print(session: &Session, path: &str, args: &LineArgs) -> anyhow::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let client = session.client().await?;
    let path = format!("{path}?level={}", args.level);
    let mut lines = client.list_some(&path, args.limit).await?;
    lines.reverse();
    if !args.follow && session.output.is_json {
        return session.output.json(&json!({ "items": lines }));
    }
    if lines.is_empty() && !args.follow {
        return session.output.line("there are no lines");
    }
    show(session, &lines)?;
    if !args.follow {
        return Ok(());
    }
    if !client.is_server() {
        session
            .output
            .note("no server runs on this data folder: nothing more will come");
        return Ok(());
    }
    let mut last = lines.last().map_or(0, |line| number(line, "id"));
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = interrupt.recv() => return Ok(()),
            _ = looks.tick() => {}
        }
        last = show_since(session, client, &path, last).await?;
    }
}

/// Prints what came after a line; answers the last one.
async fn show_since(session: &Session, client: &Client, path: &str, last: i64) -> anyhow::Result<i64> {
    let page = client.get(&format!("{path}&since={last}&limit={PAGE}")).await?;
    let lines = items(&page);
    show(session, lines)?;
    Ok(lines.last().map_or(last, |line| number(line, "id")))
}

/// Prints lines: one JSON value a line for programs.
fn show(session: &Session, lines: &[Value]) -> anyhow::Result<()> {
    for line in lines {
        if session.output.is_json {
            session
                .output
                .line(serde_json::to_string(line).context("a line of the log")?)?;
        } else {
            session.output.line(words(line))?;
        }
    }
    Ok(())
}

/// The line as text: time, level, what it is about, message.
pub(super) fn words(line: &Value) -> String {
    let at = Timestamp(number(line, "at")).to_string();
    let about: String = ["sync", "task"]
        .iter()
        .filter_map(|noun| Some(format!("{noun} {}: ", line.get(*noun)?.as_i64()?)))
        .collect();
    format!(
        "{at} {:<5} {about}{}",
        text(line, "level"),
        clean(&text(line, "message"))
    )
}

#[cfg(test)]
mod tests {
    //! How a line reads.

    use serde_json::json;

    #[test]
    fn a_line_says_when_how_much_about_what_and_what() {
        let line = json!({"id": 1, "at": 1_800_000_000_123_i64, "level": "warn", "source": 3, "sync": 4, "task": null,
            "message": "two\nlines"});
        insta::assert_snapshot!(super::words(&line), @"2027-01-15T08:00:00.123Z warn  sync 4: two lines");
    }
}
