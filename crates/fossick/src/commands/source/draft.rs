//! A source as the command line describes it: the body that adding, checking and discovering send.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde_json::{Map, Value, json};

use super::secrets;
use crate::client::Client;
use crate::commands::pick;
use crate::exit::Refused;
use crate::output::{Output, text};

/// Describes a source, or names an existing one.
#[derive(Debug, Default, Args)]
pub(crate) struct DraftArgs {
    /// `folder <path>`, `http`, or the name or id of an existing source
    #[arg(value_name = "WHAT", num_args = 0..=2)]
    pub(super) what: Vec<String>,
    /// What people call it
    #[arg(long)]
    pub(super) name: Option<String>,
    /// The folder, where it does not follow the word `folder`
    #[arg(long, help_heading = "Folder")]
    pub(super) path: Option<PathBuf>,
    /// Take only these files, such as '*.pdf' or 'reports/**'; may be repeated
    #[arg(long, value_name = "PATTERN", help_heading = "Folder")]
    include: Vec<String>,
    /// Leave out these files or folders, such as 'archive/'; may be repeated
    #[arg(long, value_name = "PATTERN", help_heading = "Folder")]
    exclude: Vec<String>,
    /// Take hidden files as well
    #[arg(long, help_heading = "Folder")]
    hidden: bool,
    /// The manifest of an HTTP API, a YAML file
    #[arg(long, value_name = "FILE", help_heading = "HTTP API")]
    pub(super) manifest: Option<PathBuf>,
    /// The configuration, a JSON file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A field of the configuration; JSON, or else a text; may be repeated
    #[arg(short = 'c', value_name = "KEY=VALUE")]
    fields: Vec<String>,
    /// A secret field: asked for, or from a file (key=@file) or standard input (key=-); may be repeated
    #[arg(long, value_name = "KEY")]
    secret: Vec<String>,
    /// The mapping to documents, a search.yaml
    #[arg(long, value_name = "FILE")]
    search: Option<PathBuf>,
}

/// What is meant.
#[derive(Debug)]
pub(super) enum Meant {
    /// A source that is described here: the body of a request, secrets included.
    Described(Map<String, Value>),
    /// A source that exists already, by name or id.
    Existing(String),
}

impl DraftArgs {
    /// What the arguments mean. Reads the files that they name and asks for secrets.
    pub(super) fn meant(&self, output: Output) -> anyhow::Result<Meant> {
        let what: Vec<&str> = self.what.iter().map(String::as_str).collect();
        match (what.as_slice(), &self.path, &self.manifest) {
            (["folder", path], None, _) => self.folder(Path::new(path)),
            (["folder"] | [], Some(path), None) => self.folder(path),
            (["http"] | [], None, Some(manifest)) => self.http(manifest, output),
            (["folder", ..], ..) => Err(Refused::usage("name one folder: `folder <path>`")),
            (["http", ..], ..) => Err(Refused::usage(
                "an HTTP API needs its manifest: `http --manifest <file>`",
            )),
            ([one], None, None) => Ok(Meant::Existing((*one).to_owned())),
            _ => Err(Refused::usage(
                "name what is meant: `folder <path>`, `http --manifest <file>`, or an existing source",
            )),
        }
    }

    fn folder(&self, path: &Path) -> anyhow::Result<Meant> {
        if self.manifest.is_some() || !self.secret.is_empty() {
            return Err(Refused::usage("a folder takes neither --manifest nor --secret"));
        }
        // The server may have another working directory; a folder that is not there is refused by it, with reasons.
        let path = std::path::absolute(path).context("the folder's path")?;
        let path = path.canonicalize().unwrap_or(path);
        let shown = path
            .to_str()
            .ok_or_else(|| Refused::usage(format!("the path `{}` is no UTF-8", path.display())))?;
        let mut config = self.given_config()?;
        config.insert("path".to_owned(), json!(shown));
        for (key, patterns) in [("include", &self.include), ("exclude", &self.exclude)] {
            if !patterns.is_empty() {
                config.insert(key.to_owned(), json!(patterns));
            }
        }
        if self.hidden {
            config.insert("hidden".to_owned(), json!(true));
        }
        let name = path
            .file_name()
            .map_or_else(|| shown.to_owned(), |name| name.to_string_lossy().into_owned());
        self.body("folder", &name, config)
    }

    fn http(&self, manifest: &Path, output: Output) -> anyhow::Result<Meant> {
        if !self.include.is_empty() || !self.exclude.is_empty() || self.hidden {
            return Err(Refused::usage("--include, --exclude and --hidden are for folders"));
        }
        let config = self.given_config()?;
        let text = read(manifest)?;
        let mut secrets = secrets::collect(&self.secret, output)?;
        secrets::ask_missing(&text, &config, &mut secrets)?;
        let name = manifest
            .file_stem()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let mut meant = self.body("http", &name, config)?;
        if let Meant::Described(body) = &mut meant {
            body.insert("manifest".to_owned(), json!(text));
            body.insert("secrets".to_owned(), Value::Object(secrets));
        }
        Ok(meant)
    }

    fn body(&self, connector: &str, name: &str, config: Map<String, Value>) -> anyhow::Result<Meant> {
        let mut body = Map::new();
        body.insert("name".to_owned(), json!(self.name.as_deref().unwrap_or(name)));
        body.insert("connector".to_owned(), json!(connector));
        body.insert("config".to_owned(), Value::Object(config));
        body.insert("visibility".to_owned(), json!({ "to": "owner" }));
        if let Some(search) = &self.search {
            body.insert("search".to_owned(), json!(read(search)?));
        }
        Ok(Meant::Described(body))
    }

    /// The configuration of `--config` with the fields of `-c`.
    fn given_config(&self) -> anyhow::Result<Map<String, Value>> {
        let mut config = match &self.config {
            None => Map::new(),
            Some(file) => {
                let text = read(file)?;
                let value: Value = serde_json::from_str(&text)
                    .with_context(|| format!("the configuration `{}` is no JSON", file.display()))?;
                match value {
                    Value::Object(config) => config,
                    _ => {
                        return Err(Refused::usage(format!(
                            "the configuration `{}` is no JSON object",
                            file.display()
                        )));
                    }
                }
            }
        };
        for field in &self.fields {
            let (key, value) = field
                .split_once('=')
                .ok_or_else(|| Refused::usage(format!("-c takes `key=value`, not `{field}`")))?;
            let value = serde_json::from_str(value).unwrap_or_else(|_not_json| json!(value));
            secrets::set(&mut config, key, value)?;
        }
        Ok(config)
    }
}

/// A text file that the command line names.
fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("can't read `{}`", path.display()))
}

/// With whom a source is shared, from `everyone`, `owner` or several `group:<name>`.
pub(super) async fn visibility(client: &Client, with: &[String]) -> anyhow::Result<Value> {
    match with {
        [] => return Ok(json!({ "to": "owner" })),
        [one] if one == "everyone" || one == "owner" => return Ok(json!({ "to": one })),
        _ => {}
    }
    let groups = client.list("/api/v1/groups").await?;
    let mut ids = Vec::new();
    for one in with {
        let name = one.strip_prefix("group:").ok_or_else(|| {
            Refused::usage(format!(
                "`{one}` is not `everyone`, `owner` or `group:<name>`; only groups can be several"
            ))
        })?;
        ids.push(pick("group", "name", name, &groups)?["id"].clone());
    }
    Ok(json!({ "to": "groups", "groups": ids }))
}

/// What `share` words mean to a person who adds a source.
pub(super) fn whom(body: &Value) -> String {
    text(&body["visibility"], "to")
}

#[cfg(test)]
mod tests;
