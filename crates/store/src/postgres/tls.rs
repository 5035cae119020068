//! TLS to the database server: `sslmode` and `sslrootcert` in the URL mean what they mean to `libpq`.
//!
//! | `sslmode` | encrypted | who answers is checked |
//! | --- | --- | --- |
//! | `disable` | no | no |
//! | `prefer` | where the server can | no |
//! | `require` | yes | no, but with `sslrootcert` as `verify-ca` |
//! | `verify-ca` | yes | the certificate's authority |
//! | `verify-full` | yes | its authority, and that it is for this host |
//!
//! Without `sslmode` it is `prefer`, and `disable` where the server is on this machine: nobody listens in between, and
//! encrypting costs a tenth of what a small query does. Without `sslrootcert` the machine's own authorities count.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use postgres::config::{Host, SslMode};
use postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::verify::{AnyHost, Anybody};
use crate::Error;
use crate::error::text_of;

/// What the URL says about TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// A URL, taken apart: what the driver understands, and how to encrypt.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) config: postgres::Config,
    mode: Mode,
    root_file: Option<String>,
}

impl Plan {
    /// Reads a URL.
    ///
    /// # Errors
    /// [`Error::Setup`] for one that is none, or that asks for TLS in words that there are none of.
    pub(super) fn of(url: &str) -> Result<Self, Error> {
        let refused = |what: &str| Error::Setup(format!("the setting `database`: {what}"));
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut kept, mut mode, mut root_file) = (Vec::new(), None, None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", word)) => {
                    mode = Some(mode_of(word).ok_or_else(|| {
                        refused(&format!(
                            "`sslmode={word}` is none of `disable`, `prefer`, `require`, `verify-ca` and `verify-full`"
                        ))
                    })?);
                }
                Some(("sslrootcert", "system" | "")) => root_file = None,
                Some(("sslrootcert", file)) => root_file = Some(decoded(file)),
                _ => kept.push(pair),
            }
        }
        let rest = if kept.is_empty() {
            base.to_owned()
        } else {
            format!("{base}?{}", kept.join("&"))
        };
        let mut config: postgres::Config = rest
            .parse()
            .map_err(|error| refused(&format!("not a PostgreSQL URL: {}", text_of(&error))))?;
        let mode = match mode {
            Some(Mode::Require) if root_file.is_some() => Mode::VerifyCa,
            Some(mode) => mode,
            None if is_local(&config) => Mode::Disable,
            None => Mode::Prefer,
        };
        config.ssl_mode(match mode {
            Mode::Disable => SslMode::Disable,
            Mode::Prefer => SslMode::Prefer,
            Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
        });
        Ok(Self {
            config,
            mode,
            root_file,
        })
    }

    /// What encrypts connections.
    ///
    /// # Errors
    /// [`Error::Setup`] when the authorities can't be read.
    pub(super) fn connector(&self) -> Result<Connector, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = self.verifier(&provider)?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::Setup(format!("TLS can't be set up: {error}")))?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        Ok(Connector(Arc::new(config)))
    }

    fn verifier(&self, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, Error> {
        if self.mode < Mode::VerifyCa {
            return Ok(Arc::new(Anybody(Arc::clone(provider))));
        }
        let inner: Arc<dyn ServerCertVerifier> = match &self.root_file {
            Some(file) => {
                let built = WebPkiServerVerifier::builder_with_provider(roots(file)?, Arc::clone(provider)).build();
                built.map_err(|error| Error::Setup(format!("the authorities in `{file}` can't be used: {error}")))?
            }
            None => Arc::new(
                rustls_platform_verifier::Verifier::new(Arc::clone(provider)).map_err(|error| {
                    Error::Setup(format!(
                        "this machine knows no certificate authorities ({error}): install `ca-certificates`, or name a file \
                         with `sslrootcert` in the setting `database`"
                    ))
                })?,
            ),
        };
        Ok(if self.mode == Mode::VerifyCa {
            Arc::new(AnyHost(inner))
        } else {
            inner
        })
    }

    /// What a failed connection means, where TLS is the reason; with the way out.
    pub(super) fn refusal(&self, error: &postgres::Error) -> Option<Error> {
        let text = text_of(error);
        let way_out = if text.contains("server does not support TLS") {
            "the server has no TLS: set it up there, or ask for less with `sslmode` in the setting `database`"
        } else if !text.contains("TLS handshake") {
            return None;
        } else if text.contains("UnknownIssuer") {
            match &self.root_file {
                Some(_) => "its certificate is signed by none of the authorities in the file that `sslrootcert` names",
                None => {
                    "this machine does not know the authority that signed its certificate: name that authority's file \
                     with `sslrootcert` in the setting `database`"
                }
            }
        } else if text.contains("NotValidForName") || text.contains("not valid for name") {
            "its certificate is for another host: name the server as its certificate does, or ask for `sslmode=verify-ca`"
        } else {
            "see to the server's certificate, or to `sslmode` and `sslrootcert` in the setting `database`"
        };
        Some(Error::Setup(format!(
            "no encrypted connection to the database server: {text}; {way_out}"
        )))
    }
}

