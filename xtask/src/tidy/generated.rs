//! Generated files: written by a command that `tidy.toml` names, kept in the repository, and current.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Finding;
use super::exceptions::{Exceptions, Generated};
use crate::{programs, say};

/// Writes every generated file again.
pub(crate) fn write(root: &Path) -> Result<()> {
    for one in Exceptions::read(root)?.generated {
        let text = content(root, &one)?.with_context(|| {
            format!(
                "`{}` is made by `{}`, which is not built yet: `cargo build`",
                one.path, one.command[0]
            )
        })?;
        let file = root.join(&one.path);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&file, text).with_context(|| format!("could not write `{}`", one.path))?;
        say::line(&one.path);
    }
    Ok(())
}

/// The generated files that differ from what their commands say now. One whose program is not built is passed over.
pub(super) fn stale(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for one in Exceptions::read(root)?.generated {
        match content(root, &one)? {
            None => say::note(&format!(
                "{}: not compared, `{}` is not built",
                one.path, one.command[0]
            )),
            Some(text) if fs::read_to_string(root.join(&one.path)).ok().as_ref() != Some(&text) => {
                findings.push(Finding::new(
                    &one.path,
                    0,
                    "not what its generator says now: `make gen`",
                ));
            }
            Some(_) => {}
        }
    }
    Ok(findings)
}

/// What the file should hold; `None` while its program is not built.
fn content(root: &Path, one: &Generated) -> Result<Option<String>> {
    let Some((program, arguments)) = one.command.split_first() else {
        bail!("`{}`: the command is empty", one.path);
    };
    if program == "xtask" {
        let chore = std::env::current_exe().context("can't tell where this program is")?;
        return programs::output(Command::new(chore).args(arguments).current_dir(root)).map(Some);
    }
    let program = path_of(root, program);
    if !programs::is_executable(&program) {
        return Ok(None);
    }
    programs::output(Command::new(program).args(arguments).current_dir(root)).map(Some)
}

fn path_of(root: &Path, program: &str) -> PathBuf {
    match program.strip_prefix("target/") {
        Some(built) => programs::target_folder(root).join(built),
        None => root.join(program),
    }
}
