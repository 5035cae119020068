//! What a data folder must have before a store is opened in it: opening makes what is missing, which would hide a loss.

use std::path::Path;

use anyhow::Context as _;
use store::SQLITE_FILE;

use crate::exit::{Exit, Refused};

/// The file that opens sealed secrets.
pub(crate) const KEY_FILE: &str = "key";
/// How folders are called in which a restore unpacks a backup.
pub(crate) const RESTORING: &str = "restoring-";
/// How folders are called into which a restore puts what was there before.
pub(crate) const ASIDE: &str = "before-restore-";

/// Refuses a folder that has lost its key file, or that a restore has left half done.
pub(crate) fn refuse_incomplete(data_dir: &Path, is_postgres: bool) -> anyhow::Result<()> {
    let has = |name: &str| data_dir.join(name).is_file();
    let is_begun = if is_postgres { has(KEY_FILE) } else { has(SQLITE_FILE) };
    if is_begun {
        // With PostgreSQL the database itself knows which key file it belongs to.
        return if has(KEY_FILE) { Ok(()) } else { Err(lost_key(data_dir)) };
    }
    for entry in entries(data_dir)? {
        if entry.starts_with(RESTORING) || entry.starts_with(ASIDE) {
            return Err(Refused::because(
                Exit::Failure,
                format!(
                    "a restore was interrupted in the data folder `{}`: restore again with --force, or put back what is in `{entry}`",
                    data_dir.display()
                ),
            ));
        }
    }
    Ok(())
}

fn lost_key(data_dir: &Path) -> anyhow::Error {
    Refused::because(
        Exit::Failure,
        format!(
            "the key file `{}` is missing: put it back from a backup before you start the server; a new one opens no secret of this database",
            data_dir.join(KEY_FILE).display()
        ),
    )
}

/// The names of what is in the folder; none where there is no folder.
fn entries(data_dir: &Path) -> anyhow::Result<Vec<String>> {
    let listed = match std::fs::read_dir(data_dir) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed.with_context(|| format!("can't read the data folder `{}`", data_dir.display()))?,
    };
    let mut names = Vec::new();
    for entry in listed {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    //! Losses that must not be hidden.

    use super::*;

    fn refusal(files: &[&str], is_postgres: bool) -> Option<String> {
        let dir = tempfile::tempdir().unwrap();
        for name in files {
            match name.strip_suffix('/') {
                Some(folder) => std::fs::create_dir(dir.path().join(folder)).unwrap(),
                None => std::fs::write(dir.path().join(name), "x").unwrap(),
            }
        }
        let refused = refuse_incomplete(dir.path(), is_postgres);
        refused.err().map(|error| error.to_string())
    }

    #[test]
    fn a_database_without_its_key_file_is_refused() {
        assert_eq!(refusal(&["fossick.db", "key"], false), None);
        assert_eq!(refusal(&["lock"], false), None);
        assert!(refusal(&["fossick.db"], false).unwrap().contains("put it back"));
        assert_eq!(refuse_incomplete(Path::new("no/such/folder"), false).ok(), Some(()));
    }

    #[test]
    fn a_restore_that_was_interrupted_is_no_new_installation() {
        for left in ["restoring-7/", "before-restore-20260301/"] {
            assert!(
                refusal(&[left, "key"], false)
                    .unwrap()
                    .contains(left.trim_end_matches('/'))
            );
            assert!(refusal(&[left], true).unwrap().contains("--force"));
            assert_eq!(refusal(&[left, "fossick.db", "key"], false), None);
            assert_eq!(refusal(&[left, "key"], true), None);
        }
    }
}
