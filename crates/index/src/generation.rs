//! Generations: `<dir>/<number>/` holds an index, `<dir>/CURRENT` names the live one.
//!
//! `CURRENT` is replaced by a rename after its contents are on disk, so that a crash leaves the old name or the new
//! one. Whatever it does not name is a leftover.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::Error;

const CURRENT: &str = "CURRENT";
const CURRENT_NEW: &str = "CURRENT.new";

/// The folder of all generations.
#[derive(Debug)]
pub(crate) struct Generations {
    dir: PathBuf,
}

/// One index among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Generation {
    /// Its number, from 1.
    pub number: u64,
    /// Its own folder.
    pub dir: PathBuf,
}

impl Generations {
    /// The generations in `dir`, to be read.
    pub(crate) fn at(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// The generations in `dir`, which is created if it is missing.
    pub(crate) fn open(dir: &Path) -> Result<Self, Error> {
        let generations = Self::at(dir);
        fs::create_dir_all(dir).map_err(|error| generations.failed("was created", &error))?;
        Ok(generations)
    }

    /// The folder.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The live generation; `None` where none was ever made current, or its folder is gone.
    pub(crate) fn current(&self) -> Result<Option<Generation>, Error> {
        let text = match fs::read_to_string(self.dir.join(CURRENT)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(None),
            Err(error) => return Err(self.failed("was opened", &error)),
        };
        let named = text.trim().parse().ok().map(|number| self.generation(number));
        Ok(named.filter(|generation| generation.dir.is_dir()))
    }

    /// A new, empty one, above all that exist.
    pub(crate) fn create(&self) -> Result<Generation, Error> {
        let existing = self.list()?.into_iter().map(|generation| generation.number).max();
        let generation = self.generation(existing.unwrap_or(0).saturating_add(1));
        fs::create_dir(&generation.dir).map_err(|error| self.failed("was created", &error))?;
        Ok(generation)
    }

    /// Makes it the live one, durably and at once.
    pub(crate) fn make_current(&self, generation: &Generation) -> Result<(), Error> {
        let write = || -> io::Result<()> {
            // The folder itself has to be on disk before anything names it.
            File::open(&generation.dir)?.sync_all()?;
            let new = self.dir.join(CURRENT_NEW);
            let mut file = File::create(&new)?;
            writeln!(file, "{}", generation.number)?;
            file.sync_all()?;
            fs::rename(&new, self.dir.join(CURRENT))?;
            File::open(&self.dir)?.sync_all()
        };
        write().map_err(|error| self.failed("was swapped", &error))
    }

    /// Removes a generation that is no longer, or never was, the live one.
    pub(crate) fn remove(&self, generation: &Generation) -> Result<(), Error> {
        match fs::remove_dir_all(&generation.dir) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(self.failed("removed an old generation", &error)),
        }
    }

    /// The newest one above `live`: what an interrupted rebuild left.
    pub(crate) fn unfinished(&self, live: &Generation) -> Result<Option<Generation>, Error> {
        let above = self.list()?.into_iter().filter(|one| one.number > live.number);
        Ok(above.max_by_key(|one| one.number))
    }

    /// Removes all but `kept`.
    pub(crate) fn remove_others(&self, kept: &[&Generation]) -> Result<(), Error> {
        for generation in self.list()? {
            if !kept.contains(&&generation) {
                self.remove(&generation)?;
            }
        }
        Ok(())
    }

    fn list(&self) -> Result<Vec<Generation>, Error> {
        let read = || -> io::Result<Vec<Generation>> {
            let mut found = Vec::new();
            for entry in fs::read_dir(&self.dir)? {
                let name = entry?.file_name();
                if let Some(number) = name.to_str().and_then(|name| name.parse().ok()) {
                    found.push(self.generation(number));
                }
            }
            Ok(found)
        };
        read().map_err(|error| self.failed("was opened", &error))
    }

    fn generation(&self, number: u64) -> Generation {
        Generation {
            number,
            dir: self.dir.join(number.to_string()),
        }
    }

    fn failed(&self, doing: &'static str, error: &io::Error) -> Error {
        Error::Storage {
            dir: self.dir.clone(),
            doing,
            cause: error.to_string(),
        }
    }
}
