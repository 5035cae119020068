//! What the API shows of the store's rows.

pub(crate) mod line;
pub(crate) mod source;
pub(crate) mod state;
pub(crate) mod sync;
pub(crate) mod task;
