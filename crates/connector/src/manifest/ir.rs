//! A manifest in the form in which it runs: every expression read, every default filled in, every component known.

use std::sync::Arc;

use serde_json::Value as Json;

use super::datetime::Delta;
use super::jinja::Template;

/// A whole manifest.
#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) streams: Vec<Arc<Stream>>,
    /// Streams that a check reads one page of.
    pub(super) check: Vec<Arc<Stream>>,
    /// The JSON Schema of the configuration.
    pub(super) spec: Json,
}

/// One stream.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) name: String,
    /// One path per part of the key; empty when none is declared.
    pub(super) primary_key: Vec<Vec<String>>,
    pub(super) schema: Json,
    pub(super) requester: Requester,
    pub(super) selector: Selector,
    pub(super) paginator: Option<Paginator>,
    /// With a page token, a request carries neither window nor partition: the token stands for them.
    pub(super) is_bare_when_paged: bool,
    pub(super) cursor: Option<Cursor>,
    pub(super) routers: Vec<Router>,
}

/// How a request is made.
#[derive(Debug)]
pub(super) struct Requester {
    pub(super) base: Template,
    pub(super) path: Option<Template>,
    pub(super) is_post: bool,
    pub(super) auth: Auth,
    pub(super) parameters: Inputs,
    pub(super) headers: Inputs,
    pub(super) body: Body,
    pub(super) errors: Vec<ErrorHandler>,
}

/// Keys and values of a request, or the whole of them in one template.
#[derive(Debug)]
pub(super) enum Inputs {
    Map(Vec<(Template, Nested)>),
    Whole(Template),
}

/// The body of a request.
#[derive(Debug)]
pub(super) enum Body {
    None,
    Json(Nested),
    Form(Inputs),
}

/// A value with templates somewhere inside.
#[derive(Debug)]
pub(super) enum Nested {
    Template(Template),
    Fixed(Json),
    List(Vec<Self>),
    Map(Vec<(Template, Self)>),
}

/// How a request says who asks.
#[derive(Debug)]
pub(super) enum Auth {
    None,
    Token {
        token: Template,
        option: RequestOption,
    },
    Bearer(Template),
    Basic {
        user: Template,
        password: Option<Template>,
    },
    /// A token that runs out and is renewed.
    Renewed(Box<OAuth>),
    /// A token that signing in yields.
    Session(Box<Session>),
    /// One of several, chosen by a value of the configuration.
    Selective {
        path: Vec<String>,
        choices: Vec<(String, Self)>,
    },
}

/// How an access token is had. Pairs are the name of a parameter and its value.
#[derive(Debug)]
pub(super) struct OAuth {
    /// Where tokens come from; none: `access_token` is all there is.
    pub(super) endpoint: Option<Template>,
    pub(super) access_token: Option<Template>,
    pub(super) client_id: (Template, Option<Template>),
    pub(super) client_secret: (Template, Option<Template>),
    pub(super) refresh_token: (Template, Option<Template>),
    pub(super) grant_type: (Template, Template),
    pub(super) access_token_name: Template,
    pub(super) expires_in_name: Template,
    /// The date format, where the answer names the instant rather than the seconds.
    pub(super) expires_format: Option<String>,
    pub(super) scopes: Vec<Template>,
    pub(super) body: Inputs,
    pub(super) headers: Inputs,
    /// Parameters go into the query instead of the body.
    pub(super) is_query: bool,
    /// Every answer brings the refresh token that the next request needs; the one before is worth nothing then.
    pub(super) single_use: Option<SingleUse>,
}

/// Where refresh tokens for a single use are found.
#[derive(Debug)]
pub(super) struct SingleUse {
    /// In an answer.
    pub(super) name: Template,
    /// In the configuration: the first one.
    pub(super) path: Vec<String>,
}

/// How a session is opened.
#[derive(Debug)]
pub(super) struct Session {
    /// The request that signs in, in the shape of a stream.
    pub(super) login: Stream,
    pub(super) path: Vec<Template>,
    /// How long a session lasts; none: one request.
    pub(super) lifetime: Option<Delta>,
    /// Where its token goes; none: into the `Authorization` header.
    pub(super) option: Option<RequestOption>,
}

/// Where in a request a value goes.
#[derive(Debug)]
pub(super) struct RequestOption {
    pub(super) into: Target,
    /// One name; several only in a JSON body.
    pub(super) path: Vec<Template>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Parameter,
    Header,
    Form,
    Json,
}

