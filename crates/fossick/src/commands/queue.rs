//! `fossick queue …`.

use clap::Subcommand;
use model::{Clock, SystemClock, Timestamp};
use serde_json::{Value, json};

use super::Session;
use super::search::check_known;
use crate::client::{Client, encoded};
use crate::output::{Align, Table, count, items, number, text, when};

/// What can be done with queues.
#[derive(Debug, Subcommand)]
pub(crate) enum QueueCommand {
    /// List queues, what waits and what runs
    List,
    /// Claim nothing from a queue any more; what runs comes to its end
    Pause {
        /// The queue
        name: String,
    },
    /// Claim from a queue again
    Resume {
        /// The queue
        name: String,
    },
}

/// Does it.
pub(super) async fn run(session: &Session, command: QueueCommand) -> anyhow::Result<()> {
    let client = session.client().await?;
    let output = session.output;
    let (name, verb) = match command {
        QueueCommand::List => {
            let answer = client.get("/api/v1/queues").await?;
            if output.is_json {
                return output.json(&answer);
            }
            return output.table(&table(items(&answer), SystemClock.now()), "there are no queues");
        }
        QueueCommand::Pause { name } => (name, "pause"),
        QueueCommand::Resume { name } => (name, "resume"),
    };
    check_known("queue", std::slice::from_ref(&name), &names(client).await?)?;
    let answer = client
        .post(&format!("/api/v1/queues/{}/{verb}", encoded(&name)), &json!({}))
        .await?;
    output.answer(&answer, || format!("{verb}d the queue `{name}`"))
}

/// The names of all queues.
pub(super) async fn names(client: &Client) -> anyhow::Result<Vec<String>> {
    let answer = client.get("/api/v1/queues").await?;
    Ok(items(&answer).iter().map(|queue| text(queue, "name")).collect())
}

fn table(queues: &[Value], now: Timestamp) -> Table {
    let numbers = ["running", "available", "scheduled", "retryable", "discarded"];
    let mut columns = vec![("queue", Align::Left), ("state", Align::Left)];
    columns.extend(numbers.map(|name| (name, Align::Right)));
    columns.extend([("done/min", Align::Right), ("oldest", Align::Left)]);
    let mut table = Table::new(&columns);
    for queue in queues {
        let is_paused = queue.get("paused").and_then(Value::as_bool).unwrap_or(false);
        let mut cells = vec![
            text(queue, "name"),
            if is_paused { "paused" } else { "open" }.to_owned(),
        ];
        cells.extend(numbers.map(|name| count(number(queue, name), "")));
        cells.push(text(queue, "done_per_min"));
        cells.push(
            queue
                .get("oldest_at")
                .and_then(Value::as_i64)
                .map_or_else(String::new, |at| when(Timestamp(at), now)),
        );
        table.row(cells);
    }
    table
}

#[cfg(test)]
mod tests {
    //! The table of queues.

    use model::Timestamp;
    use serde_json::json;

    #[test]
    fn queues_are_listed_with_what_waits() {
        let now = Timestamp(1_800_000_000_000);
        let queues = [
            json!({"name": "fetch", "paused": true, "running": 0, "available": 1_200, "scheduled": 3, "retryable": 1,
                "discarded": 0, "done_per_min": 0, "oldest_at": now.plus_ms(-90_000).0}),
            json!({"name": "parse", "paused": false, "running": 4, "available": 0, "scheduled": 0, "retryable": 0,
                "discarded": 2, "done_per_min": 512}),
        ];
        insta::assert_snapshot!(super::table(&queues, now).render(false));
    }
}
