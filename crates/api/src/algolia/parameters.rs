//! One element of a request → one search of the index, and what else the answer needs to know.

use std::collections::HashSet;

use index::{Attribute, FacetOrder, FacetRequest, Highlight, QueryType, SearchRequest, Snippet, Tags, TypoTolerance};
use serde_json::Value as Json;

use super::INDEX_NAME;
use super::filters::Filters;
use super::names::SourceNames;
use super::wire::{Params, Refused, number, text, texts};

/// How many values a facet returns unless it says otherwise, and at most.
const VALUES: usize = 100;
const VALUES_MAX: usize = 1_000;
/// Of facet values that are searched, and at most; Algolia's own limits.
const FACET_HITS: usize = 10;
const FACET_HITS_MAX: usize = 100;
/// Words of a snippet unless it says otherwise.
const SNIPPET_WORDS: usize = 10;
const SNIPPET_WORDS_MAX: usize = 500;
/// The most different facets of one search.
const FACETS_MAX: usize = 50;
/// The most bytes of a tag and of an ellipsis, which are repeated at every match.
const MARK_BYTES_MAX: usize = 256;
/// The most bytes of a tag where whole bodies are marked.
const BODY_MARK_BYTES_MAX: usize = 64;
/// The most hits of one call, of all its searches together.
const HITS_MAX: usize = 5_000;
/// The most hits with whole bodies of one call.
const BODIES_MAX: usize = 20;
/// The most values of facets of one call.
const FACET_VALUES_MAX: usize = 100_000;

/// One search, ready.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    /// What the index is asked.
    pub(crate) request: SearchRequest,
    /// The page, from 0.
    pub(crate) page: usize,
    /// How many hits a page has. A page that is too deep to be read asks the index for none.
    pub(crate) size: usize,
    /// The merged parameters, for the answer's `params`.
    pub(crate) params: Params,
    /// The index's name, as it was asked for.
    pub(crate) index: String,
    /// Which attributes a hit shows.
    pub(crate) retrieve: Retrieve,
    /// Whether hits say why they stand where they stand.
    pub(crate) with_ranking: bool,
    /// Whether only values of a facet are searched, and what for.
    pub(crate) facet: Option<FacetAsked>,
}

/// A search in the values of one facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FacetAsked {
    /// The facet.
    pub(crate) name: String,
    /// What was typed.
    pub(crate) query: String,
    /// How many values at most.
    pub(crate) hits_max: usize,
    /// What surrounds a match.
    pub(crate) tags: Tags,
}

/// Which attributes a hit shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Retrieve {
    /// All but the body.
    All,
    /// All but the body and these.
    AllBut(Vec<String>),
    /// These.
    Only(Vec<String>),
}

impl Retrieve {
    /// Whether a hit shows the attribute.
    pub(crate) fn shows(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::AllBut(names) => !names.iter().any(|one| one == name),
            Self::Only(names) => names.iter().any(|one| one == name || one == "*"),
        }
    }
}

/// Refuses what would make an answer too large to be held: a call is answered as a whole.
pub(crate) fn check_size(all: &[Asked]) -> Result<(), Refused> {
    let (mut hits, mut bodies, mut values) = (0, 0, 0);
    for Asked { request, .. } in all {
        let marks_bodies = request
            .highlight
            .as_ref()
            .is_some_and(|one| one.attributes.contains(&Attribute::Body));
        hits += request.hits_per_page;
        if request.with_body || marks_bodies {
            bodies += request.hits_per_page;
        }
        for facet in &request.facets {
            // One that stands for all may be as many as can be named.
            values += facet.values_max * if facet.name == "*" { FACETS_MAX } else { 1 };
        }
        let tag_bytes = request
            .highlight
            .as_ref()
            .map_or(0, |one| one.tags.pre.len().max(one.tags.post.len()));
        if marks_bodies && tag_bytes > BODY_MARK_BYTES_MAX {
            return Err(Refused::bad(format!(
                "`highlightPreTag` and `highlightPostTag` have at most {BODY_MARK_BYTES_MAX} bytes where `body` is highlighted"
            )));
        }
    }
    let within = |count: usize, max: usize, what: &str| {
        if count > max {
            return Err(Refused::bad(format!(
                "{what}: at most {max} in one call, {count} were asked for"
            )));
        }
        Ok(())
    };
    within(hits, HITS_MAX, "too many hits")?;
    within(
        bodies,
        BODIES_MAX,
        "too many hits with their whole `body`, retrieved or highlighted",
    )?;
    within(values, FACET_VALUES_MAX, "too many values of facets")
}

