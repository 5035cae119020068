//! Requests: what the manifest says, worked out for one page of one partition and window.

use base64::Engine as _;
use outbound::{Bytes, Method, Request, Url};
use serde_json::{Map, Value as Json};

use super::args::{Partition, Window};
use super::ir::{Auth, Body, Inputs, Nested, Paginator, RequestOption, Requester, Router, Stream, Target, TokenPlace};
use super::jinja::{self, Kind, Scope, Template};
use super::next::page_size;
use super::records::{get, insert, nested};
use super::secrets::HIDDEN;
use super::windows::written;
use crate::Error;

/// A request being put together.
#[derive(Default)]
struct Draft {
    parameters: Vec<(String, Json)>,
    headers: Vec<(String, String)>,
    form: Vec<(String, Json)>,
    text: Option<String>,
    json: Option<Json>,
    /// Names of parameters that say who asks.
    secret: Vec<String>,
}

/// A request that is ready, and its URL as it may be kept: without what says who asks.
pub(super) struct Built {
    pub(super) request: Request,
    pub(super) url: Url,
}

/// What a page is asked for.
pub(super) struct Asked<'a> {
    pub(super) partition: &'a Partition,
    pub(super) window: Option<Window>,
    pub(super) token: Option<&'a Json>,
}

impl Asked<'_> {
    /// The slice as templates see it.
    pub(super) fn slice(&self, stream: &Stream, scope: &Scope<'_>) -> Result<Json, jinja::Error> {
        let mut map = self.partition.fields.clone();
        let mut times = Map::new();
        if let (Some(cursor), Some(window)) = (&stream.cursor, self.window) {
            times.insert(
                cursor.start_name.text(scope)?,
                Json::String(written(cursor, window.start)),
            );
            times.insert(cursor.end_name.text(scope)?, Json::String(written(cursor, window.end)));
        }
        for (name, value) in [
            ("partition", Json::Object(self.partition.fields.clone())),
            ("cursor_slice", Json::Object(times.clone())),
            ("extra_fields", Json::Object(self.partition.extra.clone())),
        ] {
            map.entry(name).or_insert(value);
        }
        map.extend(times);
        Ok(Json::Object(map))
    }
}

/// Puts a request together.
pub(super) fn build(
    stream: &Stream,
    asked: &Asked<'_>,
    scope: &Scope<'_>,
    config: &Json,
    access_token: Option<&str>,
) -> Result<Built, Error> {
    let wrong =
        |error: jinja::Error| Error::FixConfiguration(format!("stream `{}`: the request: {error}", stream.name));
    let requester = &stream.requester;
    let url = address(stream, asked, scope)?;
    let mut draft = Draft::default();
    fill(requester, &mut draft, scope).map_err(wrong)?;
    authenticate(&requester.auth, &mut draft, scope, config, access_token).map_err(wrong)?;
    if let Some(paginator) = &stream.paginator {
        page(paginator, asked.token, &mut draft, scope).map_err(wrong)?;
    }
    if !(stream.is_bare_when_paged && asked.token.is_some()) {
        sliced(stream, asked, &mut draft, scope).map_err(wrong)?;
    }
    let method = if requester.is_post { Method::POST } else { Method::GET };
    let secret = std::mem::take(&mut draft.secret);
    let request = draft.finish(method, url);
    let url = without(&request.url, &secret);
    Ok(Built { request, url })
}

/// What window and partition put into a request.
fn sliced(stream: &Stream, asked: &Asked<'_>, draft: &mut Draft, scope: &Scope<'_>) -> Result<(), jinja::Error> {
    if let (Some(cursor), Some(window)) = (&stream.cursor, asked.window) {
        for (option, at) in [(&cursor.start_option, window.start), (&cursor.end_option, window.end)] {
            if let Some(option) = option {
                draft.put(option, Json::String(written(cursor, at)), scope)?;
            }
        }
    }
    for router in &stream.routers {
        let options: Vec<(&Option<RequestOption>, &Template)> = match router {
            Router::List { field, option, .. } => vec![(option, field)],
            Router::Parents(parents) => parents.iter().map(|parent| (&parent.option, &parent.field)).collect(),
        };
        for (option, field) in options {
            let Some(option) = option else { continue };
            let field = field.text(scope)?;
            if let Some(value) = asked.partition.fields.get(&field).filter(|value| !value.is_null()) {
                draft.put(option, value.clone(), scope)?;
            }
        }
    }
    Ok(())
}

