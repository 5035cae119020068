//! `GET /api/v1/connectors`: the catalogue.

use axum::Json;
use serde::Serialize;
use serde_json::Value as JsonValue;
use utoipa::ToSchema;

use crate::caller::SignedIn;
use crate::extract::List;
use crate::problem::Refusal;

/// A connector.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Connector)]
pub(super) struct ConnectorView {
    /// What a source's `connector` calls it.
    name: &'static str,
    /// What people call it.
    title: &'static str,
    /// One sentence.
    description: &'static str,
    /// The JSON Schema of its configuration.
    #[schema(value_type = Object)]
    config_schema: JsonValue,
    /// Whether a source of it needs a manifest.
    needs_manifest: bool,
}

/// Lists the connectors.
#[utoipa::path(get, path = "/api/v1/connectors", tag = "sources", operation_id = "list_connectors",
    responses((status = 200, body = List<ConnectorView>), Refusal))]
pub(super) async fn list_connectors(_: SignedIn) -> Json<List<ConnectorView>> {
    let all = connector::registry::connectors().into_iter().map(|one| ConnectorView {
        name: one.name,
        title: one.title,
        description: one.description,
        config_schema: one.config_schema,
        needs_manifest: one.needs_manifest,
    });
    Json(List::whole(all.collect()))
}
