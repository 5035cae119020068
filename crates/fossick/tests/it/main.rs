//! The integration tests: one binary, so that they link once.

mod crash;
mod provider;
mod road;
mod support;
