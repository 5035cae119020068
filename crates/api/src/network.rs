//! Where a request comes from: peers, trusted proxies, and the host and scheme that the browser used.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header, request};
use axum::middleware::Next;
use axum::response::Response;

use crate::parts::Api;

/// A range of addresses: `10.0.0.0/8`, `fd00::/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// A text that is not a range of addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an address or a range of addresses: expected `10.0.0.7`, `10.0.0.0/8` or `fd00::/8`")]
pub struct NotANetwork(String);

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let refused = || NotANetwork(text.to_owned());
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_unreadable| refused())?;
        let bits_max = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().map_err(|_unreadable| refused())?,
            None => bits_max,
        };
        if bits > bits_max {
            return Err(refused());
        }
        Ok(Self { address, bits })
    }
}

impl Network {
    /// Whether the address lies in the range. An IPv4 address in IPv6 form counts as what it is.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                own.to_bits() & mask == other.to_bits() & mask
            }
            _ => false,
        }
    }
}

/// Who asks, as far as the network knows. A request extension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Client {
    /// The browser's or program's address; `None` on the local socket.
    pub(crate) address: Option<IpAddr>,
    /// Whether the browser used `https`.
    pub(crate) is_https: bool,
    /// Host and port as the browser named them.
    pub(crate) host: String,
    /// Whether a proxy stands between.
    pub(crate) is_proxied: bool,
}

impl Client {
    /// The client of a request. Forwarding headers count only where the peer is a trusted proxy.
    pub(crate) fn of(peer: Option<IpAddr>, headers: &HeaderMap, settings: &crate::Settings) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let is_trusted = |address: IpAddr| settings.trusted_proxies.iter().any(|one| one.contains(address));
        let is_proxied = peer.is_some_and(is_trusted);
        let mut client = Self {
            address: peer,
            is_https: false,
            host: text("host").unwrap_or_default().to_owned(),
            is_proxied: is_proxied || headers.contains_key("x-forwarded-for") || headers.contains_key("forwarded"),
        };
        if is_proxied {
            // From the right: the first address that is not a proxy of ours is the one that they saw.
            let listed = headers.get_all("x-forwarded-for").iter().rev();
            let mut hops = listed
                .filter_map(|value| value.to_str().ok())
                .flat_map(|value| value.rsplit(','));
            let seen = hops.find_map(|hop| match hop.trim().parse::<IpAddr>() {
                Ok(address) if is_trusted(address) => None,
                Ok(address) => Some(Some(address)),
                Err(_unreadable) => Some(None),
            });
            client.address = seen.flatten().or(peer);
            let last = |name| text(name).and_then(|list| list.rsplit(',').next()).map(str::trim);
            client.is_https = last("x-forwarded-proto").is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
            if let Some(host) = last("x-forwarded-host") {
                host.clone_into(&mut client.host);
            }
        }
        if let Some(base) = &settings.base_url
            && base.scheme() == "https"
            && authority(base) == client.host.to_ascii_lowercase()
        {
            client.is_https = true;
        }
        client
    }

    /// The address of our own pages, without a trailing slash: the configured one, or the one that was asked.
    pub(crate) fn origin(&self, settings: &crate::Settings) -> String {
        match &settings.base_url {
            Some(base) => base.as_str().trim_end_matches('/').to_owned(),
            None => format!("{}://{}", self.scheme(), self.host),
        }
    }

    /// Whether an `Origin` header names our own pages.
    pub(crate) fn is_own_origin(&self, origin: &str, settings: &crate::Settings) -> bool {
        let Some((scheme, host)) = origin.split_once("://") else {
            return false;
        };
        let is_base = settings
            .base_url
            .as_ref()
            .is_some_and(|base| base.scheme() == scheme && authority(base).eq_ignore_ascii_case(host));
        // The scheme isn't compared: behind a proxy that says nothing of it, `https` looks like `http`.
        is_base || (!self.host.is_empty() && self.host.eq_ignore_ascii_case(host))
    }

    fn scheme(&self) -> &'static str {
        if self.is_https { "https" } else { "http" }
    }
}

/// Host and port, as a `Host` header would have it.
fn authority(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Learns who asks, for everything that comes after.
pub(crate) async fn learn_client(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|info| info.0.ip().to_canonical());
    let client = Client::of(peer, request.headers(), &api.settings);
    request.extensions_mut().insert(client);
    next.run(request).await
}

/// The client that [`learn_client`] learned of.
pub(crate) fn client(parts: &request::Parts) -> Client {
    parts.extensions.get::<Client>().cloned().unwrap_or_default()
}

impl<S: Sync> axum::extract::FromRequestParts<S> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut request::Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(client(parts))
    }
}

/// A header's text, empty where there is none or it is not text.
pub(crate) fn header_text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
