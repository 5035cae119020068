//! The child process: reads requests from its standard input, answers on its standard output, trusts no file.
//!
//! The binary calls [`main`] for a hidden subcommand, before it starts any thread or runtime.

mod own_limits;

use std::fs::File as OsFile;
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use crate::frame::{self, Answer, Body, Request};
use crate::{Error, Extracted, Limits, MediaType, Part, media_type};

/// Longest path that is accepted, in bytes.
const PATH_BYTES_MAX: usize = 64 * 1024;

/// Serves the parent on this process's standard streams until standard input closes, and gives the exit code.
///
/// Takes the whole process: standard output is kept for answers and whatever else is printed goes nowhere, panics are
/// silent, and memory and processor time are limited.
pub fn main() -> i32 {
    std::panic::set_hook(Box::new(|_panic| {}));
    let limits = own_limits::OwnLimits::of_this_process();
    match own_limits::take_standard_output() {
        Ok(output) => serve(&mut io::stdin().lock(), output, Some(&limits)),
        Err(_closed) => 1,
    }
}

/// Serves requests until `input` closes, and gives the exit code: 0, or 1 when the parent is gone or talks nonsense.
///
/// Sets no limits on this process; [`main`] does.
pub fn run(input: impl Read, output: impl Write) -> i32 {
    serve(&mut { input }, output, None)
}

fn serve(input: &mut impl Read, mut output: impl Write, own: Option<&own_limits::OwnLimits>) -> i32 {
    let mut greet = || {
        frame::write(&mut output, frame::GREETING)?;
        output.flush()
    };
    if greet().is_err() {
        return 1;
    }
    loop {
        match serve_one(input, &mut output, own) {
            Ok(true) => {}
            Ok(false) => return 0,
            Err(_parent_is_gone) => return 1,
        }
    }
}

fn serve_one(input: &mut impl Read, output: &mut impl Write, own: Option<&own_limits::OwnLimits>) -> io::Result<bool> {
    let Some(header) = frame::read(input, frame::HEADER_BYTES_MAX)? else {
        return Ok(false);
    };
    let request: Request = serde_json::from_slice(&header)?;
    if let Some(own) = own {
        own.apply(&request.limits);
    }
    let body_max = match request.body {
        Body::Path => PATH_BYTES_MAX,
        Body::Whole | Body::Beginning => usize::try_from(request.limits.bytes_in_max).unwrap_or(usize::MAX),
    };
    let body = frame::expect(input, body_max)?;
    let (text, answer) = match guarded(&request, &body) {
        Ok(mut extracted) => (std::mem::take(&mut extracted.text), Answer::Read(extracted)),
        Err(error) => (String::new(), Answer::Failed(error)),
    };
    frame::write(output, &serde_json::to_vec(&answer)?)?;
    frame::write(output, text.as_bytes())?;
    output.flush()?;
    Ok(true)
}

/// Extracts; a panic becomes an error, since most readers panic over input that they did not expect.
fn guarded(request: &Request, body: &[u8]) -> Result<Extracted, Error> {
    let attempt = AssertUnwindSafe(|| match request.body {
        Body::Path => from_path(request, &path_of(body)),
        Body::Whole => crate::extract(&request.name, request.media_type, body, &request.limits),
        Body::Beginning => {
            let part = Part {
                media_type: MediaType::settle(&request.name, request.media_type, body),
                bytes: body,
                is_beginning: true,
            };
            crate::read_part(&request.name, &part, &request.limits)
        }
    });
    catch_unwind(attempt).unwrap_or_else(|panic| {
        Err(Error::Crashed {
            name: request.name.clone(),
            why: panic_text(panic.as_ref()).to_owned(),
        })
    })
}

pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("its reader panicked")
}

fn from_path(request: &Request, path: &Path) -> Result<Extracted, Error> {
    let (name, limits) = (&request.name, &request.limits);
    let loaded = load(name, request.media_type, path, limits)?;
    let part = Part {
        media_type: loaded.media_type,
        bytes: &loaded.bytes,
        is_beginning: loaded.is_beginning,
    };
    crate::read_part(name, &part, limits)
}

struct Loaded {
    media_type: MediaType,
    bytes: Vec<u8>,
    is_beginning: bool,
}

/// Reads a file into memory: first what tells its type, then no more than is worth reading.
fn load(name: &str, believed: MediaType, path: &Path, limits: &Limits) -> Result<Loaded, Error> {
    let unreadable = |error: io::Error| Error::unreadable(name, &error);
    let Some((mut file, metadata)) = open(path).map_err(unreadable)? else {
        return Err(Error::Unreadable {
            name: name.to_owned(),
            why: "it is no regular file any more".to_owned(),
            detail: None,
        });
    };
    let mut bytes = Vec::new();
    let first = u64::try_from(media_type::FIRST_BYTES).unwrap_or(u64::MAX);
    read_up_to(&mut file, first, &mut bytes).map_err(unreadable)?;
    let settled = MediaType::settle(name, believed, &bytes);
    if settled.format() == crate::Format::Unsupported {
        return Err(Error::Unsupported {
            name: name.to_owned(),
            media_type: settled.to_string(),
        });
    }
    if metadata.len() > limits.bytes_in_max && !settled.format().is_text() {
        return Err(Error::too_large(name, settled, metadata.len(), limits));
    }
    // One byte more than allowed tells a file that has grown since.
    let rest = limits.bytes_in_max.saturating_add(1).saturating_sub(bytes.len() as u64);
    read_up_to(&mut file, rest, &mut bytes).map_err(unreadable)?;
    let part = Part::of(name, believed, &bytes, limits)?;
    let (media_type, is_beginning, kept) = (part.media_type, part.is_beginning, part.bytes.len());
    bytes.truncate(kept);
    Ok(Loaded {
        media_type,
        bytes,
        is_beginning,
    })
}

/// Opens a file; `None` for anything that has taken its place.
fn open(path: &Path) -> io::Result<Option<(OsFile, std::fs::Metadata)>> {
    let Some(file) = open_unfollowed(path)? else {
        return Ok(None);
    };
    let metadata = file.metadata()?;
    Ok(metadata.is_file().then_some((file, metadata)))
}

/// Follows no link, and waits for no pipe or device.
#[cfg(unix)]
fn open_unfollowed(path: &Path) -> io::Result<Option<OsFile>> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;
    let flags = i32::try_from((OFlags::NONBLOCK | OFlags::NOFOLLOW).bits()).unwrap_or_default();
    match OsFile::options().read(true).custom_flags(flags).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) => match rustix::io::Errno::from_io_error(&error) {
            Some(rustix::io::Errno::LOOP | rustix::io::Errno::NXIO) => Ok(None),
            _ => Err(error),
        },
    }
}

#[cfg(not(unix))]
fn open_unfollowed(path: &Path) -> io::Result<Option<OsFile>> {
    if std::fs::symlink_metadata(path)?.is_file() {
        OsFile::open(path).map(Some)
    } else {
        Ok(None)
    }
}

fn read_up_to(file: &mut OsFile, bytes_max: u64, into: &mut Vec<u8>) -> io::Result<usize> {
    file.take(bytes_max).read_to_end(into)
}

/// A path as it travels: the operating system's own bytes where it has such.
pub(crate) fn path_bytes(path: &Path) -> Vec<u8> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        path.as_os_str().as_bytes().to_vec()
    }
    #[cfg(not(unix))]
    {
        path.to_string_lossy().into_owned().into_bytes()
    }
}

fn path_of(bytes: &[u8]) -> PathBuf {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
    }
    #[cfg(not(unix))]
    {
        PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
    }
}
