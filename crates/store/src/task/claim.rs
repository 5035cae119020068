//! Claiming: taking tasks for a while, within the limits of their source and serial key; leases and rescue.

use std::collections::HashMap;

use model::{SourceId, TaskId, Timestamp};
use serde_json::Value as Json;

use super::errors_with;
use crate::signals::Effect;
use crate::statement::statements;
use crate::value::params;
use crate::{Error, Tx};

statements! {
    LOCK = "task_claim_lock", postgres;
    RUNNING = "task_count_running";
    CANDIDATES = "task_list_candidates", postgres;
    CLAIM = "task_claim", postgres;
    RENEW = "task_renew", postgres;
    LIST_EXPIRED = "task_list_expired", postgres;
    RETURN_EXPIRED = "task_return_expired";
    PROMOTE = "task_promote_due", postgres;
    NEXT_DUE = "task_next_due_at";
}

/// What a claim may take.
#[derive(Debug, Clone)]
pub struct ClaimLimits {
    /// The queue.
    pub queue: String,
    /// How many tasks at most.
    pub tasks_max: u32,
    /// How many tasks of one source may run at once in this queue, all workers together.
    pub per_source_max: u32,
    /// Who claims.
    pub worker: String,
    /// Until when, unless renewed.
    pub lease_until: Timestamp,
}

/// A claimed task.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// The task.
    pub id: TaskId,
    /// This claim: every write of the task names it.
    pub fence: i64,
    /// Names the handler.
    pub kind: String,
    /// Its arguments.
    pub args: Json,
    /// Its queue.
    pub queue: String,
    /// The source it works for.
    pub source: Option<SourceId>,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// How often it is tried.
    pub attempts_max: u32,
}

/// A task that killed its worker this often without any progress in between is parked.
const CRASHES_MAX: i64 = 3;
/// Deaths that follow each other faster than this count as one, in milliseconds: a machine that keeps going down says
/// little about a task that was near, and one that really kills its worker will do so again.
const CRASH_APART_MS: i64 = 10_000;
/// How long a task waits that was running when its worker died for the second time, in milliseconds.
const SUSPECT_WAIT_MS: i64 = 5_000;
/// The serial key of tasks that were running when their worker died: they run one at a time from then on, so that
/// whichever kills the next worker is not in company. Tasks that have a serial key are alone already.
const SUSPECTS: &str = "suspects";
/// How many candidates are looked at, per task wanted: some may be held back by a limit.
const LOOKAHEAD: u32 = 2;

