//! What can go wrong, by what the caller can do about it.

use std::path::PathBuf;

/// A failure of the index as a whole. Single documents that are refused are no error: see [`crate::Refused`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk or the engine failed: wait and try again; nothing that was committed is lost.
    #[error("the search index in `{dir}` failed while it {doing}: {cause}")]
    Storage {
        /// The index's folder.
        dir: PathBuf,
        /// What was being done, such as `opened`.
        doing: &'static str,
        /// The engine's or the operating system's words.
        cause: String,
    },
    /// Another process (or another handle in this one) writes this index: stop it first.
    #[error("the search index in `{dir}` is already open for writing elsewhere")]
    Locked {
        /// The index's folder.
        dir: PathBuf,
    },
    /// A failure before this call lost what was applied since the last commit: read the payload, go on from there.
    #[error(
        "changes to the search index in `{dir}` were lost by an earlier failure: read its payload and apply them again"
    )]
    Lost {
        /// The index's folder.
        dir: PathBuf,
    },
    /// A rebuild was asked for while one is under way: wait for it or drop it.
    #[error("a rebuild of the search index in `{dir}` is already under way")]
    Rebuilding {
        /// The index's folder.
        dir: PathBuf,
    },
    /// The request can't be answered as it is: the caller has to change it.
    #[error("{0}")]
    InvalidRequest(String),
}
