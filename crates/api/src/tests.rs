//! Endpoint tests: the router in process, on real SQLite and a real index in a temporary folder.

mod drafts;
mod events;
mod files;
mod house;
mod leaks;
mod links;
mod names;
mod open_api;
mod people;
mod records;
mod search;
mod session;
mod sources;
mod system;
mod tasks;
