//! `fossick search`.

use clap::Args;
use console::Style;
use hyper::Method;
use model::{Clock, SystemClock, Timestamp};
use serde_json::{Value, json};

use super::Session;
use crate::client::Client;
use crate::exit::{Exit, Refused};
use crate::output::{Output, clean, count, number, text, when};

/// Marks around matches while an answer is under way; no text of ours or of a document needs these characters.
const MARK: (char, char) = ('\u{e000}', '\u{e001}');
/// How many words of a body are shown around a match.
const SNIPPET_WORDS: u32 = 24;

/// What `search` takes.
#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    /// What to search for; nothing: what changed last
    words: Vec<String>,
    /// Who searches: `everyone` (what is shared with everyone), `operator` (every source), or `user:<email>`
    #[arg(long = "as", value_name = "WHOM", default_value = "everyone", value_parser = whom)]
    asker: String,
    /// How many hits
    #[arg(short = 'n', long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Which page of hits, from 1
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    page: u32,
    /// Only from this source, by its name; may be repeated
    #[arg(long)]
    source: Vec<String>,
    /// Only of this kind, such as pdf; may be repeated
    #[arg(long)]
    kind: Vec<String>,
}

fn whom(text: &str) -> Result<String, String> {
    let is_user = text.strip_prefix("user:").is_some_and(|email| email.contains('@'));
    if is_user || text == "everyone" || text == "operator" {
        return Ok(text.to_owned());
    }
    Err("expected `everyone`, `operator` or `user:<email>`".to_owned())
}

/// Searches and prints hits.
pub(super) async fn run(session: &Session, args: &SearchArgs) -> anyhow::Result<()> {
    let client = session.client().await?;
    let output = session.output;
    check_sources(client, args).await?;
    let result = ask(client, args, &request(args, output.is_json)).await?;
    if number(&result, "nbHits") == 0 {
        check_index(client, output).await?;
        check_kinds(client, args).await?;
    }
    if output.is_json {
        return output.json(&result);
    }
    let now = SystemClock.now();
    for hit in result.get("hits").and_then(Value::as_array).into_iter().flatten() {
        output.line(render(hit, now, output.is_coloured))?;
    }
    output.line(summary(&result, &args.asker))
}

/// The answer to one request.
async fn ask(client: &Client, args: &SearchArgs, request: &Value) -> anyhow::Result<Value> {
    let headers = [("x-fossick-as", args.asker.clone())];
    let body = json!({ "requests": [request] });
    let mut answer = client
        .send_with(Method::POST, "/1/indexes/*/queries", &headers, Some(&body))
        .await?;
    let result = answer["results"][0].take();
    if result.is_null() {
        return Err(Refused::because(Exit::Failure, "the server's answer holds no result"));
    }
    Ok(result)
}

/// Refuses names that no source has.
async fn check_sources(client: &Client, args: &SearchArgs) -> anyhow::Result<()> {
    if args.source.is_empty() {
        return Ok(());
    }
    let all = client.list("/api/v1/sources").await?;
    let names: Vec<String> = all.iter().map(|source| text(source, "name")).collect();
    check_known("source", &args.source, &names)
}

/// Refuses kinds that nothing has, where a search for them found nothing.
async fn check_kinds(client: &Client, args: &SearchArgs) -> anyhow::Result<()> {
    if args.kind.is_empty() {
        return Ok(());
    }
    let request =
        json!({ "indexName": "fossick", "query": "", "hitsPerPage": 0, "facets": ["kind"], "maxValuesPerFacet": 1000 });
    let result = ask(client, args, &request).await?;
    let kinds = result.pointer("/facets/kind").and_then(Value::as_object);
    let kinds: Vec<String> = kinds.into_iter().flatten().map(|(kind, _)| clean(kind)).collect();
    check_known("kind", &args.kind, &kinds)
}

/// Refuses what is none of `known`, upper and lower case being the same.
pub(super) fn check_known(noun: &str, wanted: &[String], known: &[String]) -> anyhow::Result<()> {
    let is_known = |name: &str| known.iter().any(|one| one.to_lowercase() == name.to_lowercase());
    let Some(unknown) = wanted.iter().find(|name| !is_known(name)) else {
        return Ok(());
    };
    let list = if known.is_empty() {
        "there are none yet".to_owned()
    } else {
        format!("there is `{}`", known.join("`, `"))
    };
    Err(Refused::not_found(format!("there is no {noun} `{unknown}`: {list}")))
}

