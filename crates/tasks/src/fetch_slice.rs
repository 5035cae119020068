//! Reads one slice, page after page, from its read position.
//!
//! Per page, one transaction: page row, `parse` task, new read position. A page's bytes are durable in staging before
//! that. Child slices are held back until the page whose records they were found in is committed, so that a crash
//! neither loses nor doubles them.

mod shared;

use std::collections::HashMap;
use std::sync::Arc;

use connector::reader::{Ask, Envelope, Event, Listener};
use connector::{Connector, Error, Reader};
use model::connector::{Cursor, RawPage, SliceSpec};
use model::queue::Failure;
use model::{SliceState, SourceId, StreamId, SyncState, Timestamp, task};
use queue::{Outcome, Run, Stop, Task};
use serde_json::{Value as Json, json};
use store::{NewFailure, NewPage, SliceRow, Tx};

use crate::Road;
use crate::plan_sync::with_streams;
use shared::Shared;

/// A slice whose read position is refused is read from its beginning this often.
const RESTARTS_MAX: u64 = 3;
/// A disk without space is looked at again after this.
const FULL_WAIT_MS: i64 = 5_000;
/// A paused source is looked at again after this.
const PAUSED_WAIT_MS: i64 = 30_000;

/// See the module.
pub(crate) struct FetchSlice;

impl Task for FetchSlice {
    const KIND: &'static str = "fetch_slice";
    type Args = task::FetchSlice;
    type Context = Road;

    async fn run(road: Arc<Road>, args: Self::Args, run: Run) -> Result<Outcome, Stop> {
        let id = args.slice;
        let found = road.store().read(move |tx| {
            let slice = tx.slice(id)?;
            let sync = tx.sync(slice.sync)?;
            Ok::<_, store::Error>((slice, sync.state))
        });
        let (slice, sync_state) = found.await?;
        if slice.state != SliceState::Open || slice.sync != args.sync {
            return Ok(Outcome::Done);
        }
        let now = run.now();
        if sync_state == SyncState::Cancelled {
            return run
                .finish(move |tx| tx.fail_slice(id, "cancelled by a person", false, now))
                .await;
        }
        let Some((row, built)) = road.source(slice.source).await? else {
            return run
                .finish(move |tx| tx.fail_slice(id, "the source was deleted", false, now))
                .await;
        };
        if row.is_paused {
            let why = "the source is paused".to_owned();
            return Err(Stop::Failed(Failure::WaitUntil {
                at: now.plus_ms(PAUSED_WAIT_MS),
                why,
            }));
        }
        let streams = road.store().read(move |tx| tx.list_streams(slice.source)).await?;
        let streams = streams.into_iter().map(|stream| (stream.name, stream.id)).collect();
        let shared = Shared::new(run.clone(), slice.source, built.source.clone());
        shared.load().await?;
        let mut fetch = Fetch {
            road,
            run,
            slice,
            streams,
            children: Vec::new(),
            shared,
        };
        fetch.await_space(0).await?;
        match fetch.read(built.connector.as_ref()).await {
            Ok(()) => fetch.end().await,
            Err(Ended::Stopped(stop)) => Err(stop),
            Err(Ended::Failed(Error::Incomplete(why))) => fetch.end_incomplete(why).await,
            Err(Ended::Failed(Error::PositionRefused(why))) => fetch.restart(why).await,
            Err(Ended::Failed(error)) => Err(fetch.failed(error).await),
        }
    }

    fn discarded(args: &Self::Args, failure: &Failure, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), store::Error> {
        let slice = tx.slice(args.slice)?;
        if slice.state != SliceState::Open || slice.sync != args.sync {
            // Its sync was cancelled meanwhile, and a later one may read it now: nothing went wrong.
            return Ok(());
        }
        let message = match failure {
            Failure::Retry(why) => format!("{why}; it was tried again and again: retry it when the cause is gone"),
            other => other.to_string(),
        };
        let detail = in_stream(&slice.spec.stream, message.clone());
        tx.put_failure(
            &NewFailure {
                source: slice.source.0,
                sync: Some(slice.sync),
                stage: "fetch",
                place: format!("slice/{}", slice.id),
                reason: reason(failure).to_owned(),
                detail,
                stream: Some(slice.stream),
                slice: Some(slice.id),
                ..NewFailure::default()
            },
            now,
        )?;
        ask_for_attention(tx, slice.source, failure, &message)?;
        // What the configuration or the provider's answer rules out is not there to be gone on with.
        let is_final = matches!(failure, Failure::FixConfiguration(_) | Failure::GiveUp(_));
        tx.fail_slice(slice.id, &message, is_final, now)
    }
}

