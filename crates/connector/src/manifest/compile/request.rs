//! Requests: URL, method, authentication, inputs, bodies.

use super::Compiler;
use crate::manifest::ir::{
    Action, AnswerFilter, Auth, Backoff, Body, ErrorHandler, Inputs, Nested, RequestOption, Requester, Target,
};
use crate::manifest::part::{Part, Problem};
use crate::manifest::yaml::{Node, Shape};

impl Compiler {
    pub(super) fn requester(&mut self, part: &Part) -> Result<Requester, Problem> {
        if part.kind != "HttpRequester" {
            return Err(part.refused());
        }
        self.known(
            part,
            &[
                "url",
                "url_base",
                "path",
                "http_method",
                "authenticator",
                "error_handler",
                "request_body",
                "request_body_data",
                "request_body_json",
                "request_headers",
                "request_parameters",
                "use_cache",
                "fetch_properties_from_endpoint",
                "query_properties",
                "name",
            ],
        );
        for field in ["fetch_properties_from_endpoint", "query_properties"] {
            if part.field(field).is_some() {
                return Err(part.problem(field, "the component `QueryProperties` is not supported"));
            }
        }
        let method = part.text("http_method").unwrap_or("GET").to_ascii_uppercase();
        let is_post = match method.as_str() {
            "GET" => false,
            "POST" => true,
            other => {
                return Err(part.problem(
                    "http_method",
                    format!("`{other}` is not supported, `GET` and `POST` are"),
                ));
            }
        };
        let base = match part.template("url_base")? {
            Some(base) => base,
            None => part
                .template("url")?
                .ok_or_else(|| part.problem("", "a requester needs `url_base` or `url`"))?,
        };
        let auth = match part.child("authenticator", "")? {
            Some(auth) => self.auth(&auth)?,
            None => Auth::None,
        };
        Ok(Requester {
            base,
            path: part.template("path")?,
            is_post,
            auth,
            parameters: inputs(part, "request_parameters")?,
            headers: inputs(part, "request_headers")?,
            body: body(part)?,
            errors: self.error_handlers(part)?,
        })
    }

    /// Where in a request a value goes.
    pub(super) fn option(&mut self, part: &Part, name: &str) -> Result<Option<RequestOption>, Problem> {
        let Some(option) = part.child(name, "RequestOption")? else {
            return Ok(None);
        };
        if option.kind != "RequestOption" {
            return Err(option.refused());
        }
        self.known(&option, &["inject_into", "field_name", "field_path", "option_type"]);
        let into = match option.text("inject_into").or_else(|| option.text("option_type")) {
            Some("request_parameter") => Target::Parameter,
            Some("header") => Target::Header,
            Some("body_data") => Target::Form,
            Some("body_json") => Target::Json,
            other => {
                let found = other.map_or("nothing".to_owned(), |text| format!("`{text}`"));
                let what =
                    format!("`inject_into` is `request_parameter`, `header`, `body_data` or `body_json`, not {found}");
                return Err(option.problem("inject_into", what));
            }
        };
        let path = if option.field("field_path").is_some() {
            option.templates("field_path")?
        } else {
            vec![option.need_template("field_name")?]
        };
        if path.len() != 1 && into != Target::Json {
            return Err(option.problem("field_path", "a path of several names fits into `body_json` only"));
        }
        Ok(Some(RequestOption { into, path }))
    }

    fn error_handlers(&mut self, part: &Part) -> Result<Vec<ErrorHandler>, Problem> {
        match part.child("error_handler", "DefaultErrorHandler")? {
            Some(handler) => self.error_handler(&handler),
            None => Ok(Vec::new()),
        }
    }

    fn error_handler(&mut self, part: &Part) -> Result<Vec<ErrorHandler>, Problem> {
        self.afford(part)?;
        match part.kind.as_str() {
            "CompositeErrorHandler" => {
                self.known(part, &["error_handlers"]);
                let mut handlers = Vec::new();
                for handler in part.children("error_handlers", "DefaultErrorHandler")? {
                    handlers.extend(self.error_handler(&handler)?);
                }
                Ok(handlers)
            }
            "DefaultErrorHandler" => {
                self.known(part, &["response_filters", "max_retries", "backoff_strategies"]);
                let mut filters = Vec::new();
                for filter in part.children("response_filters", "HttpResponseFilter")? {
                    filters.push(self.answer_filter(&filter)?);
                }
                let mut backoffs = Vec::new();
                for backoff in part.children("backoff_strategies", "")? {
                    backoffs.push(self.backoff(&backoff)?);
                }
                Ok(vec![ErrorHandler {
                    filters,
                    backoffs,
                    retries_max: part.template("max_retries")?,
                }])
            }
            _ => Err(part.refused()),
        }
    }

