//! Reads a `search.yaml`, and says where it is wrong.

use std::collections::BTreeMap;

use serde_json::Value;

use super::tree::{Key, Node, Place, Tree};
use super::value::Template;
use super::{Condition, Mapping, StreamMapping, Test, guess};
use crate::{suggest, syntax};

/// How many streams, facets, permission sets or conditions one list may hold.
const ENTRIES_MAX: usize = 500;

const KEYS: [&str; 2] = ["version", "streams"];

const STREAM_KEYS: [&str; 13] = [
    "search",
    "kind",
    "title",
    "body",
    "url",
    "path",
    "people",
    "created_at",
    "changed_at",
    "facets",
    "acl",
    "skip",
    "when",
];

const CONDITION_KEYS: [&str; 4] = ["field", "is", "is_not", "present"];

/// Reads the whole file; with `known`, streams of no other name. The error is one line: file, line, column, what and
/// the way out.
pub(super) fn mapping(yaml: &str, file: &str, known: Option<&[&str]>) -> Result<Mapping, String> {
    let file = File { name: file };
    let root: Node = serde_saphyr::from_str(yaml).map_err(|error| file.syntax(&error))?;
    let mut version = None;
    let mut streams = BTreeMap::new();
    for (key, node) in file.map(&root, "the file", "`version: 1` and `streams:`")? {
        match key.text.as_str() {
            "version" => version = Some(node),
            "streams" => {
                for (name, node) in file.map(node, "`streams`", "a stream's name and its mapping")? {
                    if let Some(known) = known.filter(|known| !known.contains(&name.text.as_str())) {
                        return Err(file.foreign(name, known));
                    }
                    streams.insert(name.text.clone(), file.stream(&name.text, node)?);
                }
            }
            other => return Err(file.unknown(key, other, "at the top", &KEYS)),
        }
    }
    match version {
        Some(node) if !matches!(&node.value, Tree::Scalar(value) if value.as_i64() == Some(1)) => Err(file.at(
            node.place,
            format!("`version` is {}, but this program reads version 1", node.what()),
        )),
        Some(_) => Ok(Mapping { streams }),
        None => Err(file.at(root.place, "`version: 1` is missing; put it at the top")),
    }
}

struct File<'a> {
    name: &'a str,
}

