//! Clients that say nothing, too many of them, and answers without an end.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::io::ReaderStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Limits, serve};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: here\r\n\r\n";
const ENDLESS: &[u8] = b"GET /endless HTTP/1.1\r\nhost: here\r\n\r\n";

struct Server {
    address: SocketAddr,
    tracker: TaskTracker,
    shutdown: CancellationToken,
}

async fn server(limits: Limits) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let endless = || async { Body::from_stream(ReaderStream::new(tokio::io::repeat(b'.'))) };
    let router = Router::new()
        .route("/", get(|| async { "here" }))
        .route("/endless", get(endless));
    let (tracker, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let both = (tracker.clone(), shutdown.clone());
    tracker.spawn(serve(listener, router, |_, _| {}, limits, both));
    Server {
        address,
        tracker,
        shutdown,
    }
}

impl Server {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends a request and reads how the answer begins.
    async fn ask(&self, request: &[u8]) -> (TcpStream, String) {
        let mut stream = self.connect().await;
        stream.write_all(request).await.unwrap();
        let mut start = [0; 15];
        stream.read_exact(&mut start).await.unwrap();
        (stream, String::from_utf8_lossy(&start).into_owned())
    }
}

#[tokio::test]
async fn a_client_that_does_not_end_its_headers_is_let_go() {
    let server = server(Limits {
        head_time: Duration::from_millis(50),
        ..Limits::default()
    })
    .await;
    for beginning in [&b""[..], b"GET / HTTP/1.1\r\nhost: he"] {
        let mut stream = server.connect().await;
        stream.write_all(beginning).await.unwrap();
        let mut rest = Vec::new();
        // Closed by the other side, with or without a word.
        let _closed = stream.read_to_end(&mut rest).await;
        assert!(!String::from_utf8_lossy(&rest).contains("200 OK"));
    }
}

#[tokio::test]
async fn one_connection_too_many_waits_until_another_ends() {
    let server = server(Limits {
        connections: 1,
        ..Limits::default()
    })
    .await;
    let (first, start) = server.ask(REQUEST).await;
    assert_eq!(start, "HTTP/1.1 200 OK");
    let mut second = server.connect().await;
    second.write_all(REQUEST).await.unwrap();
    let mut byte = [0];
    assert_eq!(
        second.try_read(&mut byte).map_err(|error| error.kind()),
        Err(std::io::ErrorKind::WouldBlock)
    );
    drop(first);
    assert_eq!(second.read(&mut byte).await.unwrap(), 1);
}

#[tokio::test]
async fn an_answer_without_an_end_does_not_keep_the_server_from_stopping() {
    let server = server(Limits {
        goodbye_time: Duration::from_millis(50),
        ..Limits::default()
    })
    .await;
    let (_endless, start) = server.ask(ENDLESS).await;
    assert_eq!(start, "HTTP/1.1 200 OK");
    // Open, and between two requests.
    let (_idle, _) = server.ask(REQUEST).await;
    server.shutdown.cancel();
    server.tracker.close();
    server.tracker.wait().await;
}
