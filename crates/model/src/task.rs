//! Tasks: units of background work, and what they are asked to do.

use serde::{Deserialize, Serialize};

use crate::sync::states;
use crate::{PageId, SliceId, SourceId, SyncId};

states! {
    /// Where a task stands; River's set of states.
    TaskState {
        /// Runs at a later time.
        Scheduled = "scheduled",
        /// May be claimed now.
        Available = "available",
        /// Claimed; a worker holds its lease.
        Running = "running",
        /// Failed and runs again at a later time.
        Retryable = "retryable",
        /// Waits for another task (a chain) or for a person (parked).
        Pending = "pending",
        /// Ended well.
        Completed = "completed",
        /// Given up: its attempts are used up or the failure is final.
        Discarded = "discarded",
        /// A person ended it.
        Cancelled = "cancelled",
    }
}

impl TaskState {
    /// Whether the task has ended and lives in history only.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Discarded | Self::Cancelled)
    }
}

states! {
    /// The queues that the road uses. Further queues may be configured; these always exist.
    Lane {
        /// Network-bound work.
        Fetch = "fetch",
        /// CPU-bound work.
        Parse = "parse",
        /// Work that writes to destinations.
        Upload = "upload",
        /// Planning, sweeping, pruning, schedules.
        Housekeeping = "housekeeping",
    }
}

/// Plans a sync: resumes failed slices or draws up new ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanSync {
    /// The sync, whose row exists already.
    pub sync: SyncId,
}

/// Reads one slice, page after page, from its read position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchSlice {
    /// The slice.
    pub slice: SliceId,
    /// The sync that reads it. Once a later one has taken it over, this task has nothing more to do with it.
    pub sync: SyncId,
}

/// Turns one staged page into records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParsePage {
    /// The page.
    pub page: PageId,
}

/// The name of the first destination: the search index.
pub const INDEX: &str = "index";

/// Brings one destination up to date with the change log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadChanges {
    /// The destination's name; `index` is the search index.
    pub destination: String,
}

/// Marks what a complete full sync no longer saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepSync {
    /// The sync.
    pub sync: SyncId,
}

/// Starts a sync of a source, as a schedule or a person asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartSync {
    /// The source.
    pub source: SourceId,
    /// Full or incremental.
    pub mode: crate::SyncMode,
    /// Whether it follows the sync that is under way, which otherwise counts as the one asked for.
    #[serde(default)]
    pub is_another: bool,
}

/// Removes the rows and staged pages of a deleted source, in small chunks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurgeSource {
    /// The source, already invisible.
    pub source: SourceId,
}

/// Removes what retention no longer keeps: history, staged pages, the change log's read part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prune {}

/// Runs part of the road again over what a source has staged or stored, without asking the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplaySource {
    /// The source.
    pub source: SourceId,
    /// Which part.
    pub what: Replay,
}

/// What is run again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replay {
    /// Every staged page is parsed again.
    Parse,
    /// Pages that could not be parsed are parsed again.
    Quarantined,
    /// Every record is uploaded again.
    Upload,
}
