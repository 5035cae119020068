//! Connections: how many there are, how long one may say nothing, and how they end.
//!
//! `axum::serve` sets no limit to any of the three, so that whoever opens connections and stays silent keeps all others out.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

/// What is granted to clients.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// How many connections are open at a time; further ones wait to be accepted.
    pub(super) connections: usize,
    /// How long a client may take for the head of a request, counted from when the last answer was sent.
    pub(super) head_time: Duration,
    /// How long answers that have begun may go on once the server stops.
    pub(super) goodbye_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // Many systems give a process 1024 files.
            connections: 768,
            head_time: Duration::from_mins(1),
            goodbye_time: Duration::from_secs(10),
        }
    }
}

/// Serves what connects to `listener` until `shutdown`; `introduce` tells the router who is at the other end.
///
/// Every connection belongs to `tracker`, and has ended [`Limits::goodbye_time`] after the shutdown at the latest.
pub(super) async fn serve<L: Listener>(
    mut listener: L,
    router: Router,
    introduce: fn(&L::Addr, &mut Request<Incoming>),
    limits: Limits,
    (tracker, shutdown): (TaskTracker, CancellationToken),
) where
    L::Addr: Clone + Sync,
{
    let slots = Arc::new(Semaphore::new(limits.connections));
    loop {
        let accepted = async {
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, listener.accept().await)
        };
        let (slot, (stream, peer)) = tokio::select! {
            accepted = accepted => accepted,
            () = shutdown.cancelled() => return,
        };
        let (router, shutdown) = (router.clone(), shutdown.clone());
        tracker.spawn(async move {
            let _slot = slot;
            let answer = service_fn(move |mut request: Request<Incoming>| {
                introduce(&peer, &mut request);
                router.clone().call(request.map(Body::new))
            });
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(limits.head_time);
            let mut connection = pin!(http.serve_connection(TokioIo::new(stream), answer));
            let served = tokio::select! {
                served = connection.as_mut() => served,
                () = shutdown.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    tokio::time::timeout(limits.goodbye_time, connection).await.unwrap_or(Ok(()))
                }
            };
            if let Err(error) = served {
                tracing::debug!(%error, "a connection broke off: {error}");
            }
        });
    }
}

#[cfg(test)]
mod tests;
