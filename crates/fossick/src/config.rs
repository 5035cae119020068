//! Settings, layered: defaults ← `fossick.toml` ← `fossick.<environment>.toml` ← `fossick.local.toml` ← `.env` ←
//! environment (`FOSSICK_…`) ← flags. Every value knows where it came from.
//!
//! # How to add a setting
//!
//! A line in [`settings::ALL`], a field of [`Config`] and a line in [`Config::from_layers`]; then `make gen`.

mod layers;
pub(crate) mod settings;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use outbound::Policy;
use queue::QueueLimits;
use store::Secret;
use tasks::{FetchLimits, Retention};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

pub(crate) use layers::Layers;
use settings::Takes;

/// The settings in force.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// Where everything is kept.
    pub(crate) data_dir: PathBuf,
    /// Where the server listens.
    pub(crate) listen: SocketAddr,
    /// The address that people use.
    pub(crate) base_url: Option<String>,
    /// Whose `X-Forwarded-…` headers are believed.
    pub(crate) trusted_proxies: Vec<api::Network>,
    /// The PostgreSQL database; SQLite in the data folder without one.
    pub(crate) database: Option<Secret>,
    /// Roots below which members may add folder sources.
    pub(crate) allowed_roots: Vec<PathBuf>,
    /// Private hosts and networks that sources may reach.
    pub(crate) allow_private: Vec<String>,
    /// What is logged, as a filter of `tracing`.
    pub(crate) log: String,
    /// Whether logs are JSON lines.
    pub(crate) log_json: bool,
    /// What this process calls itself among the workers.
    pub(crate) worker_name: String,
    /// How many files are read at once.
    pub(crate) extract_children: usize,
    /// How much of each queue runs.
    pub(crate) queues: Queues,
    /// How many pages one listing of a source may have.
    pub(crate) fetch_pages_max: u32,
    /// How much of the disk is left free, in MiB.
    pub(crate) fetch_free_mib: u32,
    /// How long finished tasks are kept, in days.
    pub(crate) history_days: u32,
    /// How long staged pages are kept that no live record needs, in days.
    pub(crate) pages_days: u32,
    /// How long syncs are kept that have ended, in days.
    pub(crate) syncs_days: u32,
    /// How long lines of the log are kept, in days.
    pub(crate) log_days: u32,
    /// Whether everyone may read `/metrics`.
    pub(crate) has_open_metrics: bool,
    /// Every setting with its origin, for `fossick config`.
    pub(crate) layers: Layers,
}

/// How much of each queue a process runs: (at once, at once per source).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Queues {
    fetch: (u32, u32),
    parse: (u32, u32),
}

impl Queues {
    /// The limits of a queue; any other name is no queue of ours.
    pub(crate) fn of(&self, name: &str) -> Option<QueueLimits> {
        let (running_max, per_source_max) = match name {
            "fetch" => self.fetch,
            "parse" => self.parse,
            "upload" | "housekeeping" => (4, 4),
            _ => return None,
        };
        Some(QueueLimits {
            queue: name.to_owned(),
            running_max,
            per_source_max,
        })
    }
}

