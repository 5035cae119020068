//! Syncs, slices and pages: how far a run has come.

use serde::{Deserialize, Serialize};

macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// The word that is stored and shown.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    other => Err(format!("`{other}` is not one of {}", [$($text),+].join(", "))),
                }
            }
        }
    };
}
pub(crate) use states;

states! {
    /// What a sync reads.
    SyncMode {
        /// Everything; what is no longer there is swept afterwards.
        Full = "full",
        /// What changed since the cursors.
        Incremental = "incremental",
    }
}

states! {
    /// Where a sync stands. Running → sweeping → one of the three ends; a sync without a sweep skips that state.
    SyncState {
        /// Slices are read and their pages land.
        Running = "running",
        /// Everything has landed; what was not seen is being marked.
        Sweeping = "sweeping",
        /// A sweep would delete more than half of a stream and waits for a person.
        NeedsConfirmation = "needs_confirmation",
        /// Ended; every slice was read.
        Completed = "completed",
        /// Ended; at least one slice failed. What landed stays, and the next sync resumes the failed slices.
        Failed = "failed",
        /// A person ended it.
        Cancelled = "cancelled",
    }
}

impl SyncState {
    /// Whether nothing more will happen in this sync.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

states! {
    /// Where a slice stands.
    SliceState {
        /// Being read, or waiting for its fetch task.
        Open = "open",
        /// Read to its end; pages may still be landing.
        Read = "read",
        /// Read to its end and every page landed or quarantined.
        Closed = "closed",
        /// Its fetch task gave up; the row is kept and resumed by the next sync.
        Failed = "failed",
    }
}

states! {
    /// Where a page stands.
    PageState {
        /// Kept in staging, not parsed.
        Staged = "staged",
        /// Its records are in the store.
        Landed = "landed",
        /// Could not be parsed; the raw form is kept and can be replayed.
        Quarantined = "quarantined",
    }
}
