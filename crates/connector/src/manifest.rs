//! The manifest engine: Airbyte's low-code `manifest.yaml`, as published, run natively.
//!
//! A manifest is compiled before anything runs (`compile`), into a form in which every expression is read and every
//! component known (`ir`). Reading and parsing share one pure pipeline from an answer's body to records
//! (`records`), so that a page yields the same records today and at a replay in a year.

mod answer;
mod apart;
mod args;
mod children;
mod compile;
mod datetime;
mod doubts;
mod fetch;
mod ir;
mod jinja;
mod json;
mod next;
mod parse;
mod part;
mod plan;
mod read;
mod records;
mod request;
mod resolve;
mod secrets;
mod spec;
mod tokens;
mod windows;
mod yaml;

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use model::connector::{Cursor, RawPage, SliceSpec, StreamInfo};
use model::{Clock, SyncMode, Timestamp};
use serde_json::Value;

use crate::governor::Governor;
use crate::{Connector, Error, ExtractFiles, Parsed, Reader};
use jinja::Scope;

/// How far a source may go.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How many pages one chain may have. More is taken for an endless one.
    pub pages_max: u64,
    /// How long a request waits in place before it is sent again, in milliseconds. For longer waits reading ends with
    /// [`Error::WaitUntil`] and goes on from its read position.
    pub wait_ms_max: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pages_max: 100_000,
            wait_ms_max: 2_000,
        }
    }
}

/// A manifest with its configuration: a source that can be read.
#[derive(Debug)]
pub struct Source {
    manifest: ir::Manifest,
    warnings: Vec<String>,
    config: Value,
    secrets: secrets::Secrets,
    /// The provider's host, as people know it.
    provider: String,
    client: outbound::Client,
    clock: Arc<dyn Clock>,
    limits: Limits,
    governor: Mutex<Governor>,
    tokens: tokio::sync::Mutex<tokens::Tokens>,
}

/// What a manifest says about its configuration, before there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// The JSON Schema of the configuration.
    pub config_schema: Value,
    /// The fields of it that are secret, with dots between levels.
    pub secret_fields: Vec<String>,
    /// The names of the streams.
    pub streams: Vec<String>,
    /// What a person should know and nothing stops.
    pub warnings: Vec<String>,
}

/// Reads a manifest without a configuration. The error names every problem with its place and line.
pub fn describe(manifest: &str) -> Result<Description, Error> {
    let (manifest, warnings) = compile::compile(manifest).map_err(Error::FixConfiguration)?;
    Ok(Description {
        secret_fields: secrets::secret_fields(&manifest.spec),
        streams: manifest.streams.iter().map(|stream| stream.name.clone()).collect(),
        config_schema: manifest.spec,
        warnings,
    })
}

impl Source {
    /// A source from a manifest's text and the whole configuration, secrets included. Looks at no network.
    ///
    /// Defaults of the manifest's schema are filled in; a missing required field is an error.
    pub fn new(manifest: &str, config: Value, client: outbound::Client, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let (manifest, warnings) = compile::compile(manifest).map_err(Error::FixConfiguration)?;
        let config = spec::complete(&manifest.spec, config)?;
        let provider = provider(&manifest, &config, clock.now());
        Ok(Self {
            secrets: secrets::Secrets::collect(&manifest.spec, &config),
            manifest,
            warnings,
            config,
            provider,
            client,
            clock,
            limits: Limits::default(),
            governor: Mutex::default(),
            tokens: tokio::sync::Mutex::default(),
        })
    }

    /// The same under other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// What a person should know and nothing stops: unknown keys, components that are read but not used.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The JSON Schema of the configuration.
    pub fn config_schema(&self) -> &Value {
        &self.manifest.spec
    }

    /// The text with every secret of the configuration hidden.
    pub fn hide_secrets(&self, text: &str) -> String {
        self.secrets.hide(text)
    }

    /// Whose limits the governor knows: the provider, and a hash of the credential that it counts by.
    pub fn governor_key(&self) -> String {
        format!("{}/{}", self.provider, self.secrets.fingerprint())
    }

    /// What is known about the provider's limits, to be shared with other runs and workers.
    pub fn governor(&self) -> Governor {
        self.governor.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes over what another run or worker learned; what is known here stays known.
    pub fn merge_governor(&self, other: &Governor) {
        let mut governor = self.governor.lock().unwrap_or_else(PoisonError::into_inner);
        *governor = governor.merge(other);
    }

    fn scope(&self, now: Timestamp) -> Scope<'_> {
        Scope::new(&self.config, now)
    }

    fn stream(&self, name: &str) -> Result<&ir::Stream, Error> {
        self.manifest
            .streams
            .iter()
            .find(|stream| stream.name == name)
            .map(AsRef::as_ref)
            .ok_or_else(|| Error::FixConfiguration(format!("the manifest has no stream `{name}`")))
    }
}

/// The host of the first stream's URL, with its port where it names one; a manifest without any has nobody to wait for.
fn provider(manifest: &ir::Manifest, config: &Value, now: Timestamp) -> String {
    let stream = manifest.streams.first();
    let base = stream.and_then(|stream| stream.requester.base.text(&Scope::new(config, now)).ok());
    let url = base.and_then(|base| outbound::Url::parse(base.trim()).ok());
    let host = url.as_ref().and_then(|url| {
        let host = url.host_str()?;
        Some(match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        })
    });
    host.unwrap_or_else(|| "the provider".to_owned())
}

impl Connector for Source {
    fn streams(&self) -> Result<Vec<StreamInfo>, Error> {
        let info = |stream: &Arc<ir::Stream>| StreamInfo {
            name: stream.name.clone(),
            incremental: stream.cursor.is_some(),
            // A provider may cut a listing short without a word: a second opinion is needed.
            exact_listing: false,
            primary_key: stream.primary_key.iter().map(|path| path.join(".")).collect(),
            schema: stream.schema.clone(),
        };
        Ok(self.manifest.streams.iter().map(info).collect())
    }

    fn check(&self) -> BoxFuture<'_, Result<Vec<String>, Error>> {
        Box::pin(self.check_streams())
    }

    fn plan(
        &self,
        streams: &[String],
        mode: SyncMode,
        cursors: &[Cursor],
        now: Timestamp,
    ) -> Result<Vec<SliceSpec>, Error> {
        self.plan_streams(streams, mode, cursors, now)
    }

    fn read<'a>(
        &'a self,
        slice: &'a SliceSpec,
        position: Option<Value>,
        reader: &'a mut Reader,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(self.read_slice(slice, position, reader))
    }

    fn parse(&self, page: &RawPage, _extract: &mut ExtractFiles<'_>) -> Result<Parsed, Error> {
        self.parse_page(page)
    }
}

#[cfg(test)]
mod tests;
