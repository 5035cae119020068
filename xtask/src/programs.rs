//! Finding and running other programs.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};

use crate::stopwatch::Stopwatch;

/// The program's path, if `PATH` has it.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| is_executable(file))
}

/// Whether the file exists and somebody may execute it.
pub(crate) fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// Runs the command on this terminal. Any end other than success is an error that names the command.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("could not start `{}`", text_of(command)))?;
    if !status.success() {
        bail!("`{}` ended with {status}", text_of(command));
    }
    Ok(())
}

/// How often a command with a limit is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Runs the command on this terminal, and ends it and everything below it when it takes longer than `limit`: what hangs
/// is then an error that says so, with the last lines above it.
pub(crate) fn run_within(limit: Duration, command: &mut Command) -> Result<()> {
    let text = text_of(command);
    let mut child = command.spawn().with_context(|| format!("could not start `{text}`"))?;
    let stopwatch = Stopwatch::start();
    loop {
        if let Some(status) = child.try_wait()? {
            return if status.success() {
                Ok(())
            } else {
                Err(anyhow!("`{text}` ended with {status}"))
            };
        }
        if stopwatch.elapsed() > limit {
            for below in descendants(child.id()) {
                // One that has ended meanwhile needs no signal.
                drop(
                    Command::new("kill")
                        .args(["-9", &below.to_string()])
                        .stderr(Stdio::null())
                        .status(),
                );
            }
            child.kill()?;
            child.wait()?;
            bail!(
                "`{text}` hung: it was ended after {} minutes; the lines above say where",
                limit.as_secs() / 60
            );
        }
        #[expect(clippy::disallowed_methods, reason = "a chore has nothing else to do meanwhile")]
        std::thread::sleep(LOOK_EVERY);
    }
}

/// The processes that this one started, theirs included.
fn descendants(of: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|id: u32| {
            let line = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            // The program's name, in brackets, may hold anything; the state and the parent follow it.
            let parent = line.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
            Some((id, parent))
        })
        .collect();
    let mut found = vec![of];
    let mut at = 0;
    while let Some(parent) = found.get(at).copied() {
        found.extend(parents.iter().filter(|(_, its)| *its == parent).map(|(id, _)| *id));
        at += 1;
    }
    found.split_off(1)
}

/// Runs the command and returns what it wrote on standard output; its own words are in the error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("could not start `{}`", text_of(command)))?;
    if !output.status.success() {
        bail!(
            "`{}` ended with {}\n{}{}",
            text_of(command),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Cargo, as if a person had called it from the shell.
///
/// `cargo run` tells this process about its own package. Build scripts may ask to run again when such a variable
/// changes (ring's does), so passing them on would build half of the workspace a second time.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root);
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        let is_about_us = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
            .iter()
            .any(|prefix| name_text.starts_with(prefix));
        if is_about_us || name_text == "OUT_DIR" {
            command.env_remove(&name);
        }
    }
    command
}

/// npm in the web UI's folder.
pub(crate) fn npm(root: &Path) -> Command {
    let mut command = Command::new("npm");
    command
        .arg("--prefix")
        .arg(root.join("web"))
        .args(["--no-audit", "--no-fund", "--no-update-notifier"])
        .current_dir(root.join("web"));
    command
}

fn text_of(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

/// A Chromium that can be driven: the one in `FOSSICK_CHROMIUM`, else the system's.
pub(crate) fn find_chromium() -> Option<PathBuf> {
    std::env::var_os("FOSSICK_CHROMIUM")
        .map(PathBuf::from)
        .filter(|file| is_executable(file))
        .or_else(|| {
            ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]
                .iter()
                .find_map(|name| find(name))
        })
}

/// Where this machine keeps what it builds.
pub(crate) fn target_folder(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_is_ended_with_everything_below_it() {
        let folder = std::env::temp_dir().join(format!("xtask-hangs-{}", std::process::id()));
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 1000 & echo $! > \"$0\"; wait"]).arg(&folder);
        let error = run_within(Duration::from_millis(500), &mut command)
            .unwrap_err()
            .to_string();
        assert!(error.contains("hung"), "{error}");
        let below = std::fs::read_to_string(&folder).unwrap();
        std::fs::remove_file(&folder).unwrap();
        // Ended and not yet collected by init is ended, too. The signal takes its time.
        let is_over = || {
            let state = std::fs::read_to_string(format!("/proc/{}/stat", below.trim())).unwrap_or_default();
            state
                .rsplit_once(')')
                .is_none_or(|(_, rest)| rest.trim_start().starts_with('Z'))
        };
        assert!((0..1_000_000).any(|_| is_over()), "it goes on");
    }

    #[test]
    fn what_ends_in_time_ends_as_it_does() {
        assert!(run_within(Duration::from_mins(1), &mut Command::new("true")).is_ok());
        let error = run_within(Duration::from_mins(1), &mut Command::new("false")).unwrap_err();
        assert!(error.to_string().contains("exit status: 1"), "{error}");
    }
}
