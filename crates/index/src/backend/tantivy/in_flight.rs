//! How much the engine was given and has not begun with.
//!
//! Tantivy takes ten thousand documents before it makes anybody wait, and a commit then takes as long as all of them
//! do. With a bound in bytes, taking changes takes the time that indexing them takes, and a commit comes soon.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use tantivy::TantivyDocument;
use tantivy::schema::document::Document;

/// How many bytes may wait. A larger document waits alone.
const BYTES_MAX: usize = 1 << 20;
/// Longer than any document takes: an engine that has died lets go of nothing, and says so when it is next used.
const PATIENCE: Duration = Duration::from_secs(30);

/// Counts what waits.
#[derive(Debug, Default)]
pub(super) struct InFlight(Arc<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    bytes: Mutex<usize>,
    fell: Condvar,
}

/// A document on its way into the engine.
pub(super) struct Sent {
    document: TantivyDocument,
    _counted: Counted,
}

/// Ends when the engine begins with the document, or drops it.
struct Counted {
    waiting: Arc<Waiting>,
    bytes: usize,
}

impl InFlight {
    /// Counts a document of about so many bytes. Blocks until there is room for it.
    pub(super) fn send(&self, document: TantivyDocument, bytes: usize) -> Sent {
        let held = self.0.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |held: &mut usize| *held > 0 && *held + bytes > BYTES_MAX;
        let waited = self.0.fell.wait_timeout_while(held, PATIENCE, is_full);
        let (mut held, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *held += bytes;
        Sent {
            document,
            _counted: Counted {
                waiting: Arc::clone(&self.0),
                bytes,
            },
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        *self.waiting.bytes.lock().unwrap_or_else(PoisonError::into_inner) -= self.bytes;
        self.waiting.fell.notify_all();
    }
}

impl Document for Sent {
    type Value<'a> = <TantivyDocument as Document>::Value<'a>;
    type FieldsValuesIter<'a> = <TantivyDocument as Document>::FieldsValuesIter<'a>;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        self.document.iter_fields_and_values()
    }

    /// Called by the engine's thread, once, when it begins with the document.
    fn into_tantivy_document(self) -> TantivyDocument {
        self.document
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn who_gives_more_than_there_is_room_for_waits_until_the_engine_has_begun() {
        let in_flight = InFlight::default();
        let first = in_flight.send(TantivyDocument::default(), BYTES_MAX);
        let has_begun = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let second = scope.spawn(|| {
                has_begun.store(true, Ordering::Relaxed);
                in_flight.send(TantivyDocument::default(), 2 * BYTES_MAX)
            });
            while !has_begun.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
            // Time enough for one that would not wait.
            for _ in 0..1_000 {
                assert!(!second.is_finished());
                std::thread::yield_now();
            }
            first.into_tantivy_document();
            // Alone in there, although it is larger than the bound.
            drop(second.join().unwrap());
        });
        assert_eq!(*in_flight.0.bytes.lock().unwrap(), 0);
    }
}
