//! Manifest text to the form that runs. Nothing runs before all of it is understood.
//!
//! Unknown components are errors that name the component, its place and its line; unknown keys are warnings, because
//! the format grows and published manifests carry keys of other readers.

mod auth;
mod paging;
mod records;
mod request;
mod routes;
mod time;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::ir::{Manifest, Stream};
use super::part::{Part, Problem};
use super::resolve::resolve;
use super::yaml::{Node, Shape};

/// How deep streams may be parents of each other.
const PARENTS_MAX: usize = 8;

/// How much all components may take to be read, with the `$parameters` that each inherits.
const WEIGHT_MAX: u64 = 2_000_000;

/// How many problems one error names.
const PROBLEMS_SHOWN: usize = 10;

/// Reads a manifest. Returns it with warnings, or all problems in one text.
pub(super) fn compile(text: &str) -> Result<(Manifest, Vec<String>), String> {
    let root = Node::parse(text)?;
    if root.map().is_none() {
        return Err(format!("a manifest is a map with `streams`, this is {}", root.kind()));
    }
    let root = resolve(&root)?;
    let mut compiler = Compiler::default();
    let manifest = compiler.manifest(&root);
    match manifest {
        Some(manifest) if compiler.problems.is_empty() => Ok((manifest, compiler.warnings.into_iter().collect())),
        _ => Err(compiler.report()),
    }
}

/// What is collected while a manifest is read.
#[derive(Default)]
pub(super) struct Compiler {
    problems: Vec<String>,
    warnings: BTreeSet<String>,
    /// Names of the streams that are being read, the outermost first.
    open: Vec<String>,
    /// What the components read so far took.
    weight: u64,
}

impl Compiler {
    fn report(&self) -> String {
        let mut text = match self.problems.len() {
            1 => "the manifest can't be used: ".to_owned(),
            count => format!("the manifest can't be used, {count} problems: "),
        };
        let shown = self.problems.iter().take(PROBLEMS_SHOWN).cloned().collect::<Vec<_>>();
        text.push_str(&shown.join("; "));
        if self.problems.len() > PROBLEMS_SHOWN {
            write!(text, "; and {} more", self.problems.len() - PROBLEMS_SHOWN).expect("a `String` takes everything");
        }
        text
    }

    fn manifest(&mut self, root: &Node) -> Option<Manifest> {
        let whole = match Part::new(root.clone(), "DeclarativeSource", String::new(), &[]) {
            Ok(whole) => whole,
            Err(problem) => {
                self.problems.push(problem.to_string());
                return None;
            }
        };
        self.known(
            &whole,
            &[
                "version",
                "definitions",
                "streams",
                "dynamic_streams",
                "check",
                "spec",
                "metadata",
                "schemas",
                "description",
                "concurrency_level",
                "api_budget",
                "stream_groups",
                "max_concurrent_async_job_count",
            ],
        );
        for (field, note) in [
            (
                "concurrency_level",
                "`concurrency_level` is not used: how many requests run at once is set per source",
            ),
            (
                "api_budget",
                "`api_budget` is not used: limits are learned from the provider's answers",
            ),
        ] {
            if whole.field(field).is_some() {
                self.warnings.insert(note.to_owned());
            }
        }
        if whole
            .field("dynamic_streams")
            .and_then(Node::list)
            .is_some_and(|items| !items.is_empty())
        {
            let problem = whole.problem(
                "dynamic_streams",
                "the component `DynamicDeclarativeStream` is not supported",
            );
            self.problems.push(problem.to_string());
        }
        let streams = self.streams(root);
        if streams.is_empty() && self.problems.is_empty() {
            self.problems
                .push(format!("line {}: the manifest has no streams", root.line.max(1)));
        }
        let check = self.check(&whole, &streams);
        let spec = root
            .get("spec")
            .and_then(|spec| {
                spec.get("connection_specification")
                    .or_else(|| spec.get("connectionSpecification"))
            })
            .map_or_else(|| json!({"type": "object"}), Node::to_json);
        Some(Manifest { streams, check, spec })
    }

