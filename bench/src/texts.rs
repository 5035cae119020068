//! The real text that every corpus is made of: the descriptions of Debian's packages.
//!
//! `apt-get` fetches them into a folder of ours; the machine's own lists are left alone. Only the release's own list
//! counts, because those of updates change every week. The text's hash stands in every result that used it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// What decompresses any list that `apt-get` keeps.
const CAT_FILE: &str = "/usr/lib/apt/apt-helper";

/// One package as people read about it.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) short: String,
    pub(crate) paragraphs: Vec<String>,
}

/// All packages, by name.
#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) packages: Vec<Package>,
    /// The first digits of the text's hash.
    pub(crate) hash: String,
}

impl Texts {
    /// Reads the text, fetching it the first time.
    pub(crate) fn load(work: &Path) -> Result<Self> {
        let lists = work.join("apt/lists");
        if find(&lists).is_none() {
            fetch(work)?;
        }
        let list = find(&lists).context("apt-get fetched no English descriptions")?;
        let output = Command::new(CAT_FILE)
            .arg("cat-file")
            .arg(&list)
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("could not start `{CAT_FILE}`"))?;
        if !output.status.success() {
            bail!("`{CAT_FILE}` could not read `{}`", list.display());
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let mut packages = parse(&text);
        packages.sort_by(|one, other| one.name.cmp(&other.name));
        packages.dedup_by(|one, other| one.name == other.name || one.paragraphs == other.paragraphs);
        if packages.len() < 1_000 {
            bail!("`{}` holds {} descriptions: too few", list.display(), packages.len());
        }
        Ok(Self {
            packages,
            hash: blake3::hash(&output.stdout).to_hex()[..16].to_owned(),
        })
    }
}

/// The release's list of English descriptions.
fn find(lists: &Path) -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(lists)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.contains("_main_i18n_Translation-en")
                && !["-security", "-updates", "-backports"]
                    .iter()
                    .any(|other| name.contains(other))
        })
        .collect();
    // A partial download of the same name would come later.
    found.sort();
    found.into_iter().next()
}

fn fetch(work: &Path) -> Result<()> {
    let (lists, cache) = (work.join("apt/lists"), work.join("apt/cache"));
    fs::create_dir_all(lists.join("partial"))?;
    fs::create_dir_all(cache.join("archives/partial"))?;
    let option = |name: &str, value: &str| ["-o".to_owned(), format!("{name}={value}")];
    let status = Command::new("apt-get")
        .arg("-q")
        .args(option("Dir::State::lists", &lists.to_string_lossy()))
        .args(option("Dir::Cache", &cache.to_string_lossy()))
        .args(option("Acquire::Languages", "en"))
        .args(option("APT::Sandbox::User", "root"))
        .args(option("Acquire::IndexTargets::deb::DEP-11::DefaultEnabled", "false"))
        .arg("update")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .context("`apt-get` fetches the corpus, and this machine has none")?;
    if !status.success() {
        bail!("`apt-get update` into `{}` ended with {status}", lists.display());
    }
    Ok(())
}

fn parse(text: &str) -> Vec<Package> {
    text.split("\n\n").filter_map(parse_one).collect()
}

/// A stanza: fields, the last of which is the description, its further lines indented, a lone dot between paragraphs.
fn parse_one(stanza: &str) -> Option<Package> {
    let (mut name, mut short) = (None, None);
    let mut paragraphs = vec![String::new()];
    for line in stanza.lines() {
        if let Some(value) = line.strip_prefix("Package: ") {
            name = Some(value.to_owned());
        } else if let Some(value) = line.strip_prefix("Description-en: ") {
            short = Some(value.to_owned());
        } else if let Some(more) = line.strip_prefix(' ')
            && short.is_some()
        {
            match (more.trim(), paragraphs.last_mut()) {
                (".", _) => paragraphs.push(String::new()),
                (words, Some(last)) => {
                    if !last.is_empty() {
                        last.push(' ');
                    }
                    last.push_str(words);
                }
                (_, None) => {}
            }
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    let package = Package {
        name: name?,
        short: short?,
        paragraphs,
    };
    (!package.paragraphs.is_empty()).then_some(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_read_by_paragraphs() {
        let text = "Package: one\nDescription-md5: 1\nDescription-en: does one thing\n First line\n goes on.\n .\n Second.\n\nPackage: two\n\n";
        let packages = parse(text);
        assert_eq!(packages.len(), 1, "a package without a description says nothing");
        assert_eq!(packages[0].short, "does one thing");
        assert_eq!(packages[0].paragraphs, ["First line goes on.", "Second."]);
    }
}
