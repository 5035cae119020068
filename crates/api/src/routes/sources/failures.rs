//! `GET /api/v1/sources/{id}/failures` and `POST …/failures/retry`: what went wrong, by reason, and trying it again.
//!
//! What went wrong can hold paths and names, so it is content: counts and reasons are for everyone who may know of the
//! source, the words for those who hold it and manage it or may see the very record.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use model::{FailureId, PageId, RecordId, SourceId, SyncMode, Timestamp};
use serde::{Deserialize, Serialize};
use store::{FailureRow, SourceRow, Tx};
use utoipa::ToSchema;

use super::Sources;
use crate::access::{Reach, read, write};
use crate::caller::{Caller, SignedIn};
use crate::extract::{Body, List, Named, Params};
use crate::problem::{Problem, Refusal};

/// How many failures of a reason are looked through for one that may be shown.
const EXAMPLES: u32 = 20;
/// How many failures are retried in one transaction.
const CHUNK: u32 = 500;

/// Which failures to list.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FailuresAsked {
    /// Single failures of this reason; without it, the reasons and how many there are of each.
    reason: Option<String>,
    /// How many, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<i64>,
}

/// Failures: by reason, or single ones of a reason.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct Failures {
    /// Without `reason`: the reasons and how many there are of each, the most frequent first.
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<FailureGroupView>>,
    /// With `reason`: single failures.
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Vec<FailureView>>,
    /// What to send as `after` for the next page; missing on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Failures with one reason.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FailureGroup)]
pub(super) struct FailureGroupView {
    /// The class: the same words for the same cause.
    reason: String,
    /// How many.
    count: u64,
    /// One of them, in full; empty where the caller may see none.
    example: String,
    /// `fetch`, `parse` or `upload`.
    stage: String,
}

/// One thing that went wrong.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Failure)]
pub(super) struct FailureView {
    /// Its id.
    id: i64,
    /// The class.
    reason: String,
    /// What happened, with the thing, the place and the way out.
    detail: String,
    /// `fetch`, `parse` or `upload`.
    stage: String,
    /// The record's key, where it is known.
    record_key: Option<String>,
    /// The record, where it has a row.
    record: Option<i64>,
    /// The page to parse again.
    page: Option<i64>,
    /// When it happened last, in UTC milliseconds.
    at: i64,
}

/// Lists what went wrong: the reasons, or with `?reason=` the single failures.
#[utoipa::path(get, path = "/api/v1/sources/{id}/failures", tag = "sources", operation_id = "list_failures",
    params(("id" = i64, Path, description = "The source."), FailuresAsked),
    responses((status = 200, description = "`{groups}`, or with `reason` `{items, next?}`.", body = Failures), Refusal))]
pub(super) async fn list_failures(
    State(sources): State<Sources>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
    Params(asked): Params<FailuresAsked>,
) -> Result<Json<Failures>, Problem> {
    let id = SourceId(id);
    let Some(reason) = asked.reason else {
        let groups = read(&sources.api, caller, move |tx, reach| groups(tx, reach, id)).await?;
        return Ok(Json(Failures {
            groups: Some(groups),
            ..Failures::default()
        }));
    };
    let limit = asked.limit.unwrap_or(50).clamp(1, 200);
    let after = FailureId(asked.after.unwrap_or(0));
    let page = read(&sources.api, caller, move |tx, reach| {
        let source = reach.held(tx, id)?;
        let rows = tx.list_failures(id, Some(&reason), after, limit)?;
        let mut page = List::page(rows, limit, |row| row.id.0);
        let mut items = Vec::new();
        for row in std::mem::take(&mut page.items) {
            if may_see(tx, reach, &source, &row)? {
                items.push(view(row));
            }
        }
        Ok(Failures {
            items: Some(items),
            next: page.next,
            ..Failures::default()
        })
    });
    Ok(Json(page.await?))
}

fn groups(tx: &mut Tx<'_>, reach: &Reach, id: SourceId) -> Result<Vec<FailureGroupView>, Problem> {
    let source = reach.known(tx, id)?;
    let mut views = Vec::new();
    for group in tx.list_failure_groups(id)? {
        let mut example = String::new();
        if reach.holds(id) {
            for row in tx.list_failures(id, Some(&group.reason), FailureId(0), EXAMPLES)? {
                if row.stage == group.stage && may_see(tx, reach, &source, &row)? {
                    example = row.detail;
                    break;
                }
            }
        }
        views.push(FailureGroupView {
            reason: group.reason,
            count: group.count,
            example,
            stage: group.stage,
        });
    }
    Ok(views)
}

