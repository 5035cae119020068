//! The limit of a folder sync: walk, extract in the same kind of child processes, give to Tantivy. Nothing is kept but
//! the index: no store, no queue, no second look.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use extract::pool::ExtractPool;
use model::{Acl, Document, RecordId, Revision, SourceId, Timestamp};

use crate::gauge::{self, Measure, Spent, instant};
use crate::raw_index::{Prepared, RawIndex};

/// As often as the upload task commits.
const COMMIT_AFTER: Duration = Duration::from_millis(700);

/// What is taken of the machine.
pub(crate) struct Means<'m> {
    pub(crate) pool: ExtractPool,
    /// Files at work at the same time.
    pub(crate) threads: usize,
    /// An index of ours, for its schema.
    pub(crate) like: &'m Path,
    pub(crate) writer_threads: usize,
    pub(crate) writer_memory_bytes: usize,
}

/// Indexes every file below `root`; answers what it took, and how many files there were.
pub(crate) fn run(root: &Path, dir: &Path, means: &Means<'_>) -> Result<(Spent, u64)> {
    let measure = Measure::start()?;
    let raw = RawIndex::create(dir, means.like, means.writer_threads, means.writer_memory_bytes)?;
    let raw = std::sync::RwLock::new(raw);
    let mut files = Vec::new();
    walk(root, &mut files)?;
    let next = AtomicUsize::new(0);
    let is_done = AtomicBool::new(false);
    let failed = Mutex::new(None);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..means.threads)
            .map(|_| {
                scope.spawn(|| {
                    while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let added = read(root, file, &means.pool).and_then(|document| {
                            let raw = raw.read().unwrap_or_else(PoisonError::into_inner);
                            raw.add(&Prepared::new(&document)?)
                        });
                        if let Err(error) = added {
                            *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                        }
                    }
                })
            })
            .collect();
        let committing = scope.spawn(|| {
            let mut last = instant();
            while !is_done.load(Ordering::Acquire) {
                gauge::pause(Duration::from_millis(5));
                if instant().duration_since(last) >= COMMIT_AFTER {
                    raw.write().unwrap_or_else(PoisonError::into_inner).commit()?;
                    last = instant();
                }
            }
            raw.write().unwrap_or_else(PoisonError::into_inner).commit()
        });
        for reader in readers {
            reader.join().map_err(|_panic| anyhow::anyhow!("a reader panicked"))?;
        }
        is_done.store(true, Ordering::Release);
        committing
            .join()
            .map_err(|_panic| anyhow::anyhow!("the committer panicked"))?
    })?;
    if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    let wall_s = measure.wall_s();
    gauge::settle();
    // The children's time counts once they have been waited for.
    means.pool.stop();
    let documents = raw.read().unwrap_or_else(PoisonError::into_inner).documents();
    Ok((
        Spent {
            wall_s,
            cpu_s: measure.cpu_s()?,
        },
        documents,
    ))
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn read(root: &Path, file: &Path, pool: &ExtractPool) -> Result<Document> {
    let found = pool.extract_file(file, &file.to_string_lossy(), "")?;
    let name = file.file_name().and_then(|name| name.to_str()).context("a name")?;
    let changed = file.metadata()?.modified()?.duration_since(std::time::UNIX_EPOCH)?;
    let path = file.strip_prefix(root)?.to_string_lossy().into_owned();
    let number = i64::from_ne_bytes(blake3::hash(path.as_bytes()).as_bytes()[..8].try_into()?);
    Ok(Document {
        record: RecordId(number),
        revision: Revision(1),
        source: SourceId(1),
        stream: "files".to_owned(),
        kind: file
            .extension()
            .map(|one| one.to_string_lossy().into_owned())
            .unwrap_or_default(),
        title: found.title.unwrap_or_else(|| name.to_owned()),
        body: found.text,
        url: None,
        path: Some(path),
        people: found.authors,
        created_at: None,
        changed_at: Some(Timestamp(i64::try_from(changed.as_millis())?)),
        facets: std::collections::BTreeMap::new(),
        acl: Acl::source_only(),
    })
}
