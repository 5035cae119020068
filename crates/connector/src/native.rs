//! Connectors that are written in Rust, because their sources speak no HTTP API that a manifest could describe.

pub mod folder;
