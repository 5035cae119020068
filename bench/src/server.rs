//! A running `fossick serve`, and the plainest HTTP client that can talk to it: one connection, one request at a time.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value as Json;

use crate::gauge::{instant, pause};

const STARTS_WITHIN: Duration = Duration::from_mins(1);

/// A server; it is told to stop when this is dropped.
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts it on a free port. It may not answer yet.
    pub(crate) fn start(program: &Path, data_dir: &Path) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let child = Command::new(program)
            .args(["serve", "--log", "warn", "--listen", &address.to_string(), "--data-dir"])
            .arg(data_dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("could not start `{}`", program.display()))?;
        Ok(Self { child, address })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks again and again until the first answer with status 200.
    pub(crate) fn first_answer(&mut self, request: &Request<'_>) -> Result<Json> {
        let started = instant();
        while instant().duration_since(started) < STARTS_WITHIN {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}");
            }
            if let Ok(mut connection) = Connection::open(self.address)
                && let Ok((200, answer)) = connection.ask(request)
            {
                return Ok(answer);
            }
            pause(Duration::from_millis(1));
        }
        bail!("the server did not answer within {} s", STARTS_WITHIN.as_secs())
    }

    pub(crate) fn connect(&self) -> Result<Connection> {
        Connection::open(self.address)
    }

    /// Ends it as an operator would.
    pub(crate) fn stop(mut self) -> Result<()> {
        let pid = i32::try_from(self.child.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw);
        rustix::process::kill_process(pid.context("a process")?, rustix::process::Signal::TERM)?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After an error; one that has ended already is fine.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What is asked.
pub(crate) struct Request<'r> {
    pub(crate) method: &'static str,
    pub(crate) path: &'r str,
    /// Whole lines, each with its end.
    pub(crate) headers: &'r str,
    pub(crate) body: &'r str,
}

/// A connection that stays open.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self {
            stream: BufReader::new(stream),
        })
    }

    /// Sends a request and reads the whole answer: its status and its JSON.
    pub(crate) fn ask(&mut self, request: &Request<'_>) -> Result<(u16, Json)> {
        let (status, bytes) = self.ask_bytes(request)?;
        Ok((status, serde_json::from_slice(&bytes).unwrap_or(Json::Null)))
    }

    pub(crate) fn ask_bytes(&mut self, request: &Request<'_>) -> Result<(u16, Vec<u8>)> {
        let Request {
            method,
            path,
            headers,
            body,
        } = request;
        let length = body.len();
        let text =
            format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n{headers}content-length: {length}\r\n\r\n{body}");
        self.stream.get_mut().write_all(text.as_bytes())?;
        let status = self.line()?;
        let status = status.split_whitespace().nth(1).and_then(|word| word.parse().ok());
        let (mut length, mut is_chunked) = (0, false);
        loop {
            let line = self.line()?.to_lowercase();
            match line.split_once(':') {
                Some(("content-length", value)) => length = value.trim().parse()?,
                Some(("transfer-encoding", value)) => is_chunked = value.trim() == "chunked",
                Some(_) => {}
                None => break,
            }
        }
        let mut bytes = Vec::new();
        if is_chunked {
            self.chunks(&mut bytes)?;
        } else {
            bytes.resize(length, 0);
            self.stream.read_exact(&mut bytes)?;
        }
        Ok((status.context("no status line")?, bytes))
    }

    fn chunks(&mut self, bytes: &mut Vec<u8>) -> Result<()> {
        loop {
            let length = usize::from_str_radix(&self.line()?, 16)?;
            let from = bytes.len();
            bytes.resize(from + length, 0);
            self.stream.read_exact(&mut bytes[from..])?;
            self.line()?;
            if length == 0 {
                return Ok(());
            }
        }
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            bail!("the server closed the connection");
        }
        Ok(line.trim_end().to_owned())
    }
}
