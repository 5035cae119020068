//! Sources read from a server on the loopback interface.

mod doubts;
mod errors;
mod incremental;

mod paging;
mod partitions;
mod requests;
mod server;
mod tokens;

use std::collections::VecDeque;
use std::sync::Arc;

use model::connector::{Cursor, RawPage, SliceSpec};
use model::record::Content;
use model::{Clock, Number, SyncMode, Timestamp};
use serde_json::{Value as Json, json};

use super::{Limits, Source};
use crate::grant::{Grant, Lent};
use crate::reader::{Ask, Event, Listener};
use crate::{Connector, Error, Parsed, Reader};
use server::Server;

/// 2024-03-10T12:00:00Z.
const NOW: Timestamp = Timestamp(1_710_072_000_000);

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// A source of one stream `things` at `server`. `requester` and `retriever` are lines of YAML in those components,
/// `stream` lines of the stream, each indented as the place asks.
fn manifest(server: &Server, requester: &str, retriever: &str, stream: &str) -> String {
    format!(
        "version: 6.0.0
type: DeclarativeSource
check: {{type: CheckStream, stream_names: [things]}}
streams:
  - type: DeclarativeStream
    name: things
    primary_key: id
{stream}
    retriever:
      type: SimpleRetriever
      record_selector: {{type: RecordSelector, extractor: {{type: DpathExtractor, field_path: [data]}}}}
{retriever}
      requester:
        type: HttpRequester
        url_base: {}
        path: /things
{requester}
spec:
  type: Spec
  connection_specification:
    type: object
    required: []
    properties:
      api_key: {{type: string, airbyte_secret: true}}
",
        server.url
    )
}

fn source(manifest: &str, config: Json) -> Source {
    let client = outbound::Client::new(outbound::Policy {
        allowed: vec!["127.0.0.1".parse().unwrap()],
        ..outbound::Policy::default()
    });
    Source::new(manifest, config, client, Arc::new(Still))
        .unwrap()
        .with_limits(Limits {
            pages_max: 200,
            wait_ms_max: 5_000,
        })
}

/// Everything that reading yielded.
#[derive(Debug, Default)]
struct Run {
    pages: Vec<RawPage>,
    nexts: Vec<Option<Json>>,
    checkpoints: Vec<(String, Json)>,
    slices: Vec<SliceSpec>,
    waits: usize,
    expected: Option<u64>,
    /// What could not be read, and where reading went on.
    unreadable: Vec<(String, Json)>,
    incomplete: Vec<String>,
    is_last_attempt: bool,
    counted: u64,
    /// What other workers know; `None` where the source is alone.
    shared: Option<Shared>,
}

/// What a source shares with other workers.
#[derive(Debug, Default)]
struct Shared {
    grants: std::collections::HashMap<String, Grant>,
    /// How often a turn was asked for.
    turns: usize,
}

impl Run {
    /// Answers what is asked, as somebody would who keeps tokens for all.
    fn answer(&mut self, ask: Ask, number: &mut i64) {
        match ask {
            Ask::Number(answer) => {
                *number += 1;
                answer.send(Number(*number)).unwrap();
            }
            Ask::Turn(answer) => {
                if let Some(shared) = &mut self.shared {
                    shared.turns += 1;
                }
                answer.send(None).unwrap();
            }
            Ask::Token { key, refused, answer } => {
                let lent = match &self.shared {
                    None => Lent::Alone,
                    Some(shared) => match shared.grants.get(&key) {
                        Some(grant) if grant.until > NOW && Some(&grant.access) != refused.as_ref() => {
                            Lent::Token(grant.clone())
                        }
                        last => Lent::Obtain(last.cloned()),
                    },
                };
                answer.send(lent).unwrap();
            }
        }
    }
}

impl Run {
    fn take(&mut self, event: Event, queue: &mut VecDeque<SliceSpec>) {
        match event {
            Event::Page { page, next, records } => {
                self.pages.push(*page);
                self.nexts.push(next);
                self.counted += records;
            }
            Event::Children(slices) => queue.extend(slices),
            Event::Checkpoint { key, value } => self.checkpoints.push((key, value)),
            Event::Waiting { .. } => self.waits += 1,
            Event::Expected(count) => self.expected = Some(count),
            Event::Granted { key, grant } => {
                self.shared.get_or_insert_default().grants.insert(key, grant);
            }
            Event::Unreadable { why, next, .. } => self.unreadable.push((why.to_string(), next)),
            Event::Withheld(why) => self.incomplete.push(why),
            Event::NotGranted { .. } | Event::Log(_) => {}
        }
    }

    /// The data of all records, as parsing finds them.
    fn records(&self, source: &Source) -> Vec<Json> {
        let mut records = Vec::new();
        for page in &self.pages {
            for landing in parse(source, page).landings {
                if let Content::Present(body) = landing.content {
                    records.push(body.data);
                }
            }
        }
        assert_eq!(self.counted, records.len() as u64, "reading counts what parsing finds");
        records
    }

    fn ids(&self, source: &Source) -> Vec<Json> {
        self.records(source)
            .into_iter()
            .map(|record| record["id"].clone())
            .collect()
    }
}

