//! Durable tasks: enqueued in the caller's transaction, claimed in batches, leased, retried, scheduled.
//!
//! The rows and their rules live in `store` ([`store::Tx::enqueue`], [`store::Tx::claim`], …); this crate runs them:
//!
//! * [`Task`] is what a kind of task does, [`Registry`] knows the kinds;
//! * [`Worker`] claims within the limits of its queues, runs, renews leases from a thread of its own, and ends each
//!   attempt as its outcome says;
//! * [`schedule`] fires rules.
//!
//! A task may run more than once (a worker dies, a lease runs out): what it writes under its fence lands once, and
//! everything else must be safe to repeat. At least once, idempotent; never more than that is promised.

mod lease;
mod registry;
mod run;
pub mod schedule;
mod turn;
mod worker;

pub use registry::{Registry, Task};
pub use run::{Outcome, Run, Stop};
pub use worker::{QueueLimits, Worker, WorkerConfig};

#[cfg(test)]
mod tests;
