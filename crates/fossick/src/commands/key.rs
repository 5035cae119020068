//! `fossick key …`: the keys that people made. A key acts for a person, so that people make them, in the web UI.

use clap::Subcommand;
use model::{Clock, SystemClock, Timestamp};
use serde_json::{Value, json};

use super::{Session, confirm};
use crate::output::{Align, Table, text, when};

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// List API keys
    List,
    /// End a key at once
    Delete {
        /// The key's id
        id: i64,
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
    },
}

/// Does it.
pub(super) async fn run(session: &Session, command: KeyCommand) -> anyhow::Result<()> {
    let client = session.client().await?;
    let output = session.output;
    match command {
        KeyCommand::List => {
            let keys = client.list("/api/v1/keys").await?;
            if output.is_json {
                return output.json(&json!({ "items": keys }));
            }
            output.table(&table(&keys, SystemClock.now()), "there are no API keys")
        }
        KeyCommand::Delete { id, yes } => {
            confirm(yes, &format!("End the key {id}? Programs that use it stop working."))?;
            client.delete(&format!("/api/v1/keys/{id}")).await?;
            output.answer(&json!({ "deleted": id }), || format!("the key {id} is no longer valid"))
        }
    }
}

fn table(keys: &[Value], now: Timestamp) -> Table {
    let mut table = Table::new(&[
        ("id", Align::Right),
        ("name", Align::Left),
        ("of", Align::Left),
        ("scopes", Align::Left),
        ("ends", Align::Left),
        ("last used", Align::Left),
    ]);
    for key in keys {
        let at = |field: &str, otherwise: &str| {
            let at = key.get(field).and_then(Value::as_i64);
            at.map_or_else(|| otherwise.to_owned(), |at| when(Timestamp(at), now))
        };
        let scopes = key.get("scopes").and_then(Value::as_array).into_iter().flatten();
        let scopes: Vec<&str> = scopes.filter_map(Value::as_str).collect();
        let owner = key.get("user").map_or_else(String::new, |user| text(user, "name"));
        table.row(vec![
            text(key, "id"),
            text(key, "name"),
            owner,
            scopes.join(", "),
            at("expires_at", "never"),
            at("last_used_at", "never"),
        ]);
    }
    table
}
