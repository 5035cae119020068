//! What can go wrong with a source, by what has to be done about it.

use model::Timestamp;
use model::queue::Failure;

/// Why a source could not be read or a page not be parsed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// May work in a while: the network, a provider's 5xx.
    #[error("{0}")]
    Retry(String),
    /// The provider asked to wait.
    #[error("{why}")]
    WaitUntil {
        /// Not before.
        at: Timestamp,
        /// In words for a person.
        why: String,
    },
    /// The credential is refused.
    #[error("{0}")]
    Reauthenticate(String),
    /// The configuration, manifest or mapping is wrong; says file, place and way out.
    #[error("{0}")]
    FixConfiguration(String),
    /// The slice was read to its end, but for places that a person has to open; its pages name them as spared. Says which
    /// and the way out.
    #[error("{0}")]
    Incomplete(String),
    /// The provider refuses the slice's read position; the slice starts again from its beginning.
    #[error("{0}")]
    PositionRefused(String),
    /// The page can't be parsed. Quarantined with its raw form.
    #[error("{0}")]
    Unparsable(String),
    /// Whoever listens has stopped: the task was cancelled or the process is shutting down.
    #[error("reading was stopped")]
    Stopped,
}

impl Error {
    /// The same as a task's failure.
    pub fn into_failure(self) -> Failure {
        match self {
            Self::Retry(text) | Self::PositionRefused(text) => Failure::Retry(text),
            Self::WaitUntil { at, why } => Failure::WaitUntil { at, why },
            Self::Reauthenticate(text) => Failure::Reauthenticate(text),
            Self::FixConfiguration(text) | Self::Incomplete(text) => Failure::FixConfiguration(text),
            Self::Unparsable(text) => Failure::GiveUp(text),
            Self::Stopped => Failure::Retry("reading was stopped".to_owned()),
        }
    }
}