fn mode_of(word: &str) -> Option<Mode> {
    Some(match word {
        "disable" => Mode::Disable,
        "prefer" => Mode::Prefer,
        "require" => Mode::Require,
        "verify-ca" => Mode::VerifyCa,
        "verify-full" => Mode::VerifyFull,
        _ => return None,
    })
}

/// Whether every server that the URL names is on this machine.
fn is_local(config: &postgres::Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
    })
}

fn roots(file: &str) -> Result<Arc<RootCertStore>, Error> {
    let refused = |why: &dyn std::fmt::Display| {
        Error::Setup(format!(
            "the file `{file}` that `sslrootcert` in the setting `database` names can't be read: {why}; it has to hold \
             certificates in PEM form"
        ))
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| refused(&error))? {
        let certificate = certificate.map_err(|error| refused(&error))?;
        roots.add(certificate).map_err(|error| refused(&error))?;
    }
    if roots.is_empty() {
        return Err(refused(&"there is no certificate in it"));
    }
    Ok(Arc::new(roots))
}

/// `%2F` and the like, as they stand in URLs.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match digits.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Makes connections speak TLS.
#[derive(Clone)]
pub(super) struct Connector(Arc<ClientConfig>);

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Connector {
    type Stream = Stream<S>;
    type TlsConnect = Handshake;
    type Error = rustls::pki_types::InvalidDnsNameError;

    fn make_tls_connect(&mut self, host: &str) -> Result<Handshake, Self::Error> {
        Ok(Handshake {
            config: Arc::clone(&self.0),
            name: ServerName::try_from(host.to_owned())?,
        })
    }
}

/// One handshake that is about to begin.
pub(super) struct Handshake {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for Handshake {
    type Stream = Stream<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Stream<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move {
            let connector = tokio_rustls::TlsConnector::from(self.config);
            Ok(Stream(Box::new(connector.connect(self.name, stream).await?)))
        })
    }
}

/// An encrypted connection.
pub(super) struct Stream<S>(Box<tokio_rustls::client::TlsStream<S>>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Stream<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Stream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_read(cx, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Stream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    //! What a URL says.

    use super::*;

    fn mode(url: &str) -> Mode {
        Plan::of(url).unwrap().mode
    }

    #[test]
    fn a_url_says_how_to_encrypt() {
        assert_eq!(mode("postgres://u@db.example.org/x"), Mode::Prefer);
        assert_eq!(mode("postgres://u@127.0.0.1/x"), Mode::Disable);
        assert_eq!(mode("postgres://u@localhost/x?connect_timeout=3"), Mode::Disable);
        assert_eq!(mode("postgres://u@localhost/x?sslmode=require"), Mode::Require);
        assert_eq!(
            mode("postgres://u@h/x?sslmode=require&sslrootcert=/ca.pem"),
            Mode::VerifyCa
        );
        let plan =
            Plan::of("postgres://u@h/x?sslmode=verify-full&sslrootcert=%2Fa%20b.pem&application_name=me").unwrap();
        assert_eq!(
            (plan.mode, plan.root_file.as_deref()),
            (Mode::VerifyFull, Some("/a b.pem"))
        );
        assert_eq!(plan.config.get_application_name(), Some("me"));
        assert_eq!(decoded("%2f%zz%"), "/%zz%");
    }

    #[test]
    fn what_a_url_may_not_say_is_refused_without_its_password() {
        for (url, part) in [
            ("postgres://u:geheim@h/x?sslmode=on", "`sslmode=on` is none of"),
            ("postgres://u:geheim@h/x?ssl=1", "not a PostgreSQL URL"),
            ("postgres://u:geheim@h:port/x", "not a PostgreSQL URL"),
        ] {
            let text = Plan::of(url).unwrap_err().to_string();
            assert!(text.contains(part) && !text.contains("geheim"), "{text}");
        }
        let plan = Plan::of("postgres://h/x?sslmode=verify-ca&sslrootcert=/nowhere.pem").unwrap();
        let text = plan.connector().err().unwrap().to_string();
        assert!(
            text.contains("`/nowhere.pem`") && text.contains("sslrootcert"),
            "{text}"
        );
        let file = tempfile::NamedTempFile::new().unwrap();
        let empty = format!("postgres://h/x?sslmode=verify-ca&sslrootcert={}", file.path().display());
        let text = Plan::of(&empty).unwrap().connector().err().unwrap().to_string();
        assert!(text.contains("no certificate in it"), "{text}");
    }
}
