//! Turns one raw page into records: the middle of the road.
//!
//! Records, tombstones, rejected records, the finished page and the end of this task are one transaction. A larger
//! page lands in parts, the last of which finishes it: a crash repeats a part, and repeating changes nothing.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use connector::mapping::Mapping;
use connector::{Error, Parsed};
use model::queue::Failure;
use model::record::Content;
use model::{PageState, Rejected, task};
use queue::{Outcome, Run, Stop, Task};
use store::{LandedCounts, NewFailure, PageRow, ToLand, ToReject, record_place};

use crate::Road;
use crate::files::Files;
use crate::moves;

/// How many records land in one transaction.
const PART_RECORDS_MAX: usize = 500;
/// How many bytes land in one transaction.
const PART_BYTES_MAX: usize = 4 << 20;

/// See the module.
pub(crate) struct ParsePage;

impl Task for ParsePage {
    const KIND: &'static str = "parse_page";
    type Args = task::ParsePage;
    type Context = Road;

    async fn run(road: Arc<Road>, args: Self::Args, run: Run) -> Result<Outcome, Stop> {
        let id = args.page;
        let page = match road.store().read(move |tx| tx.page(id)).await {
            // Removed with its source.
            Err(store::Error::NotFound { .. }) => return Ok(Outcome::Done),
            other => other?,
        };
        if page.state != PageState::Staged {
            return Ok(Outcome::Done);
        }
        let built = match road.source(page.source).await {
            Ok(Some((_, built))) => built,
            Ok(None) => {
                let now = run.now();
                return run
                    .finish(move |tx| tx.finish_page(&page, LandedCounts::default(), &[], now))
                    .await;
            }
            Err(Stop::Failed(failure)) => {
                return quarantine(&run, page, "wrong configuration", failure.to_string()).await;
            }
            Err(stop) => return Err(stop),
        };
        let (staging, blob) = (road.store().staging().clone(), page.blob.clone());
        let (store, pool) = (road.store().clone(), Arc::clone(&road.parts.extract));
        let mut files = Files::new(store, pool, page.stream, run.is_last_attempt());
        let mut raw = page.meta.clone();
        let parse = move || -> Result<Result<Ready, Error>, store::Error> {
            raw.body = staging.get(&blob)?;
            let parsed = built.connector.parse(&raw, &mut |wanted| files.read(wanted));
            Ok(parsed.map(|mut parsed| {
                restrict(&mut parsed, &raw.stream, &built.mapping);
                let moves = moves::find(&mut files, built.connector.as_ref(), &parsed);
                Ready::new(parsed, &moves, built.connector.version())
            }))
        };
        let parsed = tokio::task::spawn_blocking(parse).await.unwrap_or_else(|panic| {
            Ok(Err(Error::Unparsable(format!(
                "a fault in Fossick: parsing panicked: {panic}"
            ))))
        });
        match parsed {
            Ok(Ok(ready)) => land(&run, page, ready).await,
            Ok(Err(Error::Retry(text))) if !run.is_last_attempt() => Err(Stop::Failed(Failure::Retry(text))),
            Ok(Err(error)) => quarantine(&run, page, "page can't be parsed", error.to_string()).await,
            Err(store::Error::NotFound { noun, id }) => {
                let detail = format!("there is no {noun} `{id}`: it was removed from the data folder; sync again");
                quarantine(&run, page, "staged page is gone", detail).await
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Gives each record the permissions that the mapping demands, besides those of its connector.
fn restrict(parsed: &mut Parsed, stream: &str, mapping: &Mapping) {
    for landing in &mut parsed.landings {
        if let Content::Present(body) = &mut landing.content {
            body.acl = mapping.acl(stream, body);
        }
    }
}

/// A parsed page, packed and cut into parts that are small enough for a transaction each.
struct Ready {
    parts: Vec<Vec<ToLand>>,
    keys: HashSet<String>,
    rejected: Vec<Rejected>,
    spared: Vec<String>,
}

impl Ready {
    fn new(parsed: Parsed, moves: &HashMap<String, String>, version: u32) -> Self {
        let mut parts = vec![Vec::new()];
        let mut bytes = 0;
        let mut keys: HashSet<String> = HashSet::with_capacity(parsed.landings.len());
        for landing in &parsed.landings {
            let mut one = ToLand::new(&landing.key, &landing.content, version).of_file(landing.digest);
            if let Some(from) = moves.get(&landing.key.0) {
                one = one.moved_from(from);
            }
            let is_full = parts
                .last()
                .is_some_and(|part: &Vec<ToLand>| part.len() >= PART_RECORDS_MAX);
            if is_full || bytes + one.bytes() > PART_BYTES_MAX {
                parts.push(Vec::new());
                bytes = 0;
            }
            bytes += one.bytes();
            keys.extend(one.keys().map(str::to_owned));
            if let Some(part) = parts.last_mut() {
                part.push(one);
            }
        }
        keys.extend(
            parsed
                .rejected
                .iter()
                .filter_map(|one| one.key.as_ref())
                .map(|key| key.0.clone()),
        );
        Self {
            parts,
            keys,
            rejected: parsed.rejected,
            spared: parsed.spared,
        }
    }
}

async fn land(run: &Run, page: PageRow, ready: Ready) -> Result<Outcome, Stop> {
    let now = run.now();
    let place = page.place();
    let mut counts = LandedCounts::default();
    let mut parts = ready.parts;
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        run.check()?;
        let solved = solved_places(&page, &part, &ready.rejected);
        let landed = run
            .write(move |tx| {
                tx.clear_failures_at(place.source, "parse", &solved)?;
                tx.land(place, &part, &[], now)
            })
            .await?;
        add(&mut counts, landed);
    }
    let solved = solved_places(&page, &last, &ready.rejected);
    let landed_keys: HashSet<&str> = last.iter().map(ToLand::key).collect();
    // A record that was rejected and landed all the same (a file found by its name alone) has landed.
    let seen: Vec<ToReject> = ready
        .rejected
        .iter()
        .filter_map(|one| one.key.as_ref())
        .filter(|key| !ready.keys.contains(&key.0) || !landed_keys.contains(key.0.as_str()))
        .map(ToReject::new)
        .collect();
    let failures: Vec<NewFailure> = ready
        .rejected
        .iter()
        .enumerate()
        .map(|(at, one)| failure(&page, at, one))
        .collect();
    let unreadable = ready.rejected.iter().filter(|one| one.key.is_none()).count();
    let (keys, spared) = (ready.keys, ready.spared);
    run.finish(move |tx| {
        tx.clear_failures_at(place.source, "parse", &solved)?;
        let mut counts = counts;
        add(&mut counts, tx.land(place, &last, &seen, now)?);
        if page.has_landed {
            counts.deleted += tx.land_absent(place, &keys, now)?;
        }
        if page.is_counted {
            tx.spare_places(page.sync, page.stream, &spared, "not everything could be read")?;
        }
        if unreadable > 0 && page.is_counted {
            tx.block_sweep(
                page.sync,
                page.stream,
                &format!("{unreadable} records of a page could not be told apart"),
            )?;
        }
        tx.finish_page(&page, counts, &failures, now)
    })
    .await
}

/// Where failures of records that now land would be.
fn solved_places(page: &PageRow, part: &[ToLand], rejected: &[Rejected]) -> Vec<String> {
    let rejected: HashSet<&str> = rejected
        .iter()
        .filter_map(|one| one.key.as_ref())
        .map(|key| key.0.as_str())
        .collect();
    part.iter()
        .flat_map(ToLand::keys)
        .filter(|key| !rejected.contains(key))
        .map(|key| record_place(page.stream, key))
        .collect()
}

fn add(counts: &mut LandedCounts, more: LandedCounts) {
    counts.changed += more.changed;
    counts.unchanged += more.unchanged;
    counts.deleted += more.deleted;
    counts.older += more.older;
}

fn failure(page: &PageRow, at: usize, rejected: &Rejected) -> NewFailure {
    let place = match &rejected.key {
        Some(key) => record_place(page.stream, &key.0),
        None => format!("page/{}/{at}", page.id),
    };
    NewFailure {
        source: page.source.0,
        sync: Some(page.sync),
        stage: "parse",
        place,
        reason: rejected.reason.clone(),
        detail: rejected.detail.clone(),
        stream: Some(page.stream),
        record_key: rejected.key.as_ref().map(|key| key.0.clone()),
        page: Some(page.id),
        ..NewFailure::default()
    }
}

async fn quarantine(run: &Run, page: PageRow, reason: &str, detail: String) -> Result<Outcome, Stop> {
    // The stream is named once.
    let stream = format!("stream `{}`: ", page.meta.stream);
    let detail = detail.strip_prefix(&stream).unwrap_or(&detail);
    let failure = NewFailure {
        source: page.source.0,
        sync: Some(page.sync),
        stage: "parse",
        place: format!("page/{}", page.id),
        reason: reason.to_owned(),
        detail: format!("page {} of stream `{}`: {detail}", page.id, page.meta.stream),
        stream: Some(page.stream),
        page: Some(page.id),
        ..NewFailure::default()
    };
    let now = run.now();
    run.finish(move |tx| tx.quarantine_page(&page, &failure, now)).await
}
