//! The manifest engine.
mod datetime;
mod jinja;
