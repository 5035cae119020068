//! What is logged: always on standard error, answers are on standard output.

use std::io::IsTerminal;

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;

use crate::config::Config;

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
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let installed = if config.log_json {
        builder.json().try_init()
    } else {
        builder.with_ansi(std::io::stderr().is_terminal()).try_init()
    };
    installed.map_err(|error| anyhow::anyhow!("the log can't be installed: {error}"))
}
