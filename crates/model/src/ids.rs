//! Identifiers. Each noun has its own type, so that a task's id can't be handed to something that wants a source's.
//!
//! All are positive 63-bit integers given out by the store and never reused, not even after a delete.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids! {
    /// Someone who can sign in.
    UserId
    /// A set of users and of other groups.
    GroupId
    /// What owns sources, groups and keys. A new installation has exactly one.
    OrganizationId
    /// One configured instance of a connector.
    SourceId
    /// One collection of records inside a source.
    StreamId
    /// One item as a source gave it.
    RecordId
    /// One run that brings a source up to date.
    SyncId
    /// What one fetch task reads.
    SliceId
    /// One raw answer, kept in staging.
    PageId
    /// A unit of background work.
    TaskId
    /// A rule that enqueues a task again and again.
    ScheduleId
    /// An API key.
    KeyId
    /// A signed-in browser.
    SessionId
    /// Something that a page could not yield or a destination refused.
    FailureId
    /// What follows the change log: the search index is the first.
    DestinationId
}

/// A place in the one store-wide order of pages and writes: the higher number wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Number(pub i64);

/// How often a record has really changed, from 1. Grows by one with every change and never falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub i64);

/// A place in the change log, given after commit. A follower that has seen position p has seen all below it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(pub i64);
