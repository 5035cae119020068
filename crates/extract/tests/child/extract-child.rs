//! The extraction child on its own, as the tests of the pool start it.

use std::process::ExitCode;

fn main() -> ExitCode {
    u8::try_from(extract::child::main()).map_or(ExitCode::FAILURE, ExitCode::from)
}
