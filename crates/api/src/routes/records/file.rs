//! `GET /api/v1/records/{id}/file`: the file behind a record, to be kept, never to be run.

use std::fs::File;
use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use connector::registry;
use model::RecordId;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as JsonValue;
use store::SourceRow;
use tokio_util::io::ReaderStream;

use super::Records;
use crate::access::read;
use crate::caller::SignedIn;
use crate::extract::Named;
use crate::problem::{Problem, Refusal};

/// What RFC 5987 lets stand in a file name.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');
/// Nothing in the file may run or load anything, should a browser show it after all.
const POLICY: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'");

/// Downloads the file behind a record of a folder.
///
/// The folder is looked at again: a file that is gone, or no longer one that a sync would take, is not found.
#[utoipa::path(get, path = "/api/v1/records/{id}/file", tag = "records", operation_id = "download_record",
    params(("id" = i64, Path, description = "The record.")),
    responses((status = 200, description = "The file, as an attachment.", body = Vec<u8>,
        content_type = "application/octet-stream"), Refusal))]
pub(super) async fn download_record(
    State(records): State<Records>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
) -> Result<Response, Problem> {
    let missing = move || Problem::not_found("file of record", id);
    let found = read(&records.api, caller, move |tx, reach| {
        let record = reach.record(tx, RecordId(id))?;
        let source = reach.held(tx, record.source)?;
        let is_administrators = tx.is_owned_by_administrator(source.id)?;
        Ok((record.key, source, is_administrators))
    });
    let (key, source, is_administrators) = found.await?;
    if source.connector != "folder" {
        return Err(missing());
    }
    let environment = registry::Environment {
        is_administrator: is_administrators,
        ..records.environment.clone()
    };
    let opened = tokio::task::spawn_blocking(move || open(&source, &key, &environment));
    let (path, file) = opened.await.map_err(Problem::bug)?.ok_or_else(missing)?;
    let file = tokio::fs::File::from_std(file);
    let length = file.metadata().await.map(|metadata| metadata.len()).ok();
    Ok(attachment(&path, length, Body::from_stream(ReaderStream::new(file))))
}

/// The file and where it is, if the source may still read it.
fn open(source: &SourceRow, key: &str, environment: &registry::Environment) -> Option<(PathBuf, File)> {
    let built = registry::build(
        &source.connector,
        &source.config,
        &JsonValue::Null,
        source.manifest.as_deref(),
        source.search.as_deref(),
        environment,
    );
    built.ok()?.folder?.open(key).ok().flatten()
}

fn attachment(path: &Path, length: Option<u64>, body: Body) -> Response {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_else(|| "file".to_owned());
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || ".-_ ".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let encoded = utf8_percent_encode(&name, ESCAPED);
    let disposition = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/octet-stream"),
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Ok(disposition) = HeaderValue::try_from(disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}
