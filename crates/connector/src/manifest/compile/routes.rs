//! Partition routers: lists, and parents whose records become slices.

use super::Compiler;
use super::request::nested;
use crate::manifest::ir::{Parent, Router};
use crate::manifest::part::{Part, Problem};
use crate::manifest::yaml::{Node, Shape};

impl Compiler {
    pub(super) fn routers(&mut self, retriever: &Part) -> Result<Vec<Router>, Problem> {
        let mut routers = Vec::new();
        for part in retriever.children("partition_router", "")? {
            let router = match part.kind.as_str() {
                "ListPartitionRouter" => {
                    self.known(&part, &["values", "cursor_field", "request_option"]);
                    let values = part
                        .field("values")
                        .ok_or_else(|| part.problem("", "a list router needs `values`"))?;
                    Router::List {
                        values: nested(&part, values, "values")?,
                        field: part.need_template("cursor_field")?,
                        option: self.option(&part, "request_option")?,
                    }
                }
                "SubstreamPartitionRouter" => {
                    self.known(&part, &["parent_stream_configs"]);
                    let mut parents = Vec::new();
                    for config in part.children("parent_stream_configs", "ParentStreamConfig")? {
                        parents.push(self.parent(&config)?);
                    }
                    if parents.is_empty() {
                        return Err(part.problem("", "a substream router needs `parent_stream_configs`"));
                    }
                    Router::Parents(parents)
                }
                _ => return Err(part.refused()),
            };
            routers.push(router);
        }
        Ok(routers)
    }

    fn parent(&mut self, part: &Part) -> Result<Parent, Problem> {
        if part.kind != "ParentStreamConfig" {
            return Err(part.refused());
        }
        self.known(
            part,
            &[
                "stream",
                "parent_key",
                "partition_field",
                "request_option",
                "incremental_dependency",
                "extra_fields",
                "lazy_read_pointer",
            ],
        );
        if part.bool("incremental_dependency")? {
            let note = "`incremental_dependency` is not used: every parent is visited in every sync";
            self.warn(part, "incremental_dependency", note);
        }
        if part.field("lazy_read_pointer").is_some() {
            return Err(part.problem("lazy_read_pointer", "`lazy_read_pointer` is not supported"));
        }
        let stream = part
            .child("stream", "DeclarativeStream")?
            .ok_or_else(|| part.problem("", "a parent needs a `stream`"))?;
        let mut extra = Vec::new();
        for path in part.field("extra_fields").and_then(Node::list).unwrap_or_default() {
            extra.push(match &path.shape {
                Shape::List(path) => path
                    .iter()
                    .map(|part_of| part.template_of(part_of, "extra_fields"))
                    .collect::<Result<Vec<_>, _>>()?,
                _ => vec![part.template_of(path, "extra_fields")?],
            });
        }
        Ok(Parent {
            stream: self.stream(&stream)?,
            key: part.need_template("parent_key")?,
            field: part.need_template("partition_field")?,
            option: self.option(part, "request_option")?,
            extra,
        })
    }
}
