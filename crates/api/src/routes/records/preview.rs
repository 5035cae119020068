//! `GET /api/v1/records/{id}/preview`: a record as people look at it beside the hits.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use index::{Attribute, Filter, Highlight, Hit, SearchRequest};
use model::{Asker, RecordId};
use serde::{Deserialize, Serialize};
use serde_json::Value as JsonValue;
use store::RecordDetail;
use utoipa::ToSchema;

use super::{Records, marks};
use crate::access::read;
use crate::caller::SignedIn;
use crate::extract::{Named, Params};
use crate::problem::{Problem, Refusal};

/// A preview shows this much text: more than anybody scrolls through.
const BYTES_MAX: usize = 1 << 20;

/// What was searched for.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PreviewAsked {
    /// The words to mark.
    #[serde(default)]
    q: String,
}

/// A record as people look at it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Preview {
    /// One line.
    title: String,
    /// What it is.
    kind: String,
    /// Where the provider shows it.
    url: Option<String>,
    /// Where it lives.
    path: Option<String>,
    /// Names of people.
    people: Vec<String>,
    /// When it last changed, in UTC milliseconds.
    changed_at: Option<i64>,
    /// Its text, at most a mebibyte.
    text: String,
    /// Whether there is more text than that.
    truncated: bool,
    /// Why there is no text, where a file's could not be read.
    text_missing: Option<String>,
    /// Where the words stand in the text: start and end, in UTF-16 units.
    marks: Vec<[usize; 2]>,
    /// Number of pages, sheets or slides.
    pages: Option<u64>,
    /// Whether there is a file to download.
    download: bool,
    /// Its source.
    source: PreviewSource,
}

/// The source of a record.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PreviewSource {
    id: i64,
    name: String,
}

/// Shows a record's text with the words of a query marked.
#[utoipa::path(get, path = "/api/v1/records/{id}/preview", tag = "records", operation_id = "preview_record",
    params(("id" = i64, Path, description = "The record."), PreviewAsked),
    responses((status = 200, body = Preview), Refusal))]
pub(super) async fn preview_record(
    State(records): State<Records>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
    Params(words): Params<PreviewAsked>,
) -> Result<Json<Preview>, Problem> {
    let found = read(&records.api, caller, move |tx, reach| {
        let record = reach.record(tx, RecordId(id))?;
        let source = reach.held(tx, record.source)?;
        Ok((record, source, reach.asker.clone()))
    });
    let (record, source, asker) = found.await?;
    let index = records.index.clone();
    let slot = Arc::clone(&records.slots).acquire_owned().await;
    let slot = slot.map_err(Problem::bug)?;
    let download = source.connector == "folder";
    let text_missing = download.then(|| why_no_text(&record)).flatten();
    let source = PreviewSource {
        id: source.id.0,
        name: source.name,
    };
    let looked = tokio::task::spawn_blocking(move || {
        let _slot = slot;
        let (hit, tagged) = look(&index, RecordId(id), &words.q, &asker)?;
        Ok::<_, Problem>(preview(
            record,
            hit,
            tagged.as_deref(),
            source,
            (download, text_missing),
        ))
    });
    Ok(Json(looked.await.map_err(Problem::bug)??))
}

/// What the extraction said of a file.
fn why_no_text(record: &RecordDetail) -> Option<String> {
    let said = record.body.data.get("extraction_error")?.as_str()?;
    Some(said.to_owned())
}

/// The document, and its body with the words tagged where there are any.
fn look(
    index: &index::Index,
    id: RecordId,
    query: &str,
    asker: &Asker,
) -> Result<(Option<Hit>, Option<String>), Problem> {
    let hit = index.find(id, asker)?;
    if query.trim().is_empty() || hit.is_none() {
        return Ok((hit, None));
    }
    let request = SearchRequest {
        hits_per_page: 1,
        filters: vec![vec![Filter::records(vec![id])]],
        highlight: Some(Highlight {
            attributes: vec![Attribute::Body],
            tags: marks::tags(),
        }),
        ..SearchRequest::new(query)
    };
    let found = index.search(&request, asker)?;
    let tagged = found.hits.into_iter().next().and_then(|mut hit| {
        let mut bodies = hit.highlights.remove(&Attribute::Body)?;
        bodies.pop().map(|body| body.value)
    });
    Ok((hit, tagged))
}

fn preview(
    record: RecordDetail,
    hit: Option<Hit>,
    tagged: Option<&str>,
    source: PreviewSource,
    (download, text_missing): (bool, Option<String>),
) -> Preview {
    let pages = record.body.data.get("pages").and_then(JsonValue::as_u64);
    let (mut text, mut marks) = tagged.map(marks::parted).unwrap_or_default();
    let body = hit.as_ref().and_then(|hit| hit.body.clone());
    // Something that has landed but is not indexed yet shows what the store holds.
    let body = body.filter(|body| !body.is_empty()).unwrap_or(record.body.text);
    if text != body {
        (text, marks) = (body, Vec::new());
    }
    let truncated = text.len() > BYTES_MAX;
    if truncated {
        let end = (0..=BYTES_MAX).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        let units = text.encode_utf16().count();
        marks.retain(|[_, end]| *end <= units);
    }
    let text_missing = text_missing.filter(|_| text.is_empty());
    let changed_at = record.body.changed_at;
    match hit {
        Some(hit) => Preview {
            title: hit.title,
            kind: hit.kind,
            url: hit.url,
            path: hit.path,
            people: hit.people,
            changed_at: hit.changed_at.or(changed_at).map(|at| at.0),
            text,
            truncated,
            text_missing,
            marks,
            pages,
            download,
            source,
        },
        None => Preview {
            title: record.key,
            kind: record.stream,
            url: None,
            path: None,
            people: Vec::new(),
            changed_at: changed_at.map(|at| at.0),
            text,
            truncated,
            text_missing,
            marks,
            pages,
            download,
            source,
        },
    }
}
