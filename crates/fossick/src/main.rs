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
mod scratch;
mod serve;
mod socket;

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;
use crate::exit::Exit;

fn main() -> ExitCode {
    // Before anything else: the child that reads hostile files has no use for a command line or a runtime.
    if std::env::args().nth(1).as_deref() == Some(app::EXTRACT_CHILD) {
        return u8::try_from(extract::child::main()).unwrap_or(1).into();
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            if error.use_stderr() && std::env::args_os().any(|argument| argument == "--json") {
                report(&exit::Refused::usage(usage(&error)), true);
            } else {
                // Where nobody reads it, nothing is lost.
                drop(error.print());
            }
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

/// What is wrong with a command line, in one line.
fn usage(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let what = text.split("\n\nUsage:").next().unwrap_or_default();
    let words: Vec<&str> = what.trim_start_matches("error:").split_whitespace().collect();
    words.join(" ")
}

fn run(cli: Cli) -> anyhow::Result<()> {
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
