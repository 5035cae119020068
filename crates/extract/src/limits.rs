//! How much one file may cost.

use serde::{Deserialize, Serialize};

/// The limits of one extraction. Reaching one that bounds the *result* cuts it short; one that bounds the *work* is an
/// error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of the file itself. Plain text beyond it is cut, everything else is refused as too large.
    pub bytes_in_max: u64,
    /// Bytes of extracted text; the rest is cut.
    pub text_bytes_max: usize,
    /// Pages, sheets or slides that are read; the rest is cut.
    pub pages_max: u32,
    /// Unpacked bytes per packed byte of an archive. Counts only once an archive has unpacked to 16 MiB.
    pub ratio_max: u64,
    /// Files attached to a message, and to those in it, that are read; the rest is known by name.
    pub attachments_max: usize,
    /// Nesting of XML elements, JSON values and messages in messages.
    pub depth_max: usize,
    /// Milliseconds of wall clock until the child process is ended. [`crate::extract`] alone does not look at it.
    pub time_ms_max: u64,
    /// Bytes of memory that the child process may ask for beyond what it starts with. [`crate::extract`] alone bounds
    /// only what it unpacks.
    pub memory_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes_in_max: 64 << 20,
            text_bytes_max: 2 << 20,
            pages_max: 5_000,
            ratio_max: 200,
            attachments_max: 1_000,
            depth_max: 256,
            time_ms_max: 30_000,
            memory_bytes_max: 512 << 20,
        }
    }
}
