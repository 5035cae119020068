//! What an answer means, by the manifest's error handlers and by default, and how long to wait before asking again.

use model::Timestamp;
use outbound::Answer;
use outbound::wait::{Meaning, WAIT_MS_MAX, meaning, retry_at, seconds_or_date};
use serde_json::{Map, Value as Json};

use super::ir::{Action, AnswerFilter, Backoff, ErrorHandler};
use super::jinja::{self, Scope, Template};

/// How often a request is sent again when nothing else is said.
const RETRIES_DEFAULT: u32 = 5;

/// What is to be done with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) action: Action,
    /// The credential was not good enough.
    pub(super) is_denied: bool,
    /// The manifest says that what failed may work in a while.
    pub(super) is_passing: bool,
    /// The manifest's own words.
    pub(super) message: Option<String>,
}

/// Judges an answer. `body` is what it holds, where that is JSON; `config_scope` holds nothing but the configuration.
/// The error is that of a predicate that can't be worked out; one about something that is not there does not hold.
pub(super) fn judge(
    handlers: &[ErrorHandler],
    answer: &Answer,
    body: Option<&Json>,
    config_scope: &Scope<'_>,
) -> Result<Verdict, jinja::Error> {
    let nothing = Json::Object(Map::new());
    let body = body.filter(|body| !body.is_null()).unwrap_or(&nothing);
    let headers = super::next::headers(&answer.headers);
    let mut scope = config_scope.clone().with_headers(&headers);
    scope.set("response", body);
    let by_default = default(answer);
    let mut last = None;
    for handler in handlers {
        let mut found = None;
        for filter in &handler.filters {
            found = by_filter(filter, answer, body, &scope, &by_default)?;
            if found.is_some() {
                break;
            }
        }
        let verdict = found.unwrap_or_else(|| by_default.clone());
        // Success, retry and ignore are final; for the rest, the next handler may know better.
        if matches!(verdict.action, Action::Success | Action::Retry | Action::Ignore) {
            return Ok(verdict);
        }
        last = Some(verdict);
    }
    Ok(last.unwrap_or(by_default))
}

fn by_filter(
    filter: &AnswerFilter,
    answer: &Answer,
    body: &Json,
    scope: &Scope<'_>,
    default: &Verdict,
) -> Result<Option<Verdict>, jinja::Error> {
    let holds = match &filter.predicate {
        Some(predicate) if !filter.codes.contains(&answer.status) => predicate.truth(scope)?,
        _ => false,
    };
    let fits = filter.codes.contains(&answer.status)
        || holds
        || filter
            .contains
            .as_ref()
            .is_some_and(|part| error_text(body).contains(part));
    let Some(action) = filter.action.filter(|_| fits) else {
        return Ok(None);
    };
    let message = filter.message.as_ref().and_then(|message| message.text(scope).ok());
    Ok(Some(Verdict {
        action,
        is_denied: default.is_denied && action == Action::Fail,
        is_passing: filter.is_passing && action == Action::Fail,
        message: message.filter(|message| !message.is_empty()),
    }))
}

fn default(answer: &Answer) -> Verdict {
    let (action, is_denied) = match meaning(answer.status, &answer.headers, Timestamp(0)) {
        Meaning::Fine => (Action::Success, false),
        Meaning::Again(_) if matches!(answer.status, 403 | 429) => (Action::RateLimited, false),
        Meaning::Again(_) => (Action::Retry, false),
        Meaning::Denied => (Action::Fail, true),
        Meaning::Refused => (Action::Fail, false),
    };
    Verdict {
        action,
        is_denied,
        is_passing: false,
        message: None,
    }
}

