//! The one HTTP client: TLS, limits, the guard against private addresses, tracing, and what an answer means for a
//! retry.
//!
//! Nothing else in Fossick builds an HTTP client. Three promises hold for every request that leaves through here:
//!
//! * It reaches no private address unless the operator allowed that address or host. The check sits in name
//!   resolution itself, so a name that changes its address between check and use gains nothing, and redirects pass
//!   through the same check.
//! * It follows redirects only within the host it was sent to, and never from `https` to `http`.
//! * It ends: connecting, silence between two chunks, the whole exchange and the size of the answer have limits.

mod client;
mod error;
mod guard;
mod policy;
mod request;
pub mod wait;

pub use bytes::Bytes;
pub use client::Client;
pub use error::Error;
pub use guard::Allowed;
pub use policy::Policy;
pub use request::{Answer, Request, shown, tells_same_host};
pub use reqwest::Method;
pub use url::Url;
