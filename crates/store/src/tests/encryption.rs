//! TLS to a real server, whose certificate is for `localhost` and signed by an authority of the tests' own.

use std::sync::Once;

use super::Bench;
use crate::{Config, Database, Error, Store};

/// The file of the authority; `None`, said once, where the server has no TLS.
fn authority() -> Option<String> {
    static SAID: Once = Once::new();
    #[expect(
        clippy::disallowed_methods,
        reason = "a test's only setting: where the server's authority is"
    )]
    let file = std::env::var("TEST_POSTGRES_CA").ok();
    if file.is_none() {
        SAID.call_once(|| {
            testkit::skip("and in all others with TLS: `TEST_POSTGRES_CA` is not set (`cargo xtask services start` makes it where openssl is)");
        });
    }
    file
}

/// Opens the bench's database under another host and with this query; answers whether the connection is encrypted.
fn opened(bench: &Bench, host: &str, query: &str) -> Result<bool, String> {
    let Database::Postgres { url } = &bench.config.database else {
        return Err("not PostgreSQL".to_owned());
    };
    let url = format!("{}{query}", url.replace("127.0.0.1", host));
    let config = Config {
        database: Database::Postgres { url },
        ..bench.config.clone()
    };
    let store = match Store::open(&config) {
        Ok(store) => store,
        Err(Error::Setup(text)) => return Err(text),
        Err(other) => return Err(format!("not an error of the set-up: {other}")),
    };
    let is_encrypted = store.read_blocking(|tx| tx.is_encrypted());
    store.close();
    is_encrypted.map_err(|error| error.to_string())
}

#[test]
fn a_connection_is_encrypted_as_the_url_asks() {
    let (Some(bench), Some(authority)) = (Bench::postgres(), authority()) else {
        return;
    };
    for (host, query, is_encrypted) in [
        ("127.0.0.1", String::new(), false),
        ("127.0.0.1", "?sslmode=disable".to_owned(), false),
        ("127.0.0.1", "?sslmode=prefer".to_owned(), true),
        ("127.0.0.1", "?sslmode=require".to_owned(), true),
        ("127.0.0.1", format!("?sslmode=require&sslrootcert={authority}"), true),
        ("127.0.0.1", format!("?sslmode=verify-ca&sslrootcert={authority}"), true),
        (
            "localhost",
            format!("?sslmode=verify-full&sslrootcert={authority}"),
            true,
        ),
    ] {
        assert_eq!(opened(&bench, host, &query), Ok(is_encrypted), "{host} {query}");
    }
}

#[test]
fn a_server_that_is_not_who_it_should_be_is_refused_with_the_way_out() {
    let (Some(bench), Some(authority)) = (Bench::postgres(), authority()) else {
        return;
    };
    // Another authority, and of the right one not the host.
    let other = bench.folder.path().join("other.pem");
    std::fs::write(&other, include_str!("encryption/other-authority.pem")).unwrap();
    for (query, part) in [
        (
            "?sslmode=verify-full".to_owned(),
            "this machine does not know the authority",
        ),
        (
            "?sslmode=verify-ca".to_owned(),
            "name that authority's file with `sslrootcert`",
        ),
        (
            format!("?sslmode=verify-ca&sslrootcert={}", other.display()),
            "signed by none of the authorities in the file",
        ),
        (
            format!("?sslmode=verify-full&sslrootcert={authority}"),
            "its certificate is for another host",
        ),
    ] {
        let text = opened(&bench, "127.0.0.1", &query).unwrap_err();
        assert!(text.contains(part), "{query}: {text}");
    }
}
