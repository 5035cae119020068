//! The network half: slices, partition after partition, window after window, page after page.

use model::connector::{RawPage, SliceSpec};
use model::{Number, SyncMode};
use serde_json::Value as Json;

use super::Source;
use super::answer::explain;
use super::apart::{self, Apart};
use super::args::{Partition, Position, SliceArgs, Window};
use super::children::child_slices;
use super::fetch::Fetched;
use super::ir::Stream;
use super::next::{PageFacts, first, headers, next};
use super::parse::PageExtra;
use super::plan::{follow, micros};
use super::records::Found;
use super::request::Asked;
use super::windows::{stored, windows};
use crate::reader::Event;
use crate::{Error, Reader};

/// Headers that say nothing about records and may hold secrets.
const HEADERS_DROPPED: [&str; 4] = ["set-cookie", "www-authenticate", "authorization", "proxy-authenticate"];

/// What one slice reads.
struct Reading<'a> {
    slice: &'a SliceSpec,
    args: SliceArgs,
    /// The slice's own stream.
    stream: &'a Stream,
    /// The stream that is read: the slice's own, or an ancestor.
    target: &'a Stream,
}

/// One chain of pages.
struct Chain<'a> {
    reading: &'a Reading<'a>,
    partition: &'a Partition,
    window: Option<Window>,
    /// Nothing of the slice follows behind it.
    is_last: bool,
}

/// What one page led to.
struct Outcome {
    token: Option<Json>,
    children: Vec<SliceSpec>,
    highest: Option<i64>,
    records: u64,
    has_records: bool,
}

impl Source {
    pub(super) async fn read_slice(
        &self,
        slice: &SliceSpec,
        position: Option<Json>,
        reader: &mut Reader,
    ) -> Result<(), Error> {
        let args = SliceArgs::from_json(&slice.args)?;
        if args.is_unplanned {
            let slices = self.plan_late(slice, &args)?;
            return reader.send(Event::Children(slices)).await;
        }
        let stream = self.stream(&slice.stream)?;
        let reading = Reading {
            slice,
            target: follow(stream, &args.via)?,
            args,
            stream,
        };
        let mut position = match position {
            Some(json) => Position::from_json(&json)?,
            None => Position::default(),
        };
        let mut is_resumed = position.chain.token.is_some();
        let mut apart = Apart::default();
        while let Some(partition) = reading.args.partitions.get(position.partition) {
            let number = position.partition;
            let read = self
                .read_partition(&reading, &mut position, is_resumed, &mut apart, reader)
                .await;
            match read {
                Ok(()) => apart.note_read(),
                Err(error) => {
                    let place = apart::place(&reading.stream.name, &reading.target.name, partition);
                    apart.put(place, &apart::name(partition), error, number, reader.is_last_attempt())?;
                }
            }
            is_resumed = false;
            position = Position {
                partition: number + 1,
                ..Position::default()
            };
        }
        apart.end(reader).await
    }

    /// The windows of the position's partition, from the position on.
    async fn read_partition(
        &self,
        reading: &Reading<'_>,
        position: &mut Position,
        mut is_resumed: bool,
        apart: &mut Apart,
        reader: &mut Reader,
    ) -> Result<(), Error> {
        let Some(partition) = reading.args.partitions.get(position.partition) else {
            return Ok(());
        };
        let windows = self.windows_of(reading, partition)?;
        while position.window < windows.len() {
            if !position.is_done {
                let is_last = reading.args.partitions.len() == position.partition + 1
                    && windows.len() == position.window + 1
                    && !reading.has_checkpoints();
                let chain = Chain {
                    reading,
                    partition,
                    window: windows[position.window],
                    is_last,
                };
                self.read_chain(&chain, position, is_resumed, apart, reader).await?;
            }
            is_resumed = false;
            if let Some((key, value)) = self.checkpoint(reading, partition, &windows, position)? {
                reader.send(Event::Checkpoint { key, value }).await?;
            }
            *position = Position {
                partition: position.partition,
                window: position.window + 1,
                ..Position::default()
            };
        }
        Ok(())
    }

    /// The windows of a partition; one without times where the stream has no cursor.
    fn windows_of(&self, reading: &Reading<'_>, partition: &Partition) -> Result<Vec<Option<Window>>, Error> {
        let Some(cursor) = &reading.target.cursor else {
            return Ok(vec![None]);
        };
        if let Some(planned) = &reading.args.windows {
            return Ok(planned.iter().copied().map(Some).collect());
        }
        let now = reading.args.planned_at;
        let from = partition.from.filter(|_| reading.slice.mode == SyncMode::Incremental);
        let windows = windows(&reading.target.name, cursor, from, &self.scope(now), micros(now))?;
        Ok(windows.into_iter().map(Some).collect())
    }

