//! `fossick explain …`: why something is as it is.

use clap::Subcommand;
use serde_json::Value;

use super::{Session, user};
use crate::output::{clean, text};

/// What can be explained.
#[derive(Debug, Subcommand)]
pub(crate) enum ExplainCommand {
    /// Say why somebody may see a record, or may not
    Access {
        /// The record's id, as `search` shows it
        record: i64,
        /// The person's e-mail address or id
        user: String,
    },
}

/// Explains it.
pub(super) async fn run(session: &Session, command: ExplainCommand) -> anyhow::Result<()> {
    let ExplainCommand::Access { record, user } = command;
    let client = session.client().await?;
    let person = user::find(client, &user).await?;
    let path = format!("/api/v1/records/{record}/access?user={}", text(&person, "id"));
    let answer = client.get(&path).await?;
    session
        .output
        .answer(&answer, || render(&answer, &text(&person, "email"), record))
}

fn render(answer: &Value, email: &str, record: i64) -> String {
    let may_see = answer.get("may_see").and_then(Value::as_bool).unwrap_or(false);
    let mut lines = vec![format!(
        "{email} {} record {record}:",
        if may_see { "may see" } else { "may not see" }
    )];
    let reasons = answer.get("because").and_then(Value::as_array).into_iter().flatten();
    lines.extend(
        reasons
            .filter_map(Value::as_str)
            .map(|reason| format!("  {}", clean(reason))),
    );
    lines.join("\n")
}
