//! What is kept: the database, sealed secrets, room on the disk, times.

use model::{SourceId, Timestamp};
use store::Store;

use super::Findings;
use crate::beside;
use crate::output::{bytes, count, duration};

/// Below this much free space fetching stops soon: 2 GiB.
const FREE_LITTLE: u64 = 2 << 30;
/// Below this much nothing can be counted on: 256 MiB.
const FREE_NOTHING: u64 = 256 << 20;
/// By how much clocks of several machines may differ.
const SKEW_MS: i64 = 5 * 60_000;

/// The database is whole.
pub(super) async fn integrity(store: &Store, is_quick: bool, found: &mut Findings) {
    if store.is_shared() {
        found.ok("database", "PostgreSQL answers");
        return;
    }
    if is_quick {
        found.ok("database", "opens; not read through");
        return;
    }
    match store.integrity_problems().await {
        Ok(problems) if problems.is_empty() => found.ok("database", "is whole"),
        Ok(problems) => {
            for problem in problems.iter().take(5) {
                found.fail(
                    "database",
                    problem,
                    "stop the server and bring back a backup with `fossick restore --force`",
                );
            }
        }
        Err(error) => found.fail(
            "database",
            format!("can't be read through: {error}"),
            "look at the disk; bring back a backup",
        ),
    }
}

/// Every sealed secret opens with the key file.
pub(super) async fn secrets(store: &Store, found: &mut Findings) {
    let sources = match beside::all_sources(store).await {
        Ok(sources) => sources,
        Err(error) => return found.fail("secrets", format!("{error}"), ""),
    };
    let (mut opened, mut closed) = (0, 0);
    for source in &sources {
        let Some(sealed) = &source.secrets else { continue };
        if store.sealer().unseal(&format!("source/{}", source.id), sealed).is_ok() {
            opened += 1;
            continue;
        }
        closed += 1;
        found.fail(
            "secrets",
            format!("those of the source `{}` do not open with the key file", source.name),
            "put back the key file that belongs to this database, or enter them again",
        );
    }
    if closed == 0 {
        found.ok(
            "secrets",
            format!("{}, all open with the key file", count(opened, "sealed secret")),
        );
    }
}

/// Room on the disk.
pub(super) fn disk(store: &Store, found: &mut Findings) {
    let way_out = "free some space; fetching stops before the disk is full, and goes on by itself";
    match store.staging().free_bytes() {
        Ok(free) if free < FREE_NOTHING => found.fail("disk", format!("{} are free", bytes(free)), way_out),
        Ok(free) if free < FREE_LITTLE => found.warn("disk", format!("{} are free", bytes(free)), way_out),
        Ok(free) => found.ok("disk", format!("{} are free", bytes(free))),
        Err(error) => found.warn("disk", format!("{error}"), ""),
    }
}

/// Nothing in the database is from the future.
pub(super) async fn times(store: &Store, now: Timestamp, found: &mut Findings) {
    let newest = store.read(|tx| {
        let tasks = tx.list_tasks(&store::TaskFilter::default(), 1)?;
        let sources = tx.list_sources(SourceId(0), 500)?;
        let workers = tx.list_workers()?;
        let times = tasks
            .iter()
            .map(|task| task.created_at)
            .chain(sources.iter().map(|source| source.created_at));
        Ok::<_, store::Error>(times.chain(workers.iter().map(|worker| worker.seen_at)).max())
    });
    match newest.await {
        Ok(Some(newest)) if newest.since_ms(now) > SKEW_MS => found.warn(
            "times",
            format!(
                "the database knows something from {} ahead of the clock",
                duration(newest.since_ms(now))
            ),
            "the clock was or is wrong: set it; what is due later than it should be runs then",
        ),
        Ok(_) => found.ok("times", "nothing in the database is from the future"),
        Err(error) => found.fail("times", format!("{error}"), ""),
    }
}
