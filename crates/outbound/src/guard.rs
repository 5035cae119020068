//! The guard against private addresses: which addresses may be reached, and a name resolution that yields no others.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::Error;

/// A private place that the operator allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// Every address. For tests and for machines without an outside.
    Everything,
    /// The addresses of a network: `10.1.0.0/16`, `::1`.
    Network {
        /// One address of it.
        address: IpAddr,
        /// How many leading bits count.
        bits: u8,
    },
    /// A host by its name, whatever address it has.
    Host(String),
}

impl FromStr for Allowed {
    type Err = String;

    /// Reads `*`, an address, a network such as `10.0.0.0/8`, or a host name.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text == "*" {
            return Ok(Self::Everything);
        }
        let (head, bits) = match text.split_once('/') {
            Some((head, bits)) => (head, Some(bits)),
            None => (text, None),
        };
        if let Ok(address) = head.parse::<IpAddr>() {
            let widest: u8 = if address.is_ipv4() { 32 } else { 128 };
            let bits = match bits {
                None => widest,
                Some(bits) => bits
                    .parse()
                    .ok()
                    .filter(|bits| *bits <= widest)
                    .ok_or_else(|| format!("`{text}` is not a network: the part after `/` is 0 to {widest}"))?,
            };
            return Ok(Self::Network { address, bits });
        }
        let is_name = bits.is_none()
            && !head.is_empty()
            && head
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
        if is_name {
            Ok(Self::Host(head.to_ascii_lowercase()))
        } else {
            Err(format!(
                "`{text}` is neither an address, a network such as `10.0.0.0/8`, a host name, nor `*`"
            ))
        }
    }
}

/// Decides about hosts and addresses, and resolves names under that decision.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    allowed: Arc<[Allowed]>,
}

/// A name that was refused, carried through the HTTP client's own error.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Blocked(pub(crate) String);

impl Guard {
    pub(crate) fn new(allowed: &[Allowed]) -> Self {
        Self {
            allowed: allowed.into(),
        }
    }

    /// Refuses schemes other than HTTP and, where the host is written as an address, addresses that are not allowed.
    /// Names are judged when they are resolved.
    pub(crate) fn check(&self, url: &Url) -> Result<(), Error> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Error::NotAllowed(format!(
                "`{}` is not an address of the web: only `http` and `https` are",
                crate::shown(url)
            )));
        }
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(Error::Malformed(format!("`{}` names no host", crate::shown(url)))),
        };
        if self.allows(&address.to_string(), address) {
            Ok(())
        } else {
            Err(Error::NotAllowed(refusal(&address.to_string())))
        }
    }

    fn allows(&self, host: &str, address: IpAddr) -> bool {
        is_public(address)
            || self.allowed.iter().any(|allowed| match allowed {
                Allowed::Everything => true,
                Allowed::Network { address: network, bits } => holds(*network, *bits, address),
                Allowed::Host(name) => name.eq_ignore_ascii_case(host),
            })
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            if found.is_empty() {
                return Err(format!("the name `{host}` has no address").into());
            }
            let kept: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| guard.allows(&host, address.ip()))
                .collect();
            if kept.is_empty() {
                return Err(Blocked(refusal(&host)).into());
            }
            Ok(Box::new(kept.into_iter()) as Addrs)
        })
    }
}

fn refusal(host: &str) -> String {
    format!(
        "`{host}` is a private address, which sources may not reach; an administrator can allow it with the setting `allow_private`"
    )
}

fn holds(network: IpAddr, bits: u8, address: IpAddr) -> bool {
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            network.to_bits() & mask == address.to_bits() & mask
        }
        _ => false,
    }
}

/// Whether an address belongs to the public internet. Addresses that carry an IPv4 address inside are judged by it.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = a == 0                                  // this network
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()                           // cloud metadata lives here
        || (a == 100 && (64..128).contains(&b))              // carrier-grade NAT; also a cloud's metadata
        || (a == 192 && b == 0 && (c == 0 || c == 2))        // protocol assignments, documentation
        || (a == 198 && (b == 18 || b == 19))                // benchmarks
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113)
        || a >= 224; // multicast, reserved, broadcast
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    if let Some(inner) = inner_v4(parts) {
        return is_public_v4(inner);
    }
    // Global unicast is 2000::/3; of it, 2001::/23 and the documentation ranges are not for the public.
    let is_global = parts[0] & 0xe000 == 0x2000;
    let is_special = match parts[0] {
        0x2001 => parts[1] < 0x0200 || parts[1] == 0x0db8,
        0x3fff => parts[1] < 0x1000,
        _ => false,
    };
    is_global && !is_special
}

/// The IPv4 address inside an IPv6 address: mapped, compatible, translated (`64:ff9b::/96`) or 6to4 (`2002::/16`).
fn inner_v4(parts: [u16; 8]) -> Option<Ipv4Addr> {
    let join = |high: u16, low: u16| Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low));
    match parts {
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            Some(join(high, low))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