    fn streams(&mut self, root: &Node) -> Vec<Arc<Stream>> {
        let Some(list) = root.get("streams") else {
            return Vec::new();
        };
        let Some(list) = list.list() else {
            self.problems.push(format!(
                "line {}: `streams` is a list, this is {}",
                list.line,
                list.kind()
            ));
            return Vec::new();
        };
        let mut streams: Vec<Arc<Stream>> = Vec::with_capacity(list.len());
        for (index, node) in list.iter().enumerate() {
            let place = format!("streams[{index}]");
            let read = Part::new(node.clone(), "DeclarativeStream", place, &[])
                .map_err(|problem| (None, problem))
                .and_then(|part| {
                    let name = part.text("name").map(str::to_owned);
                    self.stream(&part).map_err(|problem| (name, problem))
                });
            match read {
                Ok(stream) if streams.iter().any(|found| found.name == stream.name) => {
                    self.problems
                        .push(format!("line {}: two streams are called `{}`", node.line, stream.name));
                }
                Ok(stream) => streams.push(stream),
                Err((Some(name), problem)) => self.problems.push(format!("stream `{name}`, {problem}")),
                Err((None, problem)) => self.problems.push(problem.to_string()),
            }
        }
        streams
    }

    fn check(&mut self, whole: &Part, streams: &[Arc<Stream>]) -> Vec<Arc<Stream>> {
        let Ok(Some(check)) = whole.child("check", "CheckStream") else {
            return Vec::new();
        };
        if check.kind != "CheckStream" {
            let note = format!(
                "the check `{}` is not supported: the first stream is tried instead",
                check.kind
            );
            self.warnings.insert(note);
            return Vec::new();
        }
        self.known(&check, &["stream_names", "dynamic_streams_check_configs"]);
        let mut named = Vec::new();
        for node in check.field("stream_names").and_then(Node::list).unwrap_or_default() {
            let name = node.text().unwrap_or_default();
            match streams.iter().find(|stream| stream.name == name) {
                Some(stream) => named.push(Arc::clone(stream)),
                // A stream that can't be read is a problem already.
                None if !self.problems.is_empty() => {}
                None => {
                    let known: Vec<&str> = streams.iter().map(|stream| stream.name.as_str()).collect();
                    let problem = Problem {
                        line: node.line,
                        place: "check.stream_names".to_owned(),
                        what: format!(
                            "the manifest has no stream `{name}`; {}",
                            crate::suggest::hint(name, &known)
                        ),
                    };
                    self.problems.push(problem.to_string());
                }
            }
        }
        named
    }

    /// One stream; also called for the parents of others.
    pub(super) fn stream(&mut self, part: &Part) -> Result<Arc<Stream>, Problem> {
        if part.kind != "DeclarativeStream" {
            return Err(part.refused());
        }
        self.known(
            part,
            &[
                "retriever",
                "name",
                "primary_key",
                "schema_loader",
                "transformations",
                "incremental_sync",
                "state_migrations",
                "file_uploader",
            ],
        );
        let name = match part.field("name").map(|node| &node.shape) {
            Some(Shape::Text(name)) => name.to_string(),
            Some(Shape::Number(number)) => number.to_string(),
            _ => return Err(part.problem("name", "a stream needs a `name`")),
        };
        if self.open.len() >= PARENTS_MAX {
            return Err(part.problem(
                "",
                format!("streams are parents of each other more than {PARENTS_MAX} deep"),
            ));
        }
        self.afford(part)?;
        self.open.push(name.clone());
        let stream = self.open_stream(part, name);
        self.open.pop();
        stream.map(Arc::new)
    }

    fn open_stream(&mut self, part: &Part, name: String) -> Result<Stream, Problem> {
        if part.field("file_uploader").is_some() {
            return Err(part.problem("file_uploader", "the component `FileUploader` is not supported"));
        }
        if part.field("state_migrations").is_some() {
            self.warn(
                part,
                "state_migrations",
                "`state_migrations` is not used: nothing is migrated from elsewhere",
            );
        }
        let schema = self.schema(part)?;
        let transforms = self.transforms(part)?;
        let retriever = part
            .child("retriever", "SimpleRetriever")?
            .ok_or_else(|| part.problem("", "a stream needs a `retriever`"))?;
        if retriever.kind != "SimpleRetriever" {
            return Err(retriever.refused());
        }
        self.known(
            &retriever,
            &[
                "requester",
                "record_selector",
                "paginator",
                "partition_router",
                "decoder",
                "name",
                "primary_key",
                "ignore_stream_slicer_parameters_on_paginated_requests",
                "pagination_reset",
            ],
        );
        if let Some(decoder) = retriever.child("decoder", "JsonDecoder")?
            && decoder.kind != "JsonDecoder"
        {
            return Err(decoder.refused());
        }
        if retriever.field("pagination_reset").is_some() {
            return Err(retriever.problem("pagination_reset", "the component `PaginationReset` is not supported"));
        }
        let requester = retriever
            .child("requester", "HttpRequester")?
            .ok_or_else(|| retriever.problem("", "a retriever needs a `requester`"))?;
        let selector = retriever
            .child("record_selector", "RecordSelector")?
            .ok_or_else(|| retriever.problem("", "a retriever needs a `record_selector`"))?;
        let primary_key = part.field("primary_key").or_else(|| retriever.field("primary_key"));
        Ok(Stream {
            primary_key: primary_key.map(key_paths).unwrap_or_default(),
            schema,
            requester: self.requester(&requester)?,
            selector: self.selector(&selector, transforms)?,
            paginator: self.paginator(&retriever)?,
            is_bare_when_paged: retriever.bool("ignore_stream_slicer_parameters_on_paginated_requests")?,
            cursor: self.cursor(part)?,
            routers: self.routers(&retriever)?,
            name,
        })
    }

