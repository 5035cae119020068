//! The pure half: the records of a staged page.

use model::connector::RawPage;
use model::record::{Body, Content};
use model::{Landing, RecordKey, Rejected, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::Source;
use super::answer::explain;
use super::args::{Partition, SliceArgs, Window};
use super::ir::Stream;
use super::json::decode;
use super::plan::follow;
use super::records::{Found, canonical, get, records};
use super::request::Asked;
use super::windows::read_value;
use crate::{Error, Parsed};

/// What parsing a page needs besides the page's own fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct PageExtra {
    pub(super) partition: Partition,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) window: Option<Window>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) token: Option<Json>,
    /// The manifest said to pass over this answer.
    #[serde(default)]
    pub(super) is_ignored: bool,
}

impl Source {
    /// The records of one answer, by the one function that reading and parsing share.
    pub(super) fn found(
        &self,
        stream: &Stream,
        body: &Json,
        asked: &Asked<'_>,
        now: Timestamp,
    ) -> Result<Found, Error> {
        let wrong = |error| explain(&stream.name, "the records", &error);
        let scope = self.scope(now);
        let slice = asked.slice(stream, &scope).map_err(wrong)?;
        let token = asked
            .token
            .map_or(Json::Null, |token| json!({"next_page_token": token}));
        let scope = scope.with_slice(&slice).with("next_page_token", &token);
        records(&stream.selector, body, &scope).map_err(wrong)
    }

    pub(super) fn parse_page(&self, page: &RawPage) -> Result<Parsed, Error> {
        let args = SliceArgs::from_json(&page.slice.args)?;
        if !args.via.is_empty() {
            return Ok(Parsed::default());
        }
        // What an error says is no record, whatever the manifest makes of the status.
        if page.status >= 400 {
            return Ok(Parsed::default());
        }
        let stream = follow(self.stream(&page.stream)?, &args.via)?;
        let extra: PageExtra = serde_json::from_value(page.extra.clone()).map_err(|error| {
            Error::Unparsable(format!("stream `{}`: the page lacks its context: {error}", page.stream))
        })?;
        let body = match decode(&page.body) {
            Ok(body) => body,
            Err(_) if extra.is_ignored => return Ok(Parsed::default()),
            Err(why) => {
                return Err(Error::Unparsable(format!(
                    "stream `{}`: the page from `{}` can't be read as JSON ({why})",
                    page.stream, page.url
                )));
            }
        };
        let asked = Asked {
            partition: &extra.partition,
            window: extra.window,
            token: extra.token.as_ref(),
        };
        let found = self.found(stream, &body, &asked, page.answered_at)?;
        let mut parsed = Parsed::default();
        for record in found.records {
            match record {
                Ok(record) => self.land(stream, record, &extra.partition, page.answered_at, &mut parsed),
                Err((record, why)) => parsed.rejected.push(Rejected {
                    stream: stream.name.clone(),
                    key: key(stream, &record),
                    reason: "expression failed".to_owned(),
                    detail: self
                        .secrets
                        .hide(&format!("a record of stream `{}`: {why}", stream.name)),
                }),
            }
        }
        Ok(parsed)
    }

    fn land(&self, stream: &Stream, record: Json, partition: &Partition, now: Timestamp, parsed: &mut Parsed) {
        let reject = |reason: &str, detail: String| Rejected {
            stream: stream.name.clone(),
            key: None,
            reason: reason.to_owned(),
            detail,
        };
        if !record.is_object() {
            let detail = format!(
                "stream `{}`: a record is an object, this is `{}`",
                stream.name,
                short(&record)
            );
            parsed
                .rejected
                .push(reject("not an object", self.secrets.hide(&detail)));
            return;
        }
        let key = if stream.primary_key.is_empty() {
            let content = blake3::hash(canonical(&record).as_bytes()).to_hex();
            Some(RecordKey(format!("{}-{}", partition.hash(), &content[..32])))
        } else {
            key(stream, &record)
        };
        let Some(key) = key else {
            let names: Vec<String> = stream.primary_key.iter().map(|path| path.join(".")).collect();
            let detail = format!(
                "stream `{}`: a record lacks its primary key `{}`: `{}`",
                stream.name,
                names.join("`, `"),
                short(&record)
            );
            parsed
                .rejected
                .push(reject("no primary key", self.secrets.hide(&detail)));
            return;
        };
        let changed_at = self.changed_at(stream, &record, now);
        parsed.landings.push(Landing {
            digest: None,
            stream: stream.name.clone(),
            key,
            content: Content::Present(Box::new(Body {
                data: record,
                changed_at,
                ..Body::default()
            })),
        });
    }

    /// The record's cursor, in microseconds since 1970.
    pub(super) fn cursor_of(&self, stream: &Stream, record: &Json, now: Timestamp) -> Option<i64> {
        let cursor = stream.cursor.as_ref()?;
        let field = cursor.field.text(&self.scope(now)).ok()?;
        let value = record.get(&field).or_else(|| {
            let path: Vec<&str> = field.split('.').collect();
            get(record, &path)
        })?;
        read_value(cursor, value)
    }

    fn changed_at(&self, stream: &Stream, record: &Json, now: Timestamp) -> Option<Timestamp> {
        self.cursor_of(stream, record, now)
            .map(|micros| Timestamp(micros.div_euclid(1000)))
    }
}

/// The declared primary key of a record.
fn key(stream: &Stream, record: &Json) -> Option<RecordKey> {
    let parts = stream.primary_key.iter();
    let values: Vec<Json> = parts
        .map(|path| get(record, path).cloned().unwrap_or_default())
        .collect();
    RecordKey::from_values(&values)
}

fn short(record: &Json) -> String {
    record.to_string().chars().take(120).collect()
}
