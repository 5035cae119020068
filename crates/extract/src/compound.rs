//! The old binary container of office programs: only enough to tell what is in it.

use crate::{Error, Extracted, File, sheet};

const SIGNATURE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Extracts sheets; says of encrypted packages that they are encrypted, and of all else that nothing reads it.
pub(crate) fn extract(file: &File<'_>) -> Result<Extracted, Error> {
    if is_encrypted(file.bytes) {
        return Err(file.protected());
    }
    if has_entry(file.bytes, "Workbook") || has_entry(file.bytes, "Book") {
        let media_type = crate::MediaType::from_name("application/vnd.ms-excel");
        return sheet::extract(&File { media_type, ..*file });
    }
    Err(file.unsupported())
}

/// Whether the bytes are such a container.
pub(crate) fn is_compound(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

/// Whether the container only wraps an encrypted Office Open XML package.
pub(crate) fn is_encrypted(bytes: &[u8]) -> bool {
    has_entry(bytes, "EncryptedPackage")
}

/// Whether the container's directory names such an entry. Its entries are 128 bytes long, on such borders, and begin
/// with the name in UTF-16.
fn has_entry(bytes: &[u8], name: &str) -> bool {
    let mut wanted: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    wanted.extend([0, 0]);
    is_compound(bytes) && bytes.chunks_exact(128).skip(4).any(|entry| entry.starts_with(&wanted))
}
