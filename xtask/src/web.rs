//! The web UI: installed and built by its own tools, and only when something in `web/` has changed.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{programs, say, setup};

/// Folders in `web/` that are made, not written.
const MADE: [&str; 4] = ["node_modules", "dist", "test-results", "playwright-report"];

/// Whether the repository has a web UI yet.
pub(crate) fn exists(root: &Path) -> bool {
    root.join("web/package.json").exists()
}

/// Builds `web/dist` unless it is that of the present `web/`.
pub(crate) fn build(root: &Path) -> Result<()> {
    if !exists(root) {
        say::note("web/ has no package.json: the server will answer with a page that says so");
        return Ok(());
    }
    let inputs = hash_of_inputs(&root.join("web"))?;
    let stamp = root.join("web/node_modules/.fossick-built");
    if root.join("web/dist/index.html").exists() && is_stamped(&stamp, &inputs) {
        return Ok(());
    }
    install(root)?;
    programs::run(programs::npm(root).args(["run", "build"]))?;
    fs::write(&stamp, inputs).context("could not write the web UI's stamp")
}

/// Installs the packages of `web/package-lock.json` unless they are installed.
pub(crate) fn install(root: &Path) -> Result<()> {
    if is_installed(&root.join("web"))? {
        return Ok(());
    }
    if !setup::has_node() {
        bail!("Node or npm is missing or too old: `cargo xtask setup build` says more");
    }
    programs::run(programs::npm(root).arg("ci"))
}

/// npm keeps a lock file of what it has installed, written last: it is younger than the one that it followed.
fn is_installed(web: &Path) -> Result<bool> {
    let wanted = web
        .join("package-lock.json")
        .metadata()
        .context("could not find the web UI's lock file")?;
    let installed = web.join("node_modules/.package-lock.json").metadata();
    Ok(installed.is_ok_and(|installed| installed.modified().ok() >= wanted.modified().ok()))
}

fn is_stamped(stamp: &Path, wanted: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|found| found == wanted)
}

fn hash_of_inputs(web: &Path) -> Result<String> {
    let mut files = Vec::new();
    list(web, &mut files)?;
    files.sort();
    let mut parts = Vec::new();
    for file in files {
        let bytes = fs::read(&file).with_context(|| format!("could not read `{}`", file.display()))?;
        parts.push((file.strip_prefix(web).unwrap_or(&file).to_path_buf(), bytes));
    }
    Ok(hash_of(parts))
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("could not list `{}`", folder.display()))? {
        let entry = entry?;
        let is_made = MADE.iter().any(|name| entry.file_name() == *name);
        if entry.file_type()?.is_dir() && !is_made {
            list(&entry.path(), files)?;
        } else if entry.file_type()?.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn hash_of(parts: impl IntoIterator<Item = impl Hash>) -> String {
    let mut hasher = DefaultHasher::new();
    for part in parts {
        part.hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_written_counts_as_an_input() {
        let scratch = tempfile::tempdir().expect("a scratch folder");
        let web = scratch.path();
        let put = |path: &str, text: &str| {
            let file = web.join(path);
            fs::create_dir_all(file.parent().expect("a folder")).expect("made");
            fs::write(file, text).expect("written");
        };
        put("src/main.ts", "1");
        let before = hash_of_inputs(web).expect("a hash");
        put("dist/index.html", "built");
        put("node_modules/react/index.js", "installed");
        assert_eq!(hash_of_inputs(web).expect("a hash"), before);
        put("src/main.ts", "2");
        assert_ne!(hash_of_inputs(web).expect("a hash"), before);
    }
}
