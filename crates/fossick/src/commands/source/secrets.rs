//! Secrets on their way from a person to the API: asked for, or read from a file or standard input.

use std::io::{IsTerminal, Read};

use anyhow::Context as _;
use connector::registry;
use serde_json::{Map, Value};

use crate::exit::Refused;
use crate::output::Output;

/// The longest secret that is read from a file or standard input: 64 KiB.
const SECRET_BYTES_MAX: u64 = 64 * 1024;

/// Where the value of a secret comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A person is asked.
    Prompt,
    /// Standard input.
    Input,
    /// A file.
    File(String),
    /// The command line, where others can see it.
    Given,
}

/// Reads `name`, `name=@file`, `name=-` or `name=value`: the name and where the value comes from.
pub(super) fn origin(argument: &str) -> (&str, Origin) {
    match argument.split_once('=') {
        None => (argument, Origin::Prompt),
        Some((name, "-")) => (name, Origin::Input),
        Some((name, value)) => match value.strip_prefix('@') {
            Some(file) => (name, Origin::File(file.to_owned())),
            None => (name, Origin::Given),
        },
    }
}

/// The secrets of these arguments by name; dots in a name stay, they lead into nested fields.
pub(super) fn collect(arguments: &[String], output: Output) -> anyhow::Result<Map<String, Value>> {
    let mut secrets = Map::new();
    for argument in arguments {
        let (name, origin) = origin(argument);
        if name.is_empty() {
            return Err(Refused::usage(
                "--secret takes the name of a field, such as `--secret token`",
            ));
        }
        let value = match origin {
            Origin::Prompt => prompted(name)?,
            Origin::Input => limited(std::io::stdin().lock(), "standard input")?,
            Origin::File(file) => limited(
                std::fs::File::open(&file).with_context(|| format!("can't read the secret from `{file}`"))?,
                &file,
            )?,
            Origin::Given => {
                output.note(format!(
                    "warning: a secret on the command line can be seen by others of this machine; `--secret {name}` asks for it"
                ));
                argument
                    .split_once('=')
                    .map_or_else(String::new, |(_, value)| value.to_owned())
            }
        };
        if value.is_empty() {
            return Err(Refused::usage(format!("the secret `{name}` is empty")));
        }
        secrets.insert(name.to_owned(), Value::String(value));
    }
    Ok(secrets)
}

/// Asks for the secret fields that the manifest names and nobody gave, where there is somebody to ask.
pub(super) fn ask_missing(
    manifest: &str,
    config: &Map<String, Value>,
    secrets: &mut Map<String, Value>,
) -> anyhow::Result<()> {
    if !std::io::stdin().is_terminal() {
        return Ok(());
    }
    // A manifest that can't be read is refused later, with every problem in it.
    let Ok(description) = registry::describe("http", Some(manifest)) else {
        return Ok(());
    };
    let config = Value::Object(config.clone());
    for field in description.secret_fields {
        let is_given = config.pointer(&format!("/{}", field.replace('.', "/"))).is_some();
        if is_given || secrets.contains_key(&field) {
            continue;
        }
        let value = ask(&format!("{field} (nothing: leave it out)"))?;
        if !value.is_empty() {
            secrets.insert(field, Value::String(value));
        }
    }
    Ok(())
}

/// Puts a value at a name with dots.
pub(super) fn set(object: &mut Map<String, Value>, name: &str, value: Value) -> anyhow::Result<()> {
    let Some((first, rest)) = name.split_once('.') else {
        object.insert(name.to_owned(), value);
        return Ok(());
    };
    let inner = object.entry(first).or_insert_with(|| Value::Object(Map::new()));
    match inner.as_object_mut() {
        Some(inner) => set(inner, rest, value),
        None => Err(Refused::usage(format!(
            "`{name}` leads into `{first}`, which is no object"
        ))),
    }
}

fn prompted(name: &str) -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        return ask(name);
    }
    Err(Refused::usage(format!(
        "there is no terminal to ask for the secret `{name}`: give it with `--secret {name}=@file` or, on standard input, `--secret {name}=-`"
    )))
}

/// Asks on the terminal, without showing what is typed.
fn ask(what: &str) -> anyhow::Result<String> {
    let terminal = console::Term::stderr();
    terminal.write_str(&format!("{what}: "))?;
    Ok(terminal.read_secure_line()?)
}

/// A text without the line break at its end.
fn limited(from: impl Read, place: &str) -> anyhow::Result<String> {
    let mut text = String::new();
    let read = from.take(SECRET_BYTES_MAX + 1).read_to_string(&mut text);
    let read = read.with_context(|| format!("can't read the secret from `{place}`"))?;
    if read as u64 > SECRET_BYTES_MAX {
        return Err(Refused::usage(format!("the secret in `{place}` is longer than 64 KiB")));
    }
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

#[cfg(test)]
mod tests;
