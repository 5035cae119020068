//! How a task ends when it does not end well.

use crate::Timestamp;

/// Why an attempt ended without its task being done, said by the code that knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Try again after a while; the attempt counts.
    #[error("{0}")]
    Retry(String),
    /// Try again no earlier than this, as the other side asked; the attempt does not count.
    #[error("{why}")]
    WaitUntil {
        /// Not before.
        at: Timestamp,
        /// In words for a person: `GitHub's hourly limit`.
        why: String,
    },
    /// A person has to sign in again or replace a credential.
    #[error("{0}")]
    Reauthenticate(String),
    /// A person has to change the configuration.
    #[error("{0}")]
    FixConfiguration(String),
    /// It will never work.
    #[error("{0}")]
    GiveUp(String),
}

impl Failure {
    /// The word that is stored beside the message.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Retry(_) => "retry",
            Self::WaitUntil { .. } => "wait_until",
            Self::Reauthenticate(_) => "reauthenticate",
            Self::FixConfiguration(_) => "fix_configuration",
            Self::GiveUp(_) => "give_up",
        }
    }
}