    /// The checkpoint at the end of a window.
    fn checkpoint(
        &self,
        reading: &Reading<'_>,
        partition: &Partition,
        windows: &[Option<Window>],
        position: &Position,
    ) -> Result<Option<(String, Json)>, Error> {
        let (Some(cursor), true) = (&reading.stream.cursor, reading.has_checkpoints()) else {
            return Ok(None);
        };
        let Some(window) = windows.get(position.window).copied().flatten() else {
            return Ok(None);
        };
        let behind = windows
            .get(position.window + 1)
            .copied()
            .flatten()
            .map(|next| next.start);
        let at = behind
            .or(reading.args.then)
            .unwrap_or_else(|| position.highest.unwrap_or(window.start).min(window.end));
        // Looking back does not move the cursor back.
        let at = partition.from.map_or(at, |from| at.max(from));
        // What is dated in the future may still change before that: the next sync reads it again.
        let at = at.min(micros(reading.args.planned_at));
        let field = cursor
            .field
            .text(&self.scope(reading.args.planned_at))
            .map_err(|error| explain(&reading.stream.name, "`cursor_field`", &error))?;
        let key = if reading.stream.routers.is_empty() {
            reading.stream.name.clone()
        } else {
            format!("{}/{}", reading.stream.name, partition.hash())
        };
        Ok(Some((key, stored(cursor, &field, at))))
    }

    /// One chain of pages, to its end.
    async fn read_chain(
        &self,
        chain: &Chain<'_>,
        position: &mut Position,
        mut is_resumed: bool,
        apart: &mut Apart,
        reader: &mut Reader,
    ) -> Result<(), Error> {
        let Chain { reading, is_last, .. } = *chain;
        loop {
            let number = reader.number().await?;
            let token = position
                .chain
                .token
                .clone()
                .or_else(|| first(reading.target.paginator.as_ref()));
            let asked = Asked {
                partition: chain.partition,
                window: chain.window,
                token: token.as_ref(),
            };
            let mut reader_while_waiting = Some(&mut *reader);
            let fetched = self
                .fetch(reading.target, &asked, is_resumed, &mut reader_while_waiting)
                .await?;
            apart.tell(reader).await?;
            if let Some(why) = hidden_part(reading, &fetched) {
                reader.send(Event::Withheld(why)).await?;
            }
            is_resumed = false;
            let found = self.found(reading.target, &fetched.body, &asked, fetched.at)?;
            let outcome = self.outcome(reading, &asked, &fetched, &found)?;
            // Once for a stream: those with parents have a chain for each of them.
            if position.chain.pages == 0 && position.window == 0 && reading.stream.routers.is_empty() {
                for doubt in self.doubts(reading.target, &fetched, &found) {
                    reader.send(Event::Log(doubt)).await?;
                }
            }
            if position.chain.pages == 0
                && let Some(total) = expected(reading, &fetched)
            {
                reader.send(Event::Expected(total)).await?;
            }
            // Children first: a crash in between reads the page again and finds them again, and loses none.
            if !outcome.children.is_empty() {
                reader.send(Event::Children(outcome.children)).await?;
            }
            position.highest = position.highest.max(outcome.highest);
            let page = page(reading, &asked, number, fetched);
            let body = outcome
                .has_records
                .then(|| blake3::hash(&page.body).to_hex()[..16].to_owned());
            let next = self.advance(reading, position, outcome.token, body)?;
            let page = Event::Page {
                page: Box::new(if reading.args.via.is_empty() {
                    page
                } else {
                    without_body(page)
                }),
                // A position behind the last page keeps a crash before the slice's end from finding children twice.
                next: if next || !is_last || !reading.args.via.is_empty() {
                    Some(position.to_json())
                } else {
                    None
                },
                records: outcome.records,
            };
            reader.send(page).await?;
            if !next {
                return Ok(());
            }
        }
    }

    /// Moves the position on; whether there is a next page.
    fn advance(
        &self,
        reading: &Reading<'_>,
        position: &mut Position,
        token: Option<Json>,
        body: Option<String>,
    ) -> Result<bool, Error> {
        let Some(token) = token else {
            position.is_done = true;
            return Ok(false);
        };
        let name = &reading.target.name;
        position.chain.advance(token, body).map_err(|why| {
            Error::FixConfiguration(format!(
                "stream `{name}`: the pages of `{}` never end: {why}; see to the `paginator` in the manifest",
                self.provider
            ))
        })?;
        if position.chain.pages >= self.limits.pages_max {
            return Err(Error::FixConfiguration(format!(
                "stream `{name}`: `{}` has sent {} pages and names a next one, so the pages are taken for endless; see to the `paginator` in the manifest, or raise the setting `fetch.pages_max`",
                self.provider, self.limits.pages_max
            )));
        }
        Ok(true)
    }

