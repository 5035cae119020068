//! `fossick reindex`.

use serde_json::json;

use super::{Session, wait};
use crate::output::{count, number};

/// Builds the index anew, beside the live one, and waits until it is swapped in.
pub(super) async fn run(session: &Session) -> anyhow::Result<()> {
    let mut client = session.client().await?;
    client.start_work();
    let started = client.post("/api/v1/reindex", &json!({})).await;
    let waited = match started {
        Ok(_) => wait::for_index(&client, session.output, "building the index").await,
        Err(error) => Err(error),
    };
    let status = match &waited {
        Ok(()) => client.get("/api/v1/status").await,
        Err(_) => Ok(json!({})),
    };
    wait::end(client, waited).await?;
    let index = status?["index"].take();
    session.output.answer(&index, || {
        format!(
            "the index is built anew: {}",
            count(number(&index, "documents"), "document")
        )
    })
}
