//! An installation.