/// Why reading ended early.
enum Ended {
    Stopped(Stop),
    Failed(Error),
}

impl From<Stop> for Ended {
    fn from(stop: Stop) -> Self {
        Self::Stopped(stop)
    }
}

struct Fetch {
    road: Arc<Road>,
    run: Run,
    slice: SliceRow,
    streams: HashMap<String, StreamId>,
    /// Child slices whose page is not committed yet.
    children: Vec<(StreamId, SliceSpec)>,
    shared: Shared,
}

impl Fetch {
    /// Runs the connector's reader and serves its events until it ends.
    async fn read(&mut self, connector: &dyn Connector) -> Result<(), Ended> {
        let (reader, mut listener) = Reader::new();
        let mut reader = reader.for_last_attempt(self.run.is_last_attempt());
        let spec = self.slice.spec.clone();
        let position = self.slice.position.clone().filter(|position| !position.is_null());
        let stopping = self.run.stopping().clone();
        let reading = async move {
            let read = connector.read(&spec, position, &mut reader).await;
            drop(reader);
            read
        };
        tokio::pin!(reading);
        loop {
            tokio::select! {
                biased;
                () = stopping.cancelled(), if !self.shared.is_obtaining() => {
                    return Err(Ended::Stopped(Stop::ShuttingDown));
                }
                served = self.serve(&mut listener) => served?,
                read = &mut reading => {
                    return read.map_err(Ended::Failed);
                }
            }
        }
    }

    /// Serves one request of the reader. Ends only with one: while the reader lives, this waits.
    async fn serve(&mut self, listener: &mut Listener) -> Result<(), Ended> {
        // Receiving is cancel-safe; what follows a received event is not cancelled, because the reader waits for it.
        tokio::select! {
            Some(ask) = listener.asks.recv() => self.answer(ask).await?,
            Some(Envelope { event, done }) = listener.events.recv() => {
                self.take(event).await?;
                let _gone: Result<(), _> = done.send(());
            }
            else => std::future::pending().await,
        }
        Ok(())
    }

    async fn answer(&mut self, ask: Ask) -> Result<(), Stop> {
        // A reader that has gone away needs no answer.
        let _is_heard = match ask {
            Ask::Number(answer) => answer.send(self.road.store().next_number().await?).is_ok(),
            Ask::Turn(answer) => answer.send(self.shared.turn().await?).is_ok(),
            Ask::Token { key, refused, answer } => answer.send(self.shared.token(key, refused).await?).is_ok(),
        };
        Ok(())
    }

    async fn take(&mut self, event: Event) -> Result<(), Ended> {
        let (sync, source) = (self.slice.sync, self.slice.source);
        match event {
            Event::Page { page, next, records: _ } => self.stage(*page, next).await?,
            Event::Children(slices) => self.children.extend(with_streams(slices, &self.streams)?),
            Event::Checkpoint { key, value } => {
                self.commit_children().await?;
                let (slice, cursor, now) = (self.slice.clone(), Cursor { key, value }, self.run.now());
                self.run
                    .write(move |tx| tx.insert_checkpoint(&slice, &cursor, now))
                    .await?;
            }
            Event::Unreadable { place, why, next } => self.pass_over(place, why, next).await?,
            Event::Withheld(why) => {
                let stream = self.slice.stream;
                self.run
                    .write(move |tx| tx.note_missing_part(sync, stream, &why))
                    .await?;
            }
            Event::Waiting { until, why } => self.say_waiting(until, why).await?,
            Event::Expected(records) if self.slice.position.is_none() && self.run.attempt() == 1 => {
                self.run.note(move |tx| tx.expect_records(sync, records)).await?;
            }
            Event::Expected(_) => {}
            Event::Granted { key, grant } => self.shared.keep(&key, &grant).await?,
            Event::NotGranted { key } => self.shared.give_back(&key).await?,
            Event::Log(line) => tracing::info!(source.id = %source, "source `{source}`: {line}"),
        }
        Ok(())
    }

