//! Gauges: wall clock, processor time and memory of this process and of others.
//!
//! Processor time comes first in every result: machines are shared, and a busy neighbour makes the wall clock lie.

use std::collections::HashMap;
use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::time::{ClockId, clock_gettime};

/// Clock ticks of `/proc/<pid>/stat` per second, the same on every Linux.
const TICKS_PER_S: f64 = 100.0;

/// The wall clock.
pub(crate) fn instant() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures the machine's own clock")]
    let now = Instant::now();
    now
}

/// Lets time pass. Only for threads that have nothing else to do.
pub(crate) fn pause(time: Duration) {
    #[expect(clippy::disallowed_methods, reason = "nothing else runs on this thread")]
    std::thread::sleep(time);
}

/// Seconds of processor time that this process has used, all threads together.
pub(crate) fn own_cpu_s() -> f64 {
    seconds(ClockId::ProcessCPUTime)
}

/// Seconds of processor time that this thread has used.
pub(crate) fn thread_cpu_s() -> f64 {
    seconds(ClockId::ThreadCPUTime)
}

fn seconds(clock: ClockId) -> f64 {
    let time = clock_gettime(clock);
    real(time.tv_sec) + real(time.tv_nsec) / 1e9
}

/// Seconds of processor time of the children that this process has waited for.
pub(crate) fn children_cpu_s() -> Result<f64> {
    let stat = Stat::read("self")?;
    Ok(stat.children_s)
}

/// Seconds of processor time of a process, of the children that it has waited for and of all that descend from it.
pub(crate) fn tree_cpu_s(root: u32) -> Result<f64> {
    let mut stats: HashMap<u32, Stat> = HashMap::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        if let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok())
            && let Ok(stat) = Stat::read(&pid.to_string())
        {
            stats.insert(pid, stat);
        }
    }
    let is_below = |mut pid: u32| loop {
        if pid == root {
            return true;
        }
        match stats.get(&pid) {
            Some(stat) if stat.parent != 0 => pid = stat.parent,
            _ => return false,
        }
    };
    let below = stats.iter().filter(|(pid, _)| is_below(**pid));
    Ok(below.map(|(_, stat)| stat.own_s + stat.children_s).sum())
}

/// Seconds of processor time of each thread that a process has now, to the nanosecond.
pub(crate) fn threads_cpu_s(pid: u32) -> Result<HashMap<String, f64>> {
    let mut all = HashMap::new();
    for entry in fs::read_dir(format!("/proc/{pid}/task"))? {
        let entry = entry?;
        // A thread that ends in this moment is none.
        let Ok(text) = fs::read_to_string(entry.path().join("schedstat")) else {
            continue;
        };
        let first = text.split_whitespace().next().context("an empty schedstat")?;
        all.insert(
            entry.file_name().to_string_lossy().into_owned(),
            first.parse::<f64>()? / 1e9,
        );
    }
    Ok(all)
}

/// What a process at rest has used since `before`; what threads that have ended meanwhile did is not in it.
pub(crate) fn rested_cpu_s(pid: u32, before: &HashMap<String, f64>) -> Result<f64> {
    let now = threads_cpu_s(pid)?;
    let used = now
        .iter()
        .map(|(thread, cpu_s)| cpu_s - before.get(thread).copied().unwrap_or_default());
    Ok(used.sum())
}

/// The process that started another.
pub(crate) fn parent_of(pid: u32) -> Result<u32> {
    Ok(Stat::read(&pid.to_string())?.parent)
}

struct Stat {
    parent: u32,
    own_s: f64,
    children_s: f64,
}

impl Stat {
    fn read(pid: &str) -> Result<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The name in brackets may hold anything, so counting starts after it.
        let after = text.rsplit_once(')').context("/proc/<pid>/stat looks different")?.1;
        let fields: Vec<&str> = after.split_whitespace().collect();
        let ticks =
            |at: usize| -> Result<f64> { Ok(fields.get(at).context("a short line")?.parse::<f64>()? / TICKS_PER_S) };
        Ok(Self {
            parent: fields.get(1).context("a short line")?.parse()?,
            own_s: ticks(11)? + ticks(12)?,
            children_s: ticks(13)? + ticks(14)?,
        })
    }
}

/// What a process holds in memory, in MiB.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// Its own, which no file backs.
    pub(crate) anonymous_mib: f64,
    /// All that is in memory, mapped files included.
    pub(crate) resident_mib: f64,
}

impl Memory {
    /// Of one process: a number, or `self`.
    pub(crate) fn of(pid: &str) -> Result<Self> {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let kib = |name: &str| -> Result<f64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_whitespace().next());
            Ok(number
                .with_context(|| format!("no `{name}` in /proc/{pid}/status"))?
                .parse()?)
        };
        Ok(Self {
            anonymous_mib: kib("RssAnon:")? / 1024.0,
            resident_mib: kib("VmRSS:")? / 1024.0,
        })
    }
}

/// Waits until this process's other threads have come to rest, such as merges that go on after the last commit.
pub(crate) fn settle() {
    let mut before = own_cpu_s();
    for _ in 0..200 {
        pause(Duration::from_millis(100));
        let now = own_cpu_s();
        if now - before < 0.003 {
            return;
        }
        before = now;
    }
}

/// What something took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spent {
    pub(crate) wall_s: f64,
    pub(crate) cpu_s: f64,
}

/// Measures what this process takes, its waited-for children included.
pub(crate) struct Measure {
    started: Instant,
    cpu_s: f64,
}

impl Measure {
    pub(crate) fn start() -> Result<Self> {
        Ok(Self {
            cpu_s: own_cpu_s() + children_cpu_s()?,
            started: instant(),
        })
    }

    pub(crate) fn wall_s(&self) -> f64 {
        instant().duration_since(self.started).as_secs_f64()
    }

    pub(crate) fn cpu_s(&self) -> Result<f64> {
        Ok(own_cpu_s() + children_cpu_s()? - self.cpu_s)
    }

    pub(crate) fn spent(&self) -> Result<Spent> {
        Ok(Spent {
            wall_s: self.wall_s(),
            cpu_s: self.cpu_s()?,
        })
    }

    /// Wall clock up to now, processor time up to the moment when all threads rest.
    pub(crate) fn settled(&self) -> Result<Spent> {
        let wall_s = self.wall_s();
        settle();
        Ok(Spent {
            wall_s,
            cpu_s: self.cpu_s()?,
        })
    }
}

/// A count as a real number.
pub(crate) fn real<T: TryInto<i64>>(count: T) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts here are far below 2^52")]
    let real = count.try_into().unwrap_or(i64::MAX) as f64;
    real
}

/// The value below which the share `part` (0 to 1) of `values` lies; sorts them.
pub(crate) fn percentile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a length is within it"
    )]
    let at = (real(last) * part).round() as usize;
    values.get(at).copied().unwrap_or(f64::NAN)
}
