//! What can go wrong with the store, by what the caller can do about it.

/// Why a read or write did not happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such thing (any more).
    #[error("there is no {noun} `{id}`")]
    NotFound {
        /// What was looked for.
        noun: &'static str,
        /// As it was asked for.
        id: String,
    },
    /// It contradicts what is there; the text says how.
    #[error("{0}")]
    Conflict(String),
    /// The task's lease went to another worker: stop, nothing of this attempt may land.
    #[error("task `{task}` is no longer this worker's: its lease ran out or it was cancelled")]
    LostLease {
        /// The task.
        task: model::TaskId,
    },
    /// No room on the disk: wait, nothing was lost.
    #[error("the disk that holds the database is full; free some space, nothing was lost")]
    DiskFull,
    /// The database does not answer: wait and try again, nothing was written.
    #[error("the database can't be reached: {0}")]
    Unavailable(String),
    /// The connection broke during COMMIT: read back before trying again.
    #[error("it is unknown whether the change was kept: {0}")]
    Unknown(String),
    /// The database, its folder or the key file is not what it must be; the text says what to do.
    #[error("{0}")]
    Setup(String),
    /// Our fault.
    #[error("a fault in Fossick: {0}")]
    Bug(String),
    /// A concurrent transaction was in the way; the store runs the closure again itself.
    #[doc(hidden)]
    #[error("a concurrent change was in the way")]
    Again,
}

impl Error {
    /// A missing thing.
    #[expect(clippy::needless_pass_by_value, reason = "ids are `Copy`, names are borrowed")]
    pub fn not_found(noun: &'static str, id: impl ToString) -> Self {
        Self::NotFound {
            noun,
            id: id.to_string(),
        }
    }

    /// Whether the same may well succeed later: it is about the database for now, not about what was asked of it.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::DiskFull | Self::Unavailable(_) | Self::Unknown(_) | Self::Setup(_) | Self::Again => true,
            Self::NotFound { .. } | Self::Conflict(_) | Self::LostLease { .. } | Self::Bug(_) => false,
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => Self::Unavailable(error.to_string()),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::OutOfMemory) => {
                Self::Unavailable(error.to_string())
            }
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::Setup(format!(
                "the database file can't be written ({error}); make it and its folder writable"
            )),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Setup(format!(
                "the database file is damaged ({error}); stop Fossick and restore a backup with `fossick restore`"
            )),
            Some(ErrorCode::ConstraintViolation) => Self::Conflict(error.to_string()),
            _ => Self::Bug(error.to_string()),
        }
    }
}

impl From<postgres::Error> for Error {
    fn from(error: postgres::Error) -> Self {
        use std::error::Error as _;
        let Some(state) = error.code().cloned() else {
            let text = text_of(&error);
            // A value that the driver can't put into a parameter or read from a column is our fault.
            let is_ours = !error.is_closed() && error.source().is_some_and(|cause| !cause.is::<std::io::Error>());
            return if is_ours {
                Self::Bug(text)
            } else {
                Self::Unavailable(text)
            };
        };
        let text = error
            .as_db_error()
            .map_or_else(|| error.to_string(), |db| db.message().to_owned());
        match state.code() {
            "40001" | "40P01" => Self::Again,
            "53100" => Self::DiskFull,
            // A constraint, or a value that its column can't hold.
            code if code.starts_with("23") || code.starts_with("22") => Self::Conflict(text),
            // Connection, operator intervention and timeouts, resources, locks, a server that became a replica.
            "55P03" | "25006" => Self::Unavailable(text),
            code if ["08", "57", "53"].iter().any(|class| code.starts_with(class)) => Self::Unavailable(text),
            _ => Self::Bug(text),
        }
    }
}

/// A driver's error with what caused it, which its own text leaves out.
pub(crate) fn text_of(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(one) = cause {
        text.push_str(": ");
        text.push_str(&one.to_string());
        cause = one.source();
    }
    text
}
