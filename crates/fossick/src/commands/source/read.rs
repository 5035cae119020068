//! `fossick source read`: a few records as JSON lines, without keeping anything. Runs the connector in this process.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use connector::grant::Lent;
use connector::reader::{Ask, Event, Listener};
use connector::registry::{self, Built, Environment};
use connector::{Connector, ExtractFailure, ExtractFailureKind, ExtractedFile, FileToRead, Parsed, Reader};
use extract::pool::ExtractPool;
use model::connector::{RawPage, SliceSpec};
use model::record::Content;
use model::{Clock, Landing, Number, SourceId, SyncMode, SystemClock};
use serde_json::{Map, Value, json};
use store::Store;

use super::draft::{DraftArgs, Meant};
use crate::client::has_server;
use crate::commands::{Session, pick};
use crate::config::Config;
use crate::exit::{Exit, Refused};
use crate::output::{Output, clean, number};
use crate::{app, beside};

/// What `read` takes.
#[derive(Debug, Args)]
pub(crate) struct ReadArgs {
    #[command(flatten)]
    draft: DraftArgs,
    /// How many records at most
    #[arg(short = 'n', long, default_value_t = 10)]
    limit: usize,
    /// Only from this stream; may be repeated
    #[arg(long)]
    stream: Vec<String>,
}

/// What a connector is made of.
struct Recipe {
    connector: String,
    config: Value,
    secrets: Value,
    manifest: Option<String>,
    search: Option<String>,
}

/// Reads and prints.
pub(super) async fn run(session: &Session, args: &ReadArgs) -> anyhow::Result<()> {
    let recipe = match args.draft.meant(session.output)? {
        Meant::Described(body) => described(&body),
        Meant::Existing(wanted) => existing(&session.config, &wanted).await?,
    };
    let config = &session.config;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let environment = Environment {
        data_dir: config.data_dir.clone(),
        allowed_roots: config.allowed_roots.clone(),
        is_administrator: true,
        client: outbound::Client::new(config.outbound_policy()?),
        clock: Arc::clone(&clock),
        pages_max: None,
    };
    let (manifest, search) = (recipe.manifest.as_deref(), recipe.search.as_deref());
    let built = registry::build(
        &recipe.connector,
        &recipe.config,
        &recipe.secrets,
        manifest,
        search,
        &environment,
    )?;
    for warning in &built.warnings {
        session.output.note(format!("warning: {}", clean(warning)));
    }
    let pool = Arc::new(ExtractPool::new(
        app::extract_command(config)?,
        extract::Limits::default(),
    ));
    let mut run = Run {
        pool,
        output: session.output,
        left: args.limit,
        next_number: 1,
    };
    let read = run.streams(&built, &args.stream, clock.as_ref()).await;
    let pool = run.pool;
    tokio::task::spawn_blocking(move || pool.stop()).await?;
    if read.is_err() && has_server(&config.data_dir).await.unwrap_or(false) {
        session.output.note(
            "it was read with the settings given here, which `fossick config` prints; the running server may have others: `fossick source check` asks it",
        );
    }
    read
}

fn described(body: &Map<String, Value>) -> Recipe {
    let text = |field: &str| body.get(field).and_then(Value::as_str).map(str::to_owned);
    let object = |field: &str| body.get(field).cloned().unwrap_or_else(|| json!({}));
    Recipe {
        connector: text("connector").unwrap_or_default(),
        config: object("config"),
        secrets: object("secrets"),
        manifest: text("manifest"),
        search: text("search"),
    }
}

/// The recipe of a source that exists: its secrets are unsealed here, and never leave this process.
async fn existing(config: &Config, wanted: &str) -> anyhow::Result<Recipe> {
    let beside = beside::open(config).await?;
    let recipe = recipe(&beside.store, wanted).await;
    beside.close().await?;
    recipe
}

async fn recipe(store: &Store, wanted: &str) -> anyhow::Result<Recipe> {
    let sources = beside::all_sources(store).await?;
    let named: Vec<Value> = sources
        .iter()
        .map(|row| json!({ "id": row.id, "name": row.name }))
        .collect();
    let id = SourceId(number(&pick("source", "name", wanted, &named)?, "id"));
    let row = store.read(move |tx| tx.source(id)).await?;
    let secrets = match &row.secrets {
        Some(sealed) => serde_json::from_slice(&store.sealer().unseal(&format!("source/{id}"), sealed)?)
            .context("the source's secrets are damaged: enter them again")?,
        None => json!({}),
    };
    Ok(Recipe {
        connector: row.connector,
        config: row.config,
        secrets,
        manifest: row.manifest,
        search: row.search,
    })
}

struct Run {
    pool: Arc<ExtractPool>,
    output: Output,
    /// How many records may still be printed.
    left: usize,
    next_number: i64,
}