    fn answer_filter(&mut self, part: &Part) -> Result<AnswerFilter, Problem> {
        if part.kind != "HttpResponseFilter" {
            return Err(part.refused());
        }
        self.known(
            part,
            &[
                "action",
                "failure_type",
                "error_message",
                "error_message_contains",
                "http_codes",
                "predicate",
            ],
        );
        let action = match part.text("action") {
            None => None,
            Some("SUCCESS") => Some(Action::Success),
            Some("RETRY") => Some(Action::Retry),
            Some("FAIL") => Some(Action::Fail),
            Some("IGNORE") => Some(Action::Ignore),
            Some("RATE_LIMITED") => Some(Action::RateLimited),
            Some(other) => return Err(part.problem("action", format!("the action `{other}` is not supported"))),
        };
        let mut codes = Vec::new();
        for code in part.field("http_codes").and_then(Node::list).unwrap_or_default() {
            let number = match &code.shape {
                Shape::Number(number) => number.as_u64().and_then(|code| u16::try_from(code).ok()),
                Shape::Text(text) => text.trim().parse().ok(),
                _ => None,
            };
            codes.push(number.ok_or_else(|| part.problem("http_codes", "an HTTP status is a number from 100 to 599"))?);
        }
        Ok(AnswerFilter {
            action,
            codes,
            contains: part.text("error_message_contains").map(str::to_owned),
            predicate: part.template("predicate")?,
            message: part.template("error_message")?,
            is_passing: part.text("failure_type") == Some("transient_error"),
        })
    }

    fn backoff(&mut self, part: &Part) -> Result<Backoff, Problem> {
        let regex = |part: &Part| match part.text("regex") {
            None => Ok(None),
            // The pattern has to fit at the beginning of the header's value.
            Some(pattern) => regex::Regex::new(&format!("^(?:{pattern})"))
                .map(Some)
                .map_err(|error| part.problem("regex", format!("the pattern can't be read: {error}"))),
        };
        match part.kind.as_str() {
            "ExponentialBackoffStrategy" => {
                self.known(part, &["factor", "jitter_range_in_seconds"]);
                let factor = part.template("factor")?;
                factor.map_or_else(|| part.fixed("5"), Ok).map(Backoff::Exponential)
            }
            "ConstantBackoffStrategy" => {
                self.known(part, &["backoff_time_in_seconds", "jitter_range_in_seconds"]);
                part.need_template("backoff_time_in_seconds").map(Backoff::Constant)
            }
            "WaitTimeFromHeader" => {
                self.known(part, &["header", "regex", "max_waiting_time_in_seconds"]);
                let max_s = part
                    .field("max_waiting_time_in_seconds")
                    .and_then(|node| match &node.shape {
                        Shape::Number(number) => number.as_f64(),
                        _ => None,
                    });
                Ok(Backoff::WaitTime {
                    header: part.need_template("header")?,
                    regex: regex(part)?,
                    max_s,
                })
            }
            "WaitUntilTimeFromHeader" => {
                self.known(part, &["header", "regex", "min_wait"]);
                Ok(Backoff::WaitUntil {
                    header: part.need_template("header")?,
                    regex: regex(part)?,
                    min_s: part.template("min_wait")?,
                })
            }
            _ => Err(part.refused()),
        }
    }
}

pub(super) fn inputs(part: &Part, name: &str) -> Result<Inputs, Problem> {
    let Some(node) = part.field(name) else {
        return Ok(Inputs::Map(Vec::new()));
    };
    let Some(entries) = node.map() else {
        return part.template_of(node, name).map(Inputs::Whole);
    };
    let mut read = Vec::with_capacity(entries.len());
    for (key, value) in entries.iter().filter(|(key, _)| &**key != "$parameters") {
        if let Some(kind) = value.get("type").and_then(Node::text) {
            return Err(part.problem(name, format!("the component `{kind}` is not supported")));
        }
        read.push((
            part.template_of(&text_node(key, value.line), name)?,
            nested(part, value, name)?,
        ));
    }
    Ok(Inputs::Map(read))
}

fn body(part: &Part) -> Result<Body, Problem> {
    if let Some(body) = part.child("request_body", "")? {
        return match body.kind.as_str() {
            "RequestBodyJsonObject" => json_body(&body, "value"),
            "RequestBodyUrlEncodedForm" | "RequestBodyPlainText" => inputs(&body, "value").map(Body::Form),
            _ => Err(body.refused()),
        };
    }
    if part.field("request_body_json").is_some() {
        return json_body(part, "request_body_json");
    }
    if part.field("request_body_data").is_some() {
        return inputs(part, "request_body_data").map(Body::Form);
    }
    Ok(Body::None)
}

fn json_body(part: &Part, name: &str) -> Result<Body, Problem> {
    match part.field(name) {
        Some(node) => nested(part, node, name).map(Body::Json),
        None => Ok(Body::None),
    }
}

/// A value with templates wherever text is.
pub(super) fn nested(part: &Part, node: &Node, name: &str) -> Result<Nested, Problem> {
    Ok(match &node.shape {
        Shape::Text(_) => Nested::Template(part.template_of(node, name)?),
        Shape::List(items) => {
            let items: Result<_, _> = items.iter().map(|item| nested(part, item, name)).collect();
            Nested::List(items?)
        }
        Shape::Map(entries) => {
            let mut read = Vec::with_capacity(entries.len());
            for (key, value) in entries.iter().filter(|(key, _)| &**key != "$parameters") {
                read.push((
                    part.template_of(&text_node(key, value.line), name)?,
                    nested(part, value, name)?,
                ));
            }
            Nested::Map(read)
        }
        _ => Nested::Fixed(node.to_json()),
    })
}

fn text_node(text: &std::sync::Arc<str>, line: u32) -> Node {
    Node {
        line,
        shape: Shape::Text(std::sync::Arc::clone(text)),
    }
}