    async fn stage(&mut self, mut page: RawPage, next: Option<Json>) -> Result<(), Stop> {
        let body = std::mem::take(&mut page.body);
        let bytes = body.len() as u64;
        let (staging, source, number) = (self.road.store().staging().clone(), self.slice.source, page.number);
        self.await_space(bytes).await?;
        let put = move || staging.put(source, number, &body);
        let put = tokio::task::spawn_blocking(put)
            .await
            .map_err(|error| Stop::StoreUnavailable(format!("staging died: {error}")))?;
        let blob = match put {
            Err(store::Error::DiskFull) => {
                let why = "space: the disk of the data folder is full; free some, then it goes on by itself";
                return Err(self.wait_for_space(why.to_owned()).await);
            }
            other => other?,
        };
        let children = std::mem::take(&mut self.children);
        let new = NewPage {
            slice: self.slice.clone(),
            meta: page,
            blob,
            bytes,
            next,
        };
        let (now, run, learned) = (self.run.now(), self.run.clone(), self.shared.learned());
        let known = self.run.write(move |tx| {
            tx.restart_attempts(run.task(), run.fence())?;
            tx.stage_page(&new, now)?;
            tx.insert_slices(new.slice.sync, new.slice.source, &children, now)?;
            learned.share(tx, now)
        });
        self.shared.take_over(known.await?);
        Ok(())
    }

    /// Keeps a part that can't be read as a failure, and goes on behind it.
    async fn pass_over(&mut self, place: String, why: Error, next: Json) -> Result<(), Stop> {
        let (slice, now) = (self.slice.clone(), self.run.now());
        let failure = why.into_failure();
        let new = NewFailure {
            source: slice.source.0,
            sync: Some(slice.sync),
            stage: "fetch",
            place,
            reason: reason(&failure).to_owned(),
            detail: in_stream(&slice.spec.stream, failure.to_string()),
            stream: Some(slice.stream),
            ..NewFailure::default()
        };
        self.run.write(move |tx| tx.pass_over(&slice, &next, &new, now)).await
    }

    /// Fetching stops first, so that parsing, uploading and signing in still have room.
    async fn await_space(&self, wanted: u64) -> Result<(), Stop> {
        let staging = self.road.store().staging().clone();
        let free = tokio::task::spawn_blocking(move || staging.free_bytes())
            .await
            .map_err(|error| Stop::StoreUnavailable(format!("looking for space died: {error}")))??;
        let kept = self.road.parts.limits.free_bytes_min;
        if free >= kept.saturating_add(wanted) {
            return Ok(());
        }
        let why = format!(
            "space on the disk of the data folder: {} MiB are free, {} MiB are kept for what is there already; free some, or lower the setting `fetch.free_mib`",
            free >> 20,
            kept >> 20
        );
        Err(self.wait_for_space(why).await)
    }

    async fn wait_for_space(&self, why: String) -> Stop {
        let at = self.run.now().plus_ms(FULL_WAIT_MS);
        match self.say_waiting(at, why.clone()).await {
            Ok(()) => Stop::Failed(Failure::WaitUntil { at, why }),
            Err(stop) => stop,
        }
    }

    async fn commit_children(&mut self) -> Result<(), Stop> {
        let children = std::mem::take(&mut self.children);
        if children.is_empty() {
            return Ok(());
        }
        let (sync, source, now) = (self.slice.sync, self.slice.source, self.run.now());
        self.run
            .write(move |tx| tx.insert_slices(sync, source, &children, now))
            .await
    }

    /// Shows people what is waited for, and shares it with the other workers.
    async fn say_waiting(&self, until: Timestamp, why: String) -> Result<(), Stop> {
        let (sync, now, learned) = (self.slice.sync, self.run.now(), self.shared.learned());
        let known = self.run.note(move |tx| {
            tx.set_sync_waiting(sync, Some((until, &why)))?;
            learned.share(tx, now)
        });
        self.shared.take_over(known.await?);
        Ok(())
    }

    async fn end(&mut self) -> Result<Outcome, Stop> {
        let children = std::mem::take(&mut self.children);
        let (slice, now, learned) = (self.slice.clone(), self.run.now(), self.shared.learned());
        self.run
            .finish(move |tx| {
                tx.insert_slices(slice.sync, slice.source, &children, now)?;
                tx.clear_failure_at(slice.source, "fetch", &format!("slice/{}", slice.id))?;
                let has_failed = tx.sync(slice.sync)?.failed_slices > 0;
                if !is_incomplete(tx, &slice)? && !has_failed {
                    tx.attend_source(slice.source, None)?;
                }
                tx.end_slice(slice.id, now)?;
                learned.share(tx, now).map(drop)
            })
            .await
    }

