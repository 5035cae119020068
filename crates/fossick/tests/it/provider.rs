//! A provider on loopback: a paged API of boards, each with paged cards.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use crate::server::{Asked, Reply, Server};

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
        let state = Arc::new(State::default());
        let theirs = Arc::clone(&state);
        let server = Server::start(move |asked| {
            let count = |number: &AtomicUsize| number.load(Ordering::SeqCst);
            boards_and_cards(asked, count(&theirs.boards), count(&theirs.cards))
        });
        let url = server.url;
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

/// One page of what a provider with this many boards, and cards on each, holds.
pub(crate) fn boards_and_cards(asked: &Asked, boards: usize, cards: usize) -> Reply {
    let page = asked.page();
    let range = |count: usize| ((page - 1) * PAGE).min(count)..(page * PAGE).min(count);
    let items: Vec<_> = match asked.path()[..] {
        ["boards"] => range(boards)
            .map(|at| json!({ "id": at, "name": format!("board {at} of granite") }))
            .collect(),
        ["boards", board, "cards"] => range(cards)
            .map(|at| json!({ "id": format!("{board}-{at}"), "name": format!("card {at} of slate"), "board": board }))
            .collect(),
        _ => Vec::new(),
    };
    Reply::items(&items).header("content-type", &"application/json")
}
