//! Secrets at rest: sealed with XChaCha20-Poly1305 (RFC 8439's cipher with the 24-byte nonce of
//! draft-irtf-cfrg-xchacha) under a key that lives in a file beside the database, not in it.
//!
//! Sealed form: one byte of format (1), four bytes of key id, 24 bytes of nonce, the ciphertext. The place where a
//! secret belongs (`source/7`) is authenticated with it, so that a sealed text copied to another row does not open.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::RngExt;

use crate::Error;
use crate::folder::write_durably;

const FORMAT: u8 = 1;
const NONCE_BYTES: usize = 24;
const KEY_BYTES: usize = 32;

/// A text that never shows itself.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself. Never log it, never put it into a URL, a task's arguments or an answer.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

/// Seals and opens secrets. Cheap to clone.
#[derive(Clone)]
pub struct Sealer {
    keys: Arc<Vec<(u32, [u8; KEY_BYTES])>>,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealer").finish_non_exhaustive()
    }
}

impl Sealer {
    /// Reads the key file, one `id hex` a line, the newest first; makes one when there is none.
    pub fn open(path: &Path) -> Result<Self, Error> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let sealer = Self {
                    keys: Arc::new(vec![(1, fresh_key())]),
                };
                sealer.save(path)?;
                Ok(sealer)
            }
            Err(error) => Err(Error::Setup(format!(
                "can't read the key file `{}`: {error}",
                path.display()
            ))),
        }
    }

    fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        let mut keys = Vec::new();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let key = line
                .split_once(' ')
                .and_then(|(id, hex)| Some((id.parse().ok()?, from_hex(hex.trim())?)));
            keys.push(key.ok_or_else(|| {
                Error::Setup(format!(
                    "line {} of the key file `{}` is not `<id> <64 hex digits>`; put the file back from a backup",
                    at + 1,
                    path.display()
                ))
            })?);
        }
        if keys.is_empty() {
            return Err(Error::Setup(format!(
                "the key file `{}` is empty; put it back from a backup",
                path.display()
            )));
        }
        Ok(Self { keys: Arc::new(keys) })
    }

    /// A sealer that seals with a new key and still opens what the old ones sealed; written to `path` first.
    pub fn rotated(&self, path: &Path) -> Result<Self, Error> {
        let id = self.keys.iter().map(|(id, _)| *id).max().unwrap_or(0) + 1;
        let mut keys = vec![(id, fresh_key())];
        keys.extend(self.keys.iter().copied());
        let sealer = Self { keys: Arc::new(keys) };
        sealer.save(path)?;
        Ok(sealer)
    }

    fn save(&self, path: &Path) -> Result<(), Error> {
        let mut text = String::new();
        for (id, key) in self.keys.iter() {
            text.push_str(&id.to_string());
            text.push(' ');
            text.push_str(&hex(key));
            text.push('\n');
        }
        write_durably(path, text.as_bytes(), 0o600)
            .map_err(|error| Error::Setup(format!("can't write the key file `{}`: {error}", path.display())))
    }

    /// Seals `plain` for one `place`, such as `source/7`.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let (id, key) = self
            .keys
            .first()
            .ok_or_else(|| Error::Setup("there is no key".to_owned()))?;
        let nonce: [u8; NONCE_BYTES] = rand::rng().random();
        let sealed = XChaCha20Poly1305::new(key.into())
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: plain,
                    aad: place.as_bytes(),
                },
            )
            .map_err(|_opaque| Error::Bug("can't seal a secret".to_owned()))?;
        let mut out = vec![FORMAT];
        out.extend(id.to_be_bytes());
        out.extend(nonce);
        out.extend(sealed);
        Ok(out)
    }

    /// Opens what [`Sealer::seal`] sealed for the same `place`.
    pub fn unseal(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let refused = || {
            Error::Setup(format!(
                "the secret of `{place}` does not open with the key file: put back the key file that belongs to this database, or enter the secret again"
            ))
        };
        let (head, rest) = sealed.split_at_checked(5).ok_or_else(refused)?;
        let (nonce, text) = rest.split_at_checked(NONCE_BYTES).ok_or_else(refused)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_length| refused())?;
        let key = self
            .keys
            .iter()
            .find(|(id, _)| head[0] == FORMAT && head[1..] == id.to_be_bytes());
        let (_, key) = key.ok_or_else(refused)?;
        XChaCha20Poly1305::new(key.into())
            .decrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: text,
                    aad: place.as_bytes(),
                },
            )
            .map_err(|_opaque| refused())
    }
}

impl Sealer {
    /// A name for a text that may hold secrets: the same for the same text, and nobody without the key can try texts
    /// until one fits. Survives a rotation of the key.
    pub fn name(&self, text: &str) -> String {
        let oldest = self.keys.last().map(|(_, key)| key.as_slice()).unwrap_or_default();
        let key = blake3::derive_key("fossick 2026 names of credentials", oldest);
        blake3::keyed_hash(&key, text.as_bytes()).to_hex().to_string()
    }
}

/// Where the key file lives.
impl Sealer {
    /// The key file of a data folder.
    pub fn path(data_dir: &Path) -> PathBuf {
        data_dir.join("key")
    }
}

fn fresh_key() -> [u8; KEY_BYTES] {
    rand::rng().random()
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.map(|nibble| char::from(DIGITS[usize::from(nibble)])).collect()
}

fn from_hex(text: &str) -> Option<[u8; KEY_BYTES]> {
    let digits = text.as_bytes();
    if digits.len() != KEY_BYTES * 2 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut key = [0; KEY_BYTES];
    for (byte, pair) in key.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(key)
}