    /// What a page leads to: the next token, child partitions, the highest cursor.
    fn outcome(
        &self,
        reading: &Reading<'_>,
        asked: &Asked<'_>,
        fetched: &Fetched,
        found: &Found,
    ) -> Result<Outcome, Error> {
        let target = reading.target;
        let records = || found.records.iter().filter_map(|record| record.as_ref().ok());
        let last = records().next_back();
        let headers = headers(&fetched.answer.headers);
        let facts = PageFacts {
            body: &fetched.body,
            headers: &headers,
            last_record: last.unwrap_or(&Json::Null),
            selected: found.selected,
            kept: found.records.len(),
            token: asked.token,
        };
        let scope = self.scope(fetched.at);
        let mut token = match &target.paginator {
            // Behind an error there is no page, whatever its headers say.
            Some(paginator) if fetched.answer.status < 400 => {
                next(paginator, &facts, &scope).map_err(|error| explain(&target.name, "the next page", &error))?
            }
            _ => None,
        };
        let cursor_of = |record: &Json| self.cursor_of(target, record, fetched.at);
        if let (Some(cursor), Some(window), Some(last)) = (&target.cursor, asked.window, last)
            && cursor.is_feed
            && cursor_of(last).is_some_and(|at| at < window.start)
        {
            token = None;
        }
        let children = child_slices(
            reading.slice,
            &reading.args,
            reading.stream,
            asked.partition,
            records(),
            &scope,
        )?;
        Ok(Outcome {
            token,
            children,
            highest: records().filter_map(cursor_of).max(),
            records: if reading.args.via.is_empty() {
                found.records.len() as u64
            } else {
                0
            },
            has_records: found.selected > 0,
        })
    }
}

impl Reading<'_> {
    fn has_checkpoints(&self) -> bool {
        self.args.via.is_empty() && self.stream.cursor.is_some()
    }
}

/// What to say of an error that the manifest ignores: unless it says that the thing is not there, there may be records
/// behind it, and those of an earlier sync are not gone.
fn hidden_part(reading: &Reading<'_>, fetched: &Fetched) -> Option<String> {
    let status = fetched.answer.status;
    let is_hidden = status >= 400 && !matches!(status, 404 | 410);
    is_hidden.then(|| {
        format!(
            "stream `{}`: `{}` answered {status}, which the manifest ignores; what was found there before is kept",
            reading.target.name, fetched.url
        )
    })
}

/// How many records the provider says there are, where that is the whole of the slice.
fn expected(reading: &Reading<'_>, fetched: &Fetched) -> Option<u64> {
    let is_whole = reading.args.via.is_empty() && reading.args.partitions.len() == 1 && reading.args.windows.is_none();
    let header = |name| fetched.answer.header(name)?.trim().parse().ok();
    if is_whole && reading.target.cursor.is_none() {
        header("x-total-count")
            .or_else(|| header("x-total"))
            .or_else(|| header("x-wp-total"))
    } else {
        None
    }
}

fn page(reading: &Reading<'_>, asked: &Asked<'_>, number: Number, fetched: Fetched) -> RawPage {
    let extra = PageExtra {
        partition: asked.partition.clone(),
        window: asked.window,
        token: asked.token.cloned(),
        is_ignored: fetched.is_ignored,
    };
    RawPage {
        stream: reading.slice.stream.clone(),
        slice: SliceSpec {
            args: reading.args.for_pages(),
            ..reading.slice.clone()
        },
        number,
        answered_at: fetched.at,
        url: fetched.url,
        status: fetched.answer.status,
        headers: fetched
            .answer
            .headers
            .into_iter()
            .filter(|(name, _)| !HEADERS_DROPPED.contains(&name.as_str()))
            .collect(),
        extra: serde_json::to_value(extra).unwrap_or(Json::Null),
        body: fetched.answer.body.to_vec(),
    }
}

/// A parent's page is kept for its place only: its records land when the parent itself is read.
fn without_body(page: RawPage) -> RawPage {
    RawPage {
        body: Vec::new(),
        ..page
    }
}

impl Source {
    /// Tries one page of the streams that the manifest names for that, or of the first. Answers what is doubtful in it.
    pub(super) async fn check_streams(&self) -> Result<Vec<String>, Error> {
        let named = &self.manifest.check;
        let streams = if named.is_empty() {
            self.manifest.streams.get(..1).unwrap_or_default()
        } else {
            named
        };
        let now = self.clock.now();
        let mut doubts = Vec::new();
        for stream in streams {
            let planned = self.plan_streams(std::slice::from_ref(&stream.name), SyncMode::Full, &[], now)?;
            let Some(slice) = planned.first() else { continue };
            let args = SliceArgs::from_json(&slice.args)?;
            if args.is_unplanned {
                self.plan_late(slice, &args)?;
            }
            let reading = Reading {
                slice,
                target: follow(stream, &args.via)?,
                args,
                stream,
            };
            let Some(partition) = reading.args.partitions.first() else {
                continue;
            };
            let Some(window) = self.windows_of(&reading, partition)?.first().copied() else {
                continue;
            };
            let token = first(reading.target.paginator.as_ref());
            let asked = Asked {
                partition,
                window,
                token: token.as_ref(),
            };
            let fetched = self.fetch(reading.target, &asked, false, &mut None).await?;
            let found = self.found(reading.target, &fetched.body, &asked, fetched.at)?;
            doubts.extend(self.doubts(reading.target, &fetched, &found));
        }
        Ok(doubts)
    }
}
