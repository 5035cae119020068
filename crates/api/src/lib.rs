//! The HTTP interface: JSON API with sessions and keys, the Algolia search dialect, live events, the embedded pages.
//!
//! [`router`] makes one [`axum::Router`] of [`Parts`]. Serve it with connect info, so that it knows its peers:
//!
//! ```text
//! let app = api::router(parts);
//! axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())
//! // and on the local socket, which only the owner of the data folder can open:
//! axum::serve(socket, api::for_operator(app))
//! ```
//!
//! # How to add an endpoint
//!
//! 1. `routes/<noun>/<verb>.rs`: the handler with its `#[utoipa::path]`. What it requires of the caller is the type
//!    that it takes: `SignedIn`, `Administrator`, `Searcher` or plain `Caller`.
//! 2. A line in the noun's router, `routes/<noun>.rs`. OpenAPI follows from it.
//! 3. Whatever shows anything of a source comes through `access`, in the transaction that reads it.
//! 4. A new way to say no is a line in `codes.rs`.

mod access;
mod algolia;
mod caller;
mod codes;
mod extract;
mod hex;
mod identify;
mod layers;
pub mod metrics;
mod network;
mod open_api;
mod parts;
mod password;
mod people;
mod problem;
mod routes;
mod schedule;
mod schema;
mod session;
mod throttle;
mod view;
mod web;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use utoipa_axum::router::OpenApiRouter;

pub use caller::{Caller, Operator, Person, for_operator};
pub use network::{Network, NotANetwork};
pub use open_api::reference;
pub use parts::{Parts, Settings};
pub use people::{create_reset_link, create_setup_link};
pub use problem::{Code, FieldProblem, Problem};

use algolia::Search;
use parts::Api;
use routes::events::Events;
use routes::queues::Queues;
use routes::records::Records;
use routes::sources::Sources;
use routes::system::System;

/// The largest body that any endpoint takes: 2 MiB, room for a manifest and a mapping.
const BODY_BYTES_MAX: usize = 2 << 20;
/// A body that makes no progress for this long is given up.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// The whole HTTP interface.
pub fn router(parts: Parts) -> Router {
    let api = Api::of(&parts);
    let (router, document) = assemble(parts).split_for_parts();
    let document = open_api::Document::of(&document);
    router
        .merge(open_api::router(document))
        .fallback(web::fallback)
        .method_not_allowed_fallback(web::method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(RequestBodyTimeoutLayer::new(BODY_TIMEOUT))
        .layer(from_fn(layers::secure))
        .layer(
            CompressionLayer::new()
                .gzip(true)
                .compress_when(layers::worth_compressing()),
        )
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(from_fn_with_state(api.clone(), layers::observe))
        .layer(from_fn_with_state(api, network::learn_client))
}

/// Every endpoint, with its description.
fn assemble(parts: Parts) -> OpenApiRouter {
    let api = Api::of(&parts);
    let search = Search::new(api.clone(), parts.index.clone());
    let sources = Sources {
        api: api.clone(),
        environment: parts.environment.clone(),
    };
    let records = Records {
        api: api.clone(),
        index: parts.index.clone(),
        slots: Arc::clone(&search.slots),
        environment: parts.environment,
    };
    let queues = Queues {
        api: api.clone(),
        limits: parts.queue_limits.clone(),
    };
    let system = System {
        api: api.clone(),
        index: parts.index,
        limits: parts.queue_limits,
        metrics: parts.metrics,
    };
    let events = Events::new(api.clone(), parts.shutdown);
    let identified = OpenApiRouter::new()
        .merge(routes::session::router().with_state(api.clone()))
        .merge(routes::links::router().with_state(api.clone()))
        .merge(routes::users::router().with_state(api.clone()))
        .merge(routes::groups::router().with_state(api.clone()))
        .merge(routes::keys::router().with_state(api.clone()))
        .merge(routes::sources::router().with_state(sources))
        .merge(routes::records::router().with_state(records))
        .merge(routes::tasks::router().with_state(api.clone()))
        .merge(routes::queues::router().with_state(queues))
        .merge(routes::search_key::router().with_state(search.clone()))
        .merge(routes::system::router().with_state(system.clone()))
        .layer(from_fn(layers::within_time))
        // An event stream has no end.
        .merge(routes::events::router().with_state(events))
        .layer(from_fn_with_state(api, identify::identify));
    OpenApiRouter::with_openapi(open_api::base())
        .merge(identified)
        .merge(algolia::router().with_state(search).layer(from_fn(layers::within_time)))
        .merge(routes::system::open_router().with_state(system))
}

impl Api {
    /// The part of [`Parts`] that nearly every endpoint needs.
    fn of(parts: &Parts) -> Self {
        Self {
            store: parts.store.clone(),
            clock: Arc::clone(&parts.clock),
            settings: Arc::new(parts.settings.clone()),
        }
    }
}

#[cfg(test)]
mod tests;
