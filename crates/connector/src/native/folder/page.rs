//! One page of a folder: up to 100 files, one line of JSON each.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use super::Ground;
use super::name::path_of;
use super::open::{Links, open_regular};
use super::walk::{Found, created_ms, identity, modified_ms};
use crate::Error;

/// How many files a page holds. A page is what a crash repeats, so it stays below a tenth of a second of reading.
pub(super) const FILES_MAX: usize = 100;

/// How many bytes of files a page stands for, so that parsing one stays a bounded piece of work.
pub(super) const BYTES_MAX: u64 = 64 << 20;

/// How many first bytes decide whether a file is binary.
const SNIFFED: usize = 8 * 1024;

/// What a page says about one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    /// The record key: the path below the root.
    pub path: String,
    /// The file is not there any more; nothing else counts then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_gone: bool,
    /// It can't be looked into: nothing is known of it, nor of what is below it. Nothing else counts then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_unreadable: bool,
    /// In bytes.
    #[serde(default)]
    pub size: u64,
    /// UTC milliseconds.
    #[serde(default)]
    pub modified_at: Option<i64>,
    /// UTC milliseconds, where the file system knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<i64>,
    /// BLAKE3 of the content, in hexadecimal; `None` for files above the configured size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Whether the first bytes look like no text.
    #[serde(default)]
    pub is_binary: bool,
    /// With `inode`: which file it is, under whatever name.
    #[serde(default)]
    pub device: u64,
    /// See `device`.
    #[serde(default)]
    pub inode: u64,
    /// Why the content could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Line {
    /// Says that there is no file of this key.
    pub(super) fn gone(key: String) -> Self {
        Self {
            path: key,
            is_gone: true,
            is_unreadable: false,
            size: 0,
            modified_at: None,
            created_at: None,
            hash: None,
            is_binary: false,
            device: 0,
            inode: 0,
            error: None,
        }
    }

    /// Says that nothing is known of what is at and below this key.
    pub(super) fn unreadable(key: String) -> Self {
        Self {
            is_gone: false,
            is_unreadable: true,
            ..Self::gone(key)
        }
    }

    /// Looks at a file and reads it for its hash. `None` when it has vanished or is no file any more.
    pub(super) fn of(found: &Found, ground: &Ground, stop: &AtomicBool) -> Option<Self> {
        Self::read(
            found.key.clone(),
            &found.path,
            &found.metadata,
            ground.max_file_bytes,
            stop,
        )
    }

    /// The same, for a path whose metadata is at hand.
    pub(super) fn read(
        key: String,
        path: &Path,
        metadata: &Metadata,
        bytes_max: u64,
        stop: &AtomicBool,
    ) -> Option<Self> {
        let mut line = Self::gone(key);
        line.is_gone = false;
        line.describe(metadata);
        let digest = match digest(path, metadata, bytes_max, stop) {
            // Many programs save by putting a new file in the old one's place, which may be at this very moment.
            Ok(None) => match path.symlink_metadata() {
                Ok(now) if now.is_file() => digest(path, &now, bytes_max, stop),
                Ok(_other) => Ok(None),
                Err(error) => Err(error),
            },
            other => other,
        };
        match digest {
            Ok(Some(digest)) => {
                line.describe(&digest.metadata);
                line.hash = digest.hash;
                line.is_binary = digest.is_binary;
            }
            Ok(None) => return None,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return None;
            }
            Err(error) => line.error = Some(error.to_string()),
        }
        Some(line)
    }

    /// Whether the file is still the one that the line describes.
    pub(super) fn describes(&self, metadata: &Metadata) -> bool {
        self.size == metadata.len()
            && self.modified_at == modified_ms(metadata)
            && (self.device, self.inode) == identity(metadata)
    }

    fn describe(&mut self, metadata: &Metadata) {
        self.size = metadata.len();
        self.modified_at = modified_ms(metadata);
        self.created_at = created_ms(metadata);
        (self.device, self.inode) = identity(metadata);
    }
}

