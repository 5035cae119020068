//! References: `"#/definitions/…"` as a value, and `$ref` in a map, whose own keys win over what it refers to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::yaml::{Node, Shape};

/// How deep references and values may nest.
const DEPTH_MAX: u32 = 200;

/// Replaces every reference in `root`. What several places refer to is resolved once and shared.
pub(super) fn resolve(root: &Node) -> Result<Node, String> {
    let mut resolver = Resolver {
        root,
        done: BTreeMap::new(),
        open: BTreeSet::new(),
        depth: 0,
    };
    resolver.node(root)
}

struct Resolver<'r> {
    root: &'r Node,
    done: BTreeMap<Arc<str>, Node>,
    open: BTreeSet<Arc<str>>,
    depth: u32,
}

impl Resolver<'_> {
    fn node(&mut self, node: &Node) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!(
                "line {}: the manifest nests deeper than {DEPTH_MAX}",
                node.line
            ));
        }
        let resolved = match &node.shape {
            Shape::Text(text) if text.starts_with("#/") => self.reference(text, node.line)?,
            Shape::List(items) => Node {
                line: node.line,
                shape: Shape::List(Arc::new(
                    items.iter().map(|item| self.node(item)).collect::<Result<_, _>>()?,
                )),
            },
            Shape::Map(entries) => self.map(node, entries)?,
            _ => node.clone(),
        };
        self.depth -= 1;
        Ok(resolved)
    }

    fn map(&mut self, node: &Node, entries: &[(Arc<str>, Node)]) -> Result<Node, String> {
        let mut base: Vec<(Arc<str>, Node)> = Vec::new();
        let mut own = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let value = self.node(value)?;
            if &**key != "$ref" {
                own.push((Arc::clone(key), value));
                continue;
            }
            match &value.shape {
                Shape::Map(referred) => base.clone_from(referred),
                Shape::Text(_) | Shape::List(_) | Shape::Null | Shape::Bool(_) | Shape::Number(_) => return Ok(value),
            }
        }
        for (key, value) in own {
            match base.iter_mut().find(|(found, _)| *found == key) {
                Some((_, old)) => *old = value,
                None => base.push((key, value)),
            }
        }
        Ok(Node {
            line: node.line,
            shape: Shape::Map(Arc::new(base)),
        })
    }

    fn reference(&mut self, text: &Arc<str>, line: u32) -> Result<Node, String> {
        if let Some(found) = self.done.get(text) {
            return Ok(found.clone());
        }
        if !self.open.insert(Arc::clone(text)) {
            return Err(format!("line {line}: the reference `{text}` leads back to itself"));
        }
        let target = find(self.root, &text[2..])
            .ok_or_else(|| format!("line {line}: the reference `{text}` leads nowhere"))?
            .clone();
        let resolved = self.node(&target)?;
        self.open.remove(text);
        self.done.insert(Arc::clone(text), resolved.clone());
        Ok(resolved)
    }
}

/// Follows a path. A key may hold `/` itself: the longest rest is tried as one key first.
fn find<'n>(mut node: &'n Node, mut path: &str) -> Option<&'n Node> {
    while !path.is_empty() {
        if let Some(found) = node.get(path) {
            return Some(found);
        }
        let (head, rest) = path.split_once('/').unwrap_or((path, ""));
        node = match &node.shape {
            Shape::List(items) => items.get(head.parse::<usize>().ok()?)?,
            _ => node.get(head)?,
        };
        path = rest;
    }
    Some(node)
}
