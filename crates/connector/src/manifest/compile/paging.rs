//! Paginators.

use super::Compiler;
use crate::manifest::ir::{Paginator, Strategy, TokenPlace};
use crate::manifest::part::{Part, Problem};
use crate::manifest::yaml::{Node, Shape};

impl Compiler {
    pub(super) fn paginator(&mut self, retriever: &Part) -> Result<Option<Paginator>, Problem> {
        let Some(part) = retriever.child("paginator", "NoPagination")? else {
            return Ok(None);
        };
        match part.kind.as_str() {
            "NoPagination" => return Ok(None),
            "DefaultPaginator" => {}
            _ => return Err(part.refused()),
        }
        self.known(
            &part,
            &[
                "pagination_strategy",
                "decoder",
                "page_size_option",
                "page_token_option",
                "url_base",
            ],
        );
        let strategy = part
            .child("pagination_strategy", "")?
            .ok_or_else(|| part.problem("", "a paginator needs a `pagination_strategy`"))?;
        let strategy = self.strategy(&strategy)?;
        let token = match part.child("page_token_option", "RequestOption")? {
            None => TokenPlace::Nowhere,
            Some(option) if option.kind == "RequestPath" => TokenPlace::Path,
            Some(_) => match self.option(&part, "page_token_option")? {
                Some(option) => TokenPlace::Option(option),
                None => TokenPlace::Nowhere,
            },
        };
        Ok(Some(Paginator {
            strategy,
            size_option: self.option(&part, "page_size_option")?,
            token,
        }))
    }

    fn strategy(&mut self, part: &Part) -> Result<Strategy, Problem> {
        match part.kind.as_str() {
            "PageIncrement" => {
                self.known(part, &["page_size", "start_from_page", "inject_on_first_request"]);
                let start = match part.field("start_from_page").map(|node| &node.shape) {
                    None => 0,
                    Some(Shape::Number(number)) => number
                        .as_i64()
                        .ok_or_else(|| part.problem("start_from_page", "`start_from_page` is a whole number"))?,
                    Some(_) => return Err(part.problem("start_from_page", "`start_from_page` is a whole number")),
                };
                Ok(Strategy::Page {
                    size: part.template("page_size")?,
                    start,
                    on_first: part.bool("inject_on_first_request")?,
                })
            }
            "OffsetIncrement" => {
                self.known(part, &["page_size", "inject_on_first_request"]);
                Ok(Strategy::Offset {
                    size: part.template("page_size")?,
                    on_first: part.bool("inject_on_first_request")?,
                })
            }
            "CursorPagination" => {
                self.known(part, &["cursor_value", "stop_condition", "page_size", "decoder"]);
                let stop = part
                    .field("stop_condition")
                    .filter(|node| !matches!(node.shape, Shape::Bool(false)));
                Ok(Strategy::Cursor {
                    value: part.need_template("cursor_value")?,
                    stop: stop
                        .map(|node: &Node| part.template_of(node, "stop_condition"))
                        .transpose()?,
                    size: part.template("page_size")?,
                })
            }
            _ => Err(part.refused()),
        }
    }
}
