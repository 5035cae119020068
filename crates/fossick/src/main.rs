//! The Fossick binary.

mod app;
mod config;
mod socket;

fn main() -> std::process::ExitCode {
    if std::env::args().nth(1).as_deref() == Some(app::EXTRACT_CHILD) {
        return u8::try_from(extract::child::main()).unwrap_or(1).into();
    }
    std::process::ExitCode::SUCCESS
}
