//! Queues: what waits in them, and whether a person paused them.

use model::Timestamp;

use crate::signals::{Effect, Event};
use crate::statement::statements;
use crate::value::params;
use crate::{Error, Tx};

statements! {
    PAUSE = "queue_pause";
    RESUME = "queue_resume";
    PAUSED = "queue_list_paused";
    COUNTS = "queue_count";
    DONE = "queue_count_done";
}

/// What is in a queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueCounts {
    /// The queue's name.
    pub name: String,
    /// Claimable now.
    pub available: u64,
    /// Claimed.
    pub running: u64,
    /// Waiting for their time.
    pub scheduled: u64,
    /// Failed, waiting for their next attempt.
    pub retryable: u64,
    /// Waiting for another task or a person.
    pub pending: u64,
    /// When the oldest claimable task was enqueued.
    pub oldest_at: Option<Timestamp>,
}

impl Tx<'_> {
    /// Pauses a queue: nothing more is claimed from it, what runs goes on.
    pub fn pause_queue(&mut self, name: &str, now: Timestamp) -> Result<(), Error> {
        self.execute(&PAUSE, params![name, now])?;
        self.effects.push(Effect::Event(Event::Queues));
        Ok(())
    }

    /// Lets a paused queue go on.
    pub fn resume_queue(&mut self, name: &str) -> Result<(), Error> {
        self.execute(&RESUME, params![name])?;
        self.effects.extend([Effect::TasksReady, Effect::Event(Event::Queues)]);
        Ok(())
    }

    /// The queues that are paused.
    pub fn list_paused_queues(&mut self) -> Result<Vec<String>, Error> {
        self.query(&PAUSED, &[])?.iter().map(|row| row.get(0)).collect()
    }

    /// What is in each queue that holds anything.
    pub fn count_queues(&mut self) -> Result<Vec<QueueCounts>, Error> {
        let mut queues: Vec<QueueCounts> = Vec::new();
        for row in self.query(&COUNTS, &[])? {
            let name: String = row.get(0)?;
            if queues.last().is_none_or(|last| last.name != name) {
                queues.push(QueueCounts {
                    name,
                    ..QueueCounts::default()
                });
            }
            let Some(queue) = queues.last_mut() else { continue };
            let count = crate::record::count(&row, 2)?;
            match row.get::<String>(1)?.as_str() {
                "available" => {
                    queue.available = count;
                    queue.oldest_at = row.get(3)?;
                }
                "running" => queue.running = count,
                "scheduled" => queue.scheduled = count,
                "retryable" => queue.retryable = count,
                _ => queue.pending = count,
            }
        }
        Ok(queues)
    }

    /// How many tasks of each queue ended since, by queue and whether they completed.
    pub fn count_done_since(&mut self, since: Timestamp) -> Result<Vec<(String, bool, u64)>, Error> {
        let rows = self.query(&DONE, params![since])?;
        rows.iter()
            .map(|row| Ok((row.get(0)?, row.get(1)?, crate::record::count(row, 2)?)))
            .collect()
    }
}