/// The URL of this request: of the host that the manifest names, or it is refused.
fn address(stream: &Stream, asked: &Asked<'_>, scope: &Scope<'_>) -> Result<Url, Error> {
    let wrong = |what: String| Error::FixConfiguration(format!("stream `{}`: {what}", stream.name));
    let requester = &stream.requester;
    let base_text = requester
        .base
        .text(scope)
        .map_err(|error| wrong(format!("the URL: {error}")))?;
    let base_text = base_text.trim();
    let base =
        Url::parse(base_text).map_err(|error| wrong(format!("`{}` is not a URL: {error}", requester.base.source())))?;
    let by_token = match (&stream.paginator, asked.token) {
        (
            Some(Paginator {
                token: TokenPlace::Path,
                ..
            }),
            Some(token),
        ) => Some(jinja::print(token)),
        _ => None,
    };
    let path = match (by_token, &requester.path) {
        (Some(path), _) => path,
        (None, Some(path)) => {
            let path = path.text(scope).map_err(|error| wrong(format!("the path: {error}")))?;
            path.trim().trim_start_matches('/').to_owned()
        }
        (None, None) => String::new(),
    };
    let mut url = if path.is_empty() {
        base.clone()
    } else if path
        .split_once("://")
        .is_some_and(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric()))
    {
        Url::parse(&path).map_err(|error| wrong(format!("the page link is not a URL: {error}")))?
    } else {
        let joined = if path.starts_with('/') {
            base.join(&path)
        } else {
            let slash = if base_text.ends_with('/') { "" } else { "/" };
            Url::parse(&format!("{base_text}{slash}{path}"))
        };
        joined.map_err(|error| wrong(format!("`{}` does not make a URL: {error}", requester.base.source())))?
    };
    // A provider behind a proxy writes `http` into its links; the encrypted way is meant.
    if base.scheme() == "https" && url.scheme() == "http" && url.host_str() == base.host_str() && url.port().is_none() {
        let upgraded = format!("https{}", &url.as_str()["http".len()..]);
        url = Url::parse(&upgraded).unwrap_or(url);
    }
    if !outbound::tells_same_host(&base, &url) {
        return Err(wrong(format!(
            "a page link leads to `{}`, the manifest names `{}`, so it was not followed; if that host is meant, name it in the manifest",
            url.host_str().unwrap_or_default(),
            base.host_str().unwrap_or_default()
        )));
    }
    Ok(url)
}

fn fill(requester: &Requester, draft: &mut Draft, scope: &Scope<'_>) -> Result<(), jinja::Error> {
    for (key, value) in inputs(&requester.parameters, scope, Kind::TextOrList)? {
        draft.parameters.push((key, value));
    }
    for (key, value) in inputs(&requester.headers, scope, Kind::Any)? {
        draft.headers.push((key, jinja::print(&value)));
    }
    match &requester.body {
        Body::None => {}
        Body::Json(value) => draft.json = Some(nested(value, scope)?),
        Body::Form(Inputs::Whole(template)) => match template.value(scope, Kind::Any)? {
            Some(Json::Object(map)) => draft.form.extend(map),
            _ => draft.text = Some(template.text(scope)?),
        },
        Body::Form(map) => draft.form = inputs(map, scope, Kind::TextOrList)?,
    }
    Ok(())
}

/// Keys with values; those without a value are left out.
pub(super) fn inputs(inputs: &Inputs, scope: &Scope<'_>, kind: Kind) -> Result<Vec<(String, Json)>, jinja::Error> {
    let entries = match inputs {
        Inputs::Map(entries) => entries,
        Inputs::Whole(template) => {
            return Ok(match template.value(scope, Kind::Any)? {
                Some(Json::Object(map)) => map.into_iter().filter(|(_, value)| !value.is_null()).collect(),
                _ => Vec::new(),
            });
        }
    };
    let mut read = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let value = match value {
            Nested::Template(template) => template.value(scope, kind)?,
            other => Some(nested(other, scope)?),
        };
        if let Some(value) = value.filter(|value| !value.is_null()) {
            read.push((key.text(scope)?, value));
        }
    }
    Ok(read)
}

fn authenticate(
    auth: &Auth,
    draft: &mut Draft,
    scope: &Scope<'_>,
    config: &Json,
    access_token: Option<&str>,
) -> Result<(), jinja::Error> {
    match auth {
        Auth::None => {}
        // These tokens are had elsewhere: that takes a request of its own.
        Auth::Renewed(_) | Auth::Session(_) => {
            let token = access_token.unwrap_or_default();
            let option = match auth {
                Auth::Session(session) => session.option.as_ref(),
                _ => None,
            };
            match option {
                Some(option) => draft.put_secret(option, token.to_owned(), scope)?,
                None => draft.header("Authorization", format!("Bearer {token}")),
            }
        }
        Auth::Bearer(token) => draft.header("Authorization", format!("Bearer {}", token.text(scope)?)),
        Auth::Basic { user, password } => {
            let password = match password {
                Some(password) => password.text(scope)?,
                None => String::new(),
            };
            let pair = format!("{}:{password}", user.text(scope)?);
            let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
            draft.header("Authorization", format!("Basic {encoded}"));
        }
        Auth::Token { token, option } => {
            let token = token.text(scope)?;
            draft.put_secret(option, token, scope)?;
        }
        Auth::Selective { path, choices } => {
            let chosen = get(config, path).map(jinja::print).unwrap_or_default();
            let choice = choices.iter().find(|(name, _)| *name == chosen).map(|(_, auth)| auth);
            let choice = choice.ok_or_else(|| {
                jinja::Error::Failed(format!(
                    "`{}` is `{chosen}`, which names no way to sign in",
                    path.join(".")
                ))
            })?;
            authenticate(choice, draft, scope, config, access_token)?;
        }
    }
    Ok(())
}

