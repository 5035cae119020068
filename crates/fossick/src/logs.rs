//! What is logged: on standard error always, and what is about a source, a sync or a task in the store as well.

mod keeper;

use std::io::IsTerminal;
use std::sync::{Arc, OnceLock};

use anyhow::Context as _;
use store::Lines;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::Config;
use crate::output::AboveBars;

/// Where lines go that are kept: set once, because the log is there before the store is.
static LINES: OnceLock<Arc<Lines>> = OnceLock::new();

/// Installs the log of this process. Commands log warnings only, a server what the setting `log` says; `-v` adds.
pub(crate) fn install(config: &Config, serves: bool, verbose: u8) -> anyhow::Result<()> {
    let filter = match (serves, verbose) {
        (false, 0) => "warn",
        (true, 0) => config.log.as_str(),
        (false, 1) => "info",
        _ => "debug,hyper=info,h2=info,rustls=info,tantivy=info",
    };
    let filter = EnvFilter::try_new(filter)
        .with_context(|| format!("the setting `log` (from {}) is no filter", config.layers.origin("log")))?;
    let written = tracing_subscriber::fmt::layer().with_writer(|| AboveBars);
    let written = if config.log_json {
        written.json().with_filter(filter).boxed()
    } else {
        written
            .with_ansi(std::io::stderr().is_terminal())
            .with_filter(filter)
            .boxed()
    };
    let kept = keeper::Keeper(&LINES).with_filter(LevelFilter::INFO);
    let installed = tracing_subscriber::registry().with(written).with(kept).try_init();
    installed.map_err(|error| anyhow::anyhow!("the log can't be installed: {error}"))
}

/// Keeps lines in a store from now on.
pub(crate) fn keep_in(lines: Arc<Lines>) {
    // A process opens one data folder; of several, the first keeps what is logged.
    drop(LINES.set(lines));
}
