//! The command line, as `clap` reads it: global flags and the commands. What a group of commands takes stands with it.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};

use crate::commands::{
    backup, config, doctor, explain, group, key, queue, reference, restore, search, source, task, user,
};
use crate::config::settings;
use crate::exit::{EXIT_CODES, Refused};

/// The search box for everything your team already has.
#[derive(Debug, Parser)]
#[command(
    name = "fossick",
    version,
    about = "The search box for everything your team already has",
    long_about = "The search box for everything your team already has.\n\n\
        `fossick serve` runs everything: the web UI, the API, workers and schedules. While a server runs, every other \
        command talks to it through a socket in the data folder, which only the folder's owner can open; otherwise the \
        command opens the folder itself.",
    after_help = EXIT_CODES,
    disable_help_subcommand = true,
    arg_required_else_help = true
)]
pub(crate) struct Cli {
    /// Flags that every command takes.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The data folder: database, raw pages, keys and index
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Print JSON for programs: one value, or one a line
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say more; twice: say much more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// The address and port of the server
    #[arg(long, global = true, value_name = "ADDRESS", help_heading = "Settings")]
    pub(crate) listen: Option<String>,
    /// The address that people use, such as <https://search.example.org>
    #[arg(long, global = true, value_name = "URL", help_heading = "Settings")]
    pub(crate) base_url: Option<String>,
    /// The URL of a PostgreSQL database; with a password, better in `FOSSICK_DATABASE`, since others see command lines
    #[arg(long, global = true, value_name = "URL", help_heading = "Settings")]
    pub(crate) database: Option<String>,
    /// What is logged: warn, info, debug, or a filter
    #[arg(long, global = true, value_name = "FILTER", help_heading = "Settings")]
    pub(crate) log: Option<String>,
    /// Any other setting, as `fossick config` lists them; may be repeated
    #[arg(long, global = true, value_name = "NAME=VALUE", help_heading = "Settings")]
    pub(crate) set: Vec<String>,
}

impl Global {
    /// The settings that were given as flags.
    ///
    /// # Errors
    /// [`crate::exit::Exit::Usage`] for a setting that there is none of.
    pub(crate) fn flags(&self) -> anyhow::Result<Vec<(&'static str, String)>> {
        let mut flags = Vec::new();
        for one in &self.set {
            let (name, value) = one
                .split_once('=')
                .ok_or_else(|| Refused::usage(format!("--set takes `name=value`, not `{one}`")))?;
            let Some(setting) = settings::find(name) else {
                let hint = settings::nearest_setting(name).map_or_else(
                    || "`fossick config` lists them".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                return Err(Refused::usage(format!("there is no setting `{name}`: {hint}")));
            };
            flags.push((setting.name, value.to_owned()));
        }
        let data_dir = self.data_dir.as_ref().map(|path| path.display().to_string());
        let named = [
            ("data_dir", data_dir),
            ("listen", self.listen.clone()),
            ("base_url", self.base_url.clone()),
            ("database", self.database.clone()),
            ("log", self.log.clone()),
        ];
        flags.extend(named.into_iter().filter_map(|(name, value)| Some((name, value?))));
        Ok(flags)
    }
}

/// What can be done.
#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one, and it is taken apart at once")]
pub(crate) enum Command {
    /// Run the server: web UI, API, workers and schedules
    Serve(ServeArgs),
    /// Run workers beside a server, on a shared PostgreSQL database
    Worker(WorkerArgs),
    /// Search
    Search(search::SearchArgs),
    /// Sources: add, sync, look after
    #[command(subcommand)]
    Source(source::SourceCommand),
    /// Tasks: units of background work
    #[command(subcommand)]
    Task(task::TaskCommand),
    /// Queues: what waits, what runs; pause and resume
    #[command(subcommand)]
    Queue(queue::QueueCommand),
    /// People who can sign in
    #[command(subcommand)]
    User(user::UserCommand),
    /// Groups of people
    #[command(subcommand)]
    Group(group::GroupCommand),
    /// API keys
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Say why something is as it is
    #[command(subcommand)]
    Explain(explain::ExplainCommand),
    /// Write a backup, also beside a running server
    Backup(backup::BackupArgs),
    /// Make a data folder from a backup
    Restore(restore::RestoreArgs),
    /// Print every setting, its value and where it comes from
    Config(config::ConfigArgs),
    /// Look for what is wrong, and say what to do
    Doctor(doctor::DoctorArgs),
    /// Build the search index anew from the database
    Reindex,
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print a part of the reference in `docs/reference`, for `make gen`
    #[command(hide = true)]
    Reference {
        /// Which part
        part: reference::Part,
    },
}

/// What `serve` takes.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Add this folder as a source for everyone, sync it and try a search
    #[arg(long = "try", value_name = "FOLDER")]
    pub(crate) try_folder: Option<PathBuf>,
}

/// What `worker` takes.
#[derive(Debug, Args)]
pub(crate) struct WorkerArgs {
    /// The queues to work on
    #[arg(
        short = 'Q',
        long,
        value_delimiter = ',',
        default_value = "fetch,parse",
        value_name = "QUEUES"
    )]
    pub(crate) queues: Vec<String>,
}

#[cfg(test)]
mod tests;