/// What providers say about an error, in the usual places of a body.
pub(super) fn error_text(body: &Json) -> String {
    match body {
        Json::String(text) => text.clone(),
        Json::Array(items) => {
            let parts: Vec<String> = items.iter().map(error_text).filter(|text| !text.is_empty()).collect();
            parts.join(", ")
        }
        Json::Object(map) => {
            let names = [
                "message",
                "messages",
                "error",
                "errors",
                "failures",
                "failure",
                "detail",
                "details",
                "error_description",
                "description",
                "err",
                "error_message",
                "msg",
                "reason",
                "status_message",
            ];
            names
                .iter()
                .filter_map(|name| map.get(*name))
                .map(error_text)
                .find(|text| !text.is_empty())
                .unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// How often a request may be sent again.
pub(super) fn retries_max(handlers: &[ErrorHandler], scope: &Scope<'_>) -> u32 {
    let template = handlers.first().and_then(|handler| handler.retries_max.as_ref());
    let text = template.and_then(|template| template.text(scope).ok());
    text.and_then(|text| text.trim().parse().ok())
        .unwrap_or(RETRIES_DEFAULT)
}

/// When to ask again after the `attempt`th failure, counted from 0.
///
/// The manifest's own strategy counts first, then what the answer says, then a second, doubled every time; a week is
/// the most. The error is a wait that is longer than the manifest allows.
pub(super) fn wait(
    handlers: &[ErrorHandler],
    answer: Option<&Answer>,
    attempt: u32,
    scope: &Scope<'_>,
    now: Timestamp,
) -> Result<Timestamp, String> {
    for backoff in handlers.iter().flat_map(|handler| &handler.backoffs) {
        if let Some(at) = by_strategy(backoff, answer, attempt, scope, now)? {
            return Ok(at.min(now.plus_ms(WAIT_MS_MAX)));
        }
    }
    if let Some(at) = answer.and_then(|answer| retry_at(&answer.headers, now)) {
        return Ok(at);
    }
    Ok(now.plus_ms(1000_i64 << attempt.min(9)))
}

fn by_strategy(
    backoff: &Backoff,
    answer: Option<&Answer>,
    attempt: u32,
    scope: &Scope<'_>,
    now: Timestamp,
) -> Result<Option<Timestamp>, String> {
    let number = |template: &Template| seconds(&template.text(scope).ok()?);
    Ok(match backoff {
        Backoff::Constant(seconds) => number(seconds).map(|seconds| after(now, seconds)),
        Backoff::Exponential(factor) => {
            let power = f64::from(2_u32.saturating_pow(attempt.min(16)));
            number(factor).map(|factor| after(now, factor * power))
        }
        Backoff::WaitTime { header, regex, max_s } => {
            let Some(seconds) = from_header(header, regex.as_ref(), answer, scope).and_then(|text| seconds(&text))
            else {
                return Ok(None);
            };
            if let Some(max_s) = max_s.filter(|max_s| seconds > *max_s) {
                return Err(format!(
                    "the provider asks to wait {seconds} s, the manifest allows {max_s} s"
                ));
            }
            Some(after(now, seconds))
        }
        Backoff::WaitUntil { header, regex, min_s } => {
            let least = min_s.as_ref().and_then(number).map(|seconds| after(now, seconds));
            let at = from_header(header, regex.as_ref(), answer, scope).and_then(|text| seconds_or_date(&text, now));
            match (at, least) {
                (Some(at), Some(least)) => Some(at.max(least)),
                (at, least) => at.or(least),
            }
        }
    })
}

fn from_header(
    header: &Template,
    regex: Option<&regex::Regex>,
    answer: Option<&Answer>,
    scope: &Scope<'_>,
) -> Option<String> {
    let name = header.text(scope).ok()?.trim().to_ascii_lowercase();
    let value = answer?.header(&name)?;
    let value = match regex {
        Some(regex) => regex.find(value).map_or(value, |found| found.as_str()),
        None => value,
    };
    Some(value.trim().to_owned())
}

fn seconds(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|seconds: &f64| seconds.is_finite())
}

fn after(now: Timestamp, seconds: f64) -> Timestamp {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast from float holds at the ends of the range"
    )]
    let ms = (seconds.max(0.0) * 1000.0).ceil() as i64;
    now.plus_ms(ms)
}

/// What is shown of an answer: what it says about an error, else its first words.
pub(super) fn excerpt(answer: &Answer) -> String {
    let said = serde_json::from_slice(&answer.body)
        .map(|body| error_text(&body))
        .unwrap_or_default();
    let text = if said.is_empty() {
        String::from_utf8_lossy(answer.body.get(..200).unwrap_or(&answer.body)).into_owned()
    } else {
        said
    };
    let flat: Vec<&str> = text.split_whitespace().collect();
    flat.join(" ").chars().take(200).collect()
}

/// The text of a template's error, for messages about a stream.
pub(super) fn explain(stream: &str, what: &str, error: &jinja::Error) -> crate::Error {
    crate::Error::FixConfiguration(format!("stream `{stream}`: {what}: {error}"))
}
