//! What runs in the background: one task, one file.
//!
//! The road is fetch → parse → upload ([`fetch_slice`], [`parse_page`], [`upload`]); around it a sync is planned
//! ([`plan_sync`]), swept ([`sweep_sync`]) and replayed ([`replay_source`]), and old things are removed
//! ([`purge_source`], [`prune`]). [`services`] are the loops that enqueue: they own no data of their own.
//!
//! # How to add a task
//!
//! Its arguments go to `model::task`, its code to a file here as an implementation of [`queue::Task`], and its name to
//! [`registry`].

mod fetch_slice;
mod files;
mod moves;
mod parse_page;
mod plan_sync;
mod prune;
mod purge_source;
mod replay_source;
mod road;
pub mod services;
mod sources;
mod start_sync;
mod sweep_sync;
mod upload;

pub use prune::{Retention, schedule as prune_schedule};
pub use road::{FetchLimits, Road, RoadParts};
pub use upload::INDEX;

/// Every task that this version knows.
pub fn registry() -> queue::Registry<Road> {
    queue::Registry::default()
        .with::<start_sync::StartSync>()
        .with::<plan_sync::PlanSync>()
        .with::<fetch_slice::FetchSlice>()
        .with::<parse_page::ParsePage>()
        .with::<upload::UploadChanges>()
        .with::<sweep_sync::SweepSync>()
        .with::<replay_source::ReplaySource>()
        .with::<purge_source::PurgeSource>()
        .with::<prune::Prune>()
}

/// The kinds that schedules may enqueue.
pub const SCHEDULED_KINDS: &[&str] = &["start_sync", "prune"];
