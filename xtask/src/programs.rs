//! Finding and running other programs.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

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
