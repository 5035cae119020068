//! Sources in tables.

use model::{Clock, SystemClock, Timestamp};
use serde_json::{Value, json};

use super::find;
use crate::client::Client;
use crate::commands::Session;
use crate::output::{Align, Output, Table, clock, count, items, number, text, when};

/// How many syncs of a source are shown.
const SYNCS_SHOWN: usize = 5;

/// Lists all sources.
pub(super) async fn list(session: &Session) -> anyhow::Result<()> {
    let client = session.client().await?;
    let mut sources = client.list("/api/v1/sources").await?;
    let rests = is_at_rest(client).await?;
    sources.iter_mut().filter(|_| rests).for_each(queue_up);
    if session.output.is_json {
        return session.output.json(&json!({ "items": sources }));
    }
    let when_empty = "there are no sources: `fossick source add folder <path>` adds one";
    session.output.table(&table(&sources, SystemClock.now()), when_empty)
}

pub(super) fn table(sources: &[Value], now: Timestamp) -> Table {
    let mut table = Table::new(&[
        ("id", Align::Right),
        ("name", Align::Left),
        ("connector", Align::Left),
        ("shared with", Align::Left),
        ("state", Align::Left),
        ("records", Align::Right),
        ("errors", Align::Right),
        ("last synced", Align::Left),
    ]);
    for source in sources {
        let last = source.get("last_synced_at").and_then(Value::as_i64);
        table.row(vec![
            text(source, "id"),
            text(source, "name"),
            text(source, "connector"),
            shared(source),
            state_at(source, now),
            count(number(source, "records"), ""),
            count(number(source, "failures"), ""),
            last.map_or_else(|| "never".to_owned(), |at| when(Timestamp(at), now)),
        ]);
    }
    table
}

/// Shows one source.
pub(super) async fn show(session: &Session, wanted: &str) -> anyhow::Result<()> {
    let client = session.client().await?;
    let id = text(&find(client, wanted).await?, "id");
    let mut source = client.get(&format!("/api/v1/sources/{id}")).await?;
    if is_at_rest(client).await? {
        queue_up(&mut source);
    }
    let streams = client.list(&format!("/api/v1/sources/{id}/streams")).await?;
    let syncs = client
        .list_some(&format!("/api/v1/sources/{id}/syncs"), SYNCS_SHOWN)
        .await?;
    let output = session.output;
    if output.is_json {
        return output.json(&json!({ "source": source, "streams": streams, "syncs": syncs }));
    }
    let now = SystemClock.now();
    head(output, &source, now)?;
    let mut table = Table::new(&[
        ("stream", Align::Left),
        ("records", Align::Right),
        ("errors", Align::Right),
        ("last landed", Align::Left),
    ]);
    for stream in &streams {
        let landed = stream.get("last_landed_at").and_then(Value::as_i64);
        table.row(vec![
            text(stream, "name"),
            count(number(stream, "records"), ""),
            count(number(stream, "failures"), ""),
            landed.map_or_else(String::new, |at| when(Timestamp(at), now)),
        ]);
    }
    output.line("")?;
    output.table(&table, "no streams are known yet: the first sync finds them")?;
    output.line("")?;
    output.table(&sync_table(&syncs, now), "not synced yet")
}

/// Whether nobody works on tasks: no server runs, and no workers can. Those share a PostgreSQL database.
async fn is_at_rest(client: &Client) -> anyhow::Result<bool> {
    Ok(!client.is_server() && text(&client.get("/api/v1/status").await?, "store") != "postgres")
}

/// A sync that was under way waits for somebody to go on with it.
fn queue_up(source: &mut Value) {
    if text(source, "state") == "syncing" {
        source["state"] = "queued".into();
        source["state_detail"] = json!({ "what": "its sync goes on with the next `fossick serve` or `source sync`" });
    }
}

