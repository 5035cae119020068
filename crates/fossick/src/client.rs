//! Commands are clients of our own HTTP API: through the local socket of a running server, or, without one, through
//! the same router in this process. Either way the caller is the operator.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use store::FolderLock;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::app::{App, Role, Services};
use crate::config::Config;
use crate::exit::{Exit, Refused};
use crate::{serve, socket};

/// The largest answer that is read: 256 MiB.
const ANSWER_BYTES_MAX: usize = 256 << 20;
/// How many pages of a list are asked for at most.
const LIST_PAGES_MAX: usize = 1_000;

/// Whether a command may make a data folder that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// A mistyped path must not become an empty installation.
    Refuse,
    /// The command puts something into it.
    Create,
}

/// Asks the API.
#[derive(Debug)]
pub(crate) struct Client {
    way: Way,
    /// Where browsers find us: links name it, unless the setting `base_url` names another address.
    host: String,
}

#[derive(Debug)]
enum Way {
    /// A server owns the data folder.
    Server { data_dir: PathBuf },
    /// This process does, for as long as the command takes.
    Here(Box<Here>),
}

#[derive(Debug)]
struct Here {
    app: Arc<App>,
    router: Router,
    tracker: TaskTracker,
    shutdown: CancellationToken,
    is_working: AtomicBool,
}

impl Client {
    /// Finds the server of the data folder, or opens the folder itself.
    ///
    /// # Errors
    /// [`Exit::Unreachable`] when another process holds the folder but does not answer, [`Exit::NotFound`] when there
    /// is no such folder.
    pub(crate) async fn open(config: &Config, missing: Missing) -> anyhow::Result<Self> {
        let data_dir = &config.data_dir;
        if missing == Missing::Refuse && !data_dir.is_dir() {
            return Err(Refused::not_found(format!(
                "there is no data folder `{}`: name it with --data-dir, or start with `fossick serve`",
                data_dir.display()
            )));
        }
        if has_server(data_dir).await? {
            let address = socket::address(data_dir).unwrap_or(config.listen);
            let way = Way::Server {
                data_dir: data_dir.clone(),
            };
            return Ok(Self {
                way,
                host: host(address),
            });
        }
        refuse_locked(data_dir)?;
        let host = host(config.listen);
        let config = config.clone();
        let app = tokio::task::spawn_blocking(move || App::open(config, Role::Owner)).await??;
        let app = Arc::new(app);
        let shutdown = CancellationToken::new();
        let router = api::for_operator(serve::router(&app, shutdown.clone(), None)?);
        let here = Here {
            app,
            router,
            tracker: TaskTracker::new(),
            shutdown,
            is_working: AtomicBool::new(false),
        };
        Ok(Self {
            way: Way::Here(Box::new(here)),
            host,
        })
    }

    /// Whether a server does the work; it goes on when the command ends.
    pub(crate) fn is_server(&self) -> bool {
        matches!(self.way, Way::Server { .. })
    }

    /// Sees to it that tasks are worked on: by the server, or else by this process from now on, which begins no sync that
    /// nobody has asked it for.
    pub(crate) fn start_work(&self) {
        self.start(|_| true, Services::Stamping);
    }

    /// Sees to it that the search index follows what has landed, and that nothing else begins.
    pub(crate) fn start_indexing(&self) {
        self.start(|queue| queue == "upload", Services::Stamping);
    }

    fn start(&self, is_worked_on: fn(&str) -> bool, services: Services) {
        let Way::Here(here) = &self.way else { return };
        if here.is_working.swap(true, Ordering::Relaxed) {
            return;
        }
        let mut queues = here.app.all_queues();
        queues.retain(|limits| is_worked_on(&limits.queue));
        here.app.start(&here.tracker, queues, services, &here.shutdown);
    }

    /// Asks for something.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.send(Method::GET, path, None).await
    }

    /// Asks to make or do something.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Asks to change something.
    pub(crate) async fn patch(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(Method::PATCH, path, Some(body)).await
    }

    /// Asks to put something into its place.
    pub(crate) async fn put(&self, path: &str) -> anyhow::Result<Value> {
        self.send(Method::PUT, path, None).await
    }

    /// Asks to remove something.
    pub(crate) async fn delete(&self, path: &str) -> anyhow::Result<Value> {
        self.send(Method::DELETE, path, None).await
    }

    /// Every item of a list, page after page.
    pub(crate) async fn list(&self, path: &str) -> anyhow::Result<Vec<Value>> {
        self.list_some(path, usize::MAX).await
    }

    /// The first items of a list.
    pub(crate) async fn list_some(&self, path: &str, most: usize) -> anyhow::Result<Vec<Value>> {
        let mut all = Vec::new();
        let mut after = String::new();
        for _ in 0..LIST_PAGES_MAX {
            let mark = if path.contains('?') { '&' } else { '?' };
            let limit = most.saturating_sub(all.len()).min(100);
            let mut page = self.get(&format!("{path}{mark}limit={limit}{after}")).await?;
            let next = page.get("next").and_then(Value::as_str).map(encoded);
            if let Some(Value::Array(items)) = page.get_mut("items").map(Value::take) {
                all.extend(items);
            }
            match next {
                Some(next) if all.len() < most => after = format!("&after={next}"),
                _ => break,
            }
        }
        all.truncate(most);
        Ok(all)
    }

    /// Sends a request with headers of its own; the answer's JSON, or null when it has none.
    pub(crate) async fn send_with(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, String)],
        body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, self.host.as_str());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let bytes = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                serde_json::to_vec(body)?
            }
            None => Vec::new(),
        };
        let request = request.body(Body::from(bytes)).context("the request can't be made")?;
        let (status, bytes) = match &self.way {
            Way::Server { data_dir } => over_socket(data_dir, request).await?,
            Way::Here(here) => {
                let answer = here
                    .router
                    .clone()
                    .oneshot(request)
                    .await
                    .map_err(|never| match never {})?;
                whole(answer).await?
            }
        };
        read_answer(status, &bytes)
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        self.send_with(method, path, &[], body).await
    }

    /// Ends the work of this process, with the grace time that running tasks have, and closes the folder.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        let Way::Here(here) = self.way else { return Ok(()) };
        let Here {
            app,
            router,
            tracker,
            shutdown,
            ..
        } = *here;
        shutdown.cancel();
        tracker.close();
        tracker.wait().await;
        drop(router);
        tokio::task::spawn_blocking(move || {
            app.close();
            drop(app);
        })
        .await?;
        Ok(())
    }
}

