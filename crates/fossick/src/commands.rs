//! What each command does. One file a group.

pub(crate) mod backup;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod group;
pub(crate) mod key;
mod lines;
pub(crate) mod queue;
pub(crate) mod reference;
mod reindex;
pub(crate) mod restore;
pub(crate) mod search;
pub(crate) mod source;
pub(crate) mod task;
pub(crate) mod user;
mod wait;
mod worker;

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use clap::CommandFactory;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::cli::{Cli, Command};
use crate::client::{Client, Missing, has_server, refuse_locked};
use crate::config::Config;
use crate::config::settings::nearest;
use crate::exit::{Exit, Refused};
use crate::output::{Output, text};
use crate::scratch::Scratch;
use crate::{logs, serve};

/// How often a folder that somebody owns is looked at before a server gives up, and how long is waited in between.
const SECOND_TRIES: u32 = 10;
const SECOND_WAIT: Duration = Duration::from_millis(50);

/// What every command has at hand.
#[derive(Debug)]
pub(crate) struct Session {
    /// The settings in force.
    pub(crate) config: Config,
    /// Where answers go.
    pub(crate) output: Output,
    client: OnceCell<Client>,
    scratch: OnceCell<Scratch>,
}

impl Session {
    /// Nothing is open yet.
    pub(crate) fn new(config: Config, output: Output) -> Self {
        Self {
            config,
            output,
            client: OnceCell::new(),
            scratch: OnceCell::new(),
        }
    }

    /// The API of an existing data folder.
    pub(crate) async fn client(&self) -> anyhow::Result<&Client> {
        self.client_of(Missing::Refuse).await
    }

    /// The API of a data folder that is made when it is not there.
    pub(crate) async fn client_of_new(&self) -> anyhow::Result<&Client> {
        self.client_of(Missing::Create).await
    }

    /// The API for what is only tried: of the data folder where there is one, else of a folder that goes with this session.
    pub(crate) async fn client_of_draft(&self) -> anyhow::Result<&Client> {
        if self.config.data_dir.is_dir() {
            return self.client().await;
        }
        let make = || async { Scratch::new() };
        let scratch = self.scratch.get_or_try_init(make).await?;
        let config = Config {
            data_dir: scratch.path().to_owned(),
            database: None,
            ..self.config.clone()
        };
        self.client
            .get_or_try_init(|| Client::open(&config, Missing::Create))
            .await
    }

    async fn client_of(&self, missing: Missing) -> anyhow::Result<&Client> {
        self.client
            .get_or_try_init(|| Client::open(&self.config, missing))
            .await
    }

    /// Gives back what was opened, whatever became of the command.
    async fn close(self) -> anyhow::Result<()> {
        match self.client.into_inner() {
            Some(client) => client.close().await,
            None => Ok(()),
        }
    }
}

/// Does what the command line says.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<()> {
    let output = Output::new(cli.global.json);
    if let Command::Completions { shell } = cli.command {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Cli::command(), "fossick", &mut script);
        std::io::stdout().lock().write_all(&script)?;
        return Ok(());
    }
    if let Command::Reference { part } = cli.command {
        std::io::stdout().lock().write_all(part.text().as_bytes())?;
        return Ok(());
    }
    let flags = cli.global.flags()?;
    if let Command::Doctor(args) = cli.command {
        return doctor::run(Path::new("."), &flags, &args, output).await;
    }
    let config = Config::load(Path::new("."), &flags)?;
    let serves = matches!(cli.command, Command::Serve(_) | Command::Worker(_));
    logs::install(&config, serves, cli.global.verbose)?;
    for warning in config.layers.warnings() {
        tracing::warn!("{warning}");
    }
    match cli.command {
        Command::Serve(args) => {
            refuse_second(&config).await?;
            serve::serve(config, args.try_folder.as_deref()).await
        }
        Command::Worker(args) => worker::run(config, output, &args).await,
        command => {
            let session = Session::new(config, output);
            let done = Box::pin(with_session(&session, command)).await;
            let closed = session.close().await;
            done.and(closed)
        }
    }
}

/// Refuses to start a server beside another process that owns the data folder. Tries for a moment: a child of a process
/// that was killed while it was being started holds socket and lock until it is on its own feet.
async fn refuse_second(config: &Config) -> anyhow::Result<()> {
    for _ in 0..SECOND_TRIES {
        if refuse_owned(config).await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(SECOND_WAIT).await;
    }
    refuse_owned(config).await
}

async fn refuse_owned(config: &Config) -> anyhow::Result<()> {
    if has_server(&config.data_dir).await? {
        let shown = config.data_dir.display();
        let message = format!("the data folder `{shown}` is in use: a server runs on it already");
        return Err(Refused::because(Exit::Unreachable, message));
    }
    refuse_locked(&config.data_dir)
}

async fn with_session(session: &Session, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Search(args) => search::run(session, &args).await,
        Command::Source(command) => source::run(session, command).await,
        Command::Task(command) => task::run(session, command).await,
        Command::Queue(command) => queue::run(session, command).await,
        Command::User(command) => user::run(session, command).await,
        Command::Group(command) => group::run(session, command).await,
        Command::Key(command) => key::run(session, command).await,
        Command::Explain(command) => explain::run(session, command).await,
        Command::Backup(args) => backup::run(session, &args).await,
        Command::Restore(args) => restore::run(session, &args).await,
        Command::Config(args) => config::run(session, &args).await,
        Command::Reindex => reindex::run(session).await,
        // Dealt with before there is a session.
        Command::Serve(_)
        | Command::Worker(_)
        | Command::Doctor(_)
        | Command::Completions { .. }
        | Command::Reference { .. } => Ok(()),
    }
}

/// The one of `all` that a person means by `wanted`: its id, or a name that is the same up to upper and lower case.
fn pick(noun: &str, field: &str, wanted: &str, all: &[Value]) -> anyhow::Result<Value> {
    let by_id = wanted.parse::<i64>().ok();
    if let Some(found) = all
        .iter()
        .find(|one| by_id.is_some() && one.get("id").and_then(Value::as_i64) == by_id)
    {
        return Ok(found.clone());
    }
    let exact: Vec<&Value> = all.iter().filter(|one| text(one, field) == wanted).collect();
    let similar = || {
        all.iter()
            .filter(|one| text(one, field).to_lowercase() == wanted.to_lowercase())
            .collect()
    };
    let found: Vec<&Value> = if exact.is_empty() { similar() } else { exact };
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => {
            let names: Vec<String> = all.iter().map(|one| text(one, field)).collect();
            let hint = nearest(wanted, names.iter().map(String::as_str)).map_or_else(
                || format!("`fossick {noun} list` shows them"),
                |near| format!("did you mean `{near}`?"),
            );
            Err(Refused::not_found(format!("there is no {noun} `{wanted}`: {hint}")))
        }
        several => {
            let ids: Vec<String> = several.iter().map(|one| text(one, "id")).collect();
            Err(Refused::usage(format!(
                "there are several {noun}s `{wanted}`: name one by its id, {}",
                ids.join(" or ")
            )))
        }
    }
}

/// Asks for a yes before something that can't be undone; without a terminal, `--yes` must have been given.
fn confirm(is_given: bool, question: &str) -> anyhow::Result<()> {
    if is_given {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Refused::usage(format!("{question} Say so with --yes")));
    }
    write!(std::io::stderr(), "{question} [y/N] ")?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(Refused::because(Exit::Failure, "nothing was changed"))
}

#[cfg(test)]
mod tests;
