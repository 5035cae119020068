//! Reads a few records of what is to become a source, without keeping anything: a guess is better with real ones.

use std::collections::BTreeSet;
use std::time::Duration;

use connector::grant::Lent;
use connector::reader::{Ask, Event, Listener};
use connector::registry::Built;
use connector::{Connector, Error, ExtractFailure, ExtractFailureKind, Reader};
use model::connector::{RawPage, SliceSpec};
use model::record::{Body, Content};
use model::{Landing, Number, RecordId, Revision, SourceId, SyncMode, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// How many streams are asked.
const STREAMS_MAX: usize = 8;
/// How long one stream may take until its first page.
const STREAM_TIME_MAX: Duration = Duration::from_secs(10);
/// How long all of it may take.
const TIME_MAX: Duration = Duration::from_secs(30);
/// How many records of a stream the guess is made from.
const RECORDS_MAX: usize = 50;
/// How many documents of a stream are shown.
const DOCUMENTS_MAX: usize = 3;
/// How much of a document's text is shown, in letters.
const TEXT_LETTERS_MAX: usize = 300;

/// A document as a search would find it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SampleDocument {
    /// The stream of its record.
    stream: String,
    /// The record's key.
    key: String,
    /// What it is.
    kind: String,
    /// What it is called.
    title: String,
    /// How its text begins.
    body: String,
    /// Where the provider shows it.
    url: Option<String>,
    /// Where it lies.
    path: Option<String>,
    /// Who has to do with it.
    people: Vec<String>,
    /// When it was changed, in UTC milliseconds.
    changed_at: Option<i64>,
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Sample {
    landings: Vec<Landing>,
    /// What went wrong, in words.
    pub(super) warnings: Vec<String>,
}

impl Sample {
    /// Reads the first page of some streams. What goes wrong is a warning: the streams are known without it.
    pub(super) async fn read(built: &Built, streams: &[String], now: Timestamp) -> Self {
        let mut sample = Self::default();
        let all = async {
            for stream in streams.iter().take(STREAMS_MAX) {
                let page = tokio::time::timeout(STREAM_TIME_MAX, sample.stream(built, stream, now)).await;
                match page {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => sample.warn(stream, &error.to_string()),
                    Err(_elapsed) => sample.warn(stream, "it took too long to answer"),
                }
            }
        };
        if tokio::time::timeout(TIME_MAX, all).await.is_err() {
            let text = format!("not all streams were looked into within {} s", TIME_MAX.as_secs());
            sample.warnings.push(text);
        }
        sample
    }

    fn warn(&mut self, stream: &str, why: &str) {
        let label = format!("stream `{stream}`: ");
        let why = why.strip_prefix(&label).unwrap_or(why);
        self.warnings.push(format!(
            "no records of stream `{stream}` could be read to guess from: {why}"
        ));
    }

    async fn stream(&mut self, built: &Built, stream: &str, now: Timestamp) -> Result<(), Error> {
        let planned = built.connector.plan(&[stream.to_owned()], SyncMode::Full, &[], now)?;
        // A stream below another one has none of its own before that one is read.
        let Some(slice) = planned.into_iter().find(|slice| slice.stream == stream) else {
            return Ok(());
        };
        let Some(page) = first_page(built.connector.as_ref(), &slice).await? else {
            return Ok(());
        };
        let connector = std::sync::Arc::clone(&built.connector);
        let parsed = tokio::task::spawn_blocking(move || {
            connector.parse(&page, &mut |files| {
                let unread = ExtractFailure {
                    reason: "not read".to_owned(),
                    detail: "files are not read for a sample".to_owned(),
                    kind: ExtractFailureKind::Unsupported,
                };
                files.iter().map(|_| Err(unread.clone())).collect()
            })
        });
        let parsed = parsed
            .await
            .map_err(|error| Error::Unparsable(format!("a fault in Fossick: {error}")))??;
        self.landings.extend(parsed.landings.into_iter().take(RECORDS_MAX));
        Ok(())
    }

    /// The records, each with its stream, to guess from.
    pub(super) fn records(&self) -> Vec<(String, serde_json::Value)> {
        let body = |landing: &Landing| match &landing.content {
            Content::Present(body) => Some((landing.stream.clone(), body.data.clone())),
            Content::Gone => None,
        };
        self.landings.iter().filter_map(body).collect()
    }

    /// Some documents of each stream, as the mapping makes them.
    pub(super) fn documents(&self, mapping: &connector::mapping::Mapping) -> Vec<SampleDocument> {
        let streams: BTreeSet<&str> = self.landings.iter().map(|landing| landing.stream.as_str()).collect();
        let mut documents = Vec::new();
        for stream in streams {
            let of_stream = self.landings.iter().filter(|landing| landing.stream == stream);
            let made = of_stream.filter_map(|landing| match &landing.content {
                Content::Present(body) => document(mapping, landing, body),
                Content::Gone => None,
            });
            documents.extend(made.take(DOCUMENTS_MAX));
        }
        documents
    }
}

fn document(mapping: &connector::mapping::Mapping, landing: &Landing, body: &Body) -> Option<SampleDocument> {
    let made = mapping.document(RecordId(0), Revision(0), SourceId(0), &landing.stream, body)?;
    Some(SampleDocument {
        stream: landing.stream.clone(),
        key: landing.key.0.clone(),
        kind: made.kind,
        title: made.title,
        body: made.body.chars().take(TEXT_LETTERS_MAX).collect(),
        url: made.url,
        path: made.path,
        people: made.people,
        changed_at: made.changed_at.map(|at| at.0),
    })
}

/// Reads a slice until its first page. Nothing after that page is acknowledged, so nothing after it is asked for.
async fn first_page(connector: &dyn Connector, slice: &SliceSpec) -> Result<Option<RawPage>, Error> {
    let (mut reader, mut listener) = Reader::new();
    let Listener { events, asks } = &mut listener;
    let reading = async move {
        let read = connector.read(slice, None, &mut reader).await;
        drop(reader);
        read
    };
    tokio::pin!(reading);
    let mut number = 0;
    loop {
        tokio::select! {
            ended = &mut reading => return ended.map(|()| None),
            Some(ask) = asks.recv() => {
                number += 1;
                answer(ask, Number(number));
            }
            Some(envelope) = events.recv() => match envelope.event {
                Event::Page { page, .. } => return Ok(Some(*page)),
                Event::Waiting { until, why } => return Err(Error::WaitUntil { at: until, why }),
                Event::Unreadable { why, .. } => return Err(why),
                Event::Children(_)
                | Event::Withheld(_)
                | Event::Checkpoint { .. }
                | Event::Expected(_)
                | Event::Granted { .. }
                | Event::NotGranted { .. }
                | Event::Log(_) => {
                    let _unheard = envelope.done.send(());
                }
            },
        }
    }
}

/// Answers on behalf of nobody else: what is read here is kept nowhere.
fn answer(ask: Ask, number: Number) {
    // Nobody waits for it any more when sending fails.
    let _heard = match ask {
        Ask::Number(answer) => answer.send(number).is_ok(),
        Ask::Turn(answer) => answer.send(None).is_ok(),
        Ask::Token { answer, .. } => answer.send(Lent::Alone).is_ok(),
    };
}
