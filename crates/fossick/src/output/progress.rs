//! How far long work is: a bar on a terminal, a line now and then elsewhere.

use std::io::{self, IsTerminal, Write};
use std::sync::LazyLock;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use model::{Clock, SystemClock, Timestamp};

use super::Output;

/// How often a line is printed where there is no terminal.
const LINE_EVERY_MS: i64 = 5_000;

/// All bars of this process: the log has to know what is drawn, so as to write above it.
static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// Standard error for whole lines, which stand above the bars.
#[derive(Debug)]
pub(crate) struct AboveBars;

impl Write for AboveBars {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        BARS.suspend(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// The progress of one piece of work, on standard error. Ends when dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    what: String,
    is_silent: bool,
    last: (Timestamp, String),
}

impl Progress {
    /// Starts to show the progress of `what`.
    pub(crate) fn new(output: Output, what: impl Into<String>) -> Self {
        let what = what.into();
        let bar = (!output.is_json && io::stderr().is_terminal()).then(|| {
            let bar = BARS.add(ProgressBar::new_spinner().with_message(what.clone()));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self {
            bar,
            what,
            is_silent: output.is_json,
            last: (SystemClock.now(), String::new()),
        }
    }

    /// Shows that `done` of `total` is done (`None`: nobody knows how much there is), and a few words.
    pub(crate) fn show(&mut self, done: u64, total: Option<u64>, words: &str) {
        let Some(bar) = &self.bar else {
            self.print(done, total, words);
            return;
        };
        match total.filter(|total| *total > 0) {
            Some(total) => {
                bar.set_style(style("{spinner} {msg} [{bar:24}] {percent}%"));
                bar.set_length(total.max(done));
            }
            None => bar.set_style(style("{spinner} {msg}")),
        }
        bar.set_position(done);
        bar.set_message(format!("{}: {words}", self.what));
    }

    fn print(&mut self, done: u64, total: Option<u64>, words: &str) {
        let now = SystemClock.now();
        if self.is_silent || now.since_ms(self.last.0) < LINE_EVERY_MS {
            return;
        }
        let share = total
            .filter(|total| *total > 0)
            .map(|total| format!(" ({}%)", done.min(total) * 100 / total));
        let line = format!("{}: {words}{}", self.what, share.unwrap_or_default());
        if line != self.last.1 {
            // Nobody reads it any more when this fails.
            drop(writeln!(io::stderr(), "{line}"));
        }
        self.last = (now, line);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_never| ProgressStyle::default_bar())
}
