//! The parent's side: a few child processes that read files, are ended when they take too long, and are replaced when
//! they die.
//!
//! Synchronous: a call takes a child, waits for the answer and gives the child back. Calls beyond the number of
//! children wait for one; that wait does not count as the file's time.

mod worker;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::frame::{Body, Request};
use crate::{Error, Extracted, Format, Limits, MediaType, Part, child};
use worker::{Stopper, Worker};

/// How the children are started, and how many.
#[derive(Debug, Clone)]
pub struct Command {
    /// The program: this same binary.
    pub program: PathBuf,
    /// Its arguments, such as the hidden subcommand that calls [`child::main`].
    pub args: Vec<OsString>,
    /// Most children at the same time; 0 counts as 1. None is started before it is needed.
    pub children_max: usize,
}

/// Child processes that extract. Dropping the pool ends them.
#[derive(Debug)]
pub struct ExtractPool {
    command: Command,
    limits: Limits,
    slots: Mutex<Slots>,
    /// Told whenever a child comes back.
    freed: Condvar,
}

#[derive(Debug, Default)]
struct Slots {
    idle: Vec<Worker>,
    /// The children at work, so that `stop` can reach them.
    busy: Vec<Arc<Stopper>>,
    /// Places taken, by children at work and children being started.
    taken: usize,
    stopped: bool,
}

impl ExtractPool {
    /// A pool without any child yet.
    pub fn new(command: Command, limits: Limits) -> Self {
        Self {
            command,
            limits,
            slots: Mutex::default(),
            freed: Condvar::new(),
        }
    }

    /// The limits of every extraction.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Extracts a file that a child opens, if it is no link. `name` is what messages call it, and its extension counts;
    /// `media_type` may be empty.
    ///
    /// Blocks for at most the time limit, once a child is free; for twice that where a message is read once more without
    /// what is attached to it.
    pub fn extract_file(&self, path: &Path, name: &str, media_type: &str) -> Result<Extracted, Error> {
        // The child may have another working directory.
        let absolute = std::path::absolute(path).unwrap_or_else(|_unknown| path.to_path_buf());
        let request = self.request(name.to_owned(), MediaType::from_name(media_type), Body::Path);
        self.ask(&request, &child::path_bytes(&absolute))
    }

    /// Extracts bytes that are at hand. `name` is what messages call them, and its extension counts.
    pub fn extract_bytes(&self, name: &str, media_type: &str, bytes: &[u8]) -> Result<Extracted, Error> {
        let part = Part::of(name, MediaType::from_name(media_type), bytes, &self.limits)?;
        let body = if part.is_beginning {
            Body::Beginning
        } else {
            Body::Whole
        };
        self.ask(&self.request(name.to_owned(), part.media_type, body), part.bytes)
    }

    /// Ends all children, those at work included, and refuses further files; for a quick shutdown.
    pub fn stop(&self) {
        let mut slots = self.slots();
        slots.stopped = true;
        for stopper in &slots.busy {
            stopper.stop();
        }
        let idle = std::mem::take(&mut slots.idle);
        drop(slots);
        drop(idle);
        self.freed.notify_all();
    }

    fn request(&self, name: String, media_type: MediaType, body: Body) -> Request {
        Request {
            name,
            media_type,
            body,
            limits: self.limits.clone(),
        }
    }

    /// Asks a child; of a message that ended it, once more without what is attached.
    fn ask(&self, request: &Request, body: &[u8]) -> Result<Extracted, Error> {
        let outcome = self.ask_once(request, body);
        if !is_message(request) || !outcome.as_ref().is_err_and(is_of_the_work) {
            return outcome;
        }
        let mut alone = request.clone();
        alone.limits.attachments_max = 0;
        self.ask_once(&alone, body).or(outcome)
    }

    fn ask_once(&self, request: &Request, body: &[u8]) -> Result<Extracted, Error> {
        let place = self.take_place(&request.name)?;
        let mut worker = match self.idle_worker(request.limits.time_ms_max) {
            Some(worker) => worker,
            None => Worker::start(&self.command).map_err(|why| unavailable(&request.name, why))?,
        };
        place.enter(&worker)?;
        let outcome = worker.ask(request, body);
        place.leave(worker);
        outcome
    }

    /// An idle child that still lives. It is not ended for its idleness any more, which no file is to blame for.
    fn idle_worker(&self, time_ms_max: u64) -> Option<Worker> {
        loop {
            // Taken in a statement of its own: a dead child is dropped, hence joined, without the lock.
            let worker = self.slots().idle.pop()?;
            if worker.wake(time_ms_max) {
                return Some(worker);
            }
        }
    }

    fn take_place(&self, name: &str) -> Result<Place<'_>, Error> {
        let places = self.command.children_max.max(1);
        let mut slots = self
            .freed
            .wait_while(self.slots(), |slots| slots.taken >= places && !slots.stopped)
            .unwrap_or_else(PoisonError::into_inner);
        if slots.stopped {
            return Err(stopped(name));
        }
        slots.taken += 1;
        Ok(Place {
            pool: self,
            name: name.to_owned(),
        })
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of the places for children; given back when dropped.
#[derive(Debug)]
struct Place<'a> {
    pool: &'a ExtractPool,
    name: String,
}

impl Place<'_> {
    fn enter(&self, worker: &Worker) -> Result<(), Error> {
        let mut slots = self.pool.slots();
        if slots.stopped {
            return Err(stopped(&self.name));
        }
        slots.busy.push(worker.stopper());
        Ok(())
    }

    /// Keeps a healthy child for the next file and lets go of any other.
    fn leave(&self, worker: Worker) {
        let mut slots = self.pool.slots();
        let stopper = worker.stopper();
        slots.busy.retain(|busy| !Arc::ptr_eq(busy, &stopper));
        if worker.is_reusable() && !slots.stopped {
            slots.idle.push(worker);
        } else {
            drop(slots);
            drop(worker);
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.pool.slots().taken -= 1;
        self.pool.freed.notify_one();
    }
}

fn is_message(request: &Request) -> bool {
    let named = MediaType::from_path(Path::new(&request.name));
    request.media_type.format() == Format::Mail || named.is_some_and(|named| named.format() == Format::Mail)
}

/// Whether reading took more than a file may cost, which something in it may be to blame for.
fn is_of_the_work(error: &Error) -> bool {
    matches!(
        error,
        Error::TimedOut { .. } | Error::OutOfMemory { .. } | Error::Crashed { .. }
    )
}

fn unavailable(name: &str, why: String) -> Error {
    Error::Unavailable {
        name: name.to_owned(),
        why,
    }
}

fn stopped(name: &str) -> Error {
    unavailable(name, "extraction has been stopped".to_owned())
}
