//! One request, sent until it is answered: retries, waits, refusals.

use std::sync::PoisonError;

use model::Timestamp;
use outbound::Answer;
use outbound::wait::retry_at;
use serde_json::{Value as Json, json};

use super::Source;
use super::answer::{Verdict, excerpt, judge, retries_max, wait};
use super::ir::{Action, Stream};
use super::json::decode_apart;
use super::request::{Asked, build};
use crate::governor::Decision;
use crate::reader::Event;
use crate::{Error, Reader};

/// How often a rate limit is waited out in place before the slice steps aside.
const RATE_LIMITED_MAX: u32 = 20;

/// An answer that counts.
pub(super) struct Fetched {
    pub(super) answer: Answer,
    pub(super) body: Json,
    pub(super) at: Timestamp,
    /// Where it came from, without secrets.
    pub(super) url: String,
    pub(super) is_ignored: bool,
}

/// Why an attempt is to be repeated.
struct Again {
    answer: Option<Answer>,
    is_rate_limit: bool,
    /// For a person, with the stream and the place.
    why: String,
}

/// An answer as it came.
struct Answered {
    answer: Answer,
    /// Its body, or why that is no JSON.
    decoded: Result<Json, String>,
    url: String,
    at: Timestamp,
}

enum Attempt {
    Done(Box<Fetched>),
    Again(Box<Again>),
    /// The provider does not know who asks (401).
    Unknown(Error),
}

impl Source {
    /// Asks for one page. `is_resumed`: with a token that was stored, which the provider may have forgotten.
    pub(super) async fn fetch(
        &self,
        stream: &Stream,
        asked: &Asked<'_>,
        is_resumed: bool,
        reader: &mut Option<&mut Reader>,
    ) -> Result<Fetched, Error> {
        let handlers = &stream.requester.errors;
        let retries_max = retries_max(handlers, &self.scope(self.clock.now()));
        let mut failures = 0;
        let mut limits = 0;
        loop {
            let token = self.access_token(stream, None, reader).await?;
            self.await_turn(reader).await?;
            let mut attempt = self.attempt(stream, asked, is_resumed, token.as_deref()).await?;
            // A token may end before its time: once more with a new one. Whom the provider knows and refuses (403) a new
            // token does not help.
            if matches!(attempt, Attempt::Unknown(_)) && token.is_some() {
                let token = self.access_token(stream, token.as_deref(), reader).await?;
                self.await_turn(reader).await?;
                attempt = self.attempt(stream, asked, is_resumed, token.as_deref()).await?;
            }
            let again = match attempt {
                Attempt::Done(fetched) => return Ok(*fetched),
                Attempt::Again(again) => again,
                Attempt::Unknown(error) => return Err(error),
            };
            let now = self.clock.now();
            let attempt = if again.is_rate_limit {
                &mut limits
            } else {
                &mut failures
            };
            let at = wait(handlers, again.answer.as_ref(), *attempt, &self.scope(now), now)
                .map_err(|why| Error::Retry(format!("{}; {why}", again.why)))?;
            *attempt += 1;
            let named = again.answer.as_ref().and_then(|answer| retry_at(&answer.headers, now));
            let what_for = if again.is_rate_limit {
                format!("the limit of `{}` ({})", self.provider, again.why)
            } else if named.is_some() {
                format!("`{}`, which asks for it ({})", self.provider, again.why)
            } else {
                format!("`{}` to recover ({})", self.provider, again.why)
            };
            if limits > RATE_LIMITED_MAX {
                return Err(Error::WaitUntil { at, why: what_for });
            }
            // A failure counts as one, unless the provider named the time itself: else it would never come to an end.
            let is_long = at.since_ms(now) > self.limits.wait_ms_max;
            if failures > retries_max || (is_long && !again.is_rate_limit && named.is_none()) {
                return Err(Error::Retry(again.why));
            }
            self.pause(at, now, what_for, reader).await?;
        }
    }

    /// Waits until the governor lets a request go.
    async fn await_turn(&self, reader: &mut Option<&mut Reader>) -> Result<(), Error> {
        // A wait that is over counts, even where the clock is moved by hand.
        let mut waited_until = Timestamp::default();
        loop {
            let now = self.clock.now().max(waited_until);
            let together = match reader {
                // What a provider counts, all who ask it count together.
                Some(reader) if self.governor().counts(now) => reader.turn().await?,
                _ => None,
            };
            match together.unwrap_or_else(|| self.ask(now)) {
                Decision::Go => return Ok(()),
                Decision::Wait(at) => {
                    let why = format!("the limit of `{}`", self.provider);
                    self.pause(at, now, why, reader).await?;
                    waited_until = at;
                }
            }
        }
    }

    /// Waits in place when that is short; else ends the reading with the instant to go on at.
    async fn pause(
        &self,
        at: Timestamp,
        now: Timestamp,
        why: String,
        reader: &mut Option<&mut Reader>,
    ) -> Result<(), Error> {
        let ms = at.since_ms(now);
        if ms > self.limits.wait_ms_max {
            return Err(Error::WaitUntil { at, why });
        }
        if ms > 1_000
            && let Some(reader) = reader.as_mut()
        {
            reader.send(Event::Waiting { until: at, why }).await?;
        }
        tokio::time::sleep(std::time::Duration::from_millis(u64::try_from(ms).unwrap_or(0))).await;
        Ok(())
    }

    /// Asks the source's own governor for one request.
    fn ask(&self, now: Timestamp) -> Decision {
        let mut governor = self.governor.lock().unwrap_or_else(PoisonError::into_inner);
        let (next, decision) = governor.clone().ask(now);
        *governor = next;
        decision
    }

