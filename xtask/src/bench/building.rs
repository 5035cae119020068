//! How long a build takes: from nothing, and after one line was changed in each room.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result};

use super::{Figure, machine};
use crate::{programs, stopwatch::Stopwatch};

/// The rooms that are touched, from the ground up.
const ROOMS: [&str; 4] = ["model", "index", "api", "fossick"];

/// Rebuilds the binary after a change in one room, for several rooms.
pub(super) fn incremental(root: &Path) -> Result<Vec<Figure>> {
    let build = || {
        let mut command = programs::cargo(root);
        command.args(["build", "-q", "-p", "fossick"]);
        command
    };
    programs::run(&mut build())?;
    let mut figures = Vec::new();
    for room in ROOMS {
        touch(&root.join("crates").join(room).join("src"))?;
        let (wall, cpu) = measure(&mut build())?;
        figures.push(Figure::new(format!("touch_{room}_wall_s"), wall));
        figures.push(Figure::new(format!("touch_{room}_cpu_s"), cpu));
    }
    Ok(figures)
}

/// Builds the binary from nothing with the profile of `make run`, in a folder of its own that is removed afterwards.
pub(super) fn cold(root: &Path) -> Result<Vec<Figure>> {
    let target = programs::target_folder(root).join("bench-cold");
    fs::remove_dir_all(&target).or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    let mut command = programs::cargo(root);
    command
        .env("CARGO_TARGET_DIR", &target)
        .args(["build", "-p", "fossick"]);
    let (wall, cpu) = measure(&mut command)?;
    let binary_bytes = fs::metadata(target.join("debug/fossick"))?.len();
    fs::remove_dir_all(&target)?;
    #[expect(clippy::cast_precision_loss, reason = "a binary is smaller than 2^52 bytes")]
    let binary_mib = binary_bytes as f64 / f64::from(1 << 20);
    Ok(vec![
        Figure::new("cold_build_wall_s", wall),
        Figure::new("cold_build_cpu_s", cpu),
        Figure::new("binary_mib", binary_mib),
    ])
}

/// Makes cargo believe that the room has changed.
fn touch(src: &Path) -> Result<()> {
    let file = ["lib.rs", "main.rs"]
        .map(|name| src.join(name))
        .into_iter()
        .find(|file| file.exists());
    let file = file.with_context(|| format!("`{}` has neither lib.rs nor main.rs", src.display()))?;
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo compares with the time of the file system"
    )]
    let now = SystemTime::now();
    File::options().append(true).open(file)?.set_modified(now)?;
    Ok(())
}

/// Seconds of wall clock and of CPU that the command took, with everything that it started and waited for.
fn measure(command: &mut Command) -> Result<(f64, f64)> {
    let before = children_cpu_s()?;
    let stopwatch = Stopwatch::start();
    programs::run(command)?;
    Ok((stopwatch.elapsed().as_secs_f64(), children_cpu_s()? - before))
}

fn children_cpu_s() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, children) = machine::cpu_s(&stat).context("/proc/self/stat looks different on this machine")?;
    Ok(children)
}
