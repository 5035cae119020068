//! The limits that the child sets on itself, so that it dies before it harms the machine.
//!
//! The parent watches the clock; these hold even when the parent is gone. Where the operating system has no such
//! limits, only the parent's remain.

use std::io;

use crate::Limits;

/// Processor time on top of the time limit: the parent's watchdog ought to come first, it knows the file.
#[cfg(unix)]
const CPU_GRACE_S: u64 = 5;

/// What this process used before its first request.
#[derive(Debug)]
pub(super) struct OwnLimits {
    /// Address space, in bytes; `None` where it can't be told, and then memory is not limited.
    #[cfg(unix)]
    address_space: Option<u64>,
}

#[cfg(unix)]
impl OwnLimits {
    /// Measures this process, and keeps it from leaving core dumps.
    pub(super) fn of_this_process() -> Self {
        lower(rustix::process::Resource::Core, 0);
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let address_space = status
            .lines()
            .find_map(|line| line.strip_prefix("VmSize:"))
            .and_then(|size| size.trim().trim_end_matches("kB").trim().parse::<u64>().ok())
            .map(|kilobytes| kilobytes * 1024);
        Self { address_space }
    }

    /// Sets what one request may cost from here on.
    pub(super) fn apply(&self, limits: &Limits) {
        if let Some(address_space) = self.address_space {
            let bytes = address_space.saturating_add(limits.memory_bytes_max);
            lower(rustix::process::Resource::As, bytes);
        }
        let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        let used_s = u64::try_from(used.tv_sec).unwrap_or_default();
        let seconds = used_s + limits.time_ms_max.div_ceil(1000) + CPU_GRACE_S;
        lower(rustix::process::Resource::Cpu, seconds);
    }
}

/// Sets the soft limit, which may be raised again for the next request, never above the hard one.
#[cfg(unix)]
fn lower(resource: rustix::process::Resource, soft: u64) {
    let maximum = rustix::process::getrlimit(resource).maximum;
    let current = Some(maximum.map_or(soft, |maximum| maximum.min(soft)));
    let wanted = rustix::process::Rlimit { current, maximum };
    // A system that refuses leaves the parent's limits, which are always there.
    let _refused = rustix::process::setrlimit(resource, wanted);
}

/// Standard output for answers alone: whatever a reader prints goes to the null device.
#[cfg(unix)]
pub(super) fn take_standard_output() -> io::Result<std::fs::File> {
    let own = rustix::io::dup(rustix::stdio::stdout())?;
    let nowhere = std::fs::File::options().write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdout(&nowhere)?;
    Ok(own.into())
}

#[cfg(not(unix))]
impl OwnLimits {
    pub(super) fn of_this_process() -> Self {
        Self {}
    }

    pub(super) fn apply(&self, _limits: &Limits) {}
}

#[cfg(not(unix))]
pub(super) fn take_standard_output() -> io::Result<io::Stdout> {
    Ok(io::stdout())
}
