//! Access tokens: asked for when they are needed, kept until they run out.

use std::collections::HashMap;

use model::Timestamp;
use outbound::wait::{Meaning, meaning};
use outbound::{Bytes, Method, Request, Url};
use serde_json::Value as Json;

use super::Source;
use super::answer::excerpt;
use super::args::Partition;
use super::datetime;
use super::ir::{Auth, OAuth, Session, Stream};
use super::jinja::{self, Kind, Scope};
use super::records::get;
use super::request::{Asked, build, flat, inputs};
use crate::Error;

/// How long a token is used when the answer does not say, in seconds.
const LIFETIME_S_DEFAULT: i64 = 3600;

/// How long before its end a token is renewed, in milliseconds.
const MARGIN_MS: i64 = 60_000;

/// How deep in an answer the token may be.
const DEPTH_MAX: u32 = 5;

/// The tokens of a source, by what they were asked for with.
#[derive(Debug, Default)]
pub(super) struct Tokens(HashMap<blake3::Hash, Token>);

struct Token {
    value: String,
    until: Timestamp,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token")
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}

/// How a stream gets its tokens, where it has to ask for them.
pub(super) enum Renewal<'a> {
    OAuth(&'a OAuth),
    Session(&'a Session),
}

/// How a stream gets its tokens; `None` where the configuration holds all it needs.
pub(super) fn renewal<'a>(auth: &'a Auth, config: &Json) -> Option<Renewal<'a>> {
    match auth {
        Auth::Renewed(oauth) => Some(Renewal::OAuth(oauth)),
        Auth::Session(session) => Some(Renewal::Session(session)),
        Auth::Selective { path, choices } => {
            let chosen = get(config, path).map(jinja::print)?;
            let (_, auth) = choices.iter().find(|(name, _)| *name == chosen)?;
            renewal(auth, config)
        }
        _ => None,
    }
}

impl Source {
    /// The token for a stream, a new one where the kept one has run out; `None` when it has not to ask for any.
    ///
    /// One caller asks, the others wait for its answer. `renews`: the kept one was refused.
    pub(super) async fn access_token(&self, stream: &Stream, renews: bool) -> Result<Option<String>, Error> {
        let Some(renewal) = renewal(&stream.requester.auth, &self.config) else {
            return Ok(None);
        };
        let now = self.clock.now();
        let scope = self.scope(now);
        let wrong = |error| super::answer::explain(&stream.name, "the access token", &error);
        let request = match &renewal {
            Renewal::OAuth(OAuth {
                endpoint: None,
                access_token,
                ..
            }) => {
                return access_token
                    .as_ref()
                    .map(|token| token.text(&scope))
                    .transpose()
                    .map_err(wrong);
            }
            Renewal::OAuth(oauth) => request(oauth, &scope).map_err(wrong)?,
            Renewal::Session(session) => {
                let nothing = Partition::default();
                let asked = Asked {
                    partition: &nothing,
                    window: None,
                    token: None,
                };
                build(&session.login, &asked, &scope, &self.config, None)
                    .map_err(|error| self.hidden(error))?
                    .0
            }
        };
        let key = blake3::hash(&[request.url.as_str().as_bytes(), &request.body].concat());
        let mut tokens = self.tokens.lock().await;
        if let Some(token) = tokens.0.get(&key)
            && !renews
            && token.until > now
        {
            return Ok(Some(token.value.clone()));
        }
        let token = self.renew(stream, &renewal, request).await?;
        let value = token.value.clone();
        tokens.0.insert(key, token);
        Ok(Some(value))
    }

    async fn renew(&self, stream: &Stream, renewal: &Renewal<'_>, request: Request) -> Result<Token, Error> {
        let place = outbound::shown(&request.url);
        let request = Request {
            place: self.secrets.hide(&place),
            ..request
        };
        let say = |what: String| {
            self.secrets
                .hide(&format!("stream `{}`: `{place}` {what}", stream.name))
        };
        let answer = match self.client.send(request).await {
            Ok(answer) => answer,
            Err(error) if error.is_passing() => {
                return Err(Error::Retry(say(format!("gave no access token: {error}"))));
            }
            Err(error) => return Err(Error::FixConfiguration(say(format!("gave no access token: {error}")))),
        };
        let now = self.clock.now();
        match meaning(answer.status, &answer.headers, now) {
            Meaning::Fine => {}
            Meaning::Again(Some(at)) => {
                let why = say(format!("gave no access token, it answered {}", answer.status));
                return Err(Error::WaitUntil { at, why });
            }
            Meaning::Again(None) => {
                return Err(Error::Retry(say(format!(
                    "gave no access token, it answered {}",
                    answer.status
                ))));
            }
            Meaning::Denied | Meaning::Refused => {
                let excerpt = excerpt(&answer);
                let what = format!(
                    "refused to give an access token, it answered {}: {excerpt}",
                    answer.status
                );
                return Err(Error::Reauthenticate(say(what)));
            }
        }
        let body: Json = serde_json::from_slice(&answer.body)
            .map_err(|_not_json| Error::Retry(say("answered something that is not JSON".to_owned())))?;
        let scope = self.scope(now);
        let read = match renewal {
            Renewal::OAuth(oauth) => granted(oauth, &body, &scope, now),
            Renewal::Session(session) => opened(session, &body, &scope, now),
        };
        match read {
            Ok(token) if !token.value.is_empty() => Ok(token),
            Ok(_) => Err(Error::Reauthenticate(say("answered without a token".to_owned()))),
            Err(error) => Err(super::answer::explain(&stream.name, "the access token", &error)),
        }
    }
}

