//! What must hold when everything has come to its end.

use std::collections::BTreeSet;

use model::{PageState, RecordId, SliceState, Timestamp};
use serde_json::Value;
use store::{Store, TaskFilter};

use super::{CARDS, FILES, Scene, say, tasks};

impl Scene {
    pub(super) fn check_tasks(&self, store: &Store) {
        let discarded = TaskFilter {
            state: Some(model::TaskState::Discarded),
            ..TaskFilter::default()
        };
        let discarded = store.read_blocking(|tx| tx.list_tasks(&discarded, 10)).unwrap();
        assert!(discarded.is_empty(), "tasks were given up: {discarded:#?}");
        for queue in store.read_blocking(|tx| tx.count_queues()).unwrap() {
            let open = [
                queue.available,
                queue.running,
                queue.scheduled,
                queue.retryable,
                queue.pending,
            ];
            assert_eq!(open, [0; 5], "`{}`: {}", queue.name, tasks(store));
        }
        for source in self.sources {
            let failures = store
                .read_blocking(|tx| tx.list_failures(source, None, model::FailureId(0), 10))
                .unwrap();
            assert!(failures.is_empty(), "{failures:#?}");
        }
    }

    /// Every sync has ended with all that it has read.
    pub(super) fn check_syncs(&self, store: &Store) {
        for source in self.sources {
            let syncs = store.read_blocking(|tx| tx.list_syncs(source, None, 1_000)).unwrap();
            for sync in syncs {
                let left = (sync.open_slices, sync.pages_open);
                assert!(sync.state.is_final() && left == (0, 0), "{sync:#?}");
            }
            let failed = store.read_blocking(|tx| tx.list_resumable_slices(source, 10)).unwrap();
            assert!(failed.is_empty(), "{failed:#?}");
        }
    }

    /// Every page that was staged has landed and is still there, every slice of them is closed, and no file is there of
    /// which nobody knows once those are gone whose process died before their row was written.
    pub(super) fn check_pages(&self, store: &Store) {
        let (mut rows, mut slices) = (0, BTreeSet::new());
        for source in self.sources {
            let pages = store
                .read_blocking(|tx| tx.list_pages_of_source(source, 100_000))
                .unwrap();
            rows += pages.len();
            for id in pages {
                let page = store.read_blocking(|tx| tx.page(id)).unwrap();
                assert_eq!(page.state, PageState::Landed, "{page:?}");
                store.staging().get(&page.blob).unwrap();
                slices.insert(page.slice);
            }
        }
        for id in slices {
            let slice = store.read_blocking(|tx| tx.slice(id)).unwrap();
            assert_eq!(slice.state, SliceState::Closed, "{slice:?}");
        }
        let orphans = store.staging().remove_orphans(Timestamp(i64::MAX), |names| {
            store.read_blocking(|tx| tx.known_pages(names))
        });
        say(&format!(
            "staged files of which no row was written: {}",
            orphans.unwrap()
        ));
        let files = crate::place::files_below(&self.dir.path().join("data/staging"));
        assert_eq!(files.len(), rows);
    }

    /// Every file and every item is a live record exactly once, with its present content.
    pub(super) fn check_records(&self, store: &Store) -> usize {
        let mut found = BTreeSet::new();
        let mut after = RecordId(0);
        loop {
            let records = store.read_blocking(|tx| tx.scan_records(after, 500)).unwrap();
            let Some(last) = records.last() else { break };
            after = last.id;
            for record in records {
                let body = record.body.expect("a live record has a body");
                let content = if record.stream == "files" {
                    Value::String(body.text)
                } else {
                    body.data["name"].clone()
                };
                assert!(
                    found.insert((record.stream, record.key.clone(), content.to_string())),
                    "twice: {}",
                    record.key
                );
            }
        }
        let expected = self.expected();
        let missing: Vec<_> = expected.difference(&found).take(5).collect();
        let surplus: Vec<_> = found.difference(&expected).take(5).collect();
        assert!(
            missing.is_empty() && surplus.is_empty(),
            "missing: {missing:?}\nsurplus: {surplus:?}"
        );
        found.len()
    }

    fn expected(&self) -> BTreeSet<(String, String, String)> {
        let mut expected = BTreeSet::new();
        let files = self.dir.path().join("files");
        for at in 0..FILES {
            let key = format!("d{}/f{at}.txt", at % 20);
            if let Ok(text) = std::fs::read_to_string(files.join(&key)) {
                expected.insert(("files".to_owned(), key, Value::String(text).to_string()));
            }
        }
        for board in 0..self.provider.boards() {
            expected.insert((
                "boards".to_owned(),
                board.to_string(),
                format!("\"board {board} of granite\""),
            ));
            for card in 0..CARDS {
                expected.insert((
                    "cards".to_owned(),
                    format!("{board}-{card}"),
                    format!("\"card {card} of slate\""),
                ));
            }
        }
        expected
    }

    pub(super) fn check_index(&self, store: &Store, live: usize) {
        let index = index::Index::open(&self.dir.path().join("data/index"), &index::Options::default()).unwrap();
        assert_eq!(index.stats().unwrap().documents, live as u64);
        let payload = index.payload().unwrap().unwrap();
        let last = store.read_blocking(|tx| tx.last_change()).unwrap();
        assert_eq!((payload.position, payload.change_token), (last.position.0, last.token));
        let asker = store.read_blocking(|tx| tx.asker_for_everyone()).unwrap();
        let hits = index.search(&index::SearchRequest::new("granite"), &asker).unwrap();
        assert_eq!(hits.nb_hits, self.provider.boards() as u64);
    }
}
