//! How much a line of a log matters.

use serde::{Deserialize, Serialize};

/// How much a line matters. Ordered: what matters most comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Somebody must act.
    Error,
    /// Degraded, and recovered.
    Warn,
    /// What goes on.
    Info,
}

impl LogLevel {
    /// As it is stored: 1 matters most.
    pub fn severity(self) -> i64 {
        match self {
            Self::Error => 1,
            Self::Warn => 2,
            Self::Info => 3,
        }
    }

    /// The level that is stored as this number.
    pub fn of_severity(number: i64) -> Self {
        match number {
            ..=1 => Self::Error,
            2 => Self::Warn,
            _ => Self::Info,
        }
    }
}
