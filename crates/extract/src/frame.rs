//! What parent and child say to each other: frames of a length (four bytes, little-endian) and that many bytes.
//!
//! The child greets once. A request is a JSON header and a body, an answer likewise.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

use crate::{Error, Extracted, Limits, MediaType};

/// What a child says when it is ready; the number changes when the frames do.
pub(crate) const GREETING: &[u8] = b"fossick extract 1";
/// Longest header that is accepted.
pub(crate) const HEADER_BYTES_MAX: usize = 1 << 20;

/// What is asked of a child.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Request {
    /// What messages call the file.
    pub name: String,
    /// What is believed about it.
    pub media_type: MediaType,
    /// What the body holds.
    pub body: Body,
    /// How much it may cost.
    pub limits: Limits,
}

/// What a request's body holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Body {
    /// The path of the file, which the child opens.
    Path,
    /// All the file's bytes.
    Whole,
    /// The file's first bytes.
    Beginning,
}

/// A child's answer; its text travels as the body.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// The file was read.
    Read(Extracted),
    /// It was not.
    Failed(Error),
}

/// Writes one frame.
pub(crate) fn write(output: &mut impl Write, payload: &[u8]) -> io::Result<()> {
    let length = u32::try_from(payload.len()).map_err(|_too_long| io::Error::other("a frame is longer than 4 GiB"))?;
    output.write_all(&length.to_le_bytes())?;
    output.write_all(payload)
}

/// Reads one frame of at most `bytes_max` bytes; `None` when the other side closed before it.
pub(crate) fn read(input: &mut impl Read, bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    let mut filled = 0;
    while filled < length.len() {
        match input.read(&mut length[filled..]) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let length = u32::from_le_bytes(length);
    if usize::try_from(length).unwrap_or(usize::MAX) > bytes_max {
        let why = format!("a frame has {length} bytes, at most {bytes_max} are allowed");
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    // Grown as bytes arrive, not believed beforehand.
    let mut payload = Vec::new();
    input.take(u64::from(length)).read_to_end(&mut payload)?;
    if payload.len() as u64 != u64::from(length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(payload))
}

/// Reads one frame that must come.
pub(crate) fn expect(input: &mut impl Read, bytes_max: usize) -> io::Result<Vec<u8>> {
    read(input, bytes_max)?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}
