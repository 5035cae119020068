//! Reading the layers and remembering where each value came from.

use std::collections::BTreeMap;
use std::env::VarError;
use std::path::Path;

use anyhow::{Context as _, bail};
use toml::de::{DeTable, DeValue};

use super::settings::{self, ALL};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Built in.
    Default,
    /// A file and its line, from 1.
    File(String, usize),
    /// A variable of the environment.
    Environment(String),
    /// A flag of the command.
    Flag,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(file, line) => write!(f, "{file}:{line}"),
            Self::Environment(variable) => write!(f, "environment variable {variable}"),
            Self::Flag => f.write_str("flag"),
        }
    }
}

/// The value in force of every setting, and its origin.
#[derive(Clone)]
pub(crate) struct Layers {
    values: BTreeMap<&'static str, (String, Origin)>,
    /// What looks like a setting and is none.
    warnings: Vec<String>,
}

impl std::fmt::Debug for Layers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Values may be secret.
        f.debug_map()
            .entries(self.values.iter().map(|(name, (_, origin))| (name, origin)))
            .finish()
    }
}

impl Layers {
    /// Reads all layers; the files are looked for in `dir`.
    pub(crate) fn load(dir: &Path, flags: &[(&'static str, String)]) -> anyhow::Result<Self> {
        let mut layers = Self {
            values: ALL
                .iter()
                .map(|one| (one.name, (one.default.to_owned(), Origin::Default)))
                .collect(),
            warnings: unknown_variables(),
        };
        layers.add_file(dir, "fossick.toml")?;
        if let Some(environment) = variable("FOSSICK_ENVIRONMENT")? {
            layers.add_file(dir, &format!("fossick.{environment}.toml"))?;
        }
        layers.add_file(dir, "fossick.local.toml")?;
        layers.add_dotenv(dir)?;
        for setting in ALL {
            let name = settings::variable(setting);
            if let Some(value) = variable(&name)? {
                layers.set(setting.name, value, Origin::Environment(name));
            }
        }
        for (name, value) in flags {
            layers.set(name, value.clone(), Origin::Flag);
        }
        Ok(layers)
    }

    /// What a person should look at, though nothing is wrong with the values in force.
    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The value in force; the empty text for a name that is none.
    pub(crate) fn text(&self, name: &str) -> String {
        self.values
            .get(name)
            .map_or_else(String::new, |(value, _)| value.clone())
    }

    /// Where it came from.
    pub(crate) fn origin(&self, name: &str) -> Origin {
        self.values
            .get(name)
            .map_or(Origin::Default, |(_, origin)| origin.clone())
    }

    fn set(&mut self, name: &str, value: String, origin: Origin) {
        if let Some(setting) = settings::find(name) {
            self.values.insert(setting.name, (value, origin));
        }
    }

    fn add_file(&mut self, dir: &Path, name: &str) -> anyhow::Result<()> {
        let path = dir.join(name);
        let Some(text) = read(&path)? else { return Ok(()) };
        let file = path.display().to_string();
        let table = DeTable::parse(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(&text, span.start));
            anyhow::anyhow!("{file}:{line}: {}", error.message())
        })?;
        self.add_table(table.get_ref(), "", &file, &text)
    }

    fn add_table(&mut self, table: &DeTable<'_>, prefix: &str, file: &str, text: &str) -> anyhow::Result<()> {
        for (key, value) in table {
            let name = format!("{prefix}{}", key.get_ref());
            let line = line_of(text, key.span().start);
            let value = match value.get_ref() {
                DeValue::Table(inner) => {
                    self.add_table(inner, &format!("{name}."), file, text)?;
                    continue;
                }
                DeValue::String(value) => value.to_string(),
                DeValue::Boolean(value) => value.to_string(),
                DeValue::Integer(value) => value.to_string(),
                DeValue::Array(items) => {
                    let items: Option<Vec<&str>> = items.iter().map(|item| item.get_ref().as_str()).collect();
                    items
                        .with_context(|| format!("{file}:{line}: `{name}` takes a list of texts"))?
                        .join(",")
                }
                _ => bail!("{file}:{line}: `{name}` takes a text, a number, true, false or a list of texts"),
            };
            known(&name, &format!("{file}:{line}"))?;
            self.set(&name, value, Origin::File(file.to_owned(), line));
        }
        Ok(())
    }

