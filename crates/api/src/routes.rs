//! Every endpoint, one folder per noun, one file per endpoint or small group.

pub(crate) mod events;
pub(crate) mod groups;
pub(crate) mod keys;
pub(crate) mod links;
pub(crate) mod queues;
pub(crate) mod records;
pub(crate) mod search_key;
pub(crate) mod session;
pub(crate) mod sources;
pub(crate) mod system;
pub(crate) mod tasks;
pub(crate) mod users;
