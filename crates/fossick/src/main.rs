//! The Fossick binary.

mod app;
mod beside;
mod cli;
mod client;
mod commands;
mod config;
mod exit;
mod first_light;
mod folder;
mod logs;
mod output;
mod serve;
mod socket;

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};
use crate::exit::Exit;

fn main() -> ExitCode {
    // Before anything else: the child that reads hostile files has no use for a command line or a runtime.
    if std::env::args().nth(1).as_deref() == Some(app::EXTRACT_CHILD) {
        return u8::try_from(extract::child::main()).unwrap_or(1).into();
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Where nobody reads it, nothing is lost.
            drop(error.print());
            return u8::try_from(error.exit_code()).unwrap_or(2).into();
        }
    };
    let is_json = cli.global.json;
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error, is_json);
            (exit::code(&error) as u8).into()
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    if matches!(cli.command, Command::ExtractChild) {
        return Err(exit::Refused::usage("`extract-child` takes no flags before it"));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(Box::pin(commands::run(cli)))
}

/// Says on standard error what went wrong.
fn report(error: &anyhow::Error, is_json: bool) {
    let text = if is_json {
        exit::document(error).to_string()
    } else {
        format!("fossick: {error:#}")
    };
    let mut out = std::io::stderr().lock();
    let said = writeln!(out, "{text}").and_then(|()| {
        if exit::code(error) == Exit::Usage && !is_json {
            writeln!(out, "Try `fossick --help`.")
        } else {
            Ok(())
        }
    });
    // Standard error is closed: there is nobody to tell.
    drop(said);
}

/// Whether whoever read our answer has had enough, as `head` does.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
    })
}
