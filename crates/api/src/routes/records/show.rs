//! `GET /api/v1/records/{id}`: a record as it landed.

use axum::Json;
use axum::extract::State;
use model::RecordId;
use serde::Serialize;
use serde_json::Value as JsonValue;
use utoipa::ToSchema;

use super::Records;
use crate::access::read;
use crate::caller::SignedIn;
use crate::extract::Named;
use crate::problem::{Problem, Refusal};

/// A record as it landed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Record)]
pub(super) struct RecordView {
    /// Its id.
    id: i64,
    /// Its source.
    source: i64,
    /// Its stream's name.
    stream: String,
    /// What identifies it in the stream.
    key: String,
    /// Its fields.
    #[schema(value_type = Object)]
    data: JsonValue,
    /// The text of its file; empty where there is none.
    text: String,
    /// Its own permissions: every list has to be met by any one of its principals.
    #[schema(value_type = Vec<Vec<String>>)]
    acl: JsonValue,
    /// How often it has changed.
    revision: i64,
    /// When the provider says it last changed, in UTC milliseconds.
    changed_at: Option<i64>,
}

/// Shows a record as it landed.
#[utoipa::path(get, path = "/api/v1/records/{id}", tag = "records", operation_id = "show_record",
    params(("id" = i64, Path, description = "The record.")),
    responses((status = 200, body = RecordView), Refusal))]
pub(super) async fn show_record(
    State(records): State<Records>,
    SignedIn(caller): SignedIn,
    Named(id): Named<i64>,
) -> Result<Json<RecordView>, Problem> {
    let record = read(&records.api, caller, move |tx, reach| reach.record(tx, RecordId(id))).await?;
    Ok(Json(RecordView {
        id: record.id.0,
        source: record.source.0,
        stream: record.stream,
        key: record.key,
        data: record.body.data,
        text: record.body.text,
        acl: serde_json::to_value(&record.body.acl).unwrap_or_default(),
        revision: record.revision.0,
        changed_at: record.body.changed_at.map(|at| at.0),
    }))
}