/// Whether the caller, who may know of the source, may read what went wrong with one thing of it.
fn may_see(tx: &mut Tx<'_>, reach: &Reach, source: &SourceRow, row: &FailureRow) -> Result<bool, Problem> {
    if !reach.holds(source.id) {
        return Ok(false);
    }
    let record = match row.record {
        Some(record) => tx.find_record_acl(record)?,
        None => None,
    };
    Ok(match record {
        Some((source, acl)) => reach.asker.may_see(source, &acl),
        // Nobody knows whose it would be: for those who look after the source.
        None => reach.may_manage(source),
    })
}

fn view(row: FailureRow) -> FailureView {
    FailureView {
        id: row.id.0,
        reason: row.reason,
        detail: row.detail,
        stage: row.stage,
        record_key: row.record_key,
        record: row.record.map(|id| id.0),
        page: row.page.map(|id| id.0),
        at: row.made_at.0,
    }
}

/// What to try again: single failures, all of a reason, or all.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RetryAsked {
    /// These failures, at most 500.
    ids: Option<Vec<i64>>,
    /// All failures of this reason.
    reason: Option<String>,
    /// All failures.
    #[serde(default)]
    all: bool,
}

/// What is tried again.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RetryStarted {
    /// How many tasks that takes.
    tasks: u64,
}

/// Tries again what went wrong: pages are parsed, records uploaded, slices fetched again.
#[utoipa::path(post, path = "/api/v1/sources/{id}/failures/retry", tag = "sources", operation_id = "retry_failures",
    params(("id" = i64, Path, description = "The source.")),
    request_body = RetryAsked, responses((status = 202, body = RetryStarted), Refusal))]
pub(super) async fn retry_failures(
    State(sources): State<Sources>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
    Body(asked): Body<RetryAsked>,
) -> Result<(StatusCode, Json<RetryStarted>), Problem> {
    let id = SourceId(id);
    let named = usize::from(asked.ids.is_some()) + usize::from(asked.reason.is_some()) + usize::from(asked.all);
    if named != 1 {
        return Err(Problem::new(
            crate::Code::Invalid,
            "name what to try again by one of `ids`, `reason` and `\"all\": true`",
        ));
    }
    if let Some(ids) = asked.ids {
        let tasks = retry_named(&sources, caller, id, ids).await?;
        return Ok((StatusCode::ACCEPTED, Json(RetryStarted { tasks })));
    }
    let (mut after, mut tasks) = (FailureId(0), 0);
    loop {
        let reason = asked.reason.clone();
        let chunk = write(&sources.api, caller.clone(), move |tx, reach, now| {
            reach.managed(tx, id)?;
            let rows = tx.list_failures(id, reason.as_deref(), after, CHUNK)?;
            let last = rows.last().map(|row| row.id).filter(|_| rows.len() >= CHUNK as usize);
            Ok((last, retry(tx, id, &rows, now)?))
        });
        let (last, started) = chunk.await?;
        tasks += started;
        match last {
            Some(last) => after = last,
            None => return Ok((StatusCode::ACCEPTED, Json(RetryStarted { tasks }))),
        }
    }
}

async fn retry_named(sources: &Sources, caller: Caller, id: SourceId, ids: Vec<i64>) -> Result<u64, Problem> {
    let ids: BTreeSet<i64> = ids.into_iter().collect();
    if ids.len() > CHUNK as usize {
        return Err(Problem::field(
            "ids",
            format!("are more than {CHUNK}: ask several times"),
        ));
    }
    let started = write(&sources.api, caller, move |tx, reach, now| {
        reach.managed(tx, id)?;
        let mut rows = Vec::new();
        for failure in &ids {
            rows.extend(tx.find_failure(id, FailureId(*failure))?);
        }
        retry(tx, id, &rows, now)
    });
    started.await
}

/// Enqueues what brings these failures another try; answers how many tasks that are.
fn retry(tx: &mut Tx<'_>, source: SourceId, rows: &[FailureRow], now: Timestamp) -> Result<u64, Problem> {
    let pages: BTreeSet<PageId> = rows.iter().filter_map(|row| row.page).collect();
    let without_page = rows.iter().filter(|row| row.page.is_none());
    let records: Vec<RecordId> = without_page.clone().filter_map(|row| row.record).collect();
    let is_fetch = without_page.clone().any(|row| row.record.is_none());
    for page in &pages {
        tx.replay_page(*page, source, now)?;
    }
    tx.relog_records(&records, now)?;
    if is_fetch {
        // An incremental sync resumes the slices that failed before it plans anything new.
        tx.attend_source(source, None)?;
        tx.start_sync(source, SyncMode::Incremental, now)?;
    }
    Ok(pages.len() as u64 + u64::from(!records.is_empty()) + u64::from(is_fetch))
}
