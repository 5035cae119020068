//! A provider on loopback: a paged API of boards, each with paged cards, that can misbehave on request.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Boards and cards as they are now.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) url: String,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    boards: AtomicUsize,
    cards: AtomicUsize,
}

/// Cards on a page.
const PAGE: usize = 10;

impl Provider {
    /// Starts a provider with this many boards and cards on each.
    pub(crate) fn start(boards: usize, cards: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State::default());
        let theirs = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&theirs);
                std::thread::spawn(move || serve(stream, &state));
            }
        });
        let provider = Self { url, state };
        provider.set(boards, cards);
        provider
    }

    /// Changes what there is.
    pub(crate) fn set(&self, boards: usize, cards: usize) {
        self.state.boards.store(boards, Ordering::SeqCst);
        self.state.cards.store(cards, Ordering::SeqCst);
    }

    /// How many boards there are.
    pub(crate) fn boards(&self) -> usize {
        self.state.boards.load(Ordering::SeqCst)
    }

    /// How many records there are.
    pub(crate) fn records(&self) -> usize {
        let boards = self.state.boards.load(Ordering::SeqCst);
        boards + boards * self.state.cards.load(Ordering::SeqCst)
    }

    /// Its manifest.
    pub(crate) fn manifest() -> &'static str {
        include_str!("provider/manifest.yaml")
    }
}

fn serve(stream: TcpStream, state: &State) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    loop {
        let mut request = String::new();
        if reader.read_line(&mut request).unwrap_or(0) == 0 {
            return;
        }
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap_or(0) == 0 || header.trim().is_empty() {
                break;
            }
        }
        let target = request.split(' ').nth(1).unwrap_or("/");
        let body = answer(target, state);
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        if writer.write_all(format!("{head}{body}").as_bytes()).is_err() {
            return;
        }
    }
}

fn answer(target: &str, state: &State) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let page: usize = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("page="))
        .map_or(1, |page| page.parse().unwrap());
    let (boards, cards) = (state.boards.load(Ordering::SeqCst), state.cards.load(Ordering::SeqCst));
    let range = |count: usize| ((page - 1) * PAGE).min(count)..(page * PAGE).min(count);
    let items: Vec<serde_json::Value> = match path.split('/').collect::<Vec<_>>()[..] {
        ["", "boards"] => {
            range(boards).map(|at| serde_json::json!({ "id": at, "name": format!("board {at} of granite") })).collect()
        }
        ["", "boards", board, "cards"] => range(cards)
            .map(|at| serde_json::json!({ "id": format!("{board}-{at}"), "name": format!("card {at} of slate"), "board": board }))
            .collect(),
        _ => Vec::new(),
    };
    serde_json::json!({ "items": items }).to_string()
}
