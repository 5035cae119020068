//! `fossick reindex`.

use serde_json::json;

use super::Session;
use super::wait::Watch;
use crate::output::{count, number};

/// Builds the index anew, beside the live one, and waits until it is swapped in.
pub(super) async fn run(session: &Session) -> anyhow::Result<()> {
    let client = session.client().await?;
    client.start_indexing();
    let mut watch = Watch::new(client, session.output)?;
    client.post("/api/v1/reindex", &json!({})).await?;
    watch.index("building the index").await?;
    let index = client.get("/api/v1/status").await?["index"].take();
    session.output.answer(&index, || {
        format!(
            "the index is built anew: {}",
            count(number(&index, "documents"), "document")
        )
    })
}