/// Parses a page as it comes out of staging.
fn parse(source: &Source, page: &RawPage) -> Parsed {
    let text = serde_json::to_string(page).unwrap();
    let mut staged: RawPage = serde_json::from_str(&text).unwrap();
    staged.body.clone_from(&page.body);
    source
        .parse(&staged, &mut |_| unreachable!("a page of an API names no files"))
        .unwrap()
}

/// Reads one slice; the events so far are in the run even when it fails.
async fn read(
    source: &Source,
    slice: &SliceSpec,
    position: Option<Json>,
    run: &mut Run,
    queue: &mut VecDeque<SliceSpec>,
) -> Result<(), Error> {
    let (mut reader, listener) = Reader::new();
    let Listener { mut events, mut asks } = listener;
    let is_last_attempt = run.is_last_attempt;
    let reading = async move {
        let mut reader = std::mem::replace(&mut reader, Reader::new().0).for_last_attempt(is_last_attempt);
        source.read(slice, position, &mut reader).await
    };
    let listening = async {
        let mut number = 0;
        loop {
            tokio::select! {
                Some(ask) = asks.recv() => run.answer(ask, &mut number),
                Some(envelope) = events.recv() => {
                    run.take(envelope.event, queue);
                    envelope.done.send(()).unwrap();
                }
                else => break,
            }
        }
    };
    tokio::join!(reading, listening).0
}

/// Plans and reads everything, child slices included.
async fn try_sync(source: &Source, mode: SyncMode, cursors: &[Cursor]) -> (Run, Result<(), Error>) {
    sync_as(source, mode, cursors, Run::default()).await
}

/// The same, going on with what an earlier run shares.
async fn sync_as(source: &Source, mode: SyncMode, cursors: &[Cursor], mut run: Run) -> (Run, Result<(), Error>) {
    let streams: Vec<String> = vec!["things".to_owned()];
    let mut queue: VecDeque<SliceSpec> = match source.plan(&streams, mode, cursors, NOW) {
        Ok(slices) => slices.into(),
        Err(error) => return (run, Err(error)),
    };
    while let Some(slice) = queue.pop_front() {
        run.slices.push(slice.clone());
        if let Err(error) = read(source, &slice, None, &mut run, &mut queue).await {
            return (run, Err(error));
        }
    }
    (run, Ok(()))
}

async fn sync(source: &Source) -> Run {
    let (run, result) = try_sync(source, SyncMode::Full, &[]).await;
    result.unwrap();
    run
}

async fn failure(source: &Source) -> Error {
    try_sync(source, SyncMode::Full, &[]).await.1.unwrap_err()
}

/// A page of records with the given ids.
fn page(ids: impl IntoIterator<Item = i64>) -> Json {
    let records: Vec<Json> = ids.into_iter().map(|id| json!({"id": id})).collect();
    json!({ "data": records })
}

#[tokio::test]
async fn a_replay_parses_the_same_records_without_the_server() {
    let server = Server::json(|_| page([1, 2]));
    let transforms = "    transformations:
      - type: AddFields
        fields: [{path: [seen], value: '{{ now_utc().isoformat() }}'}]";
    let source = source(&manifest(&server, "", "", transforms), json!({}));
    let run = sync(&source).await;
    let (first, again) = (parse(&source, &run.pages[0]), parse(&source, &run.pages[0]));
    assert_eq!(first, again);
    assert_eq!(
        run.records(&source)[0],
        json!({"id": 1, "seen": "2024-03-10T12:00:00+00:00"})
    );
    assert_eq!(run.nexts, [None]);
}

#[tokio::test]
async fn a_check_asks_for_one_page_and_says_what_is_wrong() {
    let server = Server::json(|_| page([1]));
    source(&manifest(&server, "", "", ""), json!({})).check().await.unwrap();
    assert_eq!(server.seen().len(), 1);

    let server = Server::new(|_| (401, vec![], r#"{"error": {"message": "bad key 12345"}}"#.to_owned()));
    let wrong = source(&manifest(&server, "", "", ""), json!({"api_key": "12345"}));
    let error = wrong.check().await.unwrap_err();
    let expected = format!(
        "stream `things`: `{}/things` answered 401: bad key ***; check the credentials",
        server.url
    );
    assert_eq!(error, Error::Reauthenticate(expected));
}

#[test]
fn a_missing_field_of_the_configuration_is_named_and_a_default_is_filled_in() {
    let server = Server::json(|_| page([]));
    let text = manifest(&server, "", "", "")
        .replace("required: []", "required: [account, region]")
        .replace(
            "properties:",
            "properties:\n      account: {type: string, title: Account ID}\n      region: {type: string, default: eu}",
        );
    let client = outbound::Client::new(outbound::Policy::default());
    let error = Source::new(&text, json!({}), client.clone(), Arc::new(Still)).unwrap_err();
    assert_eq!(
        error,
        Error::FixConfiguration("the configuration lacks `account` (Account ID)".to_owned())
    );
    Source::new(&text, json!({"account": "a"}), client, Arc::new(Still)).unwrap();
}

#[test]
fn a_manifest_is_described_without_a_configuration() {
    let server = Server::json(|_| page([]));
    let described = super::describe(&manifest(&server, "", "", "")).unwrap();
    assert_eq!(
        (described.streams, described.secret_fields),
        (vec!["things".to_owned()], vec!["api_key".to_owned()])
    );
}
