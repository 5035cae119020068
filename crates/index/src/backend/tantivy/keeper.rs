//! What a thread of its own does for those who search: it lets them see merged segments soon after the merge, and
//! makes segments quick for first letters.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use tantivy::TantivyError;
use tantivy::index::SegmentMeta;
use tantivy::indexer::{LogMergePolicy, MergeCandidate, MergePolicy};

use super::view::View;

/// The thread, which ends with this.
pub(super) struct Keeper {
    wake: Wake,
    thread: Option<JoinHandle<()>>,
    is_ending: Arc<AtomicBool>,
}

/// Wakes the keeper.
#[derive(Debug, Clone)]
pub(super) struct Wake {
    /// Has room for one signal: several before it looks are one.
    signal: SyncSender<()>,
    /// Whether anybody has searched: without them nothing has to be quick.
    is_searched: Arc<AtomicBool>,
}

impl Wake {
    /// Has it look at the segments.
    pub(super) fn look(&self) {
        // Full means that it is about to look; gone, that the index is being closed.
        self.signal.try_send(()).ok();
    }

    /// Has it make quick what somebody searches.
    pub(super) fn quicken(&self) {
        self.is_searched.store(true, Ordering::Relaxed);
        self.look();
    }
}

impl Keeper {
    pub(super) fn start(view: Arc<View>) -> Result<Self, TantivyError> {
        let (signal, signals) = sync_channel(1);
        let wake = Wake {
            signal,
            is_searched: Arc::default(),
        };
        let is_ending: Arc<AtomicBool> = Arc::default();
        let (is_searched, ending) = (Arc::clone(&wake.is_searched), Arc::clone(&is_ending));
        let thread = std::thread::Builder::new()
            .name("index-keeper".to_owned())
            .spawn(move || keep(&view, &signals, &is_searched, &ending))?;
        Ok(Self {
            wake,
            thread: Some(thread),
            is_ending,
        })
    }

    pub(super) fn wake(&self) -> &Wake {
        &self.wake
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.is_ending.store(true, Ordering::Relaxed);
        self.wake.look();
        if let Some(thread) = self.thread.take() {
            // It ends by itself; a panic there was told when it happened.
            drop(thread.join());
        }
    }
}

fn keep(view: &View, signals: &Receiver<()>, is_searched: &AtomicBool, is_ending: &AtomicBool) {
    let is_wanted = || !is_ending.load(Ordering::Relaxed);
    while signals.recv().is_ok() && is_wanted() {
        let kept = view.catch_up().and_then(|()| {
            if is_searched.load(Ordering::Relaxed) {
                view.quicken(&is_wanted)
            } else {
                Ok(())
            }
        });
        if let Err(error) = kept {
            // Searches go on with what they see; the next commit shows them everything.
            tracing::warn!(%error, "merged segments of the search index can't be seen yet: {error}");
        }
    }
}

/// Tantivy's own policy, which it asks whenever the list of segments has changed: after a merge, too.
#[derive(Debug)]
pub(super) struct WatchedMerges {
    policy: LogMergePolicy,
    wake: Wake,
}

impl WatchedMerges {
    pub(super) fn new(wake: Wake) -> Self {
        Self {
            policy: LogMergePolicy::default(),
            wake,
        }
    }
}

impl MergePolicy for WatchedMerges {
    fn compute_merge_candidates(&self, segments: &[SegmentMeta]) -> Vec<MergeCandidate> {
        self.wake.look();
        self.policy.compute_merge_candidates(segments)
    }
}

#[cfg(test)]
mod tests;