    fn schema(&mut self, part: &Part) -> Result<Json, Problem> {
        let loaders = part.children("schema_loader", "JsonFileSchemaLoader")?;
        for loader in loaders {
            match loader.kind.as_str() {
                "InlineSchemaLoader" => {
                    self.known(&loader, &["schema"]);
                    return Ok(loader.field("schema").map_or_else(|| json!({}), Node::to_json));
                }
                "JsonFileSchemaLoader" => {
                    self.warn(
                        &loader,
                        "",
                        "the schema is in a file beside the manifest, which is not read",
                    );
                }
                _ => return Err(loader.refused()),
            }
        }
        Ok(json!({}))
    }

    /// An error when the components read so far took too much. Asked for each that holds others of its kind.
    pub(super) fn afford(&self, part: &Part) -> Result<(), Problem> {
        if self.weight > WEIGHT_MAX {
            return Err(part.problem(
                "",
                "the manifest holds too much: streams, error handlers and `$parameters` multiply each other",
            ));
        }
        Ok(())
    }

    /// Warns about the keys that a component writes and nobody reads.
    pub(super) fn known(&mut self, part: &Part, keys: &[&str]) {
        self.weight = self.weight.saturating_add(part.weight());
        for (key, line) in part.own_keys() {
            let is_general =
                matches!(key, "type" | "$parameters" | "$ref" | "description" | "title") || key.starts_with("x-");
            if is_general || keys.contains(&key) {
                continue;
            }
            let near = keys.iter().find(|known| is_near(known, key));
            let hint = near.map(|near| format!("; is `{near}` meant?")).unwrap_or_default();
            let place = if part.place.is_empty() {
                String::new()
            } else {
                format!(" (at `{}`)", part.place)
            };
            self.warnings.insert(format!(
                "line {line}: `{}` has no key `{key}`, it is ignored{hint}{place}",
                part.kind
            ));
        }
    }

    /// Notes something that is read but not used.
    pub(super) fn warn(&mut self, part: &Part, field: &str, what: &str) {
        let problem = part.problem(field, what);
        self.warnings.insert(problem.to_string());
    }
}

/// A primary key: one name, several names, or several paths.
fn key_paths(node: &Node) -> Vec<Vec<String>> {
    match &node.shape {
        Shape::Text(name) => vec![vec![name.to_string()]],
        Shape::List(items) => items
            .iter()
            .filter_map(|item| match &item.shape {
                Shape::Text(name) => Some(vec![name.to_string()]),
                Shape::List(path) => Some(path.iter().filter_map(Node::text).map(str::to_owned).collect()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether two keys differ by little enough to be the same word: case, underscores, one letter.
fn is_near(left: &str, right: &str) -> bool {
    let plain = |text: &str| {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase()
    };
    let (left, right) = (plain(left), plain(right));
    if left == right {
        return true;
    }
    let (short, long) = if left.len() <= right.len() {
        (&left, &right)
    } else {
        (&right, &left)
    };
    if long.len() - short.len() > 1 {
        return false;
    }
    let head = short
        .bytes()
        .zip(long.bytes())
        .take_while(|(left, right)| left == right)
        .count();
    let tail = short
        .bytes()
        .rev()
        .zip(long.bytes().rev())
        .take_while(|(left, right)| left == right)
        .count();
    head + tail + 1 >= long.len()
}

#[cfg(test)]
mod tests;
