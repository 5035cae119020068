//! Longer values are kept compressed: one byte of format, then the bytes as they are or as a Zstandard frame.

use std::cell::RefCell;
use std::io;

use zstd::bulk::{Compressor, Decompressor};

use crate::Error;

const RAW: u8 = 0;
const ZSTD: u8 = 1;
/// Zstandard's quickest ordinary level.
const LEVEL: i32 = 1;
/// Below this a frame costs more than it saves.
const WORTH_BYTES: usize = 512;
/// What one value may unpack to: a guard against a damaged or hostile length.
const UNPACKED_BYTES_MAX: usize = 1 << 30;

/// Packs a value.
pub(crate) fn pack(bytes: &[u8]) -> Vec<u8> {
    if bytes.len() >= WORTH_BYTES
        && let Ok(frame) = compress(bytes)
        && frame.len() < bytes.len()
    {
        let mut out = Vec::with_capacity(frame.len() + 9);
        out.push(ZSTD);
        out.extend((bytes.len() as u64).to_le_bytes());
        out.extend(frame);
        return out;
    }
    let mut out = Vec::with_capacity(bytes.len() + 1);
    out.push(RAW);
    out.extend(bytes);
    out
}

/// Unpacks what [`pack`] packed.
pub(crate) fn unpack(packed: &[u8]) -> Result<Vec<u8>, Error> {
    let damaged = || Error::Bug("a packed value is damaged".to_owned());
    match packed.split_first() {
        Some((&RAW, bytes)) => Ok(bytes.to_vec()),
        Some((&ZSTD, rest)) => {
            let (length, frame) = rest.split_at_checked(8).ok_or_else(damaged)?;
            let length = u64::from_le_bytes(length.try_into().map_err(|_length| damaged())?);
            let length = usize::try_from(length)
                .ok()
                .filter(|length| *length <= UNPACKED_BYTES_MAX)
                .ok_or_else(damaged)?;
            decompress(frame, length).map_err(|_error| damaged())
        }
        _ => Err(damaged()),
    }
}

// A Zstandard context is several hundred kilobytes to set up, most values are a few: each thread keeps its own.
thread_local! {
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

fn compress(bytes: &[u8]) -> io::Result<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|kept| match kept {
        Some(compressor) => compressor.compress(bytes),
        None => kept.insert(Compressor::new(LEVEL)?).compress(bytes),
    })
}

fn decompress(frame: &[u8], length: usize) -> io::Result<Vec<u8>> {
    DECOMPRESSOR.with_borrow_mut(|kept| match kept {
        Some(decompressor) => decompressor.decompress(frame, length),
        None => kept.insert(Decompressor::new()?).decompress(frame, length),
    })
}

/// Unpacks text.
pub(crate) fn unpack_text(packed: &[u8]) -> Result<String, Error> {
    String::from_utf8(unpack(packed)?).map_err(|_error| Error::Bug("a packed text is damaged".to_owned()))
}