impl Tx<'_> {
    /// Claims tasks of one queue, the lowest priority number first, then the oldest. Empty when the queue is paused.
    pub fn claim(&mut self, limits: &ClaimLimits, now: Timestamp) -> Result<Vec<Claimed>, Error> {
        self.query(&LOCK, params![limits.queue.as_str()])?;
        let (mut per_source, mut serial) = self.running(&limits.queue)?;
        let mut chosen: Vec<i64> = Vec::new();
        while chosen.len() < limits.tasks_max as usize {
            let full: Vec<i64> = per_source
                .iter()
                .filter(|(_, running)| **running >= i64::from(limits.per_source_max))
                .map(|(source, _)| *source)
                .collect();
            let held: Vec<&str> = serial.iter().map(String::as_str).collect();
            let wanted = limits.tasks_max.saturating_mul(LOOKAHEAD);
            let rows = self.query(
                &CANDIDATES,
                params![
                    limits.queue.as_str(),
                    Json::from(full).to_string(),
                    Json::from(held).to_string(),
                    Json::from(chosen.as_slice()).to_string(),
                    i64::from(wanted),
                ],
            )?;
            let before = chosen.len();
            for row in &rows {
                if chosen.len() >= limits.tasks_max as usize {
                    break;
                }
                let (id, source, key): (i64, Option<i64>, Option<String>) = (row.get(0)?, row.get(1)?, row.get(2)?);
                if key.as_ref().is_some_and(|key| serial.contains(key)) {
                    continue;
                }
                if let Some(source) = source {
                    let running = per_source.entry(source).or_insert(0);
                    if *running >= i64::from(limits.per_source_max) {
                        continue;
                    }
                    *running += 1;
                }
                serial.extend(key);
                chosen.push(id);
            }
            // Fewer than asked for: these were all.
            if chosen.len() == before || rows.len() < wanted as usize {
                break;
            }
        }
        if chosen.is_empty() {
            return Ok(Vec::new());
        }
        let list = Json::from(chosen).to_string();
        let rows = self.query(&CLAIM, params![list, limits.worker.as_str(), limits.lease_until, now])?;
        let mut claimed = Vec::with_capacity(rows.len());
        for row in rows {
            claimed.push(Claimed {
                id: row.get(0)?,
                fence: row.get(1)?,
                kind: row.get(2)?,
                args: row.json(3)?,
                queue: limits.queue.clone(),
                source: row.get(4)?,
                attempt: row.get::<i64>(5)?.try_into().unwrap_or(u32::MAX),
                attempts_max: row.get::<i64>(6)?.try_into().unwrap_or(u32::MAX),
            });
        }
        claimed.sort_by_key(|task| task.id);
        Ok(claimed)
    }

    fn running(&mut self, queue: &str) -> Result<(HashMap<i64, i64>, std::collections::HashSet<String>), Error> {
        let mut per_source = HashMap::new();
        let mut serial = std::collections::HashSet::new();
        for row in self.query(&RUNNING, params![queue])? {
            if let Some(source) = row.get::<Option<i64>>(0)? {
                *per_source.entry(source).or_insert(0) += row.get::<i64>(2)?;
            }
            serial.extend(row.get::<Option<String>>(1)?);
        }
        Ok((per_source, serial))
    }

    /// Keeps claims for longer; answers those of the given (task, fence) pairs that still hold, each with whether a
    /// person asked to cancel it.
    pub fn renew_leases(
        &mut self,
        held: &[(TaskId, i64)],
        lease_until: Timestamp,
    ) -> Result<HashMap<(TaskId, i64), bool>, Error> {
        let pairs: Vec<[i64; 2]> = held.iter().map(|(task, fence)| [task.0, *fence]).collect();
        let rows = self.query(&RENEW, params![serde_json::json!(pairs).to_string(), lease_until])?;
        rows.iter()
            .map(|row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))
            .collect()
    }

    /// Returns tasks whose lease ran out, at most `limit`. One that has now killed its worker three times, some time apart
    /// and without any progress in between, is parked, with its history. Answers (returned, parked).
    pub fn rescue_expired(&mut self, now: Timestamp, limit: u32) -> Result<(u64, u64), Error> {
        self.rescue(now, None, now, limit)
    }

    /// Returns every running task, at most `limit`, whatever its lease says: for the one process that owns the data
    /// folder, when it starts and no other worker can live.
    pub fn void_leases(&mut self, now: Timestamp, limit: u32) -> Result<(u64, u64), Error> {
        self.rescue(Timestamp(i64::MAX), None, now, limit)
    }

    /// Returns the running tasks of a worker that has just started under this name, at most `limit`: they are what its
    /// predecessor left when it died. For who has taken the name with [`crate::Store::take_worker_name`].
    pub fn void_leases_of(&mut self, worker: &str, now: Timestamp, limit: u32) -> Result<(u64, u64), Error> {
        self.rescue(Timestamp(i64::MIN), Some(worker), now, limit)
    }

    fn rescue(
        &mut self,
        expired: Timestamp,
        worker: Option<&str>,
        now: Timestamp,
        limit: u32,
    ) -> Result<(u64, u64), Error> {
        let (mut returned, mut parked) = (0, 0);
        for row in self.query(&LIST_EXPIRED, params![expired, i64::from(limit), worker])? {
            let id: TaskId = row.get(0)?;
            if row.get(4)? {
                self.end_cancelled(id, now)?;
                continue;
            }
            let (counted, crashed_at): (i64, Timestamp) = (row.get(1)?, row.get(5)?);
            let is_counted = counted == 0 || now.since_ms(crashed_at) >= CRASH_APART_MS;
            let crashes = counted + i64::from(is_counted);
            let crashed_at = if is_counted { now } else { crashed_at };
            let is_parked = is_counted && crashes >= CRASHES_MAX;
            let message = if is_parked {
                format!("its worker died {crashes} times while it ran, without any progress: parked, retry it by hand")
            } else {
                "its worker died or lost its lease while it ran".to_owned()
            };
            let errors = errors_with(&row.get::<String>(3)?, now, row.get(2)?, "crash", &message)?;
            // One that was there twice waits a little, so that others which were merely near get their turn before it.
            let (state, run_at) = match crashes {
                _ if is_parked => ("pending", None),
                2 if is_counted => ("retryable", Some(now.plus_ms(SUSPECT_WAIT_MS))),
                _ => ("available", None),
            };
            let class = is_parked.then_some("parked");
            self.merge_double(id, now)?;
            self.back_to_waiting(
                &RETURN_EXPIRED,
                params![id, state, crashes, class, message, errors, run_at, SUSPECTS, crashed_at],
            )?;
            if is_parked {
                parked += 1;
                self.say_parked(id, crashes)?;
            } else {
                returned += 1;
            }
        }
        if returned > 0 {
            self.effects.push(Effect::TasksReady);
        }
        Ok((returned, parked))
    }

    /// Says on the source of a parked task that it goes on only when a person lets it.
    fn say_parked(&mut self, id: TaskId, crashes: i64) -> Result<(), Error> {
        let task = self.task(id)?;
        let Some(source) = task.source else { return Ok(()) };
        let what = format!(
            "task `{id}` ({}) ended its worker {crashes} times without getting anywhere and is parked; see to the cause, then run it again with `fossick task retry {id}`",
            task.kind
        );
        self.attend_source(source, Some(&serde_json::json!({ "what": what, "whose_turn": "you" })))
    }

    /// Makes due tasks claimable, at most `limit`; answers how many.
    pub fn promote_due(&mut self, now: Timestamp, limit: u32) -> Result<u64, Error> {
        let promoted = self.execute(&PROMOTE, params![now, i64::from(limit)])?;
        if promoted > 0 {
            self.effects.push(Effect::TasksReady);
        }
        Ok(promoted)
    }

    /// When the next waiting task is due.
    pub fn next_due_at(&mut self) -> Result<Option<Timestamp>, Error> {
        self.query_one(&NEXT_DUE, &[])?.get(0)
    }
}
