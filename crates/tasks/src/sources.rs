//! Sources made ready, kept as long as their configuration stays the same.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use connector::Error;
use connector::registry::{self, Built, Environment};
use model::SourceId;
use serde_json::Value as Json;
use store::{SourceRow, Store};

/// How many sources are kept ready.
const KEPT_MAX: usize = 256;

/// The cache. A manifest takes milliseconds to compile, and a page needs its connector for microseconds.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    kept: Mutex<HashMap<SourceId, (Fingerprint, Built)>>,
}

/// Everything that a ready source depends on.
#[derive(Debug, Clone, PartialEq)]
struct Fingerprint {
    connector: String,
    config: Json,
    secrets: Option<Vec<u8>>,
    manifest: Option<String>,
    search: Option<String>,
    is_administrator: bool,
}

impl Sources {
    /// The source of this row, ready to be read.
    pub(crate) fn build(&self, store: &Store, row: &SourceRow, environment: &Environment) -> Result<Built, Error> {
        let fingerprint = Fingerprint {
            connector: row.connector.clone(),
            config: row.config.clone(),
            secrets: row.secrets.clone(),
            manifest: row.manifest.clone(),
            search: row.search.clone(),
            is_administrator: environment.is_administrator,
        };
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, built)) = kept().get(&row.id)
            && *known == fingerprint
        {
            return Ok(built.clone());
        }
        let secrets = secrets(store, row)?;
        let built = registry::build(
            &row.connector,
            &row.config,
            &secrets,
            row.manifest.as_deref(),
            row.search.as_deref(),
            environment,
        )?;
        let mut kept = kept();
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(row.id, (fingerprint, built.clone()));
        Ok(built)
    }
}

/// A source's secrets, opened; an empty object when it has none.
fn secrets(store: &Store, row: &SourceRow) -> Result<Json, Error> {
    let Some(sealed) = &row.secrets else {
        return Ok(Json::Object(serde_json::Map::new()));
    };
    let plain = store
        .sealer()
        .unseal(&format!("source/{}", row.id), sealed)
        .map_err(|error| Error::FixConfiguration(error.to_string()))?;
    serde_json::from_slice(&plain).map_err(|_opaque| {
        Error::FixConfiguration(format!(
            "the secrets of source `{}` are damaged: enter them again",
            row.name
        ))
    })
}