/// Fails where nothing can be found yet, and says where not everything can.
async fn check_index(client: &Client, output: Output) -> anyhow::Result<()> {
    let status = client.get("/api/v1/status").await?;
    let index = &status["index"];
    let behind = number(index, "behind");
    if behind == 0 {
        return Ok(());
    }
    if number(index, "documents") > 0 {
        output.note(format!(
            "the search index is {} behind: what is not in it yet is not found",
            count(behind, "change")
        ));
        return Ok(());
    }
    let way_out = if client.is_server() {
        "the server is building it; `fossick queue list` shows whether the queue `upload` is paused"
    } else {
        "`fossick reindex` builds it"
    };
    Err(Refused::because(
        Exit::Failure,
        format!("the search index holds nothing yet: {way_out}"),
    ))
}

fn request(args: &SearchArgs, is_json: bool) -> Value {
    let any_of = |name: &str, values: &[String]| -> Value {
        // A leading `-` would mean all others.
        let escaped = |value: &String| match value.strip_prefix('-') {
            Some(rest) => format!("{name}:\\-{rest}"),
            None => format!("{name}:{value}"),
        };
        values.iter().map(escaped).collect()
    };
    let filters: Vec<Value> = [("source", &args.source), ("kind", &args.kind)]
        .iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(name, values)| any_of(name, values))
        .collect();
    let mut request = json!({
        "indexName": "fossick",
        "query": args.words.join(" "),
        "hitsPerPage": args.limit,
        "page": args.page - 1,
        "attributesToHighlight": ["title", "path"],
        "attributesToSnippet": [format!("body:{SNIPPET_WORDS}")],
    });
    if !filters.is_empty() {
        request["facetFilters"] = filters.into();
    }
    if !is_json {
        request["highlightPreTag"] = MARK.0.to_string().into();
        request["highlightPostTag"] = MARK.1.to_string().into();
    }
    request
}

/// A hit as a person reads it: title, where it is, and the text around the match.
fn render(hit: &Value, now: Timestamp, is_coloured: bool) -> String {
    let marked = |value: Option<&Value>, plain: &str| {
        let value = value.and_then(|leaf| leaf.get("value")).and_then(Value::as_str);
        marks(&clean(value.unwrap_or(plain)), is_coloured)
    };
    let highlights = hit.get("_highlightResult");
    let title = marked(highlights.and_then(|all| all.get("title")), &text(hit, "title"));
    let title = if is_coloured {
        Style::new().bold().force_styling(true).apply_to(title).to_string()
    } else {
        title
    };
    let place = match text(hit, "url") {
        url if !url.is_empty() => url,
        _ => marked(highlights.and_then(|all| all.get("path")), &text(hit, "path")),
    };
    let changed = hit
        .get("changed_at")
        .and_then(Value::as_i64)
        .map(|at| when(Timestamp(at), now));
    let record = match text(hit, "objectID") {
        id if id.is_empty() => id,
        id => format!("record {id}"),
    };
    let facts = [
        text(hit, "source"),
        text(hit, "kind"),
        changed.unwrap_or_default(),
        record,
    ];
    let facts: Vec<String> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
    let mut lines = vec![title];
    if !place.is_empty() {
        lines.push(format!("  {place}"));
    }
    let facts = format!("  {}", facts.join(" · "));
    lines.push(if is_coloured {
        Style::new().dim().force_styling(true).apply_to(facts).to_string()
    } else {
        facts
    });
    let snippet = marked(hit.get("_snippetResult").and_then(|all| all.get("body")), "");
    if !snippet.trim().is_empty() {
        lines.push(format!(
            "  {}",
            snippet.split_whitespace().collect::<Vec<_>>().join(" ")
        ));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Turns marks into colours, or takes them out.
fn marks(text: &str, is_coloured: bool) -> String {
    if !is_coloured {
        return text.replace([MARK.0, MARK.1], "");
    }
    text.replace(MARK.0, "\u{1b}[33;1m").replace(MARK.1, "\u{1b}[39;22m")
}

fn summary(result: &Value, asker: &str) -> String {
    let hits = count(number(result, "nbHits"), "hit");
    let took = text(result, "processingTimeMS");
    let pages = number(result, "nbPages");
    let page = number(result, "page") + 1;
    let pages = if pages > 1 {
        format!(", page {page} of {}", count(pages, ""))
    } else {
        String::new()
    };
    let asker = match asker {
        "everyone" => " in what is shared with everyone".to_owned(),
        "operator" => " in every source".to_owned(),
        user => format!(" for {}", user.trim_start_matches("user:")),
    };
    format!("{hits}{asker}{pages}, {took} ms")
}

#[cfg(test)]
mod tests;
