//! Hands what is logged about a source, a sync or a task to the store, where people find it.
//!
//! An event says what it is about with the fields `source.id`, `sync.id` and `task.id`, or the spans around it do.

use std::fmt::Debug;
use std::sync::{Arc, OnceLock};

use model::{Clock, LogLevel, SourceId, SyncId, SystemClock, TaskId};
use store::{Lines, NewLine};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// The layer.
pub(super) struct Keeper(pub(super) &'static OnceLock<Arc<Lines>>);

/// What an event or a span says that it is about.
#[derive(Debug, Clone, Default)]
struct About {
    source: Option<i64>,
    sync: Option<i64>,
    task: Option<i64>,
    message: String,
}

impl About {
    fn number(&mut self, field: &Field, number: Option<i64>) {
        match field.name() {
            "source.id" => self.source = number,
            "sync.id" => self.sync = number,
            "task.id" => self.task = number,
            _ => {}
        }
    }

    fn or(self, outer: &Self) -> Self {
        Self {
            source: self.source.or(outer.source),
            sync: self.sync.or(outer.sync),
            task: self.task.or(outer.task),
            message: self.message,
        }
    }
}

impl Visit for About {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field, Some(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field, i64::try_from(value).ok());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        } else if ["source.id", "sync.id", "task.id"].contains(&field.name()) {
            self.number(field, format!("{value:?}").parse().ok());
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Keeper {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut about = About::default();
        attributes.record(&mut about);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(about);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(lines) = self.0.get() else { return };
        let mut about = About::default();
        event.record(&mut about);
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(outer) = span.extensions().get::<About>() {
                about = about.or(outer);
            }
        }
        if about.source.is_none() && about.sync.is_none() && about.task.is_none() {
            return;
        }
        lines.push(NewLine {
            at: Some(SystemClock.now()),
            level: match *event.metadata().level() {
                Level::ERROR => LogLevel::Error,
                Level::WARN => LogLevel::Warn,
                _ => LogLevel::Info,
            },
            source: about.source.map(SourceId),
            sync: about.sync.map(SyncId),
            task: about.task.map(TaskId),
            message: about.message,
        });
    }
}

#[cfg(test)]
mod tests {
    //! What is kept, and what it is about.

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    static KEPT: OnceLock<Arc<Lines>> = OnceLock::new();

    #[test]
    fn what_is_about_something_is_kept_with_what_the_spans_around_it_say() {
        let lines = Arc::new(Lines::default());
        KEPT.set(Arc::clone(&lines)).unwrap();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(Keeper(&KEPT)), || {
            tracing::info!("of nothing");
            tracing::info_span!("task.run", task.id = %TaskId(7), source.id = Some(3), secret = "hidden").in_scope(
                || {
                    tracing::warn!(source.id = %SourceId(4), token = "hidden", "too `{}`", "many");
                    tracing::info_span!("inner", sync.id = 9_u64).in_scope(|| tracing::error!("deep"));
                },
            );
            tracing::info!(source.id = "not a number", "of nothing either");
        });
        let kept: Vec<_> = lines
            .take(9)
            .into_iter()
            .map(|line| {
                let ids = (
                    line.source.map(|id| id.0),
                    line.sync.map(|id| id.0),
                    line.task.map(|id| id.0),
                );
                (line.level, ids, line.message)
            })
            .collect();
        assert_eq!(
            kept,
            [
                (LogLevel::Warn, (Some(4), None, Some(7)), "too `many`".to_owned()),
                (LogLevel::Error, (Some(3), Some(9), Some(7)), "deep".to_owned()),
            ]
        );
    }
}
