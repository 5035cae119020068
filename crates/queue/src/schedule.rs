//! Schedules: intervals and cron rules with a time zone, what happens with missed firings and overlaps.
//!
//! Firing is one transaction: the task's row and the schedule's next time belong together, so two processes that fire
//! at once don't double it.

use croner::Cron;
use croner::parser::CronParser;
use model::{SourceId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{NewTask, ScheduleRow, Tx};

/// The shortest interval.
pub const EVERY_MS_MIN: i64 = 10_000;
/// A firing that is later than this was missed.
const LATE_MS: i64 = 60_000;

/// When a schedule fires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Every so many milliseconds, at least [`EVERY_MS_MIN`].
    EveryMs(i64),
    /// As a cron expression says, in a time zone of the IANA database.
    Cron {
        /// Five fields, or six with seconds.
        expression: String,
        /// `Europe/Paris`; `UTC` when left out.
        #[serde(default = "utc")]
        time_zone: String,
    },
}

fn utc() -> String {
    "UTC".to_owned()
}

/// What happens with firings that were missed while nothing ran.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// One of them is made up for.
    #[default]
    One,
    /// None is.
    Skip,
}

/// What happens when a schedule fires while its last task has not ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// The firing is left out.
    #[default]
    Skip,
    /// The task waits for the one before.
    Queue,
}

/// A rule that can't be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadRule(String);

impl Rule {
    /// Checks the rule: that its expression and zone can be read and that it ever fires.
    pub fn check(&self, now: Timestamp) -> Result<(), BadRule> {
        self.next_after(now).map(drop)
    }

    /// The first firing after `after`.
    ///
    /// Across changes of daylight-saving time cron rules follow Vixie's cron: a time in the gap fires once, right
    /// after it; a fixed time in the overlap fires once.
    pub fn next_after(&self, after: Timestamp) -> Result<Timestamp, BadRule> {
        match self {
            Self::EveryMs(every) if *every < EVERY_MS_MIN => Err(BadRule(format!(
                "an interval of {every} ms is too short: {EVERY_MS_MIN} ms is the least"
            ))),
            Self::EveryMs(every) => Ok(after.plus_ms(*every)),
            Self::Cron { expression, time_zone } => {
                let zone = jiff::tz::TimeZone::get(time_zone).map_err(|_unknown| {
                    BadRule(format!(
                        "`{time_zone}` is not a time zone: expected a name such as `Europe/Paris`"
                    ))
                })?;
                let cron = parse(expression)?;
                let next = cron
                    .find_next_occurrence(&after.to_jiff().to_zoned(zone), false)
                    .map_err(|_never| BadRule(format!("the cron expression `{expression}` never fires")))?;
                Ok(next.timestamp().into())
            }
        }
    }
}

fn parse(expression: &str) -> Result<Cron, BadRule> {
    let parser = CronParser::builder().seconds(croner::parser::Seconds::Optional).build();
    parser.parse(expression).map_err(|error| {
        BadRule(format!(
            "the cron expression `{expression}` can't be read ({error}): expected minute hour day month weekday"
        ))
    })
}

/// The schedule that syncs a source.
pub fn of_source(source: SourceId, rule: &Rule, now: Timestamp) -> Result<ScheduleRow, BadRule> {
    let args = model::task::StartSync {
        source,
        mode: model::SyncMode::Incremental,
        is_another: false,
    };
    Ok(ScheduleRow {
        id: model::ScheduleId(0),
        name: format!("sync/{source}"),
        source: Some(source),
        kind: "start_sync".to_owned(),
        args: serde_json::to_value(args).unwrap_or_default(),
        queue: model::Lane::Housekeeping.to_string(),
        rule: serde_json::to_value(rule).unwrap_or_default(),
        missed: "one".to_owned(),
        overlap: "skip".to_owned(),
        next_at: rule.next_after(now)?,
    })
}

/// Fires what is due, at most `limit` schedules; answers how many tasks that enqueued.
pub fn fire_due(tx: &mut Tx<'_>, known: &[&'static str], now: Timestamp, limit: u32) -> Result<u64, store::Error> {
    let mut fired = 0;
    for row in tx.list_due_schedules(now, limit)? {
        let rule: Rule = serde_json::from_value(row.rule.clone())
            .map_err(|error| store::Error::Bug(format!("the rule of schedule `{}`: {error}", row.name)))?;
        let Ok(next) = rule.next_after(now) else {
            // Checked when it was kept; a rule that ran out (a fixed year) fires no more.
            tx.advance_schedule(row.id, now, Timestamp(i64::MAX))?;
            continue;
        };
        let key = format!("schedule/{}", row.name);
        let is_missed = now.since_ms(row.next_at) > LATE_MS;
        // One that waits is met by its unique key; one that runs is not.
        let is_left_out =
            (is_missed && row.missed == "skip") || (row.overlap == "skip" && tx.find_running_task(&key)?.is_some());
        if !is_left_out && let Some(kind) = known.iter().find(|kind| **kind == row.kind) {
            let mut task = NewTask::new(kind, &row.args, &row.queue, now).serial(key.clone());
            task.source = row.source;
            task.unique_key = Some(if row.overlap == "queue" {
                format!("{key}/{}", row.next_at.0)
            } else {
                key
            });
            tx.enqueue(&task, now)?;
            fired += 1;
        }
        tx.advance_schedule(row.id, now, next)?;
    }
    Ok(fired)
}