impl File<'_> {
    fn at(&self, place: Place, what: impl std::fmt::Display) -> String {
        format!("{}:{}:{}: {what}", self.name, place.line, place.column)
    }

    fn unknown(&self, key: &Key, text: &str, place: &str, known: &[&str]) -> String {
        self.at(
            key.place,
            format!("unknown key `{text}` {place}; {}", suggest::hint(text, known)),
        )
    }

    fn foreign(&self, name: &Key, known: &[&str]) -> String {
        let hint = suggest::hint(&name.text, known);
        self.at(name.place, format!("the source has no stream `{}`; {hint}", name.text))
    }

    fn syntax(&self, error: &serde_saphyr::Error) -> String {
        let place = error.location().map_or(Place { line: 1, column: 1 }, Place::from);
        let first = syntax::why(error);
        if syntax::is_limit(error) {
            return self.at(place, first);
        }
        let what = first
            .split(" at line ")
            .next()
            .unwrap_or(&first)
            .trim_end_matches(['.', ':']);
        let way_out = "lines are indented with spaces, and text that begins with `{`, `*`, `@` or `&` is quoted";
        self.at(place, format!("{what}; {way_out}"))
    }

    fn map<'n>(&self, node: &'n Node, what: &str, expected: &str) -> Result<&'n [(Key, Node)], String> {
        match &node.value {
            Tree::Map(entries) if entries.len() <= ENTRIES_MAX => Ok(entries),
            Tree::Map(entries) => Err(self.at(
                node.place,
                format!("{what} has {} entries, the limit is {ENTRIES_MAX}", entries.len()),
            )),
            Tree::Scalar(Value::Null) => Ok(&[]),
            _ => Err(self.at(
                node.place,
                format!("{what} is {}, but must be a map of {expected}", node.what()),
            )),
        }
    }

    fn list<'n>(&self, node: &'n Node, what: &str, expected: &str) -> Result<&'n [Node], String> {
        match &node.value {
            Tree::List(items) if items.len() <= ENTRIES_MAX => Ok(items),
            Tree::List(items) => Err(self.at(
                node.place,
                format!("{what} has {} entries, the limit is {ENTRIES_MAX}", items.len()),
            )),
            _ => Err(self.at(
                node.place,
                format!("{what} is {}, but must be a list of {expected}", node.what()),
            )),
        }
    }

    fn stream(&self, name: &str, node: &Node) -> Result<StreamMapping, String> {
        let mut mapping = guess::usual(name);
        for (key, node) in self.map(node, &format!("stream `{name}`"), "keys such as `title: /name`")? {
            let what = format!("`{}` of stream `{name}`", key.text);
            match key.text.as_str() {
                "search" => mapping.is_searched = self.flag(node, &what)?,
                "kind" => mapping.kind = self.templates(node, &what)?,
                "title" => mapping.title = self.templates(node, &what)?,
                "body" => mapping.body = self.templates(node, &what)?,
                "url" => mapping.url = self.templates(node, &what)?,
                "path" => mapping.path = self.templates(node, &what)?,
                "people" => mapping.people = self.templates(node, &what)?,
                "created_at" => mapping.created_at = self.templates(node, &what)?,
                "changed_at" => mapping.changed_at = self.templates(node, &what)?,
                "facets" => mapping.facets = self.facets(node, &what)?,
                "acl" => mapping.acl = self.acl(node, &what)?,
                "skip" => mapping.skip = self.conditions(node, &what)?,
                "when" => mapping.when = self.conditions(node, &what)?,
                other => return Err(self.unknown(key, other, &format!("of stream `{name}`"), &STREAM_KEYS)),
            }
        }
        Ok(mapping)
    }

    fn flag(&self, node: &Node, what: &str) -> Result<bool, String> {
        match node.value {
            Tree::Scalar(Value::Bool(flag)) => Ok(flag),
            _ => Err(self.at(
                node.place,
                format!("{what} is {}, but must be true or false", node.what()),
            )),
        }
    }

    /// One template or a list of them.
    fn templates(&self, node: &Node, what: &str) -> Result<Vec<Template>, String> {
        match &node.value {
            Tree::List(_) => self
                .list(node, what, "fields such as `/name`")?
                .iter()
                .map(|item| self.template(item, what))
                .collect(),
            Tree::Scalar(Value::Null) => Ok(Vec::new()),
            _ => Ok(vec![self.template(node, what)?]),
        }
    }

    fn template(&self, node: &Node, what: &str) -> Result<Template, String> {
        match &node.value {
            Tree::Scalar(Value::String(text)) => {
                Template::parse(text).map_err(|why| self.at(node.place, format!("{what}: {why}")))
            }
            Tree::Scalar(value @ (Value::Number(_) | Value::Bool(_))) => {
                Template::parse(&value.to_string()).map_err(|why| self.at(node.place, format!("{what}: {why}")))
            }
            Tree::Map(_) => Err(self.at(
                node.place,
                format!("{what} is a map, but must be text; quote what begins with a brace: \"{{name}}\""),
            )),
            _ => Err(self.at(
                node.place,
                format!("{what} is {}, but must be text such as `/name`", node.what()),
            )),
        }
    }

    fn facets(&self, node: &Node, what: &str) -> Result<Vec<(String, Vec<Template>)>, String> {
        let mut facets = Vec::new();
        for (key, node) in self.map(node, what, "a facet's name and its field")? {
            let is_plain = key.text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
            if !is_plain || key.text.is_empty() {
                return Err(self.at(
                    key.place,
                    format!(
                        "{what}: the facet `{}` may have letters, digits, `_` and `-` in its name only",
                        key.text
                    ),
                ));
            }
            facets.push((
                key.text.clone(),
                self.templates(node, &format!("facet `{}` in {what}", key.text))?,
            ));
        }
        Ok(facets)
    }

    fn acl(&self, node: &Node, what: &str) -> Result<Vec<Vec<Template>>, String> {
        let example = "lists, each of principals such as \"trello/member/{members.*.id}\"";
        let mut sets = Vec::new();
        for set in self.list(node, what, example)? {
            let mut any_of = Vec::new();
            for item in self.list(
                set,
                &format!("each entry of {what}"),
                "principals such as \"trello/member/{members.*.id}\"",
            )? {
                let template = self.template(item, what)?;
                let source = template.source();
                let authority = source.split('/').next().unwrap_or_default();
                if source.matches('/').count() < 2 || authority.is_empty() || authority.contains(['{', '}', '@']) {
                    return Err(self.at(
                        item.place,
                        format!("{what}: `{source}` is not a principal; one looks like `<authority>/<kind>/<id>`, its authority in plain text"),
                    ));
                }
                if source.starts_with("fossick/") {
                    return Err(self.at(
                        item.place,
                        format!("{what}: `{source}` names people of this installation, which no record can know; name the provider's"),
                    ));
                }
                any_of.push(template);
            }
            sets.push(any_of);
        }
        Ok(sets)
    }

    fn conditions(&self, node: &Node, what: &str) -> Result<Vec<Condition>, String> {
        let mut conditions = Vec::new();
        for item in self.list(node, what, "conditions such as { field: /archived, is: true }")? {
            conditions.push(self.condition(item, what)?);
        }
        Ok(conditions)
    }

    fn condition(&self, node: &Node, what: &str) -> Result<Condition, String> {
        let (mut field, mut tests) = (None, Vec::new());
        for (key, node) in self.map(
            node,
            &format!("each entry of {what}"),
            "`field` and one of `is`, `is_not`, `present`",
        )? {
            match key.text.as_str() {
                "field" => field = Some(self.template(node, what)?),
                "is" => tests.push(Test::Is(self.scalars(node, what)?)),
                "is_not" => tests.push(Test::IsNot(self.scalars(node, what)?)),
                "present" => tests.push(Test::Present(self.flag(node, &format!("`present` in {what}"))?)),
                other => return Err(self.unknown(key, other, &format!("in {what}"), &CONDITION_KEYS)),
            }
        }
        let Some(field) = field else {
            return Err(self.at(
                node.place,
                format!("an entry of {what} lacks `field`, such as `field: /archived`"),
            ));
        };
        match (tests.pop(), tests.is_empty()) {
            (Some(test), true) => Ok(Condition { field, test }),
            _ => Err(self.at(
                node.place,
                format!("an entry of {what} must have exactly one of `is`, `is_not` and `present`"),
            )),
        }
    }

    fn scalars(&self, node: &Node, what: &str) -> Result<Vec<Value>, String> {
        let one = |node: &Node| match &node.value {
            Tree::Scalar(value) => Ok(value.clone()),
            _ => Err(self.at(
                node.place,
                format!(
                    "{what} compares with {}, but only text, numbers, true and false can be compared",
                    node.what()
                ),
            )),
        };
        match &node.value {
            Tree::List(_) => self.list(node, what, "values")?.iter().map(one).collect(),
            _ => Ok(vec![one(node)?]),
        }
    }
}
