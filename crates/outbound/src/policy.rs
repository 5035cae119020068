//! The limits under which the client works.

use std::time::Duration;

use crate::Allowed;

/// The limits of a [`Client`](crate::Client). The default suits APIs; downloads of files want a larger body.
#[derive(Debug, Clone)]
pub struct Policy {
    /// How long resolving the name, connecting and the TLS handshake may take together.
    pub connect_timeout: Duration,
    /// How long the other side may be silent between two chunks.
    pub read_timeout: Duration,
    /// How long the exchange may take from the first byte sent to the last byte read, one redirect or ten.
    pub total_timeout: Duration,
    /// How large an answer may be in bytes, after decompression. Counted while it arrives.
    pub body_bytes_max: usize,
    /// How many redirects are followed, all within the same host.
    pub redirects_max: u32,
    /// Private addresses and hosts that the operator allows. Empty: none.
    pub allowed: Vec<Allowed>,
    /// How the client calls itself.
    pub user_agent: String,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(15),
            read_timeout: Duration::from_mins(1),
            total_timeout: Duration::from_mins(5),
            body_bytes_max: 64 * 1024 * 1024,
            redirects_max: 5,
            allowed: Vec::new(),
            user_agent: concat!("fossick/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}