/// Reads one element of a request.
pub(crate) fn read(params: Params, names: &SourceNames) -> Result<Asked, Refused> {
    let index = text(&params, "indexName")?.unwrap_or_else(|| INDEX_NAME.to_owned());
    if index != INDEX_NAME {
        return Err(Refused {
            status: 404,
            message: format!("Index {index} does not exist; there is one index, `{INDEX_NAME}`"),
        });
    }
    refuse_unfollowed(&params)?;
    let tags = tags(&params)?;
    let facet = facet_asked(&params, &tags)?;
    let (offset, size, page) = window(&params)?;
    let is_too_deep = offset.saturating_add(size) > index::DEPTH_MAX;
    let mut request = SearchRequest {
        query: text(&params, "query")?.unwrap_or_default(),
        offset: offset.min(index::DEPTH_MAX),
        hits_per_page: if is_too_deep { 0 } else { size },
        facets: facets(&params)?,
        typo_tolerance: typo_tolerance(&params)?,
        query_type: query_type(&params)?,
        attributes: searchable(&params)?,
        highlight: highlight(&params, &tags)?,
        snippet: snippet(&params, tags)?,
        ..SearchRequest::default()
    };
    let mut filters = Filters::new(names);
    if let Some(text) = text(&params, "filters")? {
        filters.add_filters(&text)?;
    }
    filters.add_facet_filters(params.get("facetFilters").unwrap_or(&Json::Null))?;
    filters.add_numeric_filters(params.get("numericFilters").unwrap_or(&Json::Null))?;
    request.filters = filters.into_cnf();
    let retrieve = retrieve(&params)?;
    request.with_body = matches!(&retrieve, Retrieve::Only(names) if names.iter().any(|name| name == "body"));
    if let Some(facet) = &facet {
        // Sources are counted by id: their names are searched afterwards, so all of them are wanted.
        let is_source = facet.name == "source";
        request.facets = vec![FacetRequest {
            name: facet.name.clone(),
            values_max: if is_source { VALUES_MAX } else { facet.hits_max },
            order: FacetOrder::Count,
            query: Some(facet.query.clone()).filter(|query| !is_source && !query.trim().is_empty()),
        }];
        (request.offset, request.hits_per_page) = (0, 0);
        (request.highlight, request.snippet) = (None, None);
    }
    Ok(Asked {
        request,
        page,
        size,
        with_ranking: text(&params, "getRankingInfo")?.is_some_and(|flag| flag == "true" || flag == "1"),
        params,
        index,
        retrieve,
        facet,
    })
}

/// Parameters that choose among documents and that we can't follow, with the value that asks for what we do anyway:
/// leaving them out would answer something else than what was asked. What only changes the order or the form of hits
/// is ignored.
const UNFOLLOWED: [(&str, &str); 20] = [
    ("tagFilters", ""),
    ("aroundLatLng", ""),
    ("aroundLatLngViaIP", ""),
    ("insideBoundingBox", ""),
    ("insidePolygon", ""),
    ("optionalWords", ""),
    ("optionalFilters", ""),
    ("distinct", ""),
    ("similarQuery", ""),
    ("advancedSyntax", ""),
    ("removeStopWords", ""),
    ("ignorePlurals", ""),
    ("disableTypoToleranceOnAttributes", ""),
    ("disableTypoToleranceOnWords", ""),
    ("keepDiacriticsOnCharacters", ""),
    ("removeWordsIfNoResults", "none"),
    ("minWordSizefor1Typo", "4"),
    ("minWordSizefor2Typos", "8"),
    ("allowTyposOnNumericTokens", "true"),
    ("relevancyStrictness", "100"),
];

