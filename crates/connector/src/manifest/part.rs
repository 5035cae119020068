//! One component of a manifest while it is read: its type, fields, inherited `$parameters` and place.

use std::cell::OnceCell;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::jinja::{self, Template};
use super::yaml::{Node, Shape};

/// Every variable that some template of the format may use. Which of them hold a value depends on the place.
const VARIABLES: [&str; 13] = [
    "stream_slice",
    "stream_partition",
    "stream_interval",
    "next_page_token",
    "record",
    "response",
    "headers",
    "last_record",
    "last_page_size",
    "last_page_token_value",
    "value",
    "path",
    "property",
];

/// How many `$parameters` a component may have.
const PARAMETERS_MAX: usize = 200;

/// How many components one list may hold.
const CHILDREN_MAX: usize = 10_000;

/// What is wrong with a manifest, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) line: u32,
    pub(super) place: String,
    pub(super) what: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {} (at `{}`)", self.line, self.what, self.place)
    }
}

/// A component.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// The component's type: its own `type`, or what its place implies.
    pub(super) kind: String,
    pub(super) place: String,
    node: Node,
    parameters: Arc<Vec<(Arc<str>, Node)>>,
    /// The parameters as templates see them; made for the first template.
    parameters_json: OnceCell<Arc<Json>>,
}

impl Part {
    /// A component at `place`, with what it inherits. `default` is its type when it names none.
    pub(super) fn new(
        node: Node,
        default: &str,
        place: String,
        inherited: &[(Arc<str>, Node)],
    ) -> Result<Self, Problem> {
        if node.map().is_none() {
            return Err(Problem {
                line: node.line,
                what: format!("a component is a map, this is {}", node.kind()),
                place,
            });
        }
        let mut parameters = inherited.to_vec();
        let own = node.get("$parameters").and_then(Node::map).unwrap_or_default();
        if parameters.len() + own.len() > PARAMETERS_MAX {
            return Err(Problem {
                line: node.line,
                what: format!("a component may have {PARAMETERS_MAX} `$parameters`, inherited ones included"),
                place,
            });
        }
        for (key, value) in own {
            match parameters.iter_mut().find(|(found, _)| found == key) {
                Some((_, old)) => *old = value.clone(),
                None => parameters.push((Arc::clone(key), value.clone())),
            }
        }
        // A component with a class is custom code, whatever else it says.
        let default = if node.get("class_name").is_some() {
            "Custom"
        } else {
            default
        };
        let kind = node.get("type").and_then(Node::text).unwrap_or(default).to_owned();
        Ok(Self {
            kind,
            place,
            node,
            parameters: Arc::new(parameters),
            parameters_json: OnceCell::new(),
        })
    }

    /// How much it takes to read this component, without those in it.
    pub(super) fn weight(&self) -> u64 {
        let parameters: u64 = self.parameters.iter().map(|(_, node)| node.weight()).sum();
        1 + parameters
    }

    fn parameters_json(&self) -> &Arc<Json> {
        self.parameters_json.get_or_init(|| {
            let entries = self.parameters.iter();
            let json: Map<String, Json> = entries.map(|(key, value)| (key.to_string(), value.to_json())).collect();
            Arc::new(Json::Object(json))
        })
    }

    /// A problem with the field `name` of this component, or with the component itself.
    pub(super) fn problem(&self, name: &str, what: impl Into<String>) -> Problem {
        let line = self.field(name).map_or(self.node.line, |node| node.line);
        Problem {
            line,
            place: self.place_of(name),
            what: what.into(),
        }
    }

    /// This component is of a type that is not known here.
    pub(super) fn refused(&self) -> Problem {
        Problem {
            line: self.node.line,
            place: self.place.clone(),
            what: match self.node.get("class_name").and_then(Node::text) {
                Some(class) => format!("the component `{class}` is code of its own, which is not supported"),
                None => format!("the component `{}` is not supported", self.kind),
            },
        }
    }

