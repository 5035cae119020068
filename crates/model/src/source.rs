//! Sources: configured instances of connectors.

use serde::{Deserialize, Serialize};

use crate::GroupId;

/// With whom a source is shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Visibility {
    /// Its owner alone.
    Owner,
    /// Its owner and the members of these groups.
    Groups {
        /// The groups; nested ones count.
        groups: Vec<GroupId>,
    },
    /// Everyone with an account.
    Everyone,
}

/// What a source's row says about it: the closed set of words that every list, badge and event uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// The last sync ended well and nothing is under way.
    Synced,
    /// A sync is running.
    Syncing,
    /// A sync is under way and waits until a known time: a provider's limit, a retry.
    Waiting,
    /// Nothing goes on until a person acts: re-authenticate, fix the configuration, confirm a sweep.
    NeedsAttention,
    /// A person paused it.
    Paused,
    /// A sync waits for its turn.
    Queued,
}
