//! The bodies and answers of the dialect, as the description of the API shows them. They are written down for readers and
//! for generated clients; what is read and answered is JSON, because clients send more than they mean.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use utoipa::ToSchema;

/// One search. Parameters that are not named here are ignored, or refused where leaving them out would find other
/// documents.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "described, not read")]
pub(super) struct SearchParameters {
    /// What was typed; without it everything is found.
    query: Option<String>,
    /// `attribute:value` and comparisons, an AND of ORs.
    filters: Option<String>,
    /// A text, a list (AND), or a list of lists (AND of ORs) of `attribute:value`.
    facet_filters: Option<Json>,
    /// The same shapes, of comparisons.
    numeric_filters: Option<Json>,
    /// The facets to count; `*` for all.
    facets: Option<Vec<String>>,
    /// How many values of each facet are counted.
    max_values_per_facet: Option<u32>,
    /// The page, from 0.
    page: Option<u32>,
    /// How many hits a page has, at most 1,000.
    hits_per_page: Option<u32>,
    /// Instead of pages: the first hit, with `length`.
    offset: Option<u32>,
    /// Instead of pages: how many hits, with `offset`.
    length: Option<u32>,
    /// The attributes of a hit; `body` only when it is named.
    attributes_to_retrieve: Option<Vec<String>>,
    /// The attributes in which matches are marked.
    attributes_to_highlight: Option<Vec<String>>,
    /// `body`, or `body:24` for 24 words.
    attributes_to_snippet: Option<Vec<String>>,
    /// What stands before a match.
    highlight_pre_tag: Option<String>,
    /// What stands behind a match.
    highlight_post_tag: Option<String>,
    /// What stands where a snippet was cut.
    snippet_ellipsis_text: Option<String>,
    /// `true`, `false`, `min` or `strict`.
    typo_tolerance: Option<Json>,
    /// `prefixLast`, `prefixAll` or `prefixNone`.
    query_type: Option<String>,
    /// The attributes that are searched: `title`, `people`, `path` and `body`.
    restrict_searchable_attributes: Option<Vec<String>>,
    /// Whether hits say why they stand where they stand.
    get_ranking_info: Option<bool>,
    /// Parameters as an urlencoded text; those beside it win.
    params: Option<String>,
}

/// Several searches.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, not read")]
pub(super) struct SearchRequests {
    /// The searches, at most 50.
    requests: Vec<SearchRequest>,
}

/// One of several searches: the parameters of a search, or of a search in the values of a facet.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "described, not read")]
pub(super) struct SearchRequest {
    /// The index: `fossick`, also when it is left out.
    index_name: Option<String>,
    /// `facet` for a search in the values of a facet.
    r#type: Option<String>,
    /// Which facet that is.
    facet: Option<String>,
    /// What was typed in the facet's own box.
    facet_query: Option<String>,
    /// What was typed, and all other parameters of a search.
    query: Option<String>,
}

/// The results of several searches, in their order: of a search its hits, of a search in a facet its values.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, not read")]
pub(super) struct SearchResults {
    /// The results.
    #[schema(value_type = Vec<Object>)]
    results: Vec<Json>,
}

/// The result of one search.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "described, not read")]
pub(super) struct SearchResult {
    /// The hits, each with its `objectID`.
    hits: Vec<BTreeMap<String, Json>>,
    /// How many documents match.
    nb_hits: u64,
    /// The page, from 0.
    page: u64,
    /// How many pages can be asked for.
    nb_pages: u64,
    /// How many hits a page has.
    hits_per_page: u64,
    /// What was typed.
    query: String,
    /// The parameters, urlencoded.
    params: String,
    /// The index.
    index: String,
    /// How many documents have which value of the facets that were asked for.
    facets: Option<BTreeMap<String, BTreeMap<String, u64>>>,
    /// How long it took, in milliseconds.
    #[schema(rename = "processingTimeMS")]
    processing_time_ms: i64,
}

/// Values of a facet.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "described, not read")]
pub(super) struct FacetHits {
    /// The values, the most frequent first.
    #[schema(rename = "facetHits")]
    hits: Vec<FacetHit>,
    /// Whether all documents were counted: always.
    exhaustive_facets_count: bool,
    /// How long it took, in milliseconds.
    #[schema(rename = "processingTimeMS")]
    processing_time_ms: i64,
}

/// One value of a facet.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, not read")]
pub(super) struct FacetHit {
    /// The value.
    value: String,
    /// The value with its match marked.
    highlighted: String,
    /// How many documents have it.
    count: u64,
}

/// A search in the values of one facet. Parameters of a search say among which documents.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "described, not read")]
pub(super) struct FacetSearch {
    /// What was typed.
    facet_query: Option<String>,
    /// How many values at most, at most 100.
    max_facet_hits: Option<u32>,
    /// What the documents are searched for.
    query: Option<String>,
    /// The documents in which the values are counted.
    filters: Option<String>,
}

/// What the dialect refuses with.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, not read")]
pub(super) struct SearchRefused {
    /// What was wrong.
    message: String,
    /// The HTTP status.
    status: u16,
}