    async fn attempt(
        &self,
        stream: &Stream,
        asked: &Asked<'_>,
        is_resumed: bool,
        token: Option<&str>,
    ) -> Result<Attempt, Error> {
        let refused = |error: Error| match error {
            // A page link that was stored may be what is wrong: from the beginning the provider may name another.
            Error::FixConfiguration(why) if is_resumed => Error::PositionRefused(why),
            other => other,
        };
        let (request, url) = self.request(stream, asked, token).map_err(refused)?;
        let sent = self.client.send(request).await;
        let now = self.clock.now();
        let answer = match sent {
            Ok(answer) => answer,
            Err(error) if error.is_passing() => {
                return Ok(Attempt::Again(Box::new(Again {
                    answer: None,
                    is_rate_limit: false,
                    why: self.secrets.hide(&format!("stream `{}`: {error}", stream.name)),
                })));
            }
            Err(error) => {
                let text = self.secrets.hide(&format!("stream `{}`: {error}", stream.name));
                return Err(match error {
                    outbound::Error::TooLarge(_) => Error::FixConfiguration(format!(
                        "{text}, with `page_size` of the `paginator` in the manifest for one"
                    )),
                    outbound::Error::Machine(_) => Error::Retry(format!(
                        "{text}; the machine that runs the server is at fault, not the source"
                    )),
                    _ => refused(Error::FixConfiguration(text)),
                });
            }
        };
        {
            let mut governor = self.governor.lock().unwrap_or_else(PoisonError::into_inner);
            *governor = governor.clone().learn(answer.status, &answer.headers, now);
        }
        let decoded = decode_apart(&answer.body).await;
        let answered = Answered {
            answer,
            decoded,
            url,
            at: now,
        };
        self.interpret(stream, answered, is_resumed)
    }

    /// What an answer leads to.
    fn interpret(&self, stream: &Stream, answered: Answered, is_resumed: bool) -> Result<Attempt, Error> {
        let Answered {
            answer,
            decoded,
            url,
            at,
        } = answered;
        let verdict = judge(
            &stream.requester.errors,
            &answer,
            decoded.as_ref().ok(),
            &self.scope(at),
        )
        .map_err(|error| self.hidden(super::answer::explain(&stream.name, "the error handler", &error)))?;
        let is_ignored = verdict.action == Action::Ignore;
        match verdict.action {
            Action::Success | Action::Ignore => {}
            Action::Fail => {
                let why = self.said(stream, &answer, &verdict);
                return Err(if verdict.is_passing {
                    Error::Retry(why)
                } else if verdict.is_denied {
                    let error = Error::Reauthenticate(format!("{why}; check the credentials"));
                    if answer.status == 401 {
                        return Ok(Attempt::Unknown(error));
                    }
                    error
                } else if is_resumed && matches!(answer.status, 400 | 404 | 410 | 422) {
                    Error::PositionRefused(why)
                } else {
                    Error::FixConfiguration(why)
                });
            }
            Action::Retry | Action::RateLimited => {
                return Ok(Attempt::Again(Box::new(Again {
                    why: self.said(stream, &answer, &verdict),
                    is_rate_limit: verdict.action == Action::RateLimited,
                    answer: Some(answer),
                })));
            }
        }
        let body = match decoded {
            // What an error says is no record, whatever the manifest makes of the status.
            _ if answer.status >= 400 => Json::Null,
            Ok(body) => body,
            Err(_) if is_ignored => Json::Null,
            Err(why) => {
                let (place, excerpt) = (outbound::shown(&answer.url), excerpt(&answer));
                let why = format!(
                    "stream `{}`: `{place}` answered something that can't be read as JSON ({why}): `{excerpt}`",
                    stream.name
                );
                return Ok(Attempt::Again(Box::new(Again {
                    why: self.secrets.hide(&why),
                    is_rate_limit: false,
                    answer: Some(answer),
                })));
            }
        };
        Ok(Attempt::Done(Box::new(Fetched {
            answer,
            body,
            at,
            url,
            is_ignored,
        })))
    }

    /// What an answer that is no success says, for a person.
    fn said(&self, stream: &Stream, answer: &Answer, verdict: &Verdict) -> String {
        let own = verdict
            .message
            .as_ref()
            .map(|message| format!("{message}: "))
            .unwrap_or_default();
        let excerpt = excerpt(answer);
        let tail = if excerpt.is_empty() {
            String::new()
        } else {
            format!(": {excerpt}")
        };
        let place = outbound::shown(&answer.url);
        let text = format!(
            "stream `{}`: {own}`{place}` answered {}{tail}",
            stream.name, answer.status
        );
        self.secrets.hide(&text)
    }

    /// The request, and its URL as it may be kept.
    fn request(
        &self,
        stream: &Stream,
        asked: &Asked<'_>,
        token: Option<&str>,
    ) -> Result<(outbound::Request, String), Error> {
        let scope = self.scope(self.clock.now());
        let slice = asked
            .slice(stream, &scope)
            .map_err(|error| super::answer::explain(&stream.name, "the slice", &error))?;
        let page = asked
            .token
            .map_or(Json::Null, |token| json!({"next_page_token": token}));
        let scope = scope.with_slice(&slice).with("next_page_token", &page);
        let built = build(stream, asked, &scope, &self.config, token).map_err(|error| self.hidden(error))?;
        let (request, url) = (built.request, self.secrets.hide(built.url.as_str()));
        let request = outbound::Request {
            place: self.secrets.hide(&request.place),
            ..request
        };
        Ok((request, url))
    }

    /// The same error without secrets.
    pub(super) fn hidden(&self, error: Error) -> Error {
        match error {
            Error::FixConfiguration(text) => Error::FixConfiguration(self.secrets.hide(&text)),
            other => other,
        }
    }
}
