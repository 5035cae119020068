//! Writing a backup: a folder or an archive beside its final name, renamed when it is whole.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::format::{CONTENTS, Contents, Hashing, Listed};

/// How hard archives are compressed: staged pages are compressed already.
const LEVEL: i32 = 3;

/// Where a backup goes. What was written is removed again when it is dropped unfinished.
pub(super) struct Target {
    kind: Kind,
    to: PathBuf,
    /// The unfinished folder or archive.
    partial: PathBuf,
    /// Private folder for files on their way into an archive.
    scratch: PathBuf,
    is_finished: bool,
}

enum Kind {
    Folder,
    Archive(Box<tar::Builder<Out>>),
}

/// An archive's file.
enum Out {
    Plain(BufWriter<File>),
    Compressed(zstd::Encoder<'static, BufWriter<File>>),
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Compressed(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Compressed(out) => out.flush(),
        }
    }
}

impl Out {
    /// Writes the rest; durable when it returns.
    fn finish(self) -> io::Result<()> {
        let out = match self {
            Self::Plain(out) => out,
            Self::Compressed(out) => out.finish()?,
        };
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }
}

impl Target {
    /// An archive where the name says so, or else a folder; readable by its owner alone.
    pub(super) fn create(to: &Path) -> anyhow::Result<Self> {
        let name = to
            .file_name()
            .context("a backup needs a name")?
            .to_string_lossy()
            .into_owned();
        let partial = to.with_file_name(format!("{name}.partial-{}", std::process::id()));
        let failed = || format!("can't write the backup `{}`", to.display());
        let is_compressed = name.strip_suffix(".tar.zst").is_some();
        let (kind, scratch) = if is_compressed || name.strip_suffix(".tar").is_some() {
            let file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&partial)
                .with_context(failed)?;
            let out = BufWriter::new(file);
            let out = if is_compressed {
                Out::Compressed(zstd::Encoder::new(out, LEVEL)?)
            } else {
                Out::Plain(out)
            };
            let scratch = to.with_file_name(format!("{name}.scratch-{}", std::process::id()));
            (Kind::Archive(Box::new(tar::Builder::new(out))), scratch)
        } else {
            (Kind::Folder, partial.clone())
        };
        let target = Self {
            kind,
            to: to.to_owned(),
            partial,
            scratch,
            is_finished: false,
        };
        folder(&target.scratch).with_context(failed)?;
        Ok(target)
    }

    /// Where a file may be made that is then added under `name`.
    pub(super) fn scratch(&self, name: &str) -> PathBuf {
        self.scratch.join(name)
    }

    /// Adds the file at `from`.
    pub(super) fn add(&mut self, name: &str, from: &Path) -> anyhow::Result<Listed> {
        let file = File::open(from)?;
        let bytes = file.metadata()?.len();
        let mut read = Hashing::new(file.take(bytes));
        match &mut self.kind {
            Kind::Archive(archive) => append(archive, name, bytes, &mut read)?,
            Kind::Folder => {
                let to = self.partial.join(name);
                if to == from {
                    // Made in place.
                    io::copy(&mut read, &mut io::sink())?;
                } else {
                    copy(&mut read, &to)?;
                }
            }
        }
        Ok(read.listed(name))
    }

    /// Adds the list and gives the backup its name; durable when it returns.
    pub(super) fn finish(mut self, contents: &Contents) -> anyhow::Result<()> {
        let list = serde_json::to_vec_pretty(contents)?;
        match std::mem::replace(&mut self.kind, Kind::Folder) {
            Kind::Archive(mut archive) => {
                append(&mut archive, CONTENTS, list.len() as u64, &mut list.as_slice())?;
                archive.into_inner()?.finish()?;
                std::fs::remove_dir_all(&self.scratch)?;
            }
            Kind::Folder => copy(&mut list.as_slice(), &self.partial.join(CONTENTS))?,
        }
        std::fs::rename(&self.partial, &self.to)?;
        self.is_finished = true;
        let parent = self.to.parent().unwrap_or(Path::new("/"));
        File::open(parent)?.sync_all()?;
        Ok(())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if !self.is_finished {
            // What remains says by its name that it is unfinished.
            drop(std::fs::remove_file(&self.partial));
            drop(std::fs::remove_dir_all(&self.partial));
            drop(std::fs::remove_dir_all(&self.scratch));
        }
    }
}

fn append(archive: &mut tar::Builder<Out>, name: &str, bytes: u64, from: &mut impl Read) -> anyhow::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_entry_type(tar::EntryType::Regular);
    archive.append_data(&mut header, name, from)?;
    Ok(())
}

/// Writes a file of a folder, durably and readable by its owner alone.
pub(in crate::commands) fn copy(from: &mut impl Read, to: &Path) -> anyhow::Result<()> {
    if let Some(parent) = to.parent() {
        folder(parent)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    io::copy(from, &mut file)?;
    file.sync_all()?;
    Ok(())
}

/// Makes a folder and those above it, for its owner alone.
pub(in crate::commands) fn folder(path: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}
