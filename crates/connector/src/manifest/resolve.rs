//! References: `"#/definitions/…"` as a value, and `$ref` in a map, whose own keys win over what it refers to.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::yaml::{Node, Shape};

/// How deep references and values may nest.
const DEPTH_MAX: u32 = 200;

/// How much a manifest may hold once every reference is replaced: what is shared is read again in each of its places.
const WEIGHT_MAX: u64 = 2_000_000;

/// Replaces every reference in `root`. What several places refer to is resolved once and shared.
pub(super) fn resolve(root: &Node) -> Result<Node, String> {
    let mut resolver = Resolver {
        root,
        done: BTreeMap::new(),
        open: BTreeSet::new(),
        depth: 0,
    };
    resolver.node(root).map(|sized| sized.node)
}

/// A node without references, and how large it is with everything in it.
#[derive(Clone)]
struct Sized {
    node: Node,
    depth: u32,
    weight: u64,
}

impl Sized {
    fn leaf(node: Node) -> Self {
        Self {
            depth: 1,
            weight: node.own_weight(),
            node,
        }
    }

    fn of<'i>(node: Node, inner: impl Iterator<Item = &'i Self>) -> Result<Self, String> {
        let mut sized = Self::leaf(node);
        for inner in inner {
            sized.depth = sized.depth.max(inner.depth.saturating_add(1));
            sized.weight = sized.weight.saturating_add(inner.weight);
        }
        if sized.depth > DEPTH_MAX {
            return Err(too_deep(&sized.node));
        }
        if sized.weight > WEIGHT_MAX {
            return Err(format!(
                "line {}: the manifest holds more than {WEIGHT_MAX} values once its references are followed",
                sized.node.line
            ));
        }
        Ok(sized)
    }
}

fn too_deep(node: &Node) -> String {
    format!("line {}: the manifest nests deeper than {DEPTH_MAX}", node.line)
}

struct Resolver<'r> {
    root: &'r Node,
    done: BTreeMap<Arc<str>, Sized>,
    open: BTreeSet<Arc<str>>,
    depth: u32,
}

impl Resolver<'_> {
    fn node(&mut self, node: &Node) -> Result<Sized, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(too_deep(node));
        }
        let resolved = match &node.shape {
            Shape::Text(text) if text.starts_with("#/") => self.reference(text, node.line)?,
            Shape::List(items) => {
                let items: Vec<Sized> = items.iter().map(|item| self.node(item)).collect::<Result<_, _>>()?;
                let list = Node {
                    line: node.line,
                    shape: Shape::List(Arc::new(items.iter().map(|item| item.node.clone()).collect())),
                };
                Sized::of(list, items.iter())?
            }
            Shape::Map(entries) => self.map(node, entries)?,
            _ => Sized::leaf(node.clone()),
        };
        self.depth -= 1;
        Ok(resolved)
    }

    fn map(&mut self, node: &Node, entries: &[(Arc<str>, Node)]) -> Result<Sized, String> {
        let mut base: Option<Sized> = None;
        let mut own = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let value = self.node(value)?;
            if &**key != "$ref" {
                own.push((Arc::clone(key), value));
            } else if value.node.map().is_some() {
                base = Some(value);
            } else {
                return Ok(value);
            }
        }
        let mut merged = base
            .as_ref()
            .and_then(|base| base.node.map())
            .unwrap_or_default()
            .to_vec();
        let keys = merged.iter().enumerate();
        let places: HashMap<Arc<str>, usize> = keys.map(|(at, (key, _))| (Arc::clone(key), at)).collect();
        for (key, value) in &own {
            match places.get(key) {
                Some(at) => merged[*at].1 = value.node.clone(),
                None => merged.push((Arc::clone(key), value.node.clone())),
            }
        }
        let map = Node {
            line: node.line,
            shape: Shape::Map(Arc::new(merged)),
        };
        // What own keys replace is counted as well, which does no harm.
        Sized::of(map, base.iter().chain(own.iter().map(|(_, value)| value)))
    }

    fn reference(&mut self, text: &Arc<str>, line: u32) -> Result<Sized, String> {
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
