//! The integration tests: one binary, so that they link once.

mod provider;
mod road;
mod support;