/// The address as this machine's browsers would name it.
pub(crate) fn host(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    address.to_string()
}

/// Whether a server answers for this data folder.
pub(crate) async fn has_server(data_dir: &Path) -> anyhow::Result<bool> {
    let connected = socket::connect(data_dir).await.map_err(|error| {
        Refused::because(
            Exit::NotAllowed,
            format!("{error:#}: only the owner of the data folder may open it"),
        )
    })?;
    Ok(connected.is_some())
}

/// Refuses a folder that another process holds.
pub(crate) fn refuse_locked(data_dir: &Path) -> anyhow::Result<()> {
    // A folder that is not there has no lock, and looking for one must not make it.
    if !data_dir.is_dir() || FolderLock::try_take(data_dir)?.is_some() {
        return Ok(());
    }
    let holder = FolderLock::holder(data_dir).map_or_else(String::new, |pid| format!(" (process {pid})"));
    Err(Refused::because(
        Exit::Unreachable,
        format!(
            "the data folder `{}` is in use{holder}, but no server answers on its socket: wait until that process has started or ended, or stop it",
            data_dir.display()
        ),
    ))
}

/// One request over a connection of its own.
async fn over_socket(data_dir: &Path, request: Request<Body>) -> anyhow::Result<(u16, Bytes)> {
    let gone = || {
        Refused::because(
            Exit::Unreachable,
            format!(
                "the server of the data folder `{}` does not answer any more",
                data_dir.display()
            ),
        )
    };
    let stream = socket::connect(data_dir).await?.ok_or_else(gone)?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|_broken| gone())?;
    // Ends with this function.
    let mut background = JoinSet::new();
    background.spawn(connection);
    let answer: Response<Incoming> = sender.send_request(request).await.map_err(|_broken| gone())?;
    whole(answer).await.map_err(|_broken| gone())
}

async fn whole<B>(answer: Response<B>) -> anyhow::Result<(u16, Bytes)>
where
    B: hyper::body::Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let status = answer.status().as_u16();
    let body = http_body_util::Limited::new(answer.into_body(), ANSWER_BYTES_MAX)
        .collect()
        .await;
    let bytes = body
        .map_err(|error| anyhow::anyhow!("the answer broke off: {error}"))?
        .to_bytes();
    Ok((status, bytes))
}

/// The answer's JSON, or its problem as an error.
fn read_answer(status: u16, bytes: &[u8]) -> anyhow::Result<Value> {
    let value: Option<Value> = serde_json::from_slice(bytes).ok();
    if (200..300).contains(&status) {
        return Ok(value.unwrap_or(Value::Null));
    }
    Err(refusal(status, value))
}

/// A problem document as an error.
fn refusal(status: u16, problem: Option<Value>) -> anyhow::Error {
    let text = |name: &str| {
        let value = problem.as_ref().and_then(|problem| problem.get(name));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let exit = match status {
        401 | 403 => Exit::NotAllowed,
        404 => Exit::NotFound,
        _ => Exit::Failure,
    };
    let mut message = [text("detail"), text("message"), text("title")]
        .into_iter()
        .find(|text| !text.is_empty());
    let fields = problem
        .as_ref()
        .and_then(|problem| problem.get("fields"))
        .and_then(Value::as_array);
    let fields: Vec<String> = fields
        .into_iter()
        .flatten()
        .map(|field| {
            format!(
                "`{}` {}",
                crate::output::text(field, "name"),
                crate::output::text(field, "message")
            )
        })
        .collect();
    if !fields.is_empty() {
        message = Some(fields.join("; "));
    }
    let message = message.unwrap_or_else(|| format!("the server answered {status} and did not say why"));
    Refused {
        exit,
        message: crate::output::clean(&message),
        problem,
    }
    .into()
}

/// A text as a part of a path or a query.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let digit = |value: u8| char::from(b"0123456789ABCDEF"[usize::from(value)]);
            out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    out
}

#[cfg(test)]
mod tests;
