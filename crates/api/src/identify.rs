//! Finds out who calls: the operator, an API key, or a session; and whether a browser really meant the call.

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use model::Timestamp;
use store::Token;
use subtle::ConstantTimeEq;

use crate::caller::{Caller, Operator};
use crate::network::{self, header_text};
use crate::parts::Api;
use crate::problem::{Code, Problem};
use crate::session;

/// The header in which pages repeat their session's token.
const CSRF_HEADER: &str = "x-fossick-csrf";

/// Puts the [`Caller`] into the request's extensions. Never called for `/1/…`, which knows no cookies.
pub(crate) async fn identify(State(api): State<Api>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let found = find_caller(&api, &parts).await;
    let judged = found.and_then(|caller| check_intent(&api, &caller, &parts).map(|()| caller));
    match judged {
        Ok(caller) => {
            parts.extensions.insert(caller);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn find_caller(api: &Api, parts: &Parts) -> Result<Caller, Problem> {
    if parts.extensions.get::<Operator>().is_some() {
        return Ok(Caller::Operator);
    }
    let now = api.clock.now();
    if parts.headers.contains_key(header::AUTHORIZATION) {
        return with_key(api, &parts.headers, now).await;
    }
    let Some(token) = session::token_of(&parts.headers) else {
        return Ok(Caller::Anonymous);
    };
    let hash = Token::hash_of(&token);
    let found = api.store.read(move |tx| tx.find_session(&hash, now)).await?;
    let Some(row) = found else {
        return Ok(Caller::Anonymous);
    };
    session::keep_alive(api, &row, now).await;
    Ok(Caller::User {
        person: row.user.into(),
        session: row.id,
        csrf: row.csrf,
    })
}

async fn with_key(api: &Api, headers: &HeaderMap, now: Timestamp) -> Result<Caller, Problem> {
    let wrong = || {
        Problem::new(
            Code::WrongKey,
            "expected `Authorization: Bearer fsk_…` with a key that has not ended",
        )
    };
    let text = header_text(headers, header::AUTHORIZATION);
    let (scheme, key) = text.split_once(' ').ok_or_else(wrong)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(wrong());
    }
    let hash = Token::hash_of(key.trim());
    let found = api.store.read(move |tx| tx.find_api_key(&hash, now)).await?;
    let (row, user) = found.ok_or_else(wrong)?;
    let is_stale = row.last_used_at.is_none_or(|at| now.since_ms(at) > 60_000);
    if is_stale {
        session::noted("key", api.store.write(move |tx| tx.see_api_key(row.id, now)).await);
    }
    Ok(Caller::Key {
        person: user.into(),
        key: row.id,
        scopes: row.scopes,
    })
}

/// A browser sends cookies whoever wrote the page: calls that change something must prove that our own page did.
fn check_intent(api: &Api, caller: &Caller, parts: &Parts) -> Result<(), Problem> {
    let is_safe = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    if is_safe || matches!(caller, Caller::Operator | Caller::Key { .. }) {
        return Ok(());
    }
    let headers = &parts.headers;
    let refused = |why: &str| Err(Problem::new(Code::WrongCsrf, why));
    let client = network::client(parts);
    if let Some(origin) = headers.get(header::ORIGIN)
        && !origin
            .to_str()
            .is_ok_and(|origin| client.is_own_origin(origin, &api.settings))
    {
        return refused(
            "the request comes from another site's page; behind a proxy, set `base_url` or let the proxy pass the `Host` header on",
        );
    }
    if headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        return refused("the request comes from another site's page");
    }
    let Caller::User { csrf, .. } = caller else {
        return Ok(());
    };
    let given = headers
        .get(CSRF_HEADER)
        .map(axum::http::HeaderValue::as_bytes)
        .unwrap_or_default();
    if bool::from(given.ct_eq(csrf.as_bytes())) {
        return Ok(());
    }
    refused("send the header `x-fossick-csrf` with the `csrf` that `GET /api/v1/session` answers")
}
