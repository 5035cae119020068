//! What is asked and what comes back.

use bytes::Bytes;
use reqwest::Method;
use url::Url;

/// One question to a server.
#[derive(Clone)]
pub struct Request {
    /// GET, POST, …
    pub method: Method,
    /// Where to, query included.
    pub url: Url,
    /// Names and values, in order. May hold credentials: never logged.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: Bytes,
    /// What logs call the place: the URL without its query, unless secrets in its path had to be hidden.
    pub place: String,
}

impl Request {
    /// A GET without headers.
    pub fn get(url: Url) -> Self {
        Self::new(Method::GET, url)
    }

    /// A request without headers and body.
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            place: shown(&url),
            url,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl std::fmt::Debug for Request {
    /// Method, place and the names of the headers; neither values, query nor body.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("place", &self.place)
            .field("headers", &names)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What a server answered, whatever its status.
#[derive(Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case and values, in the order of the answer. A value that is not text is left out.
    pub headers: Vec<(String, String)>,
    /// The whole body, decompressed.
    pub body: Bytes,
    /// Where the answer came from in the end, after redirects. Its query may hold secrets.
    pub url: Url,
}

impl Answer {
    /// The first value of the header `name`, which is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl std::fmt::Debug for Answer {
    /// Status, place and size; neither headers, query nor body.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("url", &shown(&self.url))
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The first value of a header whose name is given in lower case.
pub(crate) fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// A URL as it may be shown to people and logs: without user, password, query and fragment.
pub fn shown(url: &Url) -> String {
    let mut text = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
    if let Some(port) = url.port() {
        text.push(':');
        text.push_str(&port.to_string());
    }
    text.push_str(url.path());
    text
}

/// Whether going on from `from` to `to` stays with the same server: the same host and port, and no step from `https`
/// down to `http`. A step up from `http` to `https` on the standard ports counts as the same.
pub fn tells_same_host(from: &Url, to: &Url) -> bool {
    if !matches!(to.scheme(), "http" | "https") || from.host_str() != to.host_str() {
        return false;
    }
    if from.scheme() == to.scheme() {
        return from.port_or_known_default() == to.port_or_known_default();
    }
    to.scheme() == "https" && from.port().is_none() && to.port().is_none()
}
