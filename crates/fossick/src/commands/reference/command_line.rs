//! Every command with its flags, from what `clap` knows of them.

use clap::{Arg, Command, CommandFactory};

use super::MADE;
use crate::cli::Cli;
use crate::exit::EXIT_CODES;

/// The page.
pub(super) fn text() -> String {
    // Not built: building hands the flags of all commands down to each.
    let command = Cli::command();
    let mut text = format!(
        "# Commands\n\n{MADE}[Command line](../guide/command-line.md) tells them in their order.\n\n\
         ## For all commands\n\n"
    );
    text.push_str(&flags(&command));
    text.extend([format!("\n```\n{}\n```\n", EXIT_CODES.trim())]);
    for one in shown(&command) {
        describe(one, "fossick", &mut text);
    }
    text
}

fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|one| !one.is_hide_set())
}

fn describe(command: &Command, above: &str, text: &mut String) {
    let name = format!("{above} {}", command.get_name());
    if command.has_subcommands() {
        for one in shown(command) {
            describe(one, &name, text);
        }
        return;
    }
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    text.extend([format!("\n## `{name}`\n\n{about}.\n")]);
    let flags = flags(command);
    if !flags.is_empty() {
        text.extend([format!("\n{flags}")]);
    }
}

/// The table of arguments and flags; empty without any.
fn flags(command: &Command) -> String {
    let rows: Vec<String> = command
        .get_arguments()
        .filter(|arg| !arg.is_hide_set() && !["help", "version"].contains(&arg.get_id().as_str()))
        .map(row)
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    format!("| argument | what it says |\n| --- | --- |\n{}", rows.concat())
}

fn row(arg: &Arg) -> String {
    let mut names = Vec::new();
    let takes = arg
        .get_num_args()
        .map_or_else(|| arg.get_action().takes_values(), |range| range.takes_values());
    let value = takes.then(|| {
        let names = arg.get_value_names().unwrap_or_default();
        let names: Vec<String> = names.iter().map(|name| format!("<{name}>")).collect();
        if names.is_empty() {
            format!("<{}>", arg.get_id().as_str().to_uppercase())
        } else {
            names.join(" ")
        }
    });
    names.extend(arg.get_short().map(|short| format!("-{short}")));
    names.extend(arg.get_long().map(|long| format!("--{long}")));
    let mut shown = names.join(", ");
    if let Some(value) = value {
        shown = format!("{shown} {value}");
    }
    let mut about = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let words: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|word| !word.is_hide_set())
        .map(|word| format!("`{}`", word.get_name()))
        .collect();
    if takes && !words.is_empty() {
        about.extend([format!(": {}", words.join(", "))]);
    }
    let defaults: Vec<String> = arg
        .get_default_values()
        .iter()
        .map(|value| format!("`{}`", value.to_string_lossy()))
        .collect();
    if takes && !defaults.is_empty() {
        about.extend([format!(" (default {})", defaults.join(", "))]);
    }
    if arg.is_required_set() && !arg.is_positional() {
        about.push_str(" (must be given)");
    }
    format!("| `{}` | {} |\n", shown.trim(), about.replace('|', "\\|"))
}
