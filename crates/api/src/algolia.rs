//! The Algolia search dialect, `/1/…`: what unmodified search clients and InstantSearch send.
//!
//! These endpoints never look at cookies and take no session: a key says who searches, and their rights are looked up
//! for every request. The body is JSON whatever its content type says, since browsers send it as plain text to avoid a
//! preflight. Parameters that we don't know are ignored; those that we know and can't follow are refused.

mod answer;
mod filters;
mod key;
mod names;
mod parameters;
mod routes;
mod schema;
mod search;
mod wire;

use std::sync::Arc;

use index::Index;
use tokio::sync::{OnceCell, Semaphore};
use utoipa_axum::router::OpenApiRouter;

use crate::parts::Api;

pub(crate) use key::{KeyHolder, mint};
pub(crate) use routes::unknown;

/// The only application that there is.
pub(crate) const APPLICATION_ID: &str = "fossick";
/// The only index that there is.
pub(crate) const INDEX_NAME: &str = "fossick";

/// What the search endpoints need.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    pub(crate) api: Api,
    pub(crate) index: Index,
    /// The key that signs, opened once.
    signing_key: Arc<OnceCell<Vec<u8>>>,
    /// How many searches run at a time; the others wait their turn instead of slowing each other down.
    pub(crate) slots: Arc<Semaphore>,
}

impl Search {
    /// The state of the search endpoints.
    pub(crate) fn new(api: Api, index: Index) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            api,
            index,
            signing_key: Arc::new(OnceCell::new()),
            slots: Arc::new(Semaphore::new(cores.max(2))),
        }
    }
}

/// The endpoints of the dialect.
pub(crate) fn router() -> OpenApiRouter<Search> {
    routes::router()
}