fn page(paginator: &Paginator, token: Option<&Json>, draft: &mut Draft, scope: &Scope<'_>) -> Result<(), jinja::Error> {
    if let (TokenPlace::Option(option), Some(token)) = (&paginator.token, token) {
        draft.put(option, token.clone(), scope)?;
    }
    if let Some(option) = &paginator.size_option
        && let Some(size) = page_size(paginator.size(), scope)?
    {
        draft.put(option, Json::from(size), scope)?;
    }
    Ok(())
}

impl Draft {
    fn header(&mut self, name: &str, value: String) {
        self.headers.retain(|(found, _)| !found.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value));
    }

    /// Puts what says who asks where an option says.
    fn put_secret(&mut self, option: &RequestOption, value: String, scope: &Scope<'_>) -> Result<(), jinja::Error> {
        if let (Target::Parameter, Some(name)) = (option.into, option.path.first()) {
            self.secret.push(name.text(scope)?);
        }
        self.put(option, Json::String(value), scope)
    }

    /// Puts a value where an option says.
    fn put(&mut self, option: &RequestOption, value: Json, scope: &Scope<'_>) -> Result<(), jinja::Error> {
        let mut path = Vec::with_capacity(option.path.len());
        for part in &option.path {
            path.push(part.text(scope)?);
        }
        let name = path.first().cloned().unwrap_or_default();
        match option.into {
            Target::Header => self.header(&name, jinja::print(&value)),
            Target::Parameter => {
                self.parameters.retain(|(found, _)| *found != name);
                self.parameters.push((name, value));
            }
            Target::Form => {
                self.form.retain(|(found, _)| *found != name);
                self.form.push((name, value));
            }
            Target::Json => insert(self.json.get_or_insert_with(|| Json::Object(Map::new())), &path, value),
        }
        Ok(())
    }

    fn finish(mut self, method: Method, mut url: Url) -> Request {
        // A page link that carries a parameter already is not given it again.
        let present: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let missing: Vec<(String, String)> = flat(&self.parameters)
            .into_iter()
            .filter(|pair| !present.contains(pair))
            .collect();
        if !missing.is_empty() {
            url.query_pairs_mut().extend_pairs(missing);
        }
        let has_type = self
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        // Only a POST carries a body, and an empty one is none.
        let json = self
            .json
            .filter(|json| json.as_object().is_none_or(|map| !map.is_empty()));
        let (bytes, kind) = if method != Method::POST {
            (Bytes::new(), None)
        } else if let Some(text) = self.text {
            (Bytes::from(text), None)
        } else if !self.form.is_empty() {
            let mut encoder = url::form_urlencoded::Serializer::new(String::new());
            encoder.extend_pairs(flat(&self.form));
            (Bytes::from(encoder.finish()), Some("application/x-www-form-urlencoded"))
        } else if let Some(json) = json {
            (Bytes::from(json.to_string()), Some("application/json"))
        } else {
            (Bytes::new(), None)
        };
        if let Some(kind) = kind.filter(|_| !has_type) {
            self.headers.push(("Content-Type".to_owned(), kind.to_owned()));
        }
        Request {
            headers: self.headers,
            body: bytes,
            ..Request::new(method, url)
        }
    }
}

/// The URL without the values of these parameters.
fn without(url: &Url, secret: &[String]) -> Url {
    let mut shown = url.clone();
    let is_secret = |name: &str| secret.iter().any(|secret| secret == name);
    if url.query_pairs().any(|(name, _)| is_secret(&name)) {
        let pairs = url.query_pairs().map(|(name, value)| {
            if is_secret(&name) {
                (name, HIDDEN.into())
            } else {
                (name, value)
            }
        });
        shown.query_pairs_mut().clear().extend_pairs(pairs);
    }
    shown
}

/// Lists become several pairs of the same name.
pub(super) fn flat(pairs: &[(String, Json)]) -> Vec<(String, String)> {
    let mut out = Vec::with_capacity(pairs.len());
    for (name, value) in pairs {
        match value {
            Json::Array(items) => out.extend(items.iter().map(|item| (name.clone(), jinja::print(item)))),
            one => out.push((name.clone(), jinja::print(one))),
        }
    }
    out
}