    fn place_of(&self, name: &str) -> String {
        if name.is_empty() {
            self.place.clone()
        } else if self.place.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.place)
        }
    }

    /// A field: the component's own where that counts as something, else the parameter of that name.
    pub(super) fn field(&self, name: &str) -> Option<&Node> {
        let own = self.node.get(name);
        if own.is_some_and(Node::is_truthy) {
            return own;
        }
        let inherited = self
            .parameters
            .iter()
            .find(|(found, _)| &**found == name)
            .map(|(_, node)| node);
        inherited.or(own).filter(|node| !matches!(node.shape, Shape::Null))
    }

    /// The keys that the component itself writes.
    pub(super) fn own_keys(&self) -> impl Iterator<Item = (&str, u32)> {
        let entries = self.node.map().unwrap_or_default();
        entries.iter().map(|(key, node)| (&**key, node.line))
    }

    /// The component in the field `name`.
    pub(super) fn child(&self, name: &str, default: &str) -> Result<Option<Self>, Problem> {
        let Some(node) = self.field(name) else { return Ok(None) };
        Self::new(node.clone(), default, self.place_of(name), &self.passed_on(name)).map(Some)
    }

    /// The components in the field `name`: a list, or one alone.
    pub(super) fn children(&self, name: &str, default: &str) -> Result<Vec<Self>, Problem> {
        let Some(node) = self.field(name) else {
            return Ok(Vec::new());
        };
        let passed_on = self.passed_on(name);
        match node.list() {
            Some(items) if items.len() > CHILDREN_MAX => {
                Err(self.problem(name, format!("`{name}` may have {CHILDREN_MAX} entries")))
            }
            Some(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| {
                    let place = format!("{}.{name}[{index}]", self.place);
                    Self::new(item.clone(), default, place, &passed_on)
                })
                .collect(),
            None => Ok(self.child(name, default)?.into_iter().collect()),
        }
    }

    /// The parameters that the field `name` inherits: all but the one of its own name.
    pub(super) fn passed_on(&self, name: &str) -> Vec<(Arc<str>, Node)> {
        self.parameters
            .iter()
            .filter(|(key, _)| &**key != name)
            .cloned()
            .collect()
    }

    /// A template in the field `name`. Numbers and booleans are taken as their text.
    pub(super) fn template(&self, name: &str) -> Result<Option<Template>, Problem> {
        match self.field(name) {
            Some(node) => self.template_of(node, name).map(Some),
            None => Ok(None),
        }
    }

    /// The same; an error when it is missing.
    pub(super) fn need_template(&self, name: &str) -> Result<Template, Problem> {
        self.template(name)?
            .ok_or_else(|| self.problem("", format!("`{}` needs `{name}`", self.kind)))
    }

    /// A node below the field `name` as a template.
    pub(super) fn template_of(&self, node: &Node, name: &str) -> Result<Template, Problem> {
        let at = |what: String| Problem {
            line: node.line,
            place: self.place_of(name),
            what,
        };
        let text = match &node.shape {
            Shape::Text(text) => text.to_string(),
            Shape::Bool(true) => "True".to_owned(),
            Shape::Bool(false) => "False".to_owned(),
            Shape::Number(number) => number.to_string(),
            Shape::Null => String::new(),
            Shape::List(_) | Shape::Map(_) => {
                return Err(at(format!("text is expected here, this is {}", node.kind())));
            }
        };
        Template::compile(&text, &VARIABLES, self.parameters_json()).map_err(|error| match error {
            jinja::Error::Syntax(why) if text.contains("stream_state") => at(format!(
                "in `{text}`: {why}; the format has replaced it with `stream_interval`"
            )),
            other => at(format!("in `{text}`: {other}")),
        })
    }

    /// Templates in a list of texts, or in one text alone.
    pub(super) fn templates(&self, name: &str) -> Result<Vec<Template>, Problem> {
        let Some(node) = self.field(name) else {
            return Ok(Vec::new());
        };
        match node.list() {
            Some(items) => items.iter().map(|item| self.template_of(item, name)).collect(),
            None => Ok(vec![self.template_of(node, name)?]),
        }
    }

    /// A template that stays as it is.
    pub(super) fn fixed(&self, text: &str) -> Result<Template, Problem> {
        Template::compile(text, &VARIABLES, self.parameters_json())
            .map_err(|error| self.problem("", format!("in `{text}`: {error}")))
    }

    pub(super) fn bool(&self, name: &str) -> Result<bool, Problem> {
        match self.field(name).map(|node| &node.shape) {
            None => Ok(false),
            Some(Shape::Bool(value)) => Ok(*value),
            Some(Shape::Text(text)) if matches!(&**text, "true" | "True") => Ok(true),
            Some(Shape::Text(text)) if matches!(&**text, "false" | "False") => Ok(false),
            Some(_) => Err(self.problem(name, format!("`{name}` is true or false"))),
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.field(name).and_then(Node::text)
    }
}
