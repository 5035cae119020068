//! `fossick source check` and `discover`: configurations before they are kept, and sources as they are.

use clap::Args;
use serde_json::{Value, json};

use super::draft::{DraftArgs, Meant};
use super::{find, show};
use crate::client::Client;
use crate::commands::Session;
use crate::exit::{Exit, Refused};
use crate::output::{Align, Output, Table, bytes, clean, count, number, text};

/// What `discover` takes.
#[derive(Debug, Args)]
pub(crate) struct DiscoverArgs {
    #[command(flatten)]
    draft: DraftArgs,
    /// Ask the provider for nothing: guess from the manifest alone
    #[arg(long)]
    no_samples: bool,
}

/// The body that describes what is meant; an existing source is named by its id, so that its secrets take part.
async fn body(client: &Client, args: &DraftArgs, session: &Session) -> anyhow::Result<Value> {
    match args.meant(session.output)? {
        Meant::Described(body) => Ok(Value::Object(body)),
        Meant::Existing(wanted) => {
            let id = text(&find(client, &wanted).await?, "id");
            let source = client.get(&format!("/api/v1/sources/{id}")).await?;
            let mut body = json!({
                "id": source["id"], "name": source["name"], "connector": source["connector"], "config": source["config"],
                "visibility": source["visibility"],
            });
            for field in ["manifest", "search"] {
                if let Some(text) = source.get(field).filter(|text| text.is_string()) {
                    body[field] = text.clone();
                }
            }
            Ok(body)
        }
    }
}

/// Tries a configuration.
pub(super) async fn check(session: &Session, args: &DraftArgs) -> anyhow::Result<()> {
    let client = session.client_of_draft().await?;
    let body = body(client, args, session).await?;
    let mut answer = client.post("/api/v1/sources/check", &body).await?;
    let is_ok = answer.get("ok").and_then(Value::as_bool).unwrap_or(false);
    let is_folder = body["connector"] == "folder";
    if is_ok && is_folder {
        answer["estimate"] = client.post("/api/v1/sources/estimate", &body).await?;
    }
    let output = session.output;
    note_list(output, "warning", &answer["warnings"]);
    note_list(output, "warning", &answer["estimate"]["problems"]);
    if output.is_json {
        output.json(&answer)?;
    } else if is_ok {
        output.line("it works")?;
        if is_folder {
            output.line(format!("a sync would take {}", estimate(&answer["estimate"])))?;
        }
    } else {
        for problem in answer.get("problems").and_then(Value::as_array).into_iter().flatten() {
            let (place, way_out) = (text(problem, "where"), text(problem, "way_out"));
            let place = if place.is_empty() { place } else { format!("{place}: ") };
            let way_out = if way_out.is_empty() {
                way_out
            } else {
                format!("; {way_out}")
            };
            output.line(format!("{place}{}{way_out}", text(problem, "what")))?;
        }
    }
    if is_ok {
        Ok(())
    } else {
        Err(Refused::because(Exit::Failure, "it does not work like this"))
    }
}

/// Says every text of a list.
fn note_list(output: Output, word: &str, list: &Value) {
    for one in list.as_array().into_iter().flatten().filter_map(Value::as_str) {
        output.note(format!("{word}: {}", clean(one)));
    }
}

fn estimate(answer: &Value) -> String {
    let size = bytes(number(answer, "bytes").try_into().unwrap_or(0));
    let kinds = answer.get("by_kind").and_then(Value::as_array).into_iter().flatten();
    let kinds: Vec<String> = kinds
        .take(8)
        .map(|kind| format!("{} {}", count(number(kind, "items"), ""), text(kind, "kind")))
        .collect();
    let more = if answer.get("truncated").and_then(Value::as_bool).unwrap_or(false) {
        "more than "
    } else {
        ""
    };
    let kinds = if kinds.is_empty() {
        String::new()
    } else {
        format!(": {}", kinds.join(", "))
    };
    format!("{more}{}, {size}{kinds}", count(number(answer, "items"), "file"))
}

/// Lists streams and the guessed mapping.
pub(super) async fn discover(session: &Session, args: &DiscoverArgs) -> anyhow::Result<()> {
    let client = session.client_of_draft().await?;
    let body = body(client, &args.draft, session).await?;
    let path = format!("/api/v1/sources/discover?samples={}", !args.no_samples);
    let answer = client.post(&path, &body).await?;
    let output = session.output;
    if output.is_json {
        return output.json(&answer);
    }
    note_list(output, "warning", &answer["warnings"]);
    output.table(&show::stream_table(&answer, "streams"), "it offers no streams")?;
    let documents = answer.get("documents").and_then(Value::as_array);
    if let Some(documents) = documents.filter(|documents| !documents.is_empty()) {
        output.line("\nsome documents, as a search would find them")?;
        output.table(&document_table(documents), "")?;
    }
    if let Some(guess) = answer.get("mapping_guess").and_then(Value::as_str) {
        output.line("\n# the guessed mapping; correct it in a file for --search")?;
        for line in guess.lines() {
            output.line(clean(line))?;
        }
    }
    Ok(())
}

fn document_table(documents: &[Value]) -> Table {
    let mut table = Table::new(&[
        ("stream", Align::Left),
        ("kind", Align::Left),
        ("title", Align::Left),
        ("text", Align::Left),
        ("people", Align::Left),
        ("url", Align::Left),
    ]);
    for document in documents {
        let people = document.get("people").and_then(Value::as_array);
        let people: Vec<&str> = people.into_iter().flatten().filter_map(Value::as_str).collect();
        table.row(vec![
            text(document, "stream"),
            text(document, "kind"),
            text(document, "title"),
            text(document, "body"),
            clean(&people.join(", ")),
            text(document, "url"),
        ]);
    }
    table
}