/// How records are found in an answer.
#[derive(Debug)]
pub(super) struct Selector {
    pub(super) path: Vec<Template>,
    pub(super) filter: Option<Template>,
    pub(super) transforms: Vec<Transform>,
    pub(super) transforms_first: bool,
}

#[derive(Debug)]
pub(super) enum Transform {
    Add {
        fields: Vec<AddedField>,
        condition: Option<Template>,
    },
    Remove {
        pointers: Vec<Vec<String>>,
        condition: Option<Template>,
    },
    KeysToLower,
    KeysToSnakeCase,
}

#[derive(Debug)]
pub(super) struct AddedField {
    pub(super) path: Vec<Template>,
    pub(super) value: Nested,
    pub(super) kind: super::jinja::Kind,
}

/// How the next page is found and asked for.
#[derive(Debug)]
pub(super) struct Paginator {
    pub(super) strategy: Strategy,
    pub(super) size_option: Option<RequestOption>,
    pub(super) token: TokenPlace,
}

#[derive(Debug)]
pub(super) enum TokenPlace {
    /// Nowhere: templates use `next_page_token`.
    Nowhere,
    /// It is the path, or the whole URL.
    Path,
    Option(RequestOption),
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one lives per stream")]
pub(super) enum Strategy {
    Page {
        size: Option<Template>,
        start: i64,
        on_first: bool,
    },
    Offset {
        size: Option<Template>,
        on_first: bool,
    },
    Cursor {
        value: Template,
        stop: Option<Template>,
        size: Option<Template>,
    },
}

/// An incremental read by a date in the records.
#[derive(Debug)]
pub(super) struct Cursor {
    pub(super) field: Template,
    /// How dates are written into requests.
    pub(super) format: String,
    /// How dates are read from records, tried in order.
    pub(super) record_formats: Vec<String>,
    pub(super) start: Moment,
    pub(super) end: Option<Moment>,
    /// The length of a window.
    pub(super) step: Option<Template>,
    pub(super) granularity: Option<Delta>,
    pub(super) lookback: Option<Template>,
    pub(super) start_option: Option<RequestOption>,
    pub(super) end_option: Option<RequestOption>,
    /// The names under which templates see a window.
    pub(super) start_name: Template,
    pub(super) end_name: Template,
    /// The newest records come first: reading may stop at the first old one.
    pub(super) is_feed: bool,
}

/// An instant that depends on the configuration and on now.
#[derive(Debug)]
pub(super) struct Moment {
    pub(super) value: Template,
    pub(super) format: Option<String>,
    pub(super) min: Option<Template>,
    pub(super) max: Option<Template>,
}

/// What a stream is read once for.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one or two live per stream")]
pub(super) enum Router {
    List {
        values: Nested,
        field: Template,
        option: Option<RequestOption>,
    },
    Parents(Vec<Parent>),
}

#[derive(Debug)]
pub(super) struct Parent {
    pub(super) stream: Arc<Stream>,
    pub(super) key: Template,
    pub(super) field: Template,
    pub(super) option: Option<RequestOption>,
    pub(super) extra: Vec<Vec<Template>>,
}

/// What answers mean, and how long to wait.
#[derive(Debug)]
pub(super) struct ErrorHandler {
    pub(super) filters: Vec<AnswerFilter>,
    pub(super) backoffs: Vec<Backoff>,
    pub(super) retries_max: Option<Template>,
}

#[derive(Debug)]
pub(super) struct AnswerFilter {
    pub(super) action: Option<Action>,
    pub(super) codes: Vec<u16>,
    pub(super) contains: Option<String>,
    pub(super) predicate: Option<Template>,
    pub(super) message: Option<Template>,
    /// What fails may work in a while.
    pub(super) is_passing: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Success,
    Retry,
    Fail,
    Ignore,
    RateLimited,
}

#[derive(Debug)]
pub(super) enum Backoff {
    /// Seconds, doubled with every attempt.
    Exponential(Template),
    /// Seconds.
    Constant(Template),
    /// Seconds in a header; longer than the limit is an error.
    WaitTime {
        header: Template,
        regex: Option<regex::Regex>,
        max_s: Option<f64>,
    },
    /// An instant in a header; at least so many seconds.
    WaitUntil {
        header: Template,
        regex: Option<regex::Regex>,
        min_s: Option<Template>,
    },
}
