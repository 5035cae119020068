//! Every endpoint, one folder per noun, one file per endpoint or small group.

pub(crate) mod links;
pub(crate) mod search_key;
pub(crate) mod session;
pub(crate) mod sources;
pub(crate) mod system;
