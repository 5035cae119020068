//! `fossick source add`.

use clap::Args;
use serde_json::{Value, json};

use super::draft::{self, DraftArgs, Meant};
use super::sync;
use crate::commands::Session;
use crate::exit::Refused;
use crate::output::text;

/// What `add` takes.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    #[command(flatten)]
    draft: DraftArgs,
    /// Who finds its content: `everyone`, `owner`, or `group:<name>`, which may be repeated
    #[arg(long, value_name = "WHOM")]
    share: Vec<String>,
    /// Sync it at these intervals, such as 15m, 6h or 1d
    #[arg(long, value_name = "TIME", value_parser = interval, conflicts_with = "cron")]
    every: Option<i64>,
    /// Sync it at these times, such as '0 6 * * 1-5'
    #[arg(long, value_name = "RULE")]
    cron: Option<String>,
    /// The time zone of --cron
    #[arg(long, value_name = "ZONE", default_value = "UTC", requires = "cron")]
    time_zone: String,
    /// Sync it at once, and wait for the end
    #[arg(long)]
    sync: bool,
}

/// Adds a source.
pub(super) async fn run(session: &Session, args: &AddArgs) -> anyhow::Result<()> {
    let Meant::Described(mut body) = args.draft.meant(session.output)? else {
        return Err(Refused::usage(
            "say what to add: `folder <path>`, or `http --manifest <file>`",
        ));
    };
    let client = session.client_of_new().await?;
    body.insert("visibility".to_owned(), draft::visibility(client, &args.share).await?);
    if let Some(every_ms) = args.every {
        body.insert("schedule".to_owned(), json!({ "every_ms": every_ms }));
    }
    if let Some(cron) = &args.cron {
        body.insert(
            "schedule".to_owned(),
            json!({ "cron": cron, "time_zone": args.time_zone }),
        );
    }
    let body = Value::Object(body);
    let source = client.post("/api/v1/sources", &body).await?;
    let name = text(&source, "name");
    if !args.sync {
        session
            .output
            .answer(&source, || format!("added `{name}` (id {})", text(&source, "id")))?;
        session
            .output
            .note(format!("`fossick source sync {}` reads it", text(&source, "id")));
        hint(session, &body, &name);
        return Ok(());
    }
    session
        .output
        .note(format!("added `{name}` (id {})", text(&source, "id")));
    hint(session, &body, &name);
    client.start_work();
    sync::end(session, &sync::start(client, session.output, &source, "full").await?)
}

fn hint(session: &Session, body: &Value, name: &str) {
    if draft::whom(body) == "owner" {
        session.output.note(format!(
            "nobody but the operator of this machine finds it yet: `fossick source share '{name}' everyone` changes that"
        ));
    }
}

/// An interval such as `90s`, `15m`, `6h` or `1d`, in milliseconds.
fn interval(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}` is not a time such as 15m, 6h or 1d");
    let digits = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let number: i64 = digits.parse().map_err(|_not_one| wrong())?;
    let unit_ms = match &text[digits.len()..] {
        "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(wrong()),
    };
    number.checked_mul(unit_ms).filter(|ms| *ms > 0).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    //! Intervals.

    use super::interval;

    #[test]
    fn intervals_have_a_unit() {
        assert_eq!(interval("15m"), Ok(900_000));
        assert_eq!(interval("1d"), Ok(86_400_000));
        for wrong in ["", "15", "m", "0h", "-1h", "9223372036854775807d", "1 h", "1y"] {
            assert!(interval(wrong).unwrap_err().contains("15m"), "{wrong}");
        }
    }
}