/// Writes a page's body.
pub(super) fn write(lines: &[Line]) -> Result<Vec<u8>, Error> {
    let mut body = Vec::with_capacity(lines.len() * 256);
    for line in lines {
        serde_json::to_writer(&mut body, line)
            .map_err(|error| Error::Unparsable(format!("the file `{}` can't be written down: {error}", line.path)))?;
        body.push(b'\n');
    }
    Ok(body)
}

/// Reads a page's body.
pub(super) fn read(body: &[u8]) -> Result<Vec<Line>, Error> {
    let mut lines = Vec::new();
    for (number, line) in body.split(|byte| *byte == b'\n').enumerate() {
        if line.is_empty() {
            continue;
        }
        let line = serde_json::from_slice(line).map_err(|error| {
            Error::Unparsable(format!(
                "line {} of the page is not a file's description: {error}; sync again",
                number + 1
            ))
        })?;
        lines.push(line);
    }
    Ok(lines)
}

/// Recognises moves within a page: of two lines about one file, the one whose path is not there any more says "gone".
///
/// Two paths that are both there are hard links, and both stay.
pub(super) fn recognise_moves(lines: &mut [Line], root: &Path) {
    let mut seen: HashMap<(u64, u64), usize> = HashMap::new();
    for place in 0..lines.len() {
        let line = &lines[place];
        let file = (line.device, line.inode);
        if line.is_gone || file == (0, 0) {
            continue;
        }
        let Some(earlier) = seen.insert(file, place) else {
            continue;
        };
        for candidate in [earlier, place] {
            let is_there =
                path_of(&lines[candidate].path).is_some_and(|path| root.join(path).symlink_metadata().is_ok());
            if !is_there {
                lines[candidate] = Line::gone(std::mem::take(&mut lines[candidate].path));
            }
        }
    }
}

struct Digest {
    metadata: Metadata,
    hash: Option<String>,
    is_binary: bool,
}

/// Reads a file once. `None` when what was opened is not the file that was looked at: a link or another file was put
/// in its place meanwhile, and the next listing will see it as what it is.
fn digest(path: &Path, looked_at: &Metadata, bytes_max: u64, stop: &AtomicBool) -> io::Result<Option<Digest>> {
    let Some((mut file, metadata)) = open_regular(path, Links::Follow)? else {
        return Ok(None);
    };
    if identity(&metadata) != identity(looked_at) {
        return Ok(None);
    }
    // One byte more than a small file, so that one reading tells that it has ended.
    let expected = usize::try_from(metadata.len()).unwrap_or(usize::MAX).saturating_add(1);
    let mut buffer = vec![0; expected.clamp(SNIFFED, 128 * 1024)];
    let mut read = fill(&mut file, &mut buffer)?;
    let is_binary = looks_binary(&buffer[..read.min(SNIFFED)]);
    if metadata.len() > bytes_max {
        return Ok(Some(Digest {
            metadata,
            hash: None,
            is_binary,
        }));
    }
    let mut hasher = blake3::Hasher::new();
    let mut total = 0_u64;
    while read > 0 {
        hasher.update(&buffer[..read]);
        total = total.saturating_add(read as u64);
        // A file that grows while it is read ends at the limit; its next change is met by the next listing.
        if total > bytes_max || read < buffer.len() || stop.load(Ordering::Relaxed) {
            break;
        }
        read = fill(&mut file, &mut buffer)?;
    }
    let hash = Some(hasher.finalize().to_hex().to_string());
    Ok(Some(Digest {
        metadata,
        hash,
        is_binary,
    }))
}

/// Reads until the buffer is full or the file ends.
fn fill(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Text has no zero bytes, unless it begins with the mark of a wide encoding.
fn looks_binary(beginning: &[u8]) -> bool {
    let is_wide = beginning.starts_with(&[0xff, 0xfe]) || beginning.starts_with(&[0xfe, 0xff]);
    !is_wide && beginning.contains(&0)
}