fn head(output: Output, source: &Value, now: Timestamp) -> anyhow::Result<()> {
    let owner = source
        .get("owner")
        .map_or_else(String::new, |owner| text(owner, "name"));
    let created = when(Timestamp(number(source, "created_at")), now);
    output.line(format!(
        "{} ({}, id {})",
        text(source, "name"),
        text(source, "connector"),
        text(source, "id")
    ))?;
    output.line(format!("  state    {}", state(source)))?;
    if let Some(detail) = source.get("state_detail").filter(|detail| detail.is_object()) {
        let turn = text(detail, "whose_turn");
        let turn = if turn.is_empty() { turn } else { format!(" ({turn})") };
        let until = match number(detail, "until") {
            0 => String::new(),
            until => format!(" until {}", clock(Timestamp(until), now)),
        };
        output.line(format!("           {}{until}{turn}", text(detail, "what")))?;
    }
    output.line(format!(
        "  records  {}, {}",
        count(number(source, "records"), ""),
        count(number(source, "failures"), "error")
    ))?;
    output.line(format!("  owner    {owner}, shared with {}", shared(source)))?;
    output.line(format!("  added    {created}"))?;
    output.line(format!("  config   {}", text(source, "config")))?;
    match source.get("schedule").filter(|schedule| schedule.is_object()) {
        Some(schedule) => output.line(format!("  schedule {}", schedule_words(schedule))),
        None => output.line("  schedule none"),
    }
}

fn schedule_words(schedule: &Value) -> String {
    if schedule.get("every_ms").is_some() {
        return format!("every {}", crate::output::duration(number(schedule, "every_ms")));
    }
    format!("{} ({})", text(schedule, "cron"), text(schedule, "time_zone"))
}

/// Syncs, newest first.
pub(super) fn sync_table(syncs: &[Value], now: Timestamp) -> Table {
    let mut table = Table::new(&[
        ("sync", Align::Right),
        ("mode", Align::Left),
        ("state", Align::Left),
        ("started", Align::Left),
        ("seen", Align::Right),
        ("changed", Align::Right),
        ("deleted", Align::Right),
        ("errors", Align::Right),
        ("message", Align::Left),
    ]);
    for sync in syncs {
        table.row(vec![
            text(sync, "id"),
            text(sync, "mode"),
            text(sync, "state").replace('_', " "),
            when(Timestamp(number(sync, "started_at")), now),
            count(number(sync, "records_seen"), ""),
            count(number(sync, "records_changed"), ""),
            count(number(sync, "records_deleted"), ""),
            count(number(sync, "failures"), ""),
            text(sync, "message"),
        ]);
    }
    table
}

/// A source's state in words.
pub(super) fn state(source: &Value) -> String {
    text(source, "state").replace('_', " ")
}

/// The same, with the time until which it waits.
fn state_at(source: &Value, now: Timestamp) -> String {
    let until = source.get("state_detail").map_or(0, |detail| number(detail, "until"));
    if until == 0 {
        return state(source);
    }
    format!("{} until {}", state(source), clock(Timestamp(until), now))
}

/// With whom a source is shared, in words.
pub(super) fn shared(source: &Value) -> String {
    let Some(visibility) = source.get("visibility") else {
        return String::new();
    };
    match text(visibility, "to").as_str() {
        "owner" => "its owner".to_owned(),
        "groups" => count(
            visibility
                .get("groups")
                .and_then(Value::as_array)
                .map_or(0, Vec::len)
                .try_into()
                .unwrap_or(0),
            "group",
        ),
        other => other.to_owned(),
    }
}

/// The streams that a check or discovery found.
pub(super) fn stream_table(answer: &Value, field: &str) -> Table {
    let mut table = Table::new(&[
        ("stream", Align::Left),
        ("incremental", Align::Left),
        ("primary key", Align::Left),
    ]);
    let streams = answer
        .get(field)
        .and_then(Value::as_array)
        .map_or(items(answer), Vec::as_slice);
    for stream in streams {
        let key = stream.get("primary_key").and_then(Value::as_array);
        let key: Vec<&str> = key.into_iter().flatten().filter_map(Value::as_str).collect();
        let incremental = stream.get("incremental").and_then(Value::as_bool).unwrap_or(false);
        table.row(vec![
            text(stream, "name"),
            if incremental { "yes" } else { "no" }.to_owned(),
            crate::output::clean(&key.join(", ")),
        ]);
    }
    table
}

#[cfg(test)]
mod tests;
