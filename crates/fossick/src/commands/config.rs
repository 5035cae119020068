//! `fossick config`: every setting, its value and where it comes from.

use clap::Args;
use serde_json::{Value, json};

use super::Session;
use crate::client::has_server;
use crate::config::Config;
use crate::config::settings::{self, ALL};
use crate::output::{Align, Table, clean};
use crate::socket;

/// What `config` takes.
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// Say what each setting does, and its name in the environment
    #[arg(long)]
    about: bool,
}

/// Prints the settings that a command has which is given here. Secret ones are not shown.
pub(super) async fn run(session: &Session, args: &ConfigArgs) -> anyhow::Result<()> {
    let layers = &session.config.layers;
    let server = server_address(&session.config).await;
    let shown = |setting: &settings::Setting| {
        let value = layers.text(setting.name);
        if setting.is_secret && !value.is_empty() {
            "(not shown)".to_owned()
        } else {
            clean(&value)
        }
    };
    if session.output.is_json {
        let all: Vec<Value> = ALL
            .iter()
            .map(|setting| {
                json!({
                    "name": setting.name, "value": shown(setting), "origin": layers.origin(setting.name).to_string(),
                    "default": setting.default, "takes": setting.takes.to_string(), "about": setting.about,
                    "variable": settings::variable(setting), "flag": setting.flag(),
                })
            })
            .collect();
        return session.output.json(&json!({ "items": all, "server_address": server }));
    }
    let mut columns = vec![("setting", Align::Left), ("value", Align::Left), ("from", Align::Left)];
    if args.about {
        columns.extend([("variable", Align::Left), ("about", Align::Left)]);
    }
    let mut table = Table::new(&columns);
    for setting in ALL {
        let mut cells = vec![
            setting.name.to_owned(),
            shown(setting),
            layers.origin(setting.name).to_string(),
        ];
        if args.about {
            cells.extend([settings::variable(setting), setting.about.to_owned()]);
        }
        table.row(cells);
    }
    session.output.table(&table, "there are no settings")?;
    if let Some(address) = server {
        session.output.note(format!(
            "these are the settings of commands given here; the server of this data folder listens on {address} and keeps those that it was started with"
        ));
    }
    Ok(())
}

/// Where the server of the data folder listens, if one runs that this user may talk to.
async fn server_address(config: &Config) -> Option<String> {
    let is_there = has_server(&config.data_dir).await.unwrap_or(false);
    let address = socket::address(&config.data_dir).filter(|_| is_there)?;
    Some(address.to_string())
}
