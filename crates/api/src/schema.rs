//! Schemas of words that `model` knows and that OpenAPI should list.

use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

fn words(all: &[&'static str]) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(all.iter().copied()))
        .build()
}

/// `administrator` or `member`.
pub(crate) fn role() -> Object {
    words(&["administrator", "member"])
}

/// Whether somebody can sign in.
pub(crate) fn user_state() -> Object {
    words(&["active", "invited", "disabled"])
}

/// What a link is for.
pub(crate) fn link_kind() -> Object {
    words(&["setup", "invitation", "reset"])
}

/// Where a source stands.
pub(crate) fn source_state() -> Object {
    words(&["synced", "syncing", "waiting", "needs_attention", "paused", "queued"])
}

/// What a sync reads.
pub(crate) fn sync_mode() -> Object {
    words(&["full", "incremental"])
}

/// Where a sync stands.
pub(crate) fn sync_state() -> Object {
    words(&[
        "running",
        "sweeping",
        "needs_confirmation",
        "completed",
        "failed",
        "cancelled",
    ])
}

/// Where a task stands.
pub(crate) fn task_state() -> Object {
    words(&[
        "scheduled",
        "available",
        "running",
        "retryable",
        "pending",
        "completed",
        "discarded",
        "cancelled",
    ])
}

/// How much a line of the log matters.
pub(crate) fn log_level() -> Object {
    words(&["error", "warn", "info"])
}