impl Run {
    async fn streams(&mut self, built: &Built, wanted: &[String], clock: &dyn Clock) -> anyhow::Result<()> {
        let offered: Vec<String> = built
            .connector
            .streams()?
            .into_iter()
            .map(|stream| stream.name)
            .collect();
        if let Some(unknown) = wanted.iter().find(|one| !offered.contains(one)) {
            let offered = clean(&offered.join(", "));
            return Err(Refused::not_found(format!(
                "there is no stream `{unknown}`: the source offers {offered}"
            )));
        }
        let chosen = if wanted.is_empty() { offered } else { wanted.to_vec() };
        let planned = built.connector.plan(&chosen, SyncMode::Full, &[], clock.now())?;
        let mut slices = VecDeque::from(planned);
        while let Some(slice) = slices.pop_front() {
            if self.left == 0 {
                break;
            }
            self.slice(&built.connector, &slice, &mut slices).await?;
        }
        Ok(())
    }

    /// Reads one slice until its end or until enough was printed; its children are put behind the others.
    async fn slice(
        &mut self,
        connector: &Arc<dyn Connector>,
        slice: &SliceSpec,
        slices: &mut VecDeque<SliceSpec>,
    ) -> anyhow::Result<()> {
        let (reader, mut listener) = Reader::new();
        let Listener { events, asks } = &mut listener;
        let mut reading = pin!(async move {
            let mut reader = reader;
            connector.read(slice, None, &mut reader).await
        });
        loop {
            let envelope = tokio::select! {
                ended = &mut reading => return ended.map_err(|error| Refused::because(Exit::Failure, clean(&error.to_string()))),
                Some(ask) = asks.recv() => {
                    self.answer(ask);
                    continue;
                }
                Some(envelope) = events.recv() => envelope,
                _ = tokio::signal::ctrl_c() => return Err(Refused::because(Exit::Interrupted, "interrupted")),
            };
            match envelope.event {
                Event::Page { page, .. } => self.page(connector, *page).await?,
                Event::Children(children) => slices.extend(children),
                Event::Waiting { until, why } => self.output.note(format!("waiting until {until} for {}", clean(&why))),
                Event::Log(line) => self.output.note(clean(&line)),
                Event::Unreadable { why, .. } => self.output.note(clean(&why.to_string())),
                Event::Withheld(why) => self.output.note(clean(&why)),
                Event::Checkpoint { .. } | Event::Expected(_) | Event::Granted { .. } | Event::NotGranted { .. } => {}
            }
            if self.left == 0 {
                return Ok(());
            }
            let _unheard = envelope.done.send(());
        }
    }

    /// Answers on behalf of nobody else: what is read here is kept nowhere.
    fn answer(&mut self, ask: Ask) {
        // Nobody waits for it any more when sending fails.
        let _heard = match ask {
            Ask::Number(answer) => {
                self.next_number += 1;
                answer.send(Number(self.next_number)).is_ok()
            }
            Ask::Turn(answer) => answer.send(None).is_ok(),
            Ask::Token { answer, .. } => answer.send(Lent::Alone).is_ok(),
        };
    }

    async fn page(&mut self, connector: &Arc<dyn Connector>, page: RawPage) -> anyhow::Result<()> {
        let (connector, pool) = (Arc::clone(connector), Arc::clone(&self.pool));
        let parse = move || {
            connector.parse(&page, &mut |files| {
                files.iter().map(|file| extract_file(&pool, file)).collect()
            })
        };
        let parsed: Parsed = tokio::task::spawn_blocking(parse).await??;
        for landing in &parsed.landings {
            if self.left == 0 {
                return Ok(());
            }
            self.left -= 1;
            self.output.line(line(landing).to_string())?;
        }
        for rejected in &parsed.rejected {
            let key = rejected
                .key
                .as_ref()
                .filter(|key| !rejected.detail.contains(&key.0))
                .map_or_else(String::new, |key| format!(" `{}`", clean(&key.0)));
            self.output.note(format!(
                "not read: a record{key} of `{}`: {}",
                rejected.stream,
                clean(&rejected.detail)
            ));
        }
        Ok(())
    }
}

/// A record as a line of JSON.
fn line(landing: &Landing) -> Value {
    let mut line = json!({ "stream": landing.stream, "key": landing.key });
    match &landing.content {
        Content::Gone => line["gone"] = json!(true),
        Content::Present(body) => {
            line["data"] = body.data.clone();
            if !body.text.is_empty() {
                line["text"] = json!(body.text);
            }
            if !body.acl.sets().is_empty() {
                line["acl"] = json!(body.acl);
            }
            if let Some(at) = body.changed_at {
                line["changed_at"] = json!(at.to_string());
            }
        }
    }
    line
}

/// The text of a file. Blocks.
fn extract_file(pool: &ExtractPool, file: &FileToRead<'_>) -> Result<ExtractedFile, ExtractFailure> {
    match pool.extract_file(file.path, file.key, file.media_type) {
        Ok(found) => Ok(ExtractedFile {
            text: found.text,
            title: found.title,
            authors: found.authors,
            pages: found.pages,
            truncated: found.truncated,
            reader: extract::VERSION,
        }),
        Err(error) => Err(ExtractFailure {
            reason: error.reason().to_owned(),
            detail: error.to_string(),
            // Nothing is kept, so there is no later: the file is shown without its text.
            kind: match &error {
                extract::Error::Unsupported { .. } => ExtractFailureKind::Unsupported,
                _ => ExtractFailureKind::File,
            },
        }),
    }
}
