//! As whom a service runs: PostgreSQL refuses to run as root, and so would we.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The unprivileged user that a service runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceUser {
    /// The user and group to become; `None` when the caller is unprivileged already.
    become_ids: Option<(u32, u32)>,
}

impl ServiceUser {
    /// The first of `names` that this machine knows, when the caller is root; else the caller.
    pub(crate) fn choose(names: &[&str]) -> Result<Self> {
        if !is_root()? {
            return Ok(Self { become_ids: None });
        }
        let mut passwd = String::new();
        File::open("/etc/passwd")
            .and_then(|mut file| file.read_to_string(&mut passwd))
            .context("could not read /etc/passwd")?;
        for name in names {
            if let Some(ids) = find_user(&passwd, name) {
                return Ok(Self { become_ids: Some(ids) });
            }
        }
        bail!(
            "none of the users {} exists, and the service must not run as root",
            names.join(", ")
        )
    }

    /// A command that runs as this user, from a folder that everyone may enter.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").stdin(Stdio::null());
        if let Some((uid, gid)) = self.become_ids {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Makes the folder, for this user's eyes only. An existing one must be this user's own.
    pub(crate) fn make_folder(&self, folder: &Path) -> Result<()> {
        match std::fs::create_dir(folder) {
            Ok(()) => {
                if let Some((uid, gid)) = self.become_ids {
                    std::os::unix::fs::chown(folder, Some(uid), Some(gid))
                        .with_context(|| format!("could not give `{}` away", folder.display()))?;
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| format!("could not make `{}`", folder.display())),
        }
        let meta = folder.symlink_metadata()?;
        let owner = self.become_ids.map_or_else(own_uid, |(uid, _)| Ok(uid))?;
        if !meta.is_dir() || meta.uid() != owner {
            bail!(
                "`{}` is not a folder of the service's user: remove it",
                folder.display()
            );
        }
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
        Ok(())
    }

    /// Whether this user can reach the folder: each folder above it must let them through.
    pub(crate) fn can_enter(&self, folder: &Path) -> bool {
        self.command(Path::new("/bin/sh"))
            .args(["-c", "cd \"$1\" 2>/dev/null", "sh"])
            .arg(folder)
            .status()
            .is_ok_and(|status| status.success())
    }
}

/// Whether this process may do everything.
pub(crate) fn is_root() -> Result<bool> {
    Ok(own_uid()? == 0)
}

fn own_uid() -> Result<u32> {
    let id = crate::programs::output(Command::new("id").arg("-u"))?;
    id.trim().parse().with_context(|| format!("`id -u` answered `{id}`"))
}

fn find_user(passwd: &str, name: &str) -> Option<(u32, u32)> {
    let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests;
