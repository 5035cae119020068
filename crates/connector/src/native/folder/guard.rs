//! Which folders of the machine may be read, and by whose sources.
//!
//! An administrator may name any folder that the process can read, members only what lies below a root that an
//! administrator approved. The data folder is never read: it holds everyone's content and the keys.

use std::path::{Component, Path, PathBuf};

/// Folders of the kernel: endless, and full of other processes' secrets.
const KERNEL: [&str; 2] = ["/proc", "/sys"];

/// The rule for one source, by who owns it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FolderGuard {
    /// Our own data folder.
    pub data_dir: PathBuf,
    /// Roots below which members' sources may read.
    pub allowed_roots: Vec<PathBuf>,
    /// Whether the source belongs to an administrator, who may name any folder.
    pub is_administrator: bool,
}

impl FolderGuard {
    /// The folder in its canonical form, symbolic links resolved, if the source may read it.
    ///
    /// The error is a sentence for the person who configured the source.
    pub fn permit(&self, folder: &Path) -> Result<PathBuf, String> {
        let shown = folder.display();
        let unapproved = || {
            format!(
                "the folder `{shown}` is not below a folder that an administrator approved; ask an administrator to approve it"
            )
        };
        let real = folder.canonicalize().map_err(|error| {
            // Members learn of no folder elsewhere whether it is there.
            if !self.is_administrator && !self.would_be_approved(folder) {
                return unapproved();
            }
            format!("the folder `{shown}` can't be opened: {error}; check the path and that it is mounted")
        })?;
        if self.is_ours(&real) {
            return Err(format!(
                "the folder `{shown}` belongs to the data folder, which is never searched; name another one"
            ));
        }
        if KERNEL.iter().any(|kernel| real.starts_with(kernel)) {
            return Err(format!(
                "the folder `{shown}` belongs to the system's kernel; name another one"
            ));
        }
        if !self.is_administrator && !self.is_approved(&real) {
            return Err(unapproved());
        }
        Ok(real)
    }

    /// Whether a symbolic link below `root` may be followed to `target`: it must stay below the source's own folder
    /// or end below an approved root. That holds for administrators too, because whoever may write into a folder
    /// could otherwise show anything on the machine.
    pub(super) fn may_follow(&self, root: &Path, target: &Path) -> bool {
        let Ok(real) = target.canonicalize() else { return false };
        let stays = real.starts_with(root) || self.is_approved(&real);
        stays && !self.is_ours(&real) && !KERNEL.iter().any(|kernel| real.starts_with(kernel))
    }

    /// Whether a folder met on the way is to be left out whatever the configuration says.
    pub(super) fn is_forbidden_below(&self, folder: &Path) -> bool {
        KERNEL.iter().any(|kernel| folder == Path::new(kernel))
            || folder == self.data_dir
            || same_folder(folder, &self.data_dir)
    }

    fn is_ours(&self, real: &Path) -> bool {
        if self.data_dir.as_os_str().is_empty() {
            return false;
        }
        let ours = self.data_dir.canonicalize().unwrap_or_else(|_| self.data_dir.clone());
        real.starts_with(&ours) || real.ancestors().any(|above| same_folder(above, &ours))
    }

    fn is_approved(&self, real: &Path) -> bool {
        self.allowed_roots
            .iter()
            .filter_map(|root| root.canonicalize().ok())
            .any(|root| real.starts_with(root))
    }

    /// The same for one that is not there, by its name.
    fn would_be_approved(&self, folder: &Path) -> bool {
        let leads_up = folder.components().any(|part| part == Component::ParentDir);
        !leads_up && self.allowed_roots.iter().any(|root| folder.starts_with(root))
    }
}

/// Why `path` may not be the folder of a source, or `None` when it may; the same rule in one call.
pub fn forbidden(path: &Path, data_dir: &Path, allowed_roots: &[PathBuf], is_administrator: bool) -> Option<String> {
    let guard = FolderGuard {
        data_dir: data_dir.to_owned(),
        allowed_roots: allowed_roots.to_vec(),
        is_administrator,
    };
    guard.permit(path).err()
}

/// Whether both are one folder under two names, as bind mounts make them.
#[cfg(unix)]
fn same_folder(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (one.metadata(), other.metadata()) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn same_folder(one: &Path, other: &Path) -> bool {
    one == other
}

#[cfg(test)]
mod tests {
    //! Who may read what.

    use super::{FolderGuard, forbidden};

    #[test]
    fn the_data_folder_is_refused_to_everyone_by_any_name() {
        let temp = tempfile::tempdir().unwrap();
        let data = temp.path().join("data");
        std::fs::create_dir_all(data.join("staging")).unwrap();
        let guard = FolderGuard {
            data_dir: data.clone(),
            allowed_roots: vec![temp.path().to_owned()],
            is_administrator: true,
        };
        for path in [data.clone(), data.join("staging"), data.join("staging/..")] {
            let error = guard.permit(&path).unwrap_err();
            assert!(error.contains("data folder"), "{error}");
        }
        #[cfg(unix)]
        {
            let alias = temp.path().join("alias");
            std::os::unix::fs::symlink(&data, &alias).unwrap();
            assert!(guard.permit(&alias).is_err());
        }
    }

    #[test]
    fn a_member_reads_below_approved_roots_only() {
        let temp = tempfile::tempdir().unwrap();
        let (team, other) = (temp.path().join("team"), temp.path().join("other"));
        std::fs::create_dir_all(team.join("docs")).unwrap();
        std::fs::create_dir_all(&other).unwrap();
        let data = temp.path().join("data");
        let roots = [team.clone()];
        assert_eq!(forbidden(&team.join("docs"), &data, &roots, false), None);
        assert!(
            forbidden(&other, &data, &roots, false)
                .unwrap()
                .contains("administrator")
        );
        assert!(forbidden(&team.join("../other"), &data, &roots, false).is_some());
        assert!(forbidden(&team, &data, &[], false).is_some());
        assert_eq!(forbidden(&other, &data, &roots, true), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_an_approved_root_is_refused() {
        let temp = tempfile::tempdir().unwrap();
        let (team, other) = (temp.path().join("team"), temp.path().join("other"));
        std::fs::create_dir_all(&team).unwrap();
        std::fs::create_dir_all(&other).unwrap();
        std::os::unix::fs::symlink(&other, team.join("out")).unwrap();
        let refused = forbidden(
            &team.join("out"),
            &temp.path().join("data"),
            std::slice::from_ref(&team),
            false,
        );
        assert!(refused.is_some());
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = forbidden("/no/such/folder".as_ref(), "".as_ref(), &[], true).unwrap();
        assert!(
            error.contains("`/no/such/folder`") && error.contains("mounted"),
            "{error}"
        );
    }
}
