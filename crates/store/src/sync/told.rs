//! What people are told of a sync as it goes on: a line where it begins, waits and ends, never one per page or record.

use model::{LogLevel, SourceId, SyncId, SyncState, Timestamp};

use super::SyncRow;
use crate::log_line::NewLine;
use crate::{Error, Tx};

impl Tx<'_> {
    /// Tells something of a sync once this is committed.
    pub(super) fn tell_of_sync(&mut self, level: LogLevel, source: SourceId, sync: SyncId, message: impl Into<String>) {
        self.log(NewLine::of_source(level, source, message).of_sync(sync));
    }

    /// Tells where a sync has come to. Reads it again, as a sync moves only a few times.
    pub(super) fn tell_state(&mut self, id: SyncId, now: Timestamp) -> Result<(), Error> {
        let sync = self.sync(id)?;
        let (level, text) = words(&sync, now);
        self.tell_of_sync(level, sync.source, id, text);
        Ok(())
    }
}

fn words(sync: &SyncRow, now: Timestamp) -> (LogLevel, String) {
    let seconds = sync.finished_at.unwrap_or(now).since_ms(sync.started_at).max(0) / 1_000;
    let counts = format!(
        "{} pages, {} records seen, {} changed, {} deleted, {} failures, after {seconds} s",
        sync.pages, sync.records_seen, sync.records_changed, sync.records_deleted, sync.failures
    );
    let why = sync
        .message
        .as_deref()
        .map(|why| format!(": {why}"))
        .unwrap_or_default();
    match sync.state {
        SyncState::Running => (LogLevel::Info, format!("{} sync goes on: {counts}", sync.mode)),
        SyncState::Sweeping => (
            LogLevel::Info,
            format!("everything is read, now what was deleted is looked for: {counts}"),
        ),
        SyncState::NeedsConfirmation => (LogLevel::Warn, format!("{} sync waits for a person{why}", sync.mode)),
        SyncState::Completed => (LogLevel::Info, format!("{} sync completed: {counts}{why}", sync.mode)),
        SyncState::Cancelled => (LogLevel::Info, format!("{} sync was cancelled{why}", sync.mode)),
        SyncState::Failed => (LogLevel::Error, format!("{} sync failed{why}", sync.mode)),
    }
}
