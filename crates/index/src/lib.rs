//! Documents in, hits out: the search index.
//!
//! An [`Index`] is a folder. Changes go in in batches and are seen after [`Index::commit`], which keeps a [`Payload`]
//! inside the engine's own commit. Searches take the asker as a mandatory argument: what they may not see takes part
//! in nothing, neither hits nor counts nor facets.
//!
//! Ranking is ours, not the engine's: typos, then words, proximity, attribute, exactness, recency, record
//! ([`Ranking`]). Everything here blocks: call it from a thread that may.

mod analysis;
mod backend;
mod change;
mod error;
mod facets;
mod generation;
mod handle;
mod highlight;
mod hit;
mod matching;
mod request;
mod response;
mod visibility;

pub use backend::IndexBackend;
pub use change::{Change, Payload, Refused, SCHEMA_VERSION};
pub use error::Error;
pub use handle::{Index, Options, Rebuild, Stats};
pub use request::{
    Attribute, Condition, DEPTH_MAX, FILTER_GROUPS_MAX, FacetOrder, FacetRequest, Filter, HITS_PER_PAGE_MAX, Highlight,
    QUERY_BYTES_MAX, QueryType, SearchRequest, Snippet, Tags, Time, TypoTolerance, WORDS_MAX,
};
pub use response::{Facet, FacetCount, FacetStats, Highlighted, Hit, MatchLevel, Ranking, SearchResponse};