/// What an OAuth server granted; an empty token where there is none.
fn granted(oauth: &OAuth, body: &Json, scope: &Scope<'_>, now: Timestamp) -> Result<Token, jinja::Error> {
    let value = find(body, &oauth.access_token_name.text(scope)?, 0).map(jinja::print);
    let expires = find(body, &oauth.expires_in_name.text(scope)?, 0).map(jinja::print);
    let until = match (expires, &oauth.expires_format) {
        (Some(text), Some(format)) => datetime::parse_as(&text, format)
            .or_else(|| datetime::isoparse(&text))
            .map(|at| Timestamp(at.to_micros() / 1000)),
        (Some(text), None) => {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a cast from float holds at the ends of the range"
            )]
            let seconds = text.trim().parse::<f64>().ok().map(|seconds| seconds as i64);
            seconds.map(|seconds| now.plus_ms(seconds.saturating_mul(1000)))
        }
        (None, _) => None,
    };
    let until = until.unwrap_or_else(|| now.plus_ms(LIFETIME_S_DEFAULT * 1000));
    Ok(Token {
        value: value.unwrap_or_default(),
        until: until.plus_ms(-MARGIN_MS),
    })
}

/// The session that signing in opened; an empty token where there is none.
fn opened(session: &Session, body: &Json, scope: &Scope<'_>, now: Timestamp) -> Result<Token, jinja::Error> {
    let path: Result<Vec<String>, _> = session.path.iter().map(|part| part.text(scope)).collect();
    let lifetime_ms = session.lifetime.map_or(0, |lifetime| lifetime.micros / 1000);
    Ok(Token {
        value: get(body, &path?).map(jinja::print).unwrap_or_default(),
        until: now.plus_ms(lifetime_ms),
    })
}

fn request(oauth: &OAuth, scope: &Scope<'_>) -> Result<Request, jinja::Error> {
    let endpoint = match &oauth.endpoint {
        Some(endpoint) => endpoint.text(scope)?,
        None => String::new(),
    };
    let mut url = Url::parse(endpoint.trim())
        .map_err(|error| jinja::Error::Failed(format!("`token_refresh_endpoint` is not a URL: {error}")))?;
    let headers = inputs(&oauth.headers, scope, Kind::Any)?;
    // Whoever signs in by a header does not sign in by the body as well.
    let is_in_header = headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let mut pairs: Vec<(String, Json)> = vec![(
        oauth.grant_type.0.text(scope)?,
        Json::String(oauth.grant_type.1.text(scope)?),
    )];
    for (name, value, is_sent) in [
        (&oauth.client_id.0, &oauth.client_id.1, !is_in_header),
        (&oauth.client_secret.0, &oauth.client_secret.1, !is_in_header),
        (&oauth.refresh_token.0, &oauth.refresh_token.1, true),
    ] {
        if let Some(value) = value.as_ref().filter(|_| is_sent) {
            pairs.push((name.text(scope)?, Json::String(value.text(scope)?)));
        }
    }
    if !oauth.scopes.is_empty() {
        let scopes: Result<Vec<String>, _> = oauth.scopes.iter().map(|name| name.text(scope)).collect();
        pairs.push(("scopes".to_owned(), Json::from(scopes?)));
    }
    for (name, value) in inputs(&oauth.body, scope, Kind::Any)? {
        if !pairs.iter().any(|(found, _)| *found == name) {
            pairs.push((name, value));
        }
    }
    let mut body = Bytes::new();
    if oauth.is_query {
        url.query_pairs_mut().extend_pairs(flat(&pairs));
    } else {
        let mut encoder = url::form_urlencoded::Serializer::new(String::new());
        encoder.extend_pairs(flat(&pairs));
        body = Bytes::from(encoder.finish());
    }
    let mut headers: Vec<(String, String)> = headers
        .into_iter()
        .map(|(name, value)| (name, jinja::print(&value)))
        .collect();
    if !oauth.is_query
        && !headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
    {
        headers.push((
            "Content-Type".to_owned(),
            "application/x-www-form-urlencoded".to_owned(),
        ));
    }
    Ok(Request {
        headers,
        body,
        ..Request::new(Method::POST, url)
    })
}

/// A field of an answer, at the top or some levels below.
fn find<'b>(body: &'b Json, name: &str, depth: u32) -> Option<&'b Json> {
    if depth > DEPTH_MAX {
        return None;
    }
    match body {
        Json::Object(map) => map
            .get(name)
            .or_else(|| map.values().find_map(|value| find(value, name, depth + 1))),
        Json::Array(items) => items.iter().find_map(|item| find(item, name, depth + 1)),
        _ => None,
    }
}