fn refuse_unfollowed(params: &Params) -> Result<(), Refused> {
    let says_nothing = |value: &Json| match value {
        Json::Null | Json::Bool(false) => true,
        Json::Number(number) => number.as_f64() == Some(0.0),
        Json::String(text) => matches!(text.trim(), "" | "false" | "0" | "[]"),
        Json::Array(items) => items.is_empty(),
        Json::Bool(true) | Json::Object(_) => false,
    };
    for (name, usual) in UNFOLLOWED {
        let Some(value) = params.get(name) else { continue };
        let is_usual = if usual.is_empty() {
            says_nothing(value)
        } else {
            text(params, name)?.is_none_or(|text| text.trim().is_empty() || text.trim() == usual)
        };
        if !is_usual {
            return Err(Refused::bad(format!("`{name}` is not supported here: leave it out")));
        }
    }
    Ok(())
}

fn facet_asked(params: &Params, tags: &Tags) -> Result<Option<FacetAsked>, Refused> {
    if text(params, "type")?.is_none_or(|kind| kind != "facet") {
        return Ok(None);
    }
    let name =
        text(params, "facet")?.ok_or_else(|| Refused::bad("a search of `type` `facet` has to name its `facet`"))?;
    Ok(Some(FacetAsked {
        name,
        query: text(params, "facetQuery")?.unwrap_or_default(),
        hits_max: number(params, "maxFacetHits")?
            .unwrap_or(FACET_HITS)
            .min(FACET_HITS_MAX),
        tags: tags.clone(),
    }))
}

fn tags(params: &Params) -> Result<Tags, Refused> {
    let Tags { pre, post } = Tags::default();
    Ok(Tags {
        pre: mark(params, "highlightPreTag")?.unwrap_or(pre),
        post: mark(params, "highlightPostTag")?.unwrap_or(post),
    })
}

/// A text that is repeated in the answer.
fn mark(params: &Params, name: &str) -> Result<Option<String>, Refused> {
    match text(params, name)? {
        Some(text) if text.len() > MARK_BYTES_MAX => {
            Err(Refused::bad(format!("`{name}` has at most {MARK_BYTES_MAX} bytes")))
        }
        text => Ok(text),
    }
}

/// Where the hits begin, how many a page has, and the page that this is.
fn window(params: &Params) -> Result<(usize, usize, usize), Refused> {
    if let (Some(offset), Some(length)) = (number(params, "offset")?, number(params, "length")?) {
        let length = length.min(index::HITS_PER_PAGE_MAX);
        let page = offset.checked_div(length).unwrap_or(0);
        return Ok((offset, length, page));
    }
    let size = number(params, "hitsPerPage")?.unwrap_or(20);
    if size > index::HITS_PER_PAGE_MAX {
        return Err(Refused::bad(format!(
            "`hitsPerPage` is at most {}",
            index::HITS_PER_PAGE_MAX
        )));
    }
    let page = number(params, "page")?.unwrap_or(0);
    Ok((page.saturating_mul(size), size, page))
}

fn list(params: &Params, name: &str) -> Result<Option<Vec<String>>, Refused> {
    match params.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(value) => texts(value)
            .map(Some)
            .ok_or_else(|| Refused::bad(format!("`{name}` has to be a list of texts"))),
    }
}

fn facets(params: &Params) -> Result<Vec<FacetRequest>, Refused> {
    let values_max = number(params, "maxValuesPerFacet")?.unwrap_or(VALUES).min(VALUES_MAX);
    let order = match text(params, "sortFacetValuesBy")?.as_deref() {
        Some("alpha") => FacetOrder::Value,
        _ => FacetOrder::Count,
    };
    let mut names = list(params, "facets")?.unwrap_or_default();
    for name in &mut names {
        // Algolia's modifiers mean nothing here.
        if let Some(inner) = name.strip_prefix("searchable(").and_then(|rest| rest.strip_suffix(')')) {
            *name = inner.to_owned();
        }
    }
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    if names.len() > FACETS_MAX {
        return Err(Refused::bad(format!("`facets` names at most {FACETS_MAX} facets")));
    }
    let wanted = names.into_iter().map(|name| FacetRequest {
        name,
        values_max,
        order,
        query: None,
    });
    Ok(wanted.collect())
}

