//! The machine that a figure was measured on: without it, a figure says nothing.

use std::fs;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::programs;

/// Processor, memory, kernel, compiler, and how busy the machine was with other things.
pub(super) fn describe() -> Result<Value> {
    let processors = fs::read_to_string("/proc/cpuinfo").context("the machine is described from /proc")?;
    let memory = fs::read_to_string("/proc/meminfo")?;
    let load = fs::read_to_string("/proc/loadavg")?;
    Ok(json!({
        "processor": field(&processors, "model name").unwrap_or("unknown"),
        "processors": std::thread::available_parallelism()?.get(),
        "memory": field(&memory, "MemTotal").unwrap_or("unknown"),
        "kernel": fs::read_to_string("/proc/sys/kernel/osrelease")?.trim(),
        "compiler": programs::output(std::process::Command::new("rustc").arg("--version"))?.trim(),
        "load_after": load.split_whitespace().next().unwrap_or("unknown"),
    }))
}

/// The value of the first `name : value` line.
pub(super) fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        (found.trim() == name).then(|| value.trim())
    })
}

/// Seconds of CPU in `/proc/<pid>/stat`: the process's own, and those of the children that it has waited for.
pub(super) fn cpu_s(stat: &str) -> Option<(f64, f64)> {
    // The name in brackets may hold anything, so counting starts after it. Linux counts in hundredths of a second.
    let after = stat.rsplit_once(')')?.1;
    let fields: Vec<f64> = after
        .split_whitespace()
        .skip(11)
        .take(4)
        .filter_map(|text| text.parse().ok())
        .collect();
    match fields.as_slice() {
        [user, system, child_user, child_system] => {
            Some(((user + system) / 100.0, (child_user + child_system) / 100.0))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let text = "MemTotal:  8 kB\nMemFree: 3 kB\n";
        assert_eq!(field(text, "MemFree"), Some("3 kB"));
        assert_eq!(field(text, "Mem"), None);
    }

    #[test]
    fn cpu_time_is_counted_after_the_name() {
        let stat = "7 (a b) c) S 1 2 3 4 5 6 7 8 9 10 250 50 1000 200 20 0";
        assert_eq!(cpu_s(stat), Some((3.0, 12.0)));
        assert_eq!(cpu_s("7 (x) S 1"), None);
    }
}