    fn add_dotenv(&mut self, dir: &Path) -> anyhow::Result<()> {
        let path = dir.join(".env");
        let Some(text) = read(&path)? else { return Ok(()) };
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            let line = line.strip_prefix("export ").map_or(line, str::trim_start);
            let Some(("FOSSICK", rest)) = line.split_once('_') else {
                continue;
            };
            let (variable, value) = rest
                .split_once('=')
                .with_context(|| format!("{}:{}: expected `FOSSICK_NAME=value`", path.display(), at + 1))?;
            let setting = ALL
                .iter()
                .find(|setting| settings::variable(setting) == format!("FOSSICK_{}", variable.trim()));
            let place = format!("{}:{}", path.display(), at + 1);
            let Some(setting) = setting else {
                let name = variable.trim();
                if name == "ENVIRONMENT" {
                    bail!(
                        "{place}: `FOSSICK_ENVIRONMENT` says which files are read, so it has no place in one of them"
                    );
                }
                known(&name.to_lowercase(), &place)?;
                bail!("{place}: write the name in capitals: `FOSSICK_{}`", name.to_uppercase());
            };
            let value = value.trim().trim_matches('"').to_owned();
            self.set(setting.name, value, Origin::File(path.display().to_string(), at + 1));
        }
        Ok(())
    }
}

fn known(name: &str, place: &str) -> anyhow::Result<()> {
    if settings::find(name).is_some() {
        return Ok(());
    }
    let hint = settings::nearest_setting(name).map_or_else(
        || "`fossick config` lists all settings".to_owned(),
        |nearest| format!("did you mean `{nearest}`?"),
    );
    bail!("{place}: there is no setting `{name}`; {hint}")
}

fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).map_or(1, |before| before.matches('\n').count() + 1)
}

/// A file's text; `None` where there is no such file.
fn read(path: &Path) -> anyhow::Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("can't read `{}`", path.display())),
    }
}

fn variable(name: &str) -> anyhow::Result<Option<String>> {
    #[expect(clippy::disallowed_methods, reason = "this file is where the environment is read")]
    match std::env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => bail!("the environment variable `{name}` is no UTF-8"),
    }
}

/// Variables that look like a mistyped setting. No error: others name variables after us, such as Kubernetes.
fn unknown_variables() -> Vec<String> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter_map(|name| unknown_variable(&name)).collect()
}

/// What to say of a variable that is near a setting, and is none.
fn unknown_variable(name: &str) -> Option<String> {
    let own = name.strip_prefix("FOSSICK_").filter(|own| *own != "ENVIRONMENT")?;
    // Of a service called `fossick`, Kubernetes tells every container these.
    if own == "PORT" || own.starts_with("PORT_") || own.starts_with("SERVICE_") {
        return None;
    }
    if ALL.iter().any(|setting| settings::variable(setting) == name) {
        return None;
    }
    let near = settings::find(settings::nearest_setting(&own.to_lowercase())?)?;
    Some(format!(
        "the environment variable `{name}` sets nothing: did you mean `{}`?",
        settings::variable(near)
    ))
}

#[cfg(test)]
mod tests {
    //! Names of variables.

    use super::unknown_variable;

    #[test]
    fn a_mistyped_variable_is_told_and_those_of_others_are_not() {
        let told = |name: &str| unknown_variable(name).unwrap();
        assert!(told("FOSSICK_LISTN").contains("`FOSSICK_LISTEN`"));
        assert!(told("FOSSICK_QUEUE_FETCH_RUNNING").contains("`FOSSICK_QUEUES_FETCH_RUNNING`"));
        assert!(told("FOSSICK_RETENTION_HISTORY_DAY").contains("`FOSSICK_RETENTION_HISTORY_DAYS`"));
        for name in [
            "FOSSICK_LISTEN",
            "FOSSICK_ENVIRONMENT",
            "FOSSICK_PORT",
            "FOSSICK_PORT_3677_TCP_ADDR",
            "FOSSICK_SERVICE_HOST",
            "FOSSICK_CHROMIUM",
            "FOSSICK_BIN",
            "HOME",
        ] {
            assert_eq!(unknown_variable(name), None, "{name}");
        }
    }
}