impl Config {
    /// Reads all layers; `flags` are settings by name that were given on the command line.
    pub(crate) fn load(dir: &Path, flags: &[(&'static str, String)]) -> anyhow::Result<Self> {
        Self::from_layers(Layers::load(dir, flags)?)
    }

    fn from_layers(layers: Layers) -> anyhow::Result<Self> {
        let text = |name: &str| layers.text(name);
        let listen = text("listen");
        let config = Self {
            data_dir: std::path::absolute(text("data_dir")).context("the setting `data_dir`")?,
            listen: listen
                .parse()
                .map_err(|_not_one| bad(&layers, "listen", "an address and a port, such as `127.0.0.1:3677`"))?,
            base_url: Some(text("base_url").trim_end_matches('/').to_owned()).filter(|url| !url.is_empty()),
            trusted_proxies: list(&layers, "trusted_proxies", "addresses, such as `10.0.0.1`")?,
            database: Some(text("database")).filter(|url| !url.is_empty()).map(Secret::new),
            allowed_roots: list(&layers, "allowed_roots", "folders")?,
            allow_private: list(&layers, "allow_private", "hosts or networks")?,
            log: text("log"),
            log_json: truth(&layers, "log_json")?,
            worker_name: text("worker_name"),
            extract_children: number(&layers, "extract_children")? as usize,
            queues: Queues {
                fetch: (
                    number(&layers, "queues.fetch.running")?,
                    number(&layers, "queues.fetch.per_source")?,
                ),
                parse: (
                    number(&layers, "queues.parse.running")?,
                    number(&layers, "queues.parse.per_source")?,
                ),
            },
            fetch_pages_max: number(&layers, "fetch.pages_max")?,
            fetch_free_mib: number(&layers, "fetch.free_mib")?,
            history_days: number(&layers, "retention.history_days")?,
            pages_days: number(&layers, "retention.pages_days")?,
            syncs_days: number(&layers, "retention.syncs_days")?,
            log_days: number(&layers, "retention.log_days")?,
            has_open_metrics: truth(&layers, "open_metrics")?,
            layers,
        };
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> anyhow::Result<()> {
        if let Some(url) = &self.base_url
            && !(url.starts_with("http://") || url.starts_with("https://"))
        {
            return Err(bad(
                &self.layers,
                "base_url",
                "an address with its scheme, such as `https://search.example.org`",
            ));
        }
        if let Some((_, place)) = self.base_url.as_deref().and_then(|url| url.split_once("://"))
            && place.contains(['/', '?', '#'])
        {
            return Err(bad(
                &self.layers,
                "base_url",
                "an address without a path: the pages are at the root of a host of their own",
            ));
        }
        if let Some(url) = &self.database
            && !(url.expose().starts_with("postgres://") || url.expose().starts_with("postgresql://"))
        {
            bail!(
                "the setting `database` (from {}) is not a URL that begins with `postgres://`; leave it out for SQLite",
                self.layers.origin("database")
            );
        }
        self.outbound_policy()?;
        if !is_log_filter(&self.log) {
            return Err(bad(
                &self.layers,
                "log",
                "`warn`, `info`, `debug`, or a filter such as `info,connector=debug`",
            ));
        }
        Ok(())
    }

    /// How long things are kept.
    pub(crate) fn retention(&self) -> Retention {
        let days = |days: u32| i64::from(days) * 86_400_000;
        Retention {
            history_ms: days(self.history_days),
            pages_ms: days(self.pages_days),
            syncs_ms: days(self.syncs_days),
            log_ms: days(self.log_days),
        }
    }

    /// How far fetching goes.
    pub(crate) fn fetch_limits(&self) -> FetchLimits {
        FetchLimits {
            pages_max: u64::from(self.fetch_pages_max),
            free_bytes_min: u64::from(self.fetch_free_mib) << 20,
        }
    }

    /// What requests to providers may do.
    pub(crate) fn outbound_policy(&self) -> anyhow::Result<Policy> {
        let allowed = self.allow_private.iter().map(|text| {
            text.parse().map_err(|error| {
                anyhow::anyhow!(
                    "the setting `allow_private` (from {}): {error}",
                    self.layers.origin("allow_private")
                )
            })
        });
        Ok(Policy {
            allowed: allowed.collect::<anyhow::Result<_>>()?,
            ..Policy::default()
        })
    }
}

fn bad(layers: &Layers, name: &str, expected: &str) -> anyhow::Error {
    anyhow::anyhow!(
        "the setting `{name}` (from {}) is `{}`: expected {expected}",
        layers.origin(name),
        layers.text(name)
    )
}

/// Whether the log can go by it: what names no part of the program must be a level, or a typo would silence everything.
fn is_log_filter(text: &str) -> bool {
    let mut parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let is_part = |part: &str| part.contains(['=', '[']) || part.parse::<LevelFilter>().is_ok();
    parts.all(is_part) && EnvFilter::try_new(text).is_ok()
}

fn number(layers: &Layers, name: &str) -> anyhow::Result<u32> {
    let Some(Takes::Number(least, most)) = settings::find(name).map(|setting| setting.takes) else {
        bail!("`{name}` is no setting that takes a number");
    };
    let parsed = layers
        .text(name)
        .parse()
        .ok()
        .filter(|number| (least..=most).contains(number));
    parsed.ok_or_else(|| bad(layers, name, &Takes::Number(least, most).to_string()))
}

fn truth(layers: &Layers, name: &str) -> anyhow::Result<bool> {
    match layers.text(name).as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(bad(layers, name, &Takes::Truth.to_string())),
    }
}

fn list<T: std::str::FromStr>(layers: &Layers, name: &str, expected: &str) -> anyhow::Result<Vec<T>> {
    let text = layers.text(name);
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items
        .map(|item| {
            item.parse()
                .map_err(|_not_one| bad(layers, name, &format!("{expected}, parted by commas")))
        })
        .collect()
}

#[cfg(test)]
mod tests;
