//! Endpoint tests: the router in process, on real SQLite and a real index in a temporary folder.

mod house;
mod links;
mod open_api;
mod search;
mod session;
