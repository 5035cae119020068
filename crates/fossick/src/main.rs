//! The Fossick binary.
fn main() {}
