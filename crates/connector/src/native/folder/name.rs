//! File names as keys: every path below the folder has exactly one key, and every key leads back to its path.
//!
//! A path that is valid UTF-8 is its own key, with `/` between the segments. Any other path is written as `/` and its
//! bytes percent-encoded: relative paths never begin with `/`, so the two can't be confused.

use std::path::{Component, Path, PathBuf};

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, percent_encode};

/// What is escaped in the key of a path that is not UTF-8. Other bytes above 127 always are.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'%');

/// The key of a relative path.
pub(super) fn key_of(relative: &Path) -> String {
    let plain: Option<Vec<&str>> = relative.components().map(|part| part.as_os_str().to_str()).collect();
    if let Some(parts) = plain {
        return parts.join("/");
    }
    encoded(relative)
}

/// The key of a path as if it were not UTF-8.
fn encoded(relative: &Path) -> String {
    let mut key = String::new();
    for part in relative.components() {
        key.push('/');
        key.extend(percent_encode(part.as_os_str().as_encoded_bytes(), ESCAPED));
    }
    key
}

/// What the keys of a place, and of everything below it, are or begin with, up to a `/`. Below a folder whose name is
/// UTF-8 there may be names that are not.
pub(super) fn stems_of(relative: &Path) -> Vec<String> {
    let mut stems = vec![key_of(relative), encoded(relative)];
    stems.dedup();
    stems
}

/// The relative path that a key stands for; `None` when it would lead out of the folder or is no key of ours.
pub(super) fn path_of(key: &str) -> Option<PathBuf> {
    let path = match key.strip_prefix('/') {
        Some(encoded) => from_bytes(percent_decode_str(encoded).collect())?,
        None => PathBuf::from(key),
    };
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    (inside && !path.as_os_str().is_empty() && !key.contains('\0')).then_some(path)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems take valid UTF-8 only")]
fn from_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt;
    Some(PathBuf::from(std::ffi::OsString::from_vec(bytes)))
}

#[cfg(not(unix))]
fn from_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

/// The path as people read it: `/` between the segments, what is not UTF-8 replaced.
pub(super) fn shown(relative: &Path) -> String {
    let parts: Vec<_> = relative
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    //! Keys and back.

    use std::path::Path;

    use super::{key_of, path_of, shown, stems_of};

    #[test]
    fn a_plain_path_is_its_own_key() {
        for text in ["a.txt", "ä/ö 100%.txt", "a/b/c", "line\nbreak"] {
            assert_eq!(key_of(Path::new(text)), text);
            assert_eq!(path_of(text).as_deref(), Some(Path::new(text)));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_not_text_has_a_key_that_leads_back() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let path = Path::new(OsStr::from_bytes(b"100% caf\xe9/\xff\xfe.txt"));
        let key = key_of(path);
        assert_eq!(key, "/100%25 caf%E9/%FF%FE.txt");
        assert_eq!(path_of(&key).as_deref(), Some(path));
        assert_eq!(shown(path), "100% caf\u{fffd}/\u{fffd}\u{fffd}.txt");
        assert_ne!(key_of(Path::new("100%25 caf%E9")), key);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_below_a_folder_has_one_of_its_stems() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        assert_eq!(stems_of(Path::new("100%/ä")), ["100%/ä", "/100%25/%C3%A4"]);
        assert_eq!(stems_of(Path::new(OsStr::from_bytes(b"a/\xff"))), ["/a/%FF"]);
        assert_eq!(stems_of(Path::new("")), [""]);
        let below = Path::new("100%/ä").join(OsStr::from_bytes(b"\xff.txt"));
        assert!(key_of(&below).starts_with("/100%25/%C3%A4/"));
    }

    #[test]
    fn a_key_that_leads_out_of_the_folder_is_none() {
        for key in [
            "",
            "/",
            "..",
            "a/../../b",
            "//etc/passwd",
            "/..",
            "/%2e%2e/x",
            "a\0b",
            ".",
        ] {
            assert_eq!(path_of(key), None, "{key:?}");
        }
    }
}
