//! What happens to every request and answer: request ids, spans, figures, security headers, panics, time limits.

use std::any::Any;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tracing::Instrument;

use crate::metrics::{REQUESTS, SECONDS};
use crate::parts::Api;
use crate::problem::{Code, Problem};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// No endpoint but the event stream takes longer.
const TIME_MAX: Duration = Duration::from_mins(2);

/// Our own pages load nothing from elsewhere, run no inline script and appear in nobody's frame.
pub(crate) const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'";

/// Gives the request an id, a span and a place in the figures. The query string is in none of them: it can hold a key.
pub(crate) async fn observe(State(api): State<Api>, request: Request, next: Next) -> Response {
    let id = request_id(&request);
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "other".to_owned(), |path| path.as_str().to_owned());
    let method = request.method().clone();
    let span = tracing::info_span!(
        "http.request",
        http.method = %method,
        http.route = route,
        http.status = tracing::field::Empty,
        request.id = id,
        duration_ms = tracing::field::Empty,
    );
    let began = api.clock.now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took_ms = api.clock.now().since_ms(began).max(0);
    let status = response.status().as_u16();
    span.record("http.status", status);
    span.record("duration_ms", took_ms);
    if response.status().is_server_error() {
        span.in_scope(|| tracing::warn!("`{method} {route}` answered {status} after {took_ms} ms"));
    } else {
        span.in_scope(|| tracing::debug!("`{method} {route}` answered {status} after {took_ms} ms"));
    }
    let labels = [
        ("method", method_label(&method).to_owned()),
        ("route", route),
        ("status", status.to_string()),
    ];
    metrics::counter!(REQUESTS, &labels).increment(1);
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of one request")]
    metrics::histogram!(SECONDS, &labels[..2]).record(took_ms as f64 / 1_000.0);
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The method as a label. Any word is a method, and every label is kept: those that are none of ours are one.
fn method_label(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let known = KNOWN.into_iter().find(|known| *known == method.as_str());
    known.unwrap_or("other")
}

/// The id that a proxy gave the request, if it is a plain one; else a fresh one.
fn request_id(request: &Request) -> String {
    let given = request.headers().get(&REQUEST_ID).and_then(|id| id.to_str().ok());
    let is_plain = |id: &&str| {
        (8..=64).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    given
        .filter(is_plain)
        .map_or_else(|| format!("{:032x}", rand::random::<u128>()), str::to_owned)
}

/// Adds the headers that make browsers careful, where the endpoint has not said something stricter itself.
pub(crate) async fn secure(request: Request, next: Next) -> Response {
    let is_data = ["/api/", "/1/", "/metrics", "/healthz", "/readyz"]
        .iter()
        .any(|prefix| request.uri().path().starts_with(prefix));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut add = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    add(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY);
    add(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(header::REFERRER_POLICY, "same-origin");
    add(header::X_FRAME_OPTIONS, "DENY");
    add(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    );
    add(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    if is_data {
        add(header::CACHE_CONTROL, "no-store");
    }
    response
}

/// Ends what takes too long. Writes that were handed in happen anyway.
pub(crate) async fn within_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIME_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_elapsed) => Problem::new(
            Code::TimedOut,
            format!(
                "there was no answer within {} s; look whether it happened before asking again",
                TIME_MAX.as_secs()
            ),
        )
        .into_response(),
    }
}

/// A panic is a fault of ours, and of this one request.
#[expect(clippy::needless_pass_by_value, reason = "the shape that the layer calls")]
pub(crate) fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let text = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without words");
    Problem::bug(text).into_response()
}

/// Answers that are long enough, neither compressed already nor streamed event by event.
pub(crate) fn worth_compressing() -> impl Predicate {
    DefaultPredicate::new()
        .and(NotForContentType::const_new("application/octet-stream"))
        .and(NotForContentType::const_new("application/pdf"))
        .and(NotForContentType::const_new("application/zip"))
}

#[cfg(test)]
mod tests {
    //! What becomes a label.

    use axum::http::Method;

    use super::method_label;

    #[test]
    fn a_made_up_method_is_no_label_of_its_own() {
        assert_eq!(method_label(&Method::PATCH), "PATCH");
        let made_up = Method::from_bytes(b"PURGE-7").unwrap();
        assert_eq!(method_label(&made_up), "other");
    }
}
