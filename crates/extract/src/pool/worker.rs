//! One child process and the thread that watches the clock for it.

use std::io::{self, Read};
use std::process::{Child, ChildStdin, ChildStdout, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Command;
use crate::frame::{self, Answer, Request};
use crate::{Error, Extracted};

/// How long a child may take to greet.
const START_MS_MAX: u64 = 20_000;
/// How long a child without work is kept, since its memory is better used elsewhere.
const IDLE_MS_MAX: u64 = 30_000;
/// After so many files a child is replaced, whatever its readers leaked by then.
const FILES_MAX: u32 = 1_000;
/// How much of a dead child's last words is read.
const LAST_WORDS_BYTES_MAX: u64 = 4096;

/// A child process, ready for a file or about to be let go of.
#[derive(Debug)]
pub(super) struct Worker {
    watch: Arc<Stopper>,
    watchdog: Option<JoinHandle<()>>,
    input: Option<ChildStdin>,
    output: ChildStdout,
    errors: std::process::ChildStderr,
    files: u32,
    broken: bool,
}

/// The handle by which a child is ended: by its watchdog, by the pool, by nobody else.
#[derive(Debug)]
pub(super) struct Stopper {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    child: Child,
    phase: Phase,
    /// Grows with every change of phase, so that the watchdog never ends a later file for an earlier one.
    turn: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    Busy {
        time_ms_max: u64,
    },
    /// The time ran out, at work or idle.
    Expired,
    /// The pool wants no more of it.
    Stopped,
}

impl Worker {
    /// Starts a child and waits for its greeting. The error says why extraction is unavailable.
    pub(super) fn start(command: &Command) -> Result<Self, String> {
        let program = command.program.display();
        let mut child = prepare(command)
            .spawn()
            .map_err(|error| format!("`{program}` can't be started: {error}"))?;
        let (Some(input), Some(output), Some(errors)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(format!("`{program}` was started without its standard streams"));
        };
        let watch = Arc::new(Stopper {
            state: Mutex::new(State {
                child,
                phase: Phase::Idle,
                turn: 0,
            }),
            changed: Condvar::new(),
        });
        let mut worker = Self {
            watch: Arc::clone(&watch),
            watchdog: None,
            input: Some(input),
            output,
            errors,
            files: 0,
            broken: false,
        };
        watch.enter(Phase::Busy {
            time_ms_max: START_MS_MAX,
        });
        let watchdog = std::thread::Builder::new()
            .name("extract-watchdog".to_owned())
            .spawn(move || watch.watch())
            .map_err(|error| format!("no thread can be started to watch `{program}`: {error}"))?;
        worker.watchdog = Some(watchdog);
        let greeting = frame::expect(&mut worker.output, frame::GREETING.len());
        let in_time = worker.watch.enter(Phase::Idle);
        match greeting {
            Ok(greeting) if greeting == frame::GREETING && in_time => Ok(worker),
            _ => Err(format!("`{program}` does not answer as an extraction child")),
        }
    }

    /// Has one file read. Afterwards, ask whether the child [is reusable](Self::is_reusable).
    pub(super) fn ask(&mut self, request: &Request, body: &[u8]) -> Result<Extracted, Error> {
        self.files += 1;
        let time_ms_max = request.limits.time_ms_max;
        if !self.watch.enter(Phase::Busy { time_ms_max }) {
            self.broken = true;
            return Err(self.watch.expired_or_stopped(request));
        }
        let outcome = match self.exchange(request, body) {
            Ok(answer) => answer,
            Err(error) => Err(self.autopsy(request, &error)),
        };
        if self.watch.enter(Phase::Idle) {
            return outcome;
        }
        self.broken = true;
        Err(self.watch.expired_or_stopped(request))
    }

    /// The handle that ends this child.
    pub(super) fn stopper(&self) -> Arc<Stopper> {
        Arc::clone(&self.watch)
    }

    /// Ends the idling of a child that still runs; from here on a file's time runs. False when it has ended.
    pub(super) fn wake(&self, time_ms_max: u64) -> bool {
        let mut state = self.watch.state();
        if state.phase != Phase::Idle || !matches!(state.child.try_wait(), Ok(None)) {
            return false;
        }
        state.phase = Phase::Busy { time_ms_max };
        state.turn += 1;
        drop(state);
        self.watch.changed.notify_all();
        true
    }

    /// Whether it may read another file.
    pub(super) fn is_reusable(&self) -> bool {
        !self.broken && self.files < FILES_MAX
    }

    fn exchange(&mut self, request: &Request, body: &[u8]) -> io::Result<Result<Extracted, Error>> {
        let header = serde_json::to_vec(request)?;
        let input = self.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        frame::write(input, &header)?;
        frame::write(input, body)?;
        let answer = serde_json::from_slice(&frame::expect(&mut self.output, frame::HEADER_BYTES_MAX)?)?;
        let text = frame::expect(&mut self.output, request.limits.text_bytes_max)?;
        let text = String::from_utf8(text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        Ok(match answer {
            Answer::Read(extracted) => Ok(Extracted { text, ..extracted }),
            Answer::Failed(error) => Err(error),
        })
    }

    /// Finds out what a child died of, or why it has to die. The watchdog still holds its time against it.
    fn autopsy(&mut self, request: &Request, error: &io::Error) -> Error {
        self.broken = true;
        let name = request.name.clone();
        let crashed = |why: String| Error::Crashed {
            name: request.name.clone(),
            why,
        };
        if error.kind() == io::ErrorKind::InvalidData {
            return crashed(format!("the child's answer makes no sense: {error}"));
        }
        let mut last_words = Vec::new();
        // Its streams close as it dies: heard to the end, it is dead of its own cause and not of the kill below.
        let heard = (&mut self.errors)
            .take(LAST_WORDS_BYTES_MAX)
            .read_to_end(&mut last_words);
        let status = self.watch.end();
        let last_words = String::from_utf8_lossy(&last_words);
        let Some(status) = status else {
            return crashed(format!("the child could not be waited for: {error}"));
        };
        let out_of_memory = last_words.contains("memory allocation of") || last_words.contains("out of memory");
        if out_of_memory || signal(status) == Some(SIGKILL) {
            let memory_bytes_max = request.limits.memory_bytes_max;
            return Error::OutOfMemory { name, memory_bytes_max };
        }
        if signal(status).is_some_and(|signal| ASKED_TO_END.contains(&signal)) {
            let why = "its child process was asked to end from outside".to_owned();
            return Error::Unavailable { name, why };
        }
        if signal(status) == Some(SIGXCPU) {
            let time_ms_max = request.limits.time_ms_max;
            return Error::TimedOut { name, time_ms_max };
        }
        if heard.is_ok() && last_words.contains("overflowed its stack") {
            return crashed("its contents nest too deeply for its reader".to_owned());
        }
        crashed(format!("the child ended with {status}"))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.watch.stop();
        self.input = None;
        if let Some(watchdog) = self.watchdog.take() {
            // The watchdog does not panic; if it ever did, the child is ended all the same.
            let _panicked = watchdog.join();
        }
        self.watch.end();
    }
}

impl Stopper {
    /// Ends the child for good, whatever it does.
    pub(super) fn stop(&self) {
        let mut state = self.state();
        if matches!(state.phase, Phase::Idle | Phase::Busy { .. }) {
            state.phase = Phase::Stopped;
        }
        state.turn += 1;
        kill(&mut state.child);
        drop(state);
        self.changed.notify_all();
    }

    /// Changes the phase. False when the child's time had run out or it was stopped, and then nothing changes.
    fn enter(&self, phase: Phase) -> bool {
        let mut state = self.state();
        if matches!(state.phase, Phase::Expired | Phase::Stopped) {
            return false;
        }
        state.phase = phase;
        state.turn += 1;
        drop(state);
        self.changed.notify_all();
        true
    }

    /// The watchdog's loop: ends the child when a phase lasts too long; returns when the child is to end.
    fn watch(&self) {
        let mut state = self.state();
        loop {
            let time_ms = match state.phase {
                Phase::Idle => IDLE_MS_MAX,
                Phase::Busy { time_ms_max } => time_ms_max,
                Phase::Expired | Phase::Stopped => return,
            };
            let turn = state.turn;
            let (after, waited) = self
                .changed
                .wait_timeout_while(state, Duration::from_millis(time_ms), |state| state.turn == turn)
                .unwrap_or_else(PoisonError::into_inner);
            state = after;
            if waited.timed_out() && state.turn == turn {
                state.phase = Phase::Expired;
                kill(&mut state.child);
                // An idle child may not be asked for again for long; it should not linger as a dead one.
                let _status = state.child.wait();
                return;
            }
        }
    }

    fn expired_or_stopped(&self, request: &Request) -> Error {
        let name = request.name.clone();
        if self.state().phase == Phase::Stopped {
            return super::stopped(&name);
        }
        let time_ms_max = request.limits.time_ms_max;
        Error::TimedOut { name, time_ms_max }
    }

    /// Kills the child unless it is dead, and takes its exit status.
    fn end(&self) -> Option<ExitStatus> {
        let mut state = self.state();
        if let Ok(Some(status)) = state.child.try_wait() {
            return Some(status);
        }
        kill(&mut state.child);
        state.child.wait().ok()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn prepare(command: &Command) -> std::process::Command {
    let mut prepared = std::process::Command::new(&command.program);
    prepared
        .args(&command.args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        // A hostile file that takes over the child should not find the server's secrets there. In a group of its own,
        // the child does not get what a person types at the server's terminal.
        prepared.env_clear().process_group(0);
    }
    prepared
}

fn kill(child: &mut Child) {
    // Fails only for a child that has ended already.
    let _ended = child.kill();
}

/// What a service manager or a person sends: hang-up, interrupt, terminate. Says nothing about the file.
const ASKED_TO_END: [i32; 3] = [1, 2, 15];
const SIGKILL: i32 = 9;
const SIGXCPU: i32 = 24;

fn signal(status: ExitStatus) -> Option<i32> {
    #[cfg(unix)]
    {
        std::os::unix::process::ExitStatusExt::signal(&status)
    }
    #[cfg(not(unix))]
    {
        let _none = status;
        None
    }
}
