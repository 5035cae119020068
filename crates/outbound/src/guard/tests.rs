//! Which addresses pass.

use std::net::IpAddr;

use url::Url;

use super::{Allowed, Guard, is_public};

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn private_addresses_in_every_disguise_are_not_public() {
    for text in [
        "127.0.0.1",
        "127.255.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "192.0.0.192",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::10.0.0.1",
        "2002:7f00:0001::1",
        "2001:db8::1",
        "64:ff9b:1::1",
    ] {
        assert!(!is_public(address(text)), "{text}");
    }
}

#[test]
fn public_addresses_are_public() {
    for text in [
        "1.1.1.1",
        "8.8.8.8",
        "172.32.0.1",
        "100.128.0.1",
        "2606:4700:4700::1111",
        "2a00:1450:4001::1",
        "64:ff9b::8.8.8.8",
    ] {
        assert!(is_public(address(text)), "{text}");
    }
}

#[test]
fn an_address_in_the_url_is_judged_however_it_is_written() {
    let guard = Guard::new(&[]);
    for text in [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::1]:8080/",
        "http://[::ffff:7f00:1]/",
        "http://192.168.0.1./",
    ] {
        let url = Url::parse(text).unwrap();
        let error = guard.check(&url).unwrap_err().to_string();
        assert!(error.contains("private address"), "{text}: {error}");
    }
    guard.check(&Url::parse("https://93.184.215.14/").unwrap()).unwrap();
}

#[test]
fn other_schemes_are_refused() {
    let guard = Guard::new(&[Allowed::Everything]);
    for text in ["file:///etc/passwd", "ftp://example.com/", "gopher://example.com/"] {
        let error = guard.check(&Url::parse(text).unwrap()).unwrap_err().to_string();
        assert!(error.contains("only `http` and `https`"), "{error}");
    }
}

#[test]
fn what_the_operator_allows_passes_and_nothing_beside_it() {
    let allowed = ["10.1.0.0/16", "fd00::/8", "127.0.0.1"].map(|text| text.parse().unwrap());
    let guard = Guard::new(&allowed);
    for (text, passes) in [
        ("10.1.255.1", true),
        ("10.2.0.1", false),
        ("fd12::1", true),
        ("fe80::1", false),
        ("127.0.0.1", true),
        ("127.0.0.2", false),
    ] {
        assert_eq!(guard.allows("host", address(text)), passes, "{text}");
    }
    let by_name = Guard::new(&["intranet.example".parse().unwrap()]);
    assert!(by_name.allows("Intranet.example", address("10.0.0.1")));
    assert!(!by_name.allows("other.example", address("10.0.0.1")));
    assert!(Guard::new(&["0.0.0.0/0".parse().unwrap()]).allows("host", address("10.0.0.1")));
}

#[test]
fn a_malformed_permission_is_an_error_that_says_what_fits() {
    for text in ["", "10.0.0.0/33", "10.0.0.0/x", "a b", "http://host/"] {
        assert!(text.parse::<Allowed>().is_err(), "{text}");
    }
    assert_eq!(
        "10.0.0.0/33".parse::<Allowed>().unwrap_err(),
        "`10.0.0.0/33` is not a network: the part after `/` is 0 to 32"
    );
}
