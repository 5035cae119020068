//! What the API is made of, handed over by the binary.

use std::path::PathBuf;
use std::sync::Arc;

use connector::registry::Environment;
use index::Index;
use model::{Clock, Timestamp};
use store::Store;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::network::Network;

/// Everything that [`crate::router`] needs.
#[derive(Debug, Clone)]
pub struct Parts {
    /// Where everything is kept.
    pub store: Store,
    /// What searches are answered from.
    pub index: Index,
    /// What dry runs of sources may do. The administrator's flag in it is replaced by the caller's own.
    pub environment: Environment,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// How this installation is reached, and what it allows.
    pub settings: Settings,
    /// How many tasks of each queue run at most in this process, for the dashboard.
    pub queue_limits: Vec<(String, u32)>,
    /// Ends long answers (event streams) when the process is told to stop.
    pub shutdown: CancellationToken,
    /// Renders what the metrics recorder holds; see [`crate::metrics::recorder`]. `None`: only what is counted here.
    pub metrics: Option<metrics_exporter_prometheus::PrometheusHandle>,
}

/// How this installation is reached, and what it allows.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address that people type: `https://search.example.org`. `None`: links name the host of the request.
    pub base_url: Option<Url>,
    /// Proxies whose `X-Forwarded-…` headers are believed.
    pub trusted_proxies: Vec<Network>,
    /// Whether `/metrics` answers everyone; otherwise loopback, administrators and the operator.
    pub has_open_metrics: bool,
    /// Roots below which members' folder sources may read.
    pub allowed_roots: Vec<PathBuf>,
    /// The program's version.
    pub version: String,
    /// When the process started.
    pub started_at: Timestamp,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_url: None,
            trusted_proxies: Vec::new(),
            has_open_metrics: false,
            allowed_roots: Vec::new(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: Timestamp::default(),
        }
    }
}

/// What nearly every endpoint needs. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: Arc<Settings>,
}
