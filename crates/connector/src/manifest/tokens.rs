//! Access tokens: asked for when they are needed, kept until they run out, shared with all workers.

use std::collections::HashMap;
use std::time::Duration;

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
use super::json::decode;
use super::records::get;
use super::request::{Asked, build, flat, inputs};
use crate::grant::{Grant, Lent};
use crate::reader::Event;
use crate::{Error, Reader};

/// How long a token is used when the answer does not say, in seconds.
const LIFETIME_S_DEFAULT: i64 = 3600;

/// How long before its end a token is renewed, in milliseconds.
const MARGIN_MS: i64 = 60_000;

/// How long asking for a token may take. Shorter than the time for which it is one asker's turn.
const RENEWAL_MAX: Duration = Duration::from_mins(1);

/// How deep in an answer the token may be.
const DEPTH_MAX: u32 = 5;

/// The tokens of a source, by what they were asked for with.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    used: HashMap<String, Grant>,
    /// Granted, and not yet known to be kept.
    unkept: HashMap<String, Grant>,
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

impl Renewal<'_> {
    /// Whether what is granted serves more than one request.
    fn is_lasting(&self) -> bool {
        match self {
            Self::OAuth(_) => true,
            Self::Session(session) => session.lifetime.is_some(),
        }
    }

    /// Whether each refresh token is good for one use.
    fn is_single_use(&self) -> bool {
        matches!(self, Self::OAuth(oauth) if oauth.single_use.is_some())
    }
}

impl Source {
    /// The token for a stream, a new one where the kept one has run out; `None` when it has not to ask for any.
    ///
    /// One caller asks, the others wait for its answer: here, and through `reader` in all workers. `refused`: the token
    /// that the provider no longer takes.
    pub(super) async fn access_token(
        &self,
        stream: &Stream,
        refused: Option<&str>,
        reader: &mut Option<&mut Reader>,
    ) -> Result<Option<String>, Error> {
        let Some(renewal) = renewal(&stream.requester.auth, &self.config) else {
            return Ok(None);
        };
        let now = self.clock.now();
        if let Renewal::OAuth(OAuth {
            endpoint: None,
            access_token,
            ..
        }) = &renewal
        {
            let scope = self.scope(now);
            let fixed = access_token.as_ref().map(|token| token.text(&scope)).transpose();
            return fixed.map_err(|error| super::answer::explain(&stream.name, "the access token", &error));
        }
        let key = self.token_key(stream, &renewal)?;
        let mut tokens = self.tokens.lock().await;
        if let Some(grant) = tokens.used.get(&key)
            && Some(grant.access.as_str()) != refused
            && grant.until > now
        {
            return Ok(Some(grant.access.clone()));
        }
        let lent = match reader {
            Some(reader) if renewal.is_lasting() => reader.token(&key, refused).await?,
            _ => Lent::Alone,
        };
        let grant = match lent {
            Lent::Token(grant) => grant,
            Lent::Alone if renewal.is_single_use() => {
                return Err(Error::FixConfiguration(format!(
                    "stream `{}`: its refresh token is good for one use, which a trial would waste; a sync uses it and keeps the next one",
                    stream.name
                )));
            }
            Lent::Alone => self.renew(stream, &renewal, None).await?,
            Lent::Obtain(last) => {
                let obtained = match tokens.unkept.remove(&key) {
                    Some(grant) => Ok(grant),
                    None => self.renew(stream, &renewal, last).await,
                };
                self.tell(&key, obtained, &mut tokens, reader).await?
            }
        };
        let access = grant.access.clone();
        tokens.used.insert(key, grant);
        Ok(Some(access))
    }

    /// Has a new token kept before anything is asked with it: the refresh token in it may be the only one that works.
    async fn tell(
        &self,
        key: &str,
        obtained: Result<Grant, Error>,
        tokens: &mut Tokens,
        reader: &mut Option<&mut Reader>,
    ) -> Result<Grant, Error> {
        let Some(reader) = reader else { return obtained };
        let key = key.to_owned();
        match obtained {
            Ok(grant) => {
                tokens.unkept.insert(key.clone(), grant.clone());
                let event = Event::Granted {
                    key: key.clone(),
                    grant: grant.clone(),
                };
                reader.send(event).await?;
                tokens.unkept.remove(&key);
                Ok(grant)
            }
            Err(error) => {
                // Whoever has stopped listening gives everything back anyway.
                let _stopped: Result<(), Error> = reader.send(Event::NotGranted { key }).await;
                Err(error)
            }
        }
    }

    /// Under which name a token is kept: what it is asked for with, hashed. What changes with every use is not in it.
    fn token_key(&self, stream: &Stream, renewal: &Renewal<'_>) -> Result<String, Error> {
        let parts = match renewal {
            Renewal::OAuth(oauth) if oauth.single_use.is_some() => {
                let scope = self.scope(self.clock.now());
                let first = self.refresh_token(oauth, &scope);
                let request = first.and_then(|first| Ok((request(oauth, None, &scope)?.url, first)));
                let (url, first) =
                    request.map_err(|error| super::answer::explain(&stream.name, "the access token", &error))?;
                [url.as_str().as_bytes(), first.unwrap_or_default().as_bytes()].concat()
            }
            _ => {
                let request = self.token_request(stream, renewal, None)?;
                [request.url.as_str().as_bytes(), &request.body].concat()
            }
        };
        Ok(blake3::hash(&parts).to_hex().to_string())
    }

