//! Which connectors there are, and how one becomes a source that can be read.

mod http;

use std::path::PathBuf;
use std::sync::Arc;

use model::Clock;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::manifest;
use crate::mapping::Mapping;
use crate::native::folder::{Folder, FolderConfig, FolderGuard, STREAM};
use crate::{Connector, Error, suggest};

/// The mapping of folders, as anyone may read and copy it.
const FOLDER_MAPPING: &str = include_str!("../../../connectors/folder/search.yaml");

/// A connector, for the catalogue and the form that configures it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConnectorInfo {
    /// What a source's configuration calls it.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// One sentence.
    pub description: &'static str,
    /// The JSON Schema of the configuration.
    pub config_schema: Value,
    /// Fields of the configuration that are secrets, as far as they are known without a manifest.
    pub secret_fields: Vec<&'static str>,
    /// Whether a source of it needs a manifest.
    pub needs_manifest: bool,
}

/// What a source may do and whom it asks for the time: everything that is not its configuration.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Our own data folder, which no source reads.
    pub data_dir: PathBuf,
    /// Roots below which members' sources may read.
    pub allowed_roots: Vec<PathBuf>,
    /// Whether the source belongs to an administrator, who may name any folder.
    pub is_administrator: bool,
    /// The client of every HTTP request, which carries what the operator allows.
    pub client: outbound::Client,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// How many pages one listing may have; `None` for as many as usual.
    pub pages_max: Option<u64>,
}

/// A source that is ready.
#[derive(Clone)]
pub struct Built {
    /// Reads and parses.
    pub connector: Arc<dyn Connector>,
    /// Turns its records into documents.
    pub mapping: Mapping,
    /// What a person should know and nothing stops: unknown keys of a manifest, for one.
    pub warnings: Vec<String>,
    /// The same connector where it is a folder, which can also be estimated and watched.
    pub folder: Option<Arc<Folder>>,
    /// The same connector where a manifest describes it: it knows the provider's limits and hides secrets.
    pub source: Option<Arc<manifest::Source>>,
}

impl std::fmt::Debug for Built {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Built")
            .field("warnings", &self.warnings)
            .field("mapping", &self.mapping.version())
            .finish_non_exhaustive()
    }
}

/// Every connector.
pub fn connectors() -> Vec<ConnectorInfo> {
    vec![
        ConnectorInfo {
            name: "folder",
            title: "Folder",
            description: "Files in a folder of the machine that runs the server, searched by name and content.",
            config_schema: FolderConfig::schema(),
            secret_fields: Vec::new(),
            needs_manifest: false,
        },
        ConnectorInfo {
            name: "http",
            title: "HTTP API",
            description: "Any HTTP API that a low-code manifest describes.",
            config_schema: json!({"type": "object", "additionalProperties": true}),
            secret_fields: Vec::new(),
            needs_manifest: true,
        },
    ]
}

/// Makes a source out of a connector's name and a configuration.
///
/// Looks at neither disk nor network: [`Connector::check`] does. `secrets` holds the values of secret fields, kept
/// apart from the rest; `search` is a `search.yaml` that takes the place of the connector's own.
pub fn build(
    name: &str,
    config: &Value,
    secrets: &Value,
    manifest: Option<&str>,
    search: Option<&str>,
    environment: &Environment,
) -> Result<Built, Error> {
    match name {
        "folder" => folder(config, manifest, search, environment),
        "http" => http::build(config, secrets, manifest, search, environment),
        other => Err(unknown(other)),
    }
}

/// What a source's configuration looks like: for `http`, what the manifest says.
pub fn describe(name: &str, manifest: Option<&str>) -> Result<manifest::Description, Error> {
    match name {
        "http" => http::describe(manifest),
        "folder" => Ok(manifest::Description {
            config_schema: FolderConfig::schema(),
            secret_fields: Vec::new(),
            streams: vec![STREAM.to_owned()],
            warnings: Vec::new(),
        }),
        other => Err(unknown(other)),
    }
}

/// Takes the values of secret fields out of a configuration, so that they can be sealed apart from it.
///
/// Answers the secrets by name, with dots between levels; [`build`] puts them back. Without a manifest that can be
/// read nothing is taken out: such a source can't be made either.
pub fn take_secrets(name: &str, manifest: Option<&str>, config: &mut Value) -> Map<String, Value> {
    match describe(name, manifest) {
        Ok(description) => http::take_secrets(config, &description.secret_fields),
        Err(_unusable) => Map::new(),
    }
}

fn unknown(name: &str) -> Error {
    Error::FixConfiguration(format!(
        "there is no connector `{name}`; {}",
        suggest::hint(name, &["folder", "http"])
    ))
}

fn folder(
    config: &Value,
    manifest: Option<&str>,
    search: Option<&str>,
    environment: &Environment,
) -> Result<Built, Error> {
    if manifest.is_some() {
        return Err(Error::FixConfiguration(
            "a folder takes no manifest; leave it out, or choose the connector `http`".to_owned(),
        ));
    }
    let guard = FolderGuard {
        data_dir: environment.data_dir.clone(),
        allowed_roots: environment.allowed_roots.clone(),
        is_administrator: environment.is_administrator,
    };
    let folder = Arc::new(Folder::new(
        FolderConfig::parse(config)?,
        guard,
        Arc::clone(&environment.clock),
    )?);
    let usual = Mapping::parse(FOLDER_MAPPING, "connectors/folder/search.yaml")?;
    let mapping = match search {
        Some(yaml) => Mapping::parse_for(yaml, "search.yaml", &[STREAM])?.or(usual),
        None => usual,
    };
    Ok(Built {
        connector: Arc::clone(&folder) as Arc<dyn Connector>,
        mapping,
        warnings: Vec::new(),
        folder: Some(folder),
        source: None,
    })
}

#[cfg(test)]
mod tests;
