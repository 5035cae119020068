//! How a command ends: its exit code, and errors that carry one.

use serde_json::{Value, json};

/// What the help and the guide say about exit codes.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    it did not work
  2    the command line can't be understood
  3    there is no such thing
  4    not allowed, or a sign-in is needed
  5    no server answers, or another process holds the data folder
  130  interrupted";

/// Why a command did not do what was asked, as scripts see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did not work.
    Failure = 1,
    /// The command line can't be understood.
    Usage = 2,
    /// There is no such thing.
    NotFound = 3,
    /// Not allowed, or a sign-in is needed.
    NotAllowed = 4,
    /// No server answers, or another process holds the data folder.
    Unreachable = 5,
    /// Ctrl-C, while something went on that the command only watched.
    Interrupted = 130,
}

/// An error with an exit code of its own; every other error is [`Exit::Failure`].
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Refused {
    /// The exit code.
    pub(crate) exit: Exit,
    /// What happened, and the way out.
    pub(crate) message: String,
    /// The problem document that says so, where the API gave one.
    pub(crate) problem: Option<Value>,
}

impl Refused {
    /// An error that did not come from the API.
    pub(crate) fn because(exit: Exit, message: impl Into<String>) -> anyhow::Error {
        Self {
            exit,
            message: message.into(),
            problem: None,
        }
        .into()
    }

    /// The arguments contradict each other or can't be used.
    pub(crate) fn usage(message: impl Into<String>) -> anyhow::Error {
        Self::because(Exit::Usage, message)
    }

    /// There is no such thing.
    pub(crate) fn not_found(message: impl Into<String>) -> anyhow::Error {
        Self::because(Exit::NotFound, message)
    }
}

/// The exit code of an error.
pub(crate) fn code(error: &anyhow::Error) -> Exit {
    for cause in error.chain() {
        if let Some(refused) = cause.downcast_ref::<Refused>() {
            return refused.exit;
        }
        if let Some(store::Error::NotFound { .. }) = cause.downcast_ref::<store::Error>() {
            return Exit::NotFound;
        }
    }
    Exit::Failure
}

/// The error as JSON, for `--json`: the API's problem document, or one that looks like it.
pub(crate) fn document(error: &anyhow::Error) -> Value {
    let refused = error.chain().find_map(|cause| cause.downcast_ref::<Refused>());
    if let Some(problem) = refused.and_then(|refused| refused.problem.clone()) {
        return problem;
    }
    let code = match code(error) {
        Exit::Failure => "failed",
        Exit::Usage => "invalid",
        Exit::NotFound => "not_found",
        Exit::NotAllowed => "not_allowed",
        Exit::Unreachable => "unreachable",
        Exit::Interrupted => "interrupted",
    };
    json!({ "code": code, "detail": format!("{error:#}") })
}