fn typo_tolerance(params: &Params) -> Result<TypoTolerance, Refused> {
    match text(params, "typoTolerance")?.as_deref() {
        None | Some("true") => Ok(TypoTolerance::On),
        Some("false") => Ok(TypoTolerance::Off),
        Some("min") => Ok(TypoTolerance::Min),
        Some("strict") => Ok(TypoTolerance::Strict),
        Some(other) => Err(Refused::bad(format!(
            "`typoTolerance` is `true`, `false`, `min` or `strict`, not `{other}`"
        ))),
    }
}

fn query_type(params: &Params) -> Result<QueryType, Refused> {
    match text(params, "queryType")?.as_deref() {
        None | Some("prefixLast") => Ok(QueryType::PrefixLast),
        Some("prefixAll") => Ok(QueryType::PrefixAll),
        Some("prefixNone") => Ok(QueryType::PrefixNone),
        Some(other) => Err(Refused::bad(format!(
            "`queryType` is `prefixLast`, `prefixAll` or `prefixNone`, not `{other}`"
        ))),
    }
}

fn searchable(params: &Params) -> Result<Vec<Attribute>, Refused> {
    let Some(names) = list(params, "restrictSearchableAttributes")? else {
        return Ok(Vec::new());
    };
    if names.is_empty() || names.iter().any(|name| name == "*") {
        return Ok(Vec::new());
    }
    let attribute = |name: &String| {
        Attribute::find(name).ok_or_else(|| {
            Refused::bad(format!(
                "restrictSearchableAttributes: `{name}` is not searchable; `title`, `people`, `path` and `body` are"
            ))
        })
    };
    names.iter().map(attribute).collect()
}

fn highlight(params: &Params, tags: &Tags) -> Result<Option<Highlight>, Refused> {
    let attributes = match list(params, "attributesToHighlight")? {
        None => Highlight::default().attributes,
        Some(names) if names.iter().any(|name| name == "*") => Highlight::default().attributes,
        // What can't be highlighted simply is not.
        Some(names) => names.iter().filter_map(|name| Attribute::find(name)).collect(),
    };
    Ok(Some(attributes)
        .filter(|all| !all.is_empty())
        .map(|attributes| Highlight {
            attributes,
            tags: tags.clone(),
        }))
}

/// The body is what snippets are made of: `body`, `body:24`, `*` or `*:24`.
fn snippet(params: &Params, tags: Tags) -> Result<Option<Snippet>, Refused> {
    for wanted in list(params, "attributesToSnippet")?.unwrap_or_default() {
        let (name, words) = wanted.split_once(':').unwrap_or((&wanted, ""));
        if name != "body" && name != "*" {
            continue;
        }
        let words = match words.trim() {
            "" => SNIPPET_WORDS,
            words => words.parse().map_err(|_unreadable| {
                Refused::bad(format!(
                    "attributesToSnippet: `{wanted}` is not `attribute:number of words`"
                ))
            })?,
        };
        return Ok(Some(Snippet {
            words: words.clamp(1, SNIPPET_WORDS_MAX),
            ellipsis: mark(params, "snippetEllipsisText")?.unwrap_or_else(|| "…".to_owned()),
            tags,
        }));
    }
    Ok(None)
}

fn retrieve(params: &Params) -> Result<Retrieve, Refused> {
    let Some(names) = list(params, "attributesToRetrieve")? else {
        return Ok(Retrieve::All);
    };
    let hidden: Vec<String> = names
        .iter()
        .filter_map(|name| name.strip_prefix('-'))
        .map(str::to_owned)
        .collect();
    if !hidden.is_empty() {
        return Ok(Retrieve::AllBut(hidden));
    }
    if names.iter().all(|name| name == "*") && !names.is_empty() {
        return Ok(Retrieve::All);
    }
    Ok(Retrieve::Only(names))
}

#[cfg(test)]
mod tests;
