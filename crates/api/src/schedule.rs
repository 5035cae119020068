//! Schedules on the wire: `{"every_ms": 3600000}` or `{"cron": "0 7 * * 1-5", "time_zone": "Europe/Paris"}`.

use model::{SourceId, Timestamp};
use queue::schedule::Rule;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use store::ScheduleRow;
use utoipa::ToSchema;

use crate::problem::Problem;

/// When a source is synced by itself. Give either `every_ms`, or `cron` with its `time_zone`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Schedule)]
pub(crate) struct ScheduleGiven {
    /// Every so many milliseconds, at least 10,000.
    #[schema(minimum = 10_000)]
    every_ms: Option<i64>,
    /// A cron expression: minute, hour, day, month, weekday.
    cron: Option<String>,
    /// A name of the IANA database; `UTC` when left out.
    time_zone: Option<String>,
}

impl ScheduleGiven {
    /// The row to keep. A rule that never fires or can't be read is refused.
    pub(crate) fn row(&self, source: SourceId, now: Timestamp) -> Result<ScheduleRow, Problem> {
        let rule = match (self.every_ms, &self.cron) {
            (Some(every), None) if self.time_zone.is_none() => Rule::EveryMs(every),
            (None, Some(expression)) => Rule::Cron {
                expression: expression.clone(),
                time_zone: self.time_zone.clone().unwrap_or_else(|| "UTC".to_owned()),
            },
            _ => {
                return Err(Problem::field(
                    "schedule",
                    "takes either `every_ms`, or `cron` with an optional `time_zone`",
                ));
            }
        };
        queue::schedule::of_source(source, &rule, now).map_err(|bad| Problem::field("schedule", bad.to_string()))
    }
}

/// A kept rule as the API shows it.
pub(crate) fn to_wire(rule: &Json) -> Json {
    match serde_json::from_value::<Rule>(rule.clone()) {
        Ok(Rule::EveryMs(every)) => json!({ "every_ms": every }),
        Ok(Rule::Cron { expression, time_zone }) => json!({ "cron": expression, "time_zone": time_zone }),
        Err(_older) => rule.clone(),
    }
}
