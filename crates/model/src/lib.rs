//! The nouns of Fossick: identifiers, permissions, records, documents, states and task arguments.
//!
//! Everything here is plain data. No IO, no async, no clock of its own: whoever needs the time is given it.
//! A word that is not in the glossary (STYLE.md) does not appear here.

pub mod access;
pub mod connector;
pub mod document;
pub mod ids;
pub mod log;
pub mod person;
pub mod queue;
pub mod record;
pub mod size;
pub mod source;
pub mod sync;
pub mod task;
pub mod time;

pub use access::{Acl, Asker, Principal};
pub use document::Document;
pub use ids::*;
pub use log::LogLevel;
pub use person::{LinkKind, Role, Scope, UserState};
pub use record::{Landing, RecordKey, Rejected};
pub use size::Size;
pub use source::{SourceState, Visibility};
pub use sync::{PageState, SliceState, SyncMode, SyncState};
pub use task::{Lane, TaskState};
pub use time::{Clock, SystemClock, Timestamp};
