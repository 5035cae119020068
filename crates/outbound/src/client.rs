//! Sends requests under the policy.

use std::sync::{Arc, OnceLock};

use bytes::{Bytes, BytesMut};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Method, Response};
use tokio::time::Instant;
use tracing::Instrument;
use url::Url;

use crate::guard::{Blocked, Guard};
use crate::request::{Answer, Request, shown, tells_same_host};
use crate::{Error, Policy};

/// The HTTP client. Cheap to clone; all clones share connections.
#[derive(Debug, Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    policy: Policy,
    guard: Guard,
    // Loading the machine's certificates takes tens of milliseconds: not before the first request.
    http: OnceLock<Result<reqwest::Client, String>>,
}

impl Client {
    /// A client under `policy`. Does no work before the first request.
    pub fn new(policy: Policy) -> Self {
        let guard = Guard::new(&policy.allowed);
        Self {
            inner: Arc::new(Inner {
                policy,
                guard,
                http: OnceLock::new(),
            }),
        }
    }

    /// The limits this client works under.
    pub fn policy(&self) -> &Policy {
        &self.inner.policy
    }

    /// Sends one request and reads the whole answer, whatever its status. Never sends anything twice by itself.
    pub async fn send(&self, request: Request) -> Result<Answer, Error> {
        let span = tracing::info_span!(
            "connector.request",
            http.method = %request.method,
            server.address = request.url.host_str().unwrap_or_default(),
            url.full = request.place,
            http.status = tracing::field::Empty,
            http.body_bytes = tracing::field::Empty,
            duration_ms = tracing::field::Empty,
        );
        let place = request.place.clone();
        let limit = self.inner.policy.total_timeout;
        async move {
            let started = Instant::now();
            let result = match tokio::time::timeout(limit, self.follow(request)).await {
                Ok(result) => result,
                Err(_elapsed) => Err(Error::TimedOut(format!(
                    "`{place}` did not finish its answer within {} s",
                    limit.as_secs_f32()
                ))),
            };
            let span = tracing::Span::current();
            span.record(
                "duration_ms",
                u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            );
            if let Ok(answer) = &result {
                span.record("http.status", answer.status);
                span.record("http.body_bytes", answer.body.len());
                tracing::debug!("`{place}` answered {}", answer.status);
            } else {
                // The error goes to the caller, who knows which parts of it are secret.
                tracing::debug!("no answer from `{place}`");
            }
            result
        }
        .instrument(span)
        .await
    }

    async fn follow(&self, mut request: Request) -> Result<Answer, Error> {
        let policy = &self.inner.policy;
        let mut headers = header_map(&request)?;
        for _hop in 0..=policy.redirects_max {
            self.inner.guard.check(&request.url)?;
            let response = self.exchange(&request, &headers).await?;
            let Some(target) = redirect(&response, &request.url)? else {
                return self.read(response, request.url).await;
            };
            if !tells_same_host(&request.url, &target) {
                return Err(Error::SentElsewhere(format!(
                    "`{}` redirects to another host, `{}`, which was not followed: the provider is out of order, or has moved; if it stays so and that host is the provider's, name it in the manifest",
                    shown(&request.url),
                    target.host_str().unwrap_or_default()
                )));
            }
            let keeps_method = matches!(response.status().as_u16(), 307 | 308);
            if !keeps_method && request.method != Method::GET && request.method != Method::HEAD {
                request.method = Method::GET;
                request.body = Bytes::new();
                headers.remove(reqwest::header::CONTENT_TYPE);
            }
            request.url = target;
        }
        Err(Error::Unreachable(format!(
            "`{}` redirects more than {} times",
            shown(&request.url),
            policy.redirects_max
        )))
    }

    async fn exchange(&self, request: &Request, headers: &HeaderMap) -> Result<Response, Error> {
        let http = self
            .inner
            .http
            .get_or_init(|| build(&self.inner.policy, &self.inner.guard));
        let http = http.as_ref().map_err(|why| Error::Machine(why.clone()))?;
        let mut builder = http
            .request(request.method.clone(), request.url.clone())
            .headers(headers.clone());
        if !request.body.is_empty() {
            builder = builder.body(request.body.clone());
        }
        builder.send().await.map_err(|error| explain(&error, &request.url))
    }

    /// Reads the body and stops as soon as it is larger than allowed.
    async fn read(&self, mut response: Response, url: Url) -> Result<Answer, Error> {
        let max = self.inner.policy.body_bytes_max;
        let too_large = || {
            Error::TooLarge(format!(
                "the answer of `{}` is larger than {max} bytes; ask for smaller pages",
                shown(&url)
            ))
        };
        if response.content_length().is_some_and(|length| length > max as u64) {
            return Err(too_large());
        }
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| explain(&error, &url))? {
            if body.len() + chunk.len() > max {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status,
            headers,
            body: body.freeze(),
            url,
        })
    }
}

fn build(policy: &Policy, guard: &Guard) -> Result<reqwest::Client, String> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls()?)
        .dns_resolver(guard.clone())
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .no_proxy()
        .connect_timeout(policy.connect_timeout)
        .read_timeout(policy.read_timeout)
        .user_agent(policy.user_agent.clone())
        .build()
        .map_err(|error| format!("the HTTP client can't be made: {error}"))
}

/// TLS with ring, named here rather than installed for the whole process, and the machine's own certificates.
fn tls() -> Result<rustls::ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS can't be set up: {error}"))?;
    let mut config = match rustls_platform_verifier::Verifier::new(provider) {
        Ok(verifier) => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth(),
        Err(error) => {
            tracing::warn!("no certificates on this machine ({error}): `https` fails until `ca-certificates` is there");
            builder
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth()
        }
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn header_map(request: &Request) -> Result<HeaderMap, Error> {
    let mut map = HeaderMap::new();
    for (name, value) in &request.headers {
        let key = HeaderName::try_from(name.as_str())
            .map_err(|_invalid| Error::Malformed(format!("`{name}` can't be the name of a header")))?;
        let value = HeaderValue::try_from(value.as_str()).map_err(|_invalid| {
            Error::Malformed(format!("the value of the header `{name}` holds a line break or worse"))
        })?;
        map.append(key, value);
    }
    Ok(map)
}

/// Where an answer redirects to; `None` when it does not.
fn redirect(response: &Response, from: &Url) -> Result<Option<Url>, Error> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = response.headers().get(LOCATION) else {
        return Ok(None);
    };
    let target = location.to_str().ok().and_then(|text| from.join(text).ok());
    target.map(Some).ok_or_else(|| {
        Error::Unreachable(format!(
            "`{}` redirects to something that is not an address",
            shown(from)
        ))
    })
}

fn explain(error: &reqwest::Error, url: &Url) -> Error {
    let place = shown(url);
    let mut causes = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if let Some(blocked) = inner.downcast_ref::<Blocked>() {
            return Error::NotAllowed(blocked.0.clone());
        }
        causes.push(inner.to_string());
        cause = inner.source();
    }
    // The innermost cause says what happened; the ones around it only say where.
    let why = causes.pop().unwrap_or_else(|| "no reason given".to_owned());
    if error.is_timeout() {
        Error::TimedOut(format!("`{place}` was silent for too long"))
    } else if error.is_builder() {
        Error::Malformed(format!("the request to `{place}` is malformed: {why}"))
    } else if error.is_connect() {
        Error::Unreachable(format!("`{place}` can't be reached: {why}"))
    } else {
        Error::Unreachable(format!("the connection to `{place}` broke: {why}"))
    }
}

#[cfg(test)]
mod tests;