    /// Ends a slice that has read everything but what its pages spare. Nothing of it is left to go on with: the next sync
    /// reads anew, from the cursor of before.
    async fn end_incomplete(&mut self, why: String) -> Result<Outcome, Stop> {
        let (slice, now, learned) = (self.slice.clone(), self.run.now(), self.shared.learned());
        let children = std::mem::take(&mut self.children);
        self.run
            .finish(move |tx| {
                if tx.slice(slice.id)?.state != SliceState::Open {
                    // Its sync was cancelled meanwhile.
                    return Ok(());
                }
                tx.insert_slices(slice.sync, slice.source, &children, now)?;
                let failure = Failure::FixConfiguration(why.clone());
                tx.put_failure(
                    &NewFailure {
                        source: slice.source.0,
                        sync: Some(slice.sync),
                        stage: "fetch",
                        place: incomplete_place(slice.stream),
                        reason: reason(&failure).to_owned(),
                        detail: format!("stream `{}`: {why}", slice.spec.stream),
                        stream: Some(slice.stream),
                        ..NewFailure::default()
                    },
                    now,
                )?;
                ask_for_attention(tx, slice.source, &failure, &why)?;
                tx.note_incomplete(slice.sync, &why)?;
                tx.end_slice(slice.id, now)?;
                learned.share(tx, now).map(drop)
            })
            .await
    }

    async fn restart(&self, why: String) -> Result<Outcome, Stop> {
        if self.slice.restarts >= RESTARTS_MAX {
            let text = format!("the read position was refused {RESTARTS_MAX} times, the last time because: {why}");
            return Err(Stop::Failed(Failure::GiveUp(text)));
        }
        let id = self.slice.id;
        let reason = why.clone();
        self.run.write(move |tx| tx.restart_slice(id, &reason)).await?;
        Err(Stop::Failed(Failure::Retry(format!(
            "starts again from the beginning: {why}"
        ))))
    }

    /// Shows people what a slice waits for, and answers the failure that the queue acts on.
    async fn failed(&self, error: Error) -> Stop {
        if let Error::WaitUntil { at, why } = &error
            && let Err(stop) = self.say_waiting(*at, why.clone()).await
        {
            return stop;
        }
        Stop::Failed(error.into_failure())
    }
}

/// A message that names its stream.
fn in_stream(stream: &str, message: String) -> String {
    let stream = format!("stream `{stream}`");
    if message.starts_with(&stream) {
        message
    } else {
        format!("{stream}: {message}")
    }
}

/// Where the failure is kept that a stream could not be read completely: until a slice that moves its cursor could.
fn incomplete_place(stream: StreamId) -> String {
    format!("stream/{stream}")
}

/// Whether something of the slice's stream still waits to be read, now that the slice has ended well.
fn is_incomplete(tx: &mut Tx<'_>, slice: &SliceRow) -> Result<bool, store::Error> {
    let place = incomplete_place(slice.stream);
    if slice.spec.checkpoint_key.is_some() {
        tx.clear_failure_at(slice.source, "fetch", &place)?;
        return Ok(false);
    }
    Ok(!tx.list_failures_at(slice.source, "fetch", &[place])?.is_empty())
}

/// The class of a failure, as people group by it.
fn reason(failure: &Failure) -> &'static str {
    match failure {
        Failure::Retry(_) => "kept failing",
        Failure::WaitUntil { .. } => "asked to wait",
        Failure::Reauthenticate(_) => "sign-in refused",
        Failure::FixConfiguration(_) => "wrong configuration",
        Failure::GiveUp(_) => "can't be read",
    }
}

/// Says on the source what a person has to do, where a person has to.
pub(crate) fn ask_for_attention(
    tx: &mut Tx<'_>,
    source: SourceId,
    failure: &Failure,
    what: &str,
) -> Result<(), store::Error> {
    let action = match failure {
        Failure::Reauthenticate(_) | Failure::FixConfiguration(_) => "edit",
        Failure::Retry(_) | Failure::GiveUp(_) => "retry",
        Failure::WaitUntil { .. } => return Ok(()),
    };
    let mut attention = json!({ "what": what, "whose_turn": "you", "action": action });
    if matches!(failure, Failure::Reauthenticate(_)) {
        attention["is_sign_in"] = true.into();
    }
    put_attention(tx, source, &attention)
}

/// Says on the source what a person has to do, unless they have to sign in: without that, nothing else gets anywhere.
pub(crate) fn put_attention(tx: &mut Tx<'_>, source: SourceId, attention: &Json) -> Result<(), store::Error> {
    let asks_to_sign_in = |attention: &Json| attention.get("is_sign_in") == Some(&Json::Bool(true));
    let present = tx.find_source(source)?.and_then(|row| row.attention);
    if present.is_some_and(|present| asks_to_sign_in(&present)) && !asks_to_sign_in(attention) {
        return Ok(());
    }
    tx.attend_source(source, Some(attention))
}
