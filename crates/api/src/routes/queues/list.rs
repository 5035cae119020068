//! `GET /api/v1/queues`.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use model::{Lane, Timestamp};
use serde::Serialize;
use store::Tx;
use utoipa::ToSchema;

use super::Queues;
use crate::caller::SignedIn;
use crate::extract::List;
use crate::problem::{Problem, Refusal};

/// What is in a queue.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[schema(as = Queue)]
pub(crate) struct QueueView {
    /// Its name.
    pub(crate) name: String,
    /// Whether somebody paused it.
    pub(crate) paused: bool,
    /// How many tasks of it run at most in the process that answers; null where it runs none.
    pub(crate) limit: Option<u32>,
    /// May run now.
    pub(crate) available: u64,
    /// Run.
    pub(crate) running: u64,
    /// Wait for their time.
    pub(crate) scheduled: u64,
    /// Failed, and wait for their next attempt.
    pub(crate) retryable: u64,
    /// Wait for another task or for a person.
    pub(crate) pending: u64,
    /// Given up, as far as the history goes back.
    pub(crate) discarded: u64,
    /// When the oldest one that may run was enqueued, in UTC milliseconds.
    pub(crate) oldest_at: Option<i64>,
    /// Tasks per minute that ended well, over the last five minutes.
    pub(crate) done_per_min: f64,
}

const WINDOW_MS: i64 = 5 * 60_000;

/// What is in every queue: those of the road, configured ones, and any that holds something.
pub(crate) fn views(tx: &mut Tx<'_>, limits: &[(String, u32)], now: Timestamp) -> Result<Vec<QueueView>, store::Error> {
    let mut views: BTreeMap<String, QueueView> = BTreeMap::new();
    let mut entry = |name: &str, change: &mut dyn FnMut(&mut QueueView)| {
        let view = views.entry(name.to_owned()).or_insert_with(|| QueueView {
            name: name.to_owned(),
            ..QueueView::default()
        });
        change(view);
    };
    for lane in [Lane::Fetch, Lane::Parse, Lane::Upload, Lane::Housekeeping] {
        entry(lane.as_str(), &mut |_| {});
    }
    for (name, limit) in limits {
        entry(name, &mut |view| view.limit = Some(*limit));
    }
    for name in tx.list_paused_queues()? {
        entry(&name, &mut |view| view.paused = true);
    }
    for counts in tx.count_queues()? {
        entry(&counts.name, &mut |view| {
            view.available = counts.available;
            view.running = counts.running;
            view.scheduled = counts.scheduled;
            view.retryable = counts.retryable;
            view.pending = counts.pending;
            view.oldest_at = counts.oldest_at.map(|at| at.0);
        });
    }
    for (name, discarded) in tx.count_discarded()? {
        entry(&name, &mut |view| view.discarded = discarded);
    }
    for (name, is_completed, count) in tx.count_done_since(now.plus_ms(-WINDOW_MS))? {
        if is_completed {
            #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
            entry(&name, &mut |view| {
                view.done_per_min = (count as f64 / 0.5).round() / 10.0;
            });
        }
    }
    Ok(views.into_values().collect())
}

/// Lists all queues.
#[utoipa::path(get, path = "/api/v1/queues", tag = "tasks", operation_id = "list_queues",
    responses((status = 200, body = List<QueueView>), Refusal))]
pub(super) async fn list_queues(State(queues): State<Queues>, _: SignedIn) -> Result<Json<List<QueueView>>, Problem> {
    let (limits, now) = (queues.limits.clone(), queues.api.clock.now());
    let views = queues.api.store.read(move |tx| views(tx, &limits, now)).await?;
    Ok(Json(List::whole(views)))
}
