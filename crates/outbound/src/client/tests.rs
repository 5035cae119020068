//! Requests to a server on the loopback interface.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use url::Url;

use crate::{Allowed, Client, Error, Method, Policy, Request};

/// Serves the given raw answers, one per connection, and returns the requests' texts at the end.
fn serve(answers: Vec<String>) -> (Url, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let handle = std::thread::spawn(move || {
        let mut seen = Vec::new();
        for answer in answers {
            let (mut socket, _) = listener.accept().unwrap();
            let mut text = Vec::new();
            let mut chunk = [0; 4096];
            while !text.windows(4).any(|part| part == b"\r\n\r\n") {
                let count = socket.read(&mut chunk).unwrap();
                if count == 0 {
                    break;
                }
                text.extend_from_slice(&chunk[..count]);
            }
            seen.push(String::from_utf8_lossy(&text).into_owned());
            // The client may hang up early; that is what some tests are about.
            drop(socket.write_all(answer.as_bytes()));
        }
        seen
    });
    (url, handle)
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn client() -> Client {
    Client::new(Policy {
        allowed: vec![Allowed::Everything],
        ..Policy::default()
    })
}

#[tokio::test]
async fn an_answer_comes_back_whole_whatever_its_status() {
    let (url, server) = serve(vec![answer("404 Not Found", "X-Thing: 7\r\n", "nothing here")]);
    let request = Request::get(url.join("/a?b=c").unwrap()).header("authorization", "Bearer geheim");
    assert!(!format!("{request:?}").contains("geheim"));
    let answer = client().send(request).await.unwrap();
    assert_eq!((answer.status, answer.header("x-thing")), (404, Some("7")));
    assert_eq!(&answer.body[..], b"nothing here");
    let seen = server.join().unwrap();
    assert!(seen[0].starts_with("GET /a?b=c HTTP/1.1"), "{}", seen[0]);
    assert!(seen[0].contains("authorization: Bearer geheim"));
    assert!(seen[0].contains("user-agent: fossick/"));
}

#[tokio::test]
async fn a_private_address_is_refused_by_number_and_by_name() {
    let client = Client::new(Policy::default());
    for text in ["http://127.0.0.1:9/", "http://localhost:9/"] {
        let error = client.send(Request::get(Url::parse(text).unwrap())).await.unwrap_err();
        assert!(
            matches!(&error, Error::NotAllowed(why) if why.contains("private address")),
            "{text}: {error:?}"
        );
    }
}

#[tokio::test]
async fn redirects_stay_with_the_host() {
    let (url, server) = serve(vec![
        answer("302 Found", "location: /next\r\n", ""),
        answer("200 OK", "", "there"),
    ]);
    let answer_ = client()
        .send(Request {
            method: Method::POST,
            body: "x".into(),
            ..Request::get(url)
        })
        .await
        .unwrap();
    assert_eq!((answer_.status, answer_.url.path()), (200, "/next"));
    assert!(server.join().unwrap()[1].starts_with("GET /next"));

    let (url, _server) = serve(vec![answer("302 Found", "location: http://elsewhere.example/\r\n", "")]);
    let error = client().send(Request::get(url)).await.unwrap_err();
    assert!(
        matches!(&error, Error::SentElsewhere(why) if why.contains("`elsewhere.example`")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_refused_though_the_first_host_was_allowed() {
    let (url, _server) = serve(vec![answer("302 Found", "location: http://10.0.0.1/\r\n", "")]);
    let client = Client::new(Policy {
        allowed: vec!["127.0.0.1".parse().unwrap()],
        ..Policy::default()
    });
    assert!(matches!(
        client.send(Request::get(url)).await,
        Err(Error::SentElsewhere(_))
    ));
}

#[tokio::test]
async fn redirects_end() {
    let hop = answer("302 Found", "location: /\r\n", "");
    let (url, _server) = serve(vec![hop; 6]);
    let error = client().send(Request::get(url)).await.unwrap_err();
    assert!(error.to_string().ends_with("redirects more than 5 times"), "{error}");
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_refused_by_its_header_and_while_it_arrives() {
    let client = Client::new(Policy {
        allowed: vec![Allowed::Everything],
        body_bytes_max: 10,
        ..Policy::default()
    });
    let announced = answer("200 OK", "", "12345678901");
    let streamed = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n12345678901".to_owned();
    for text in [announced, streamed] {
        let (url, _server) = serve(vec![text]);
        let error = client.send(Request::get(url)).await.unwrap_err();
        assert!(
            matches!(&error, Error::TooLarge(why) if why.contains("larger than 10 bytes")),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn silence_ends_in_a_timeout_and_a_closed_port_in_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let client = Client::new(Policy {
        allowed: vec![Allowed::Everything],
        total_timeout: Duration::from_millis(50),
        ..Policy::default()
    });
    let error = client.send(Request::get(url.clone())).await.unwrap_err();
    assert!(matches!(error, Error::TimedOut(_)) && error.is_passing(), "{error:?}");
    drop(listener);
    let error = self::client().send(Request::get(url)).await.unwrap_err();
    assert!(
        matches!(error, Error::Unreachable(_)) && error.is_passing(),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_header_with_a_line_break_is_malformed_and_its_value_stays_secret() {
    let request = Request::get(Url::parse("http://127.0.0.1/").unwrap()).header("x", "geheim\r\ny: 1");
    let error = client().send(request).await.unwrap_err().to_string();
    assert!(error.contains("`x`") && !error.contains("geheim"), "{error}");
}