    /// The refresh token that the configuration holds.
    fn refresh_token(&self, oauth: &OAuth, scope: &Scope<'_>) -> Result<Option<String>, jinja::Error> {
        if let Some(single_use) = &oauth.single_use
            && let Some(found) = get(&self.config, &single_use.path).filter(|found| !found.is_null())
        {
            return Ok(Some(jinja::print(found)));
        }
        oauth
            .refresh_token
            .1
            .as_ref()
            .map(|token| token.text(scope))
            .transpose()
    }

    fn token_request(&self, stream: &Stream, renewal: &Renewal<'_>, last: Option<&Grant>) -> Result<Request, Error> {
        let scope = self.scope(self.clock.now());
        match renewal {
            Renewal::OAuth(oauth) => {
                let refresh = match last.and_then(|last| last.refresh.clone()) {
                    Some(refresh) => Ok(Some(refresh)),
                    None => self.refresh_token(oauth, &scope),
                };
                refresh
                    .and_then(|refresh| request(oauth, refresh, &scope))
                    .map_err(|error| super::answer::explain(&stream.name, "the access token", &error))
            }
            Renewal::Session(session) => {
                let nothing = Partition::default();
                let asked = Asked {
                    partition: &nothing,
                    window: None,
                    token: None,
                };
                let built = build(&session.login, &asked, &scope, &self.config, None);
                Ok(built.map_err(|error| self.hidden(error))?.request)
            }
        }
    }

    async fn renew(&self, stream: &Stream, renewal: &Renewal<'_>, last: Option<Grant>) -> Result<Grant, Error> {
        let request = self.token_request(stream, renewal, last.as_ref())?;
        let place = outbound::shown(&request.url);
        let old = last.and_then(|last| last.refresh);
        let request = Request {
            place: self.secrets.hide(&place),
            ..request
        };
        let say = |what: String| {
            let text = format!("stream `{}`: `{place}` {what}", stream.name);
            let text = self.secrets.hide(&text);
            old.as_ref().map_or(text.clone(), |old| text.replace(old, "***"))
        };
        let answer = match tokio::time::timeout(RENEWAL_MAX, self.client.send(request)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) if error.is_passing() => {
                return Err(Error::Retry(say(format!("gave no access token: {error}"))));
            }
            Ok(Err(error)) => return Err(Error::FixConfiguration(say(format!("gave no access token: {error}")))),
            Err(_elapsed) => {
                let what = format!("gave no access token within {} s", RENEWAL_MAX.as_secs());
                return Err(Error::Retry(say(what)));
            }
        };
        let now = self.clock.now();
        match meaning(answer.status, &answer.headers, now) {
            Meaning::Fine => {}
            Meaning::Again(Some(at)) => {
                let said = say(format!("gave no access token, it answered {}", answer.status));
                let why = format!("`{}`, which asks for it ({said})", self.provider);
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
                    "refused to give an access token, it answered {}: {excerpt}; sign in again and enter what you get",
                    answer.status
                );
                return Err(Error::Reauthenticate(say(what)));
            }
        }
        let body = decode(&answer.body)
            .map_err(|why| Error::Retry(say(format!("answered something that can't be read as JSON ({why})"))))?;
        let scope = self.scope(now);
        let read = match renewal {
            Renewal::OAuth(oauth) => granted(oauth, old.clone(), &body, &scope, now),
            Renewal::Session(session) => opened(session, &body, &scope, now),
        };
        match read {
            Ok(grant) if !grant.access.is_empty() => Ok(grant),
            Ok(_) => Err(Error::Reauthenticate(say("answered without a token".to_owned()))),
            Err(error) => Err(super::answer::explain(&stream.name, "the access token", &error)),
        }
    }
}

/// What an OAuth server granted; an empty token where there is none.
fn granted(
    oauth: &OAuth,
    old: Option<String>,
    body: &Json,
    scope: &Scope<'_>,
    now: Timestamp,
) -> Result<Grant, jinja::Error> {
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
    let refresh = match &oauth.single_use {
        // A server that brings no new one goes on taking the old one.
        Some(single_use) => find(body, &single_use.name.text(scope)?, 0).map(jinja::print).or(old),
        None => None,
    };
    Ok(Grant {
        access: value.unwrap_or_default(),
        until: until.plus_ms(-MARGIN_MS),
        refresh,
    })
}

/// The session that signing in opened; an empty token where there is none.
fn opened(session: &Session, body: &Json, scope: &Scope<'_>, now: Timestamp) -> Result<Grant, jinja::Error> {
    let path: Result<Vec<String>, _> = session.path.iter().map(|part| part.text(scope)).collect();
    // Months differ in length: counted from now.
    let until = session.lifetime.map_or(Some(now), |lifetime| {
        let end = datetime::DateTime::from_micros(now.0.checked_mul(1000)?)?.plus(lifetime)?;
        Some(Timestamp(end.to_micros() / 1000))
    });
    Ok(Grant {
        access: get(body, &path?).map(jinja::print).unwrap_or_default(),
        until: until.unwrap_or(Timestamp(i64::MAX)),
        refresh: None,
    })
}

fn request(oauth: &OAuth, refresh: Option<String>, scope: &Scope<'_>) -> Result<Request, jinja::Error> {
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
    for (name, value) in [&oauth.client_id, &oauth.client_secret] {
        if let Some(value) = value.as_ref().filter(|_| !is_in_header) {
            pairs.push((name.text(scope)?, Json::String(value.text(scope)?)));
        }
    }
    if let Some(refresh) = refresh {
        pairs.push((oauth.refresh_token.0.text(scope)?, Json::String(refresh)));
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
