//! Addresses, proxies, origins.

use std::net::IpAddr;

use axum::http::HeaderMap;

use super::{Client, Network};
use crate::Settings;

fn check(peer: &str, headers: &[(&'static str, &str)]) -> Client {
    let settings = Settings {
        base_url: Some("https://search.example.org".parse().unwrap()),
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()],
        ..Settings::default()
    };
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, value.parse().unwrap());
    }
    Client::of(Some(peer.parse().unwrap()), &map, &settings)
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn ranges_contain_what_they_say() {
    let contains = |range: &str, address: &str| {
        let network: Network = range.parse().unwrap();
        network.contains(address.parse().unwrap())
    };
    assert!(contains("10.0.0.0/8", "10.255.1.2"));
    assert!(!contains("10.0.0.0/8", "11.0.0.1"));
    assert!(contains("10.0.0.7", "10.0.0.7"));
    assert!(contains("10.0.0.7", "::ffff:10.0.0.7"));
    assert!(contains("0.0.0.0/0", "1.2.3.4"));
    assert!(contains("fd00::/8", "fd12::1"));
    assert!(!contains("fd00::/8", "10.0.0.1"));
    for bad in ["", "10.0.0.0/33", "10.0.0", "a/8", "fd00::/129", "10.0.0.0/-1"] {
        assert!(bad.parse::<Network>().is_err(), "{bad}");
    }
}

#[test]
fn forwarding_headers_of_strangers_are_not_believed() {
    let client = check(
        "192.0.2.9",
        &[
            ("host", "lan:3677"),
            ("x-forwarded-for", "127.0.0.1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil.example"),
        ],
    );
    assert_eq!(client.address, Some(ip("192.0.2.9")));
    assert_eq!(client.host, "lan:3677");
    assert!(!client.is_https);
    assert!(client.is_proxied);
}

#[test]
fn the_address_that_the_outermost_trusted_proxy_saw_is_the_client() {
    let client = check(
        "10.0.0.1",
        &[
            ("host", "inner"),
            ("x-forwarded-for", "127.0.0.1, 198.51.100.7, 10.9.9.9"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "search.example.org"),
        ],
    );
    assert_eq!(client.address, Some(ip("198.51.100.7")));
    assert!(client.is_https);
    assert_eq!(client.host, "search.example.org");
    let odd = check("10.0.0.1", &[("x-forwarded-for", "unknown")]);
    assert_eq!(odd.address, Some(ip("10.0.0.1")));
}

#[test]
fn only_our_own_pages_are_our_own_origin() {
    let settings = Settings {
        base_url: Some("https://search.example.org".parse().unwrap()),
        ..Settings::default()
    };
    let client = Client {
        host: "lan:3677".to_owned(),
        ..Client::default()
    };
    for own in ["https://search.example.org", "http://lan:3677", "https://lan:3677"] {
        assert!(client.is_own_origin(own, &settings), "{own}");
    }
    for other in [
        "null",
        "",
        "http://lan",
        "http://search.example.org",
        "https://lan:3677.evil.example",
        "lan:3677",
    ] {
        assert!(!client.is_own_origin(other, &settings), "{other}");
    }
}
